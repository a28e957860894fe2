"""What was said: messages, threads with their counters, edits, deletions, reactions."""

import copy
from collections.abc import Iterator

from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.names import Stamps
from sandbox.notices import Notices
from sandbox.rooms import Announce, kind

TOMBSTONE = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.",
             "hidden": True}  # fmt: skip


class Messages:
    def __init__(self, journal: Journal, notices: Notices, stamps: Stamps, announce: Announce) -> None:
        self._journal = journal
        self._notices = notices
        self._stamps = stamps
        self._announce = announce

    def of(self, room_id: str) -> dict[str, Json]:
        """A room's messages by timestamp, oldest first, replies included."""
        return self._journal.table(f"messages {room_id}")

    def find(self, room_id: str, ts: object, missing: str = "message_not_found") -> Json:
        message = self.of(room_id).get(str(ts))
        if message is None:
            raise SandboxError(missing)
        return message

    def thread(self, room_id: str, root: str) -> Iterator[Json]:
        return (m for ts, m in self.of(room_id).items() if ts == root or m.get("thread_ts") == root)

    # -- saying

    def post(self, room: Json, message: Json) -> Json:
        """Give it a timestamp, keep it, count it in its thread, show it, tell the app."""
        ts = self._stamps.next()
        message = {**message, "type": "message", "ts": ts}
        root = message.get("thread_ts")
        if root == "":
            message.pop("thread_ts")
        elif root:
            parent = self.find(room["id"], root, "thread_not_found")
            if parent.get("thread_ts", root) != root:
                raise SandboxError("thread_not_found")  # a reply cannot be the root of another thread
            message["parent_user_id"] = parent.get("user")
            counted = self._count(room, root, message)
            if message.get("subtype") == "thread_broadcast":
                message["root"] = counted
        self._keep(room, message)
        self._announce(self._event(room, message), room)
        return message

    def _event(self, room: Json, message: Json) -> Json:
        return {**copy.deepcopy(message), "channel": room["id"], "channel_type": kind(room), "event_ts": message["ts"]}

    def _keep(self, room: Json, message: Json) -> None:
        self._journal.put(f"messages {room['id']}", message["ts"], message)
        self._notices.tell("message", {"room": room["id"], "message": message})

    def _count(self, room: Json, root: str, *fresh: Json) -> Json:
        """A thread's first message with its counters (conversations.replies), replies that are to come included."""
        parent = self.find(room["id"], root)
        replies = [*(m for m in self.thread(room["id"], root) if m["ts"] != root), *fresh]
        counted = {k: v for k, v in parent.items() if k not in ("reply_users", "latest_reply", "thread_ts")}
        users = list(dict.fromkeys(m.get("user") or m.get("bot_id") for m in replies))
        if replies:
            counted.update(thread_ts=root, reply_users=users[:5], latest_reply=replies[-1]["ts"])
        counted.update(reply_count=len(replies), reply_users_count=len(users), is_locked=False, subscribed=False)
        self._keep(room, counted)
        return counted

    # -- changing

    def change(self, room: Json, ts: str, changes: Json) -> Json:
        """Replace the fields in `changes`; None removes one. The app hears `message_changed`."""
        before = self.find(room["id"], ts)
        after = {k: v for k, v in {**before, **changes}.items() if v is not None}
        self._keep(room, after)
        self._announce(self._hidden(room, "message_changed", message=after, previous_message=before), room)
        return after

    def delete(self, room: Json, ts: str) -> None:
        """A thread's first message leaves a tombstone for as long as it has replies."""
        message = self.find(room["id"], ts)
        if any(m["ts"] != ts for m in self.thread(room["id"], ts)):
            counters = {k: v for k, v in message.items() if k.startswith(("reply_", "thread_", "latest_"))}
            grave = {**TOMBSTONE, **counters, "ts": ts}
            self._keep(room, grave)
            self._announce(self._hidden(room, "message_changed", message=grave, previous_message=message), room)
            return
        self._journal.drop(f"messages {room['id']}", ts)
        self._notices.tell("message_deleted", {"room": room["id"], "ts": ts})
        root = message.get("thread_ts")
        if root and root != ts and root in self.of(room["id"]):
            self._count(room, root)
        self._announce(self._hidden(room, "message_deleted", deleted_ts=ts, previous_message=message), room)

    def _hidden(self, room: Json, subtype: str, **fields: object) -> Json:
        ts = self._stamps.next()
        return {"type": "message", "subtype": subtype, "hidden": True, "channel": room["id"], "ts": ts,
                "channel_type": kind(room), "event_ts": ts, **copy.deepcopy(fields)}  # fmt: skip

    def mark(self, room: Json, ts: str, **fields: object) -> None:
        """Change what the app is not told of, such as who pinned a message."""
        self._keep(room, {**self.find(room["id"], ts), **fields})

    # -- reacting

    def react(self, room: Json, ts: str, user: str, name: str) -> None:
        message = self.find(room["id"], ts)
        reactions = copy.deepcopy(message.get("reactions", []))
        found = next((r for r in reactions if r["name"] == name), None)
        if found is None:
            if len(reactions) >= 50:
                raise SandboxError("too_many_emoji")
            found = {"name": name, "users": [], "count": 0}
            reactions.append(found)
        if user in found["users"]:
            raise SandboxError("already_reacted")
        found["users"].append(user)
        found["count"] += 1
        self._reacted(room, message, reactions, "reaction_added", user, name)

    def unreact(self, room: Json, ts: str, user: str, name: str) -> None:
        message = self.find(room["id"], ts)
        reactions = copy.deepcopy(message.get("reactions", []))
        found = next((r for r in reactions if r["name"] == name and user in r["users"]), None)
        if found is None:
            raise SandboxError("no_reaction")
        found["users"].remove(user)
        found["count"] -= 1
        kept = [r for r in reactions if r["count"]]
        self._reacted(room, message, kept, "reaction_removed", user, name)

    def _reacted(self, room: Json, message: Json, reactions: list[Json], event: str, user: str, name: str) -> None:
        without = {k: v for k, v in message.items() if k != "reactions"}
        self._keep(room, {**without, **({"reactions": reactions} if reactions else {})})
        item = {"type": "message", "channel": room["id"], "ts": message["ts"]}
        author = {"item_user": message["user"]} if message.get("user") else {}
        told = {"type": event, "user": user, "reaction": name, **author, "item": item, "event_ts": self._stamps.next()}
        self._announce(told, room)

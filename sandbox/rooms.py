"""Where people talk: rooms (Slack calls them channels), direct messages and who is in them."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.names import BOT_USER, TEAM_ID, fresh_id, seconds_now
from sandbox.notices import Notices
from sandbox.people import CUSTOMER, People

FORBIDDEN = r"[\sA-Z.!@#$%^&*()+=\[\]{}|\\;:'\",<>/?]"  # in names (conversations.create, invalid_name_specials)
CREATED = ("id", "name", "name_normalized", "created", "creator", "is_channel", "is_group", "is_im", "is_mpim",
           "is_private", "is_archived", "is_general", "is_frozen", "is_shared", "is_org_shared", "is_ext_shared",
           "is_pending_ext_shared", "context_team_id")  # fmt: skip
Announce = Callable[[Json, Json | None], None]
Post = Callable[[Json, Json], Json]
NOTICES = frozenset(f"channel_{what}" for what in ("join", "leave", "topic", "purpose", "name", "archive", "unarchive"))
"""Subtypes of the messages in which Slack itself tells a room what happened to it."""


def kind(room: Json) -> str:
    """`channel_type` as message events name it."""
    if room["is_im"]:
        return "im"
    if room["is_mpim"]:
        return "mpim"
    return "group" if room["is_private"] else "channel"


def _event(room: Json, what: str) -> str:
    return f"group_{what}" if room["is_private"] else f"channel_{what}"


class Rooms:
    def __init__(self, journal: Journal, notices: Notices, people: People, announce: Announce, post: Post) -> None:
        self._journal = journal
        self._notices = notices
        self._people = people
        self._announce = announce
        self._post = post

    @property
    def all(self) -> dict[str, Json]:
        return self._journal.table("rooms")

    def seed(self) -> None:
        people = self._people.humans()
        self._put({**self._blank("C0GENERAL", "general", people[-1]), "is_general": True, "members": people})

    def share(self) -> None:
        """A room that another company shares, with its customer and our people in it."""
        people = self._people.humans()
        self._people.add(CUSTOMER)
        shared = self._blank("C0ACME", "acme-help", people[-1])
        teams = [TEAM_ID, CUSTOMER.team_id]
        shared.update(members=[*people, CUSTOMER.id], is_shared=True, is_ext_shared=True, shared_team_ids=teams)
        self._put(shared)

    # -- finding

    def find(self, named: object) -> Json:
        """By id, by `#name`, by name, or a user's id for the bot's direct messages with them, as chat.* accept it."""
        wanted = str(named or "")
        room = self.all.get(wanted)
        if room is None and wanted in self._people.all and wanted != BOT_USER:
            room = self.direct(BOT_USER, wanted)
        if room is None:
            room = self.by_name(wanted.removeprefix("#"))
        if room is None:
            raise SandboxError("channel_not_found")
        return room

    def by_name(self, name: str) -> Json | None:
        return next((r for r in self.all.values() if name and r["name"] == name), None)

    def direct(self, one: str, other: str) -> Json:
        """The direct messages between two people, made when they do not exist yet."""
        pair = sorted({one, other})
        for room in self.all.values():
            if room["is_im"] and sorted(room["members"]) == pair:
                return room
        room = self._blank(fresh_id("D"), "", one)
        room.update(is_im=True, is_channel=False, is_private=True, members=pair, user=other if one == BOT_USER else one)
        self._put(room)
        return room

    def group(self, members: Iterable[str]) -> Json:
        """The direct messages of more than two."""
        wanted = sorted({*members, BOT_USER})
        for room in self.all.values():
            if room["is_mpim"] and sorted(room["members"]) == wanted:
                return room
        name = "mpdm-" + "--".join(self._people.find(m)["name"] for m in wanted) + "-1"
        room = self._blank(fresh_id("C"), name, BOT_USER)
        room.update(is_mpim=True, is_group=True, is_channel=False, is_private=True, members=wanted)
        self._put(room)
        return room

    def public(self, room: Json) -> Json:
        """As the Web API shows it to the bot."""
        shown = {k: v for k, v in room.items() if k != "members"}
        if room["is_im"]:
            for hidden in ("name", "name_normalized", "topic", "purpose"):
                shown.pop(hidden)
            return {**shown, "is_user_deleted": False}
        return {**shown, "is_member": BOT_USER in room["members"], "num_members": len(room["members"])}

    # -- changing

    def create(self, name: str, creator: str, **flags: bool) -> Json:
        self._check_name(name)
        room = self._blank(fresh_id("C"), name, creator)
        if flags.get("is_private"):
            room.update(is_private=True, is_group=True, is_channel=False)
        self._put(room)
        if not room["is_private"]:
            self._announce({"type": "channel_created", "channel": {k: room[k] for k in CREATED}}, None)
        self._say(room, "join", creator, f"<@{creator}> has joined the channel")
        return room

    def add_member(self, room: Json, user: str, inviter: str | None = None) -> None:
        person = self._people.find(user)
        if room["is_archived"]:
            raise SandboxError("is_archived")
        if user in room["members"]:
            return
        joined = {**room, "members": [*room["members"], user]}
        if person["is_stranger"]:  # Slack Connect: the room is now shared with their workspace
            teams = sorted({*room["shared_team_ids"], person["team_id"]})
            joined.update(is_shared=True, is_ext_shared=True, shared_team_ids=teams)
        self._put(joined)
        invited = {"inviter": inviter} if inviter else {}
        self._announce({**self._moved("member_joined_channel", room, user), **invited}, joined)
        self._say(joined, "join", user, f"<@{user}> has joined the channel", **invited)

    def drop_member(self, room: Json, user: str) -> None:
        if user not in room["members"]:
            raise SandboxError("not_in_channel")
        self._announce(self._moved("member_left_channel", room, user), room)  # before the bot itself is out of it
        left = {**room, "members": [m for m in room["members"] if m != user]}
        self._put(left)
        self._say(left, "leave", user, f"<@{user}> has left the channel")

    def rename(self, room: Json, name: str, by: str) -> Json:
        self._check_name(name)
        renamed = {**room, "name": name, "name_normalized": name, "previous_names": [room["name"]]}
        self._put(renamed)
        shown = {k: renamed[k] for k in ("id", "name", "name_normalized", "created", "is_channel", "is_mpim")}
        self._announce({"type": _event(room, "rename"), "channel": shown}, renamed)
        words = f'has renamed the channel from "{room["name"]}" to "{name}"'
        self._say(renamed, "name", by, words, old_name=room["name"], name=name)
        return renamed

    def renumber(self, room: Json) -> Json:
        """Another id, under which everything that was said is found; the app is told (docs: channel_id_changed)."""
        moved = {**room, "id": fresh_id("C")}
        for ts, message in list(self._journal.table(f"messages {room['id']}").items()):
            self._journal.put(f"messages {moved['id']}", ts, message)
            self._journal.drop(f"messages {room['id']}", ts)
        self._journal.drop("rooms", room["id"])
        self._put(moved)
        ids = {"old_channel_id": room["id"], "new_channel_id": moved["id"]}
        self._announce({"type": "channel_id_changed", **ids}, moved)
        return moved

    def archive(self, room: Json, by: str) -> None:
        if room["is_archived"]:
            raise SandboxError("already_archived")
        self._announce({"type": _event(room, "archive"), "channel": room["id"], "user": by, "is_moved": 0}, room)
        self._say(room, "archive", by, "archived the channel", members=room["members"])
        self._put({**room, "is_archived": True})

    def unarchive(self, room: Json, by: str) -> None:
        if not room["is_archived"]:
            raise SandboxError("not_archived")
        opened = {**room, "is_archived": False}
        self._put(opened)
        told = {"type": _event(room, "unarchive"), "channel": room["id"], "user": by, "actor_id": by}
        self._announce(told, opened)
        self._say(opened, "unarchive", by, "un-archived the channel")

    def describe(self, room: Json, field: str, value: str, by: str) -> Json:
        """Set `topic` or `purpose` (250 characters: conversations.setTopic, too_long)."""
        if len(value) > 250:
            raise SandboxError("too_long")
        described = {**room, field: {"value": value, "creator": by, "last_set": seconds_now()}}
        self._put(described)
        words = f"set the channel {field}: {value}" if value else f"cleared the channel {field}"
        self._say(described, field, by, words, **{field: value})
        return described

    def _say(self, room: Json, what: str, user: str, words: str, **more: Any) -> None:
        """What Slack itself writes into a room when something happens to it; apps hear it as a message."""
        self._post(room, {"subtype": f"channel_{what}", "user": user, "text": words, "team": TEAM_ID, **more})

    @staticmethod
    def _moved(event: str, room: Json, user: str) -> Json:
        channel_type = "G" if room["is_private"] else "C"
        return {"type": event, "user": user, "channel": room["id"], "channel_type": channel_type, "team": TEAM_ID}

    def _check_name(self, name: str) -> None:
        if not name:
            raise SandboxError("invalid_name_required")
        if len(name) > 80:
            raise SandboxError("invalid_name_maxlength")
        if not any(c.isalnum() for c in name):
            raise SandboxError("invalid_name_punctuation")
        if re.search(FORBIDDEN, name):
            raise SandboxError("invalid_name_specials")
        if self.by_name(name):
            raise SandboxError("name_taken")

    def _put(self, room: Json) -> None:
        self._journal.put("rooms", room["id"], room)
        self._notices.tell("room", {"room": self.shown(room)})

    @staticmethod
    def shown(room: Json) -> Json:
        """As the page sees it: topic and purpose as plain words."""
        fields = ("id", "name", "is_im", "is_mpim", "user", "members", "is_archived", "is_private", "is_general")
        shown: Json = {k: room.get(k) for k in fields}
        return {**shown, "topic": room["topic"]["value"], "purpose": room["purpose"]["value"]}

    @staticmethod
    def _blank(room_id: str, name: str, creator: str) -> Json:
        unset: dict[str, Any] = {"value": "", "creator": "", "last_set": 0}
        now = seconds_now()
        return {
            "id": room_id, "name": name, "name_normalized": name, "is_channel": True, "is_group": False,
            "is_im": False, "is_mpim": False, "is_private": False, "created": now, "creator": creator,
            "is_archived": False, "is_general": False, "is_frozen": False, "unlinked": 0, "is_shared": False,
            "is_org_shared": False, "is_ext_shared": False, "is_pending_ext_shared": False, "pending_shared": [],
            "shared_team_ids": [TEAM_ID], "pending_connected_team_ids": [], "context_team_id": TEAM_ID,
            "updated": now * 1000, "previous_names": [],
            "parent_conversation": None, "topic": dict(unset), "purpose": dict(unset), "members": [creator],
        }  # fmt: skip

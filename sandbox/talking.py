"""What people do in Slack by talking: say, edit, react, come and go; each action as the page offers it."""

import uuid
from collections.abc import Sequence

from sandbox import composer
from sandbox.errors import Json, SandboxError
from sandbox.files import unpacked
from sandbox.names import BOT_USER, TEAM_ID
from sandbox.workspace import Workspace


def room_of(slack: Workspace, user: str, room: str) -> Json:
    """The room, if that person is in it."""
    slack.people.find(user)
    where = slack.rooms.all.get(room) or slack.rooms.by_name(room.removeprefix("#"))
    if where is None:
        raise SandboxError("channel_not_found")
    if user not in where["members"]:
        raise SandboxError("not_in_channel")
    return where


class Talking:
    """Every method is one action; SandboxError says what the person would see instead."""

    _slack: Workspace

    # -- talking

    async def say(
        self, user: str, room: str, text: str, thread_ts: str | None = None, files: Sequence[Json] = ()
    ) -> Json:
        """`text` as typed: `@ann`, `#general` and addresses become mentions. `files`: {name, type, base64}."""
        slack = self._slack
        where = room_of(slack, user, room)
        person = slack.people.find(user)
        shown = slack.files.foreign if person["is_stranger"] else slack.files.brief
        if where["is_archived"]:
            raise SandboxError("is_archived")
        kept = [slack.files.keep(f["name"], f.get("type"), unpacked(f["base64"]), user) for f in files]
        if not text.strip() and not kept:
            raise SandboxError("no_text")
        mrkdwn = composer.typed(text, slack.people.by_name, slack.rooms.by_name)
        message: Json = {"user": user, "text": mrkdwn, "team": person["team_id"],
                         "client_msg_id": str(uuid.uuid4())}  # fmt: skip
        if text.strip():
            message["blocks"] = [composer.rich_text(mrkdwn)]
        if thread_ts:
            message["thread_ts"] = thread_ts
        if kept:
            message.update(subtype="file_share", files=[shown(f) for f in kept], upload=False,
                           display_as_bot=False)  # fmt: skip
        posted = slack.messages.post(where, message)
        for file in kept:
            slack.files.share(slack.files.find(file["id"]), where, posted["ts"])
        if f"<@{BOT_USER}>" in mrkdwn and not where["is_im"]:
            mention = {k: v for k, v in posted.items() if k not in ("subtype", "parent_user_id")}
            slack.deliveries.announce({**mention, "type": "app_mention", "channel": where["id"],
                                       "event_ts": posted["ts"]}, where)  # fmt: skip
        return {"ts": posted["ts"]}

    async def edit(self, user: str, room: str, ts: str, text: str) -> None:
        slack = self._slack
        where = room_of(slack, user, room)
        message = slack.messages.find(where["id"], ts)
        if message.get("user") != user:
            raise SandboxError("cant_update_message")
        mrkdwn = composer.typed(text, slack.people.by_name, slack.rooms.by_name)
        edited = {"user": user, "ts": slack.stamps.next()}
        slack.messages.change(where, ts, {"text": mrkdwn, "blocks": [composer.rich_text(mrkdwn)], "edited": edited})

    async def delete(self, user: str, room: str, ts: str) -> None:
        slack = self._slack
        where = room_of(slack, user, room)
        message = slack.messages.find(where["id"], ts)
        if message.get("user") != user and not self._slack.people.find(user)["is_admin"]:
            raise SandboxError("cant_delete_message")
        self._slack.messages.delete(where, ts)

    async def react(self, user: str, room: str, ts: str, name: str, add: bool = True) -> None:
        where = room_of(self._slack, user, room)
        change = self._slack.messages.react if add else self._slack.messages.unreact
        change(where, ts, user, name.strip(":"))

    # -- rooms

    async def join(self, user: str, room: str) -> None:
        """Also how the bot is invited: `user` is the one who comes in."""
        where = self._slack.rooms.find(room)
        if where["is_im"]:
            raise SandboxError("method_not_supported_for_channel_type")
        self._slack.rooms.add_member(where, user)

    async def leave(self, user: str, room: str) -> None:
        self._slack.rooms.drop_member(self._slack.rooms.find(room), user)

    async def new_room(self, user: str, name: str, is_private: bool = False) -> Json:
        self._slack.people.find(user)
        room = self._slack.rooms.create(name, user, is_private=is_private)
        return {"room": room["id"]}

    async def give_new_id(self, room: str) -> Json:
        """Slack calls a room by another id from now on, as it may when it is shared or made private."""
        where = self._slack.rooms.renumber(self._slack.rooms.find(room))
        return {"room": where["id"]}

    async def open_dm(self, user: str, other: str) -> Json:
        """The direct messages of `user` with `other` (`with` on the wire)."""
        one, two = self._slack.people.find(user)["id"], self._slack.people.find(other)["id"]
        return {"room": self._slack.rooms.direct(one, two)["id"]}

    async def new_person(
        self,
        name: str,
        email: str | None = None,
        locale: str = "en-US",
        tz: str = "Europe/Berlin",
        team_id: str = TEAM_ID,
    ) -> Json:
        """With the `team_id` of another workspace they are a Slack Connect stranger, to be let into rooms by `join`."""
        person = self._slack.people.new(name, email, locale, tz, team_id)
        if person["is_stranger"]:
            return {"user": person["id"]}
        self._person_event("team_join", person)
        general = next((room for room in self._slack.rooms.all.values() if room["is_general"]), None)
        if general is not None:
            self._slack.rooms.add_member(general, person["id"])
        return {"user": person["id"]}

    async def set_profile(self, user: str, locale: str | None = None, tz: str | None = None) -> None:
        """Change language or time zone; the app hears `user_change`."""
        person = self._slack.people.find(user)
        self._slack.people.check_zone(tz or person["tz"])
        changed = {**person, **({"locale": locale} if locale else {}), **({"tz": tz} if tz else {})}
        self._slack.people.put(changed)
        self._person_event("user_change", changed)

    def _person_event(self, event: str, person: Json) -> None:
        public = self._slack.people.public(person, with_locale={person["id"]})
        self._slack.deliveries.announce({"type": event, "user": public, "cache_ts": person["updated"]}, None)

    async def open_home(self, user: str, tab: str = "home") -> None:
        slack = self._slack
        slack.people.find(user)
        event: Json = {"type": "app_home_opened", "user": user, "tab": tab,
                       "channel": slack.rooms.direct(BOT_USER, user)["id"]}  # fmt: skip
        if tab == "home" and user in slack.views.homes:
            event["view"] = slack.views.homes[user]
        slack.deliveries.announce(event, None)

"""What an event says that happened in a customers' room: words, an edit, a deletion, or nothing for a desk. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from gateways.slack.wire.events import CHANGED, SAID, is_of_a_person, parts, team_of

CHANNEL = "slack"

_PLACE = ("type", "subtype", "channel", "user", "team", "user_team", "ts", "event_ts", "thread_ts", "deleted_ts")
_WORDS = ("text", "blocks", "edited")


class Said(NamedTuple):
    """Somebody said something. `person`: "TEAM:USER"; `thread`: the time of the first message of the thread that it is
    in; None: it is in none. `edited`: when it got these words; None: they are its first.
    """

    person: str
    ts: str
    thread: str | None
    message: Mapping[str, Any]
    edited: str | None

    @property
    def root(self) -> str:
        """The first message of its thread, which it may be itself."""
        return self.thread or self.ts

    @property
    def at(self) -> datetime:
        return moment(self.edited or self.ts)

    @property
    def files(self) -> list[Mapping[str, Any]]:
        return list(self.message.get("files") or ())


class Deleted(NamedTuple):
    """What somebody had said was deleted."""

    ts: str

    @property
    def as_told(self) -> Mapping[str, Any]:
        """An envelope that says so, of what nobody told us."""
        return {"deleted": self.ts}


class Wanted(NamedTuple):
    """Somebody wants what was said at `ts` to be a ticket: they say so by a button, a shortcut or a reaction. Or not
    (`is_wanted`). `answer` is where the button's question can be taken away.
    """

    person: str
    ts: str
    is_wanted: bool
    mark: str
    answer: str | None = None


class Nothing(NamedTuple):
    """Nothing for a desk, and why."""

    reason: str


Heard = Said | Deleted | Wanted | Nothing

OPEN, LEAVE = "customer:open", "customer:leave"
"""The buttons below the question whether to open a ticket; each is worth the time of the message that it is about."""

SHORTCUT = "open_ticket"
TICKETS = frozenset({"ticket", "admission_tickets"})
"""The reactions that ask for a ticket: 🎫 and 🎟."""


def read(body: Mapping[str, Any]) -> Heard:
    """What an envelope says, or what was kept of it."""
    if "wanted" in body:
        return Wanted(**body["wanted"])
    if "deleted" in body:
        return Deleted(body["deleted"])
    if (wanted := _wanted(body)) is not None:
        return wanted
    event: Mapping[str, Any] = body["event"]
    if event.get("subtype") in CHANGED:
        return _changed(event, body)
    if not is_of_a_person(event):
        return Nothing("no person said it")
    return _said(event, body, None)


def room_of(body: Mapping[str, Any]) -> str | None:
    """The room that an envelope is about which may be of a customer; None where it is about something else."""
    event = body.get("event")
    if isinstance(event, Mapping):
        if event.get("type") in SAID:
            return event.get("channel")
        is_ours = event.get("type") == "reaction_added" and event.get("reaction") in TICKETS
        return (event.get("item") or {}).get("channel") if is_ours else None
    action = (body.get("actions") or [{}])[0].get("action_id")
    is_ours = action in (OPEN, LEAVE) or (body.get("type"), body.get("callback_id")) == ("message_action", SHORTCUT)
    return (body.get("channel") or {}).get("id") if is_ours else None


def _wanted(body: Mapping[str, Any]) -> Wanted | None:
    event, user = body.get("event") or {}, body.get("user") or {}
    if event.get("type") == "reaction_added":
        ts = str((event.get("item") or {}).get("ts"))
        return Wanted(f"{body.get('team_id')}:{event.get('user')}", ts, True, ts)
    if event:
        return None
    person, trigger = f"{user.get('team_id')}:{user.get('id')}", str(body.get("trigger_id") or "")
    if body.get("callback_id") == SHORTCUT:
        return Wanted(person, str(body.get("message_ts")), True, trigger)
    action = (body.get("actions") or [{}])[0]
    ts = str(action.get("value"))
    return Wanted(person, ts, action.get("action_id") == OPEN, trigger, body.get("response_url"))


def _changed(event: Mapping[str, Any], body: Mapping[str, Any]) -> Heard:
    if event["subtype"] == "message_deleted":
        said = event.get("previous_message") or {}
        return Deleted(str(event.get("deleted_ts") or said.get("ts"))) if is_of_a_person(said) else _NOT_THEIRS
    said = event.get("message") or {}
    if said.get("subtype") == "tombstone":  # the first message of a thread, which stays for the others' sake
        before = event.get("previous_message") or {}
        return Deleted(str(said.get("ts"))) if is_of_a_person(before) else _NOT_THEIRS
    if not is_of_a_person(said):
        return _NOT_THEIRS
    edited = (said.get("edited") or {}).get("ts")
    if not edited:  # previews of links, counts of answers
        return Nothing("its words are the same")
    return _said(said, body, str(edited))


_NOT_THEIRS = Nothing("what no person said was changed")


def _said(said: Mapping[str, Any], body: Mapping[str, Any], edited: str | None) -> Said:
    ts, thread = str(said["ts"]), said.get("thread_ts")
    above = str(thread) if thread and thread != ts else None
    return Said(f"{team_of(said, body)}:{said['user']}", ts, above, said, edited)


def kept(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an envelope: enough to read it again."""
    if "deleted" in body:
        return {"deleted": body["deleted"]}
    if (wanted := _wanted(body)) is not None:
        return {"wanted": wanted._asdict()}
    event = body["event"]
    said = parts(event, _PLACE + _WORDS)
    for name, wanted in (("message", _PLACE + _WORDS), ("previous_message", (*_PLACE, "bot_id"))):
        if isinstance(event.get(name), Mapping):
            said[name] = parts(event[name], wanted)
    return {"event": said, "team_id": body.get("team_id")}


def key(heard: Said | Deleted | Wanted, seat: int) -> str:
    """The name under which a repeat is recognised: a message comes as several events, and may be looked up later."""
    match heard:
        case Deleted(ts=ts):
            return deleted(seat, ts)
        case Wanted(mark=mark):
            return f"wanted:{seat}:{mark}"
        case Said(edited=None):
            return said_at(seat, heard.ts)
        case Said():
            return f"changed:{seat}:{heard.ts}:{heard.edited}"


def said_when(key: str) -> tuple[str, str] | None:
    """When the message was said that a key is of, and when it got these words, where these are not its first; None
    where it is of none. They sort as it was said.
    """
    kind, _, rest = key.partition(":")
    _, ts, edited = f"{rest}:".split(":")[:3] if kind in ("said", "changed") else ("", "", "")
    return (ts, edited) if ts else None


def said_at(seat: int, ts: str) -> str:
    """The key of a message's first words."""
    return f"said:{seat}:{ts}"


def deleted(seat: int, ts: str) -> str:
    """The key of a deletion."""
    return f"deleted:{seat}:{ts}"


def external_id(seat: int, ts: str) -> str:
    """Messages are known by their time in their room."""
    return f"{seat}:{ts}"


def thread_key(seat: int, root: str) -> str:
    """A thread as the desk knows it, which is where answers go, too."""
    return f"{seat}/{root}"


def moment(ts: str) -> datetime:
    """Slack's time of a message, which no two messages of a room share."""
    seconds, _, rest = ts.partition(".")
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(rest[:6].ljust(6, "0") or 0))

"""What Slack tells us that a person did, read once: who, what, where, and under which name a repeat is recognised."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from gateways.slack.wire.events import CHANGED, SAID, is_of_a_person, parts, team_of

LINK = "open"
"""The action of buttons that are links: Slack follows them by itself, and tells us all the same."""


class Kind(StrEnum):
    """The sorts of payload that Slack sends."""

    EVENT = "event"
    ACTION = "action"
    SUBMISSION = "submission"
    CLOSED = "closed"
    SHORTCUT = "shortcut"
    COMMAND = "command"
    OPTIONS = "options"


_INTERACTIONS = {
    "block_actions": Kind.ACTION,
    "view_submission": Kind.SUBMISSION,
    "view_closed": Kind.CLOSED,
    "shortcut": Kind.SHORTCUT,
    "message_action": Kind.SHORTCUT,
    "block_suggestion": Kind.OPTIONS,
}


@dataclass(frozen=True, slots=True)
class Payload:
    """One thing that somebody did. `body` is what is kept of Slack's envelope: enough to do it again later."""

    kind: Kind
    name: str  # event type, action_id, callback_id or command
    person: str  # "TEAM:USER"
    body: Mapping[str, Any]

    @property
    def user(self) -> str:
        return self.person.rpartition(":")[2]

    @property
    def event(self) -> Mapping[str, Any]:
        return self.body.get("event") or {}

    @property
    def said(self) -> Mapping[str, Any]:
        """The message that an event is about: its own, or one that was changed or deleted."""
        return self.event.get("message") or self.event.get("previous_message") or self.event

    @property
    def moment(self) -> datetime:
        """When an event happened, on Slack's clock, which no two messages of a room share."""
        seconds, _, rest = str(self.event.get("event_ts") or self.event.get("ts")).partition(".")
        return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(rest[:6].ljust(6, "0")))

    @property
    def action(self) -> Mapping[str, Any]:
        return (self.body.get("actions") or [{}])[0]

    @property
    def view(self) -> Mapping[str, Any]:
        return self.body.get("view") or {}

    @property
    def trigger(self) -> str:
        return str(self.body.get("trigger_id") or "")

    @property
    def response_url(self) -> str | None:
        return self.body.get("response_url") or None

    @property
    def room(self) -> str | None:
        """The room it happened in; None for views, which are nowhere."""
        return (
            self.event.get("channel")
            or (self.body.get("channel") or {}).get("id")
            or (self.body.get("container") or {}).get("channel_id")
            or self.body.get("channel_id")
            or None
        )

    @property
    def is_direct(self) -> bool:
        """Whether it happened in direct messages."""
        return (self.room or "").startswith("D")

    @property
    def thread(self) -> str | None:
        """The thread it happened in, below its first message: what answers it belongs there too."""
        place = self.said if self.kind is Kind.EVENT else self.body.get("container") or {}
        thread = place.get("thread_ts")
        return thread if thread and thread != (place.get("ts") or place.get("message_ts")) else None

    @property
    def value(self) -> str:
        """What the button or the chosen option stands for."""
        chosen = self.action.get("selected_option") or {}
        return str(chosen.get("value") or self.action.get("value") or "")

    @property
    def words(self) -> str:
        """What was typed after a command."""
        return str(self.body.get("text") or "").strip()

    @property
    def notes(self) -> Mapping[str, Any]:
        """The ids that we gave the view along."""
        try:
            notes = json.loads(self.view.get("private_metadata") or "{}")
        except ValueError:
            return {}
        return notes if isinstance(notes, dict) else {}

    @property
    def inputs(self) -> Mapping[str, Mapping[str, Any]]:
        """What stands in a view's inputs, by block and action."""
        return (self.view.get("state") or {}).get("values") or {}

    def state(self, action: str) -> Mapping[str, Any]:
        """What stands in the input of a view, whatever block it is in now."""
        return next((block[action] for block in self.inputs.values() if block.get(action)), {})

    def block_of(self, action: str) -> str:
        """The block in which an input stands: where an error is shown."""
        return next((name for name, block in self.inputs.items() if action in block), "")

    @property
    def key(self) -> str | None:
        """The name under which a repeat is recognised; None for what changes nothing and is not kept.

        One message of a person comes as several events (`message`, `app_mention`, again after a late answer): it is
        known by its place. What people do in the interface is known by its trigger: a corrected form sent again has
        a new one. For what a window sends the window and its words stand before that; see `instead_of`.
        """
        match self.kind:
            case Kind.EVENT if self.name in SAID and self.thread:
                return f"said:{self.room}:{self.event.get('ts')}"
            case Kind.EVENT if self.name in CHANGED and self.thread:
                return f"{self.name}:{self.room}:{self.said.get('ts')}:{self.event.get('event_ts')}"
            case Kind.ACTION if self.name == LINK:
                return None
            case Kind.SUBMISSION if self.trigger and self.instead_of:
                said = sha256(json.dumps(self.inputs, sort_keys=True).encode()).hexdigest()[:16]
                return f"{self.instead_of}{said}:{self.trigger}"
            case Kind.ACTION | Kind.SUBMISSION | Kind.SHORTCUT | Kind.COMMAND if self.trigger:
                return f"did:{self.trigger}"
            case _:
                return None

    @property
    def instead_of(self) -> str | None:
        """How the keys begin of what the same window sent before: a window that Slack left open is sent again."""
        window = self.view.get("id") if self.kind is Kind.SUBMISSION else None
        return f"sent:{window}:" if window else None


def read(body: Mapping[str, Any]) -> Payload | None:
    """What Slack sent, or what was kept of it. None for what is nobody's doing, or nothing that we know."""
    if isinstance(body.get("event"), Mapping):
        return _event(body)
    if body.get("command"):
        team, user = body.get("team_id"), body.get("user_id")
        kept = {k: body[k] for k in ("command", "text", "channel_id", *_COMMON) if k in body}
        return Payload(Kind.COMMAND, str(body["command"]), f"{team}:{user}", {**kept, "team_id": team, "user_id": user})
    kind = _INTERACTIONS.get(str(body.get("type")))
    return _interaction(kind, body) if kind else None


_COMMON = ("trigger_id", "response_url")
_DONE = ("type", "callback_id", "action_id", "block_id", "value", "actions", "container", *_COMMON)
_VIEW = ("id", "type", "hash", "callback_id", "private_metadata", "state")


def _interaction(kind: Kind, body: Mapping[str, Any]) -> Payload | None:
    user = body.get("user") or {}
    team = user.get("team_id") or (body.get("team") or {}).get("id")
    kept: dict[str, Any] = {k: body[k] for k in _DONE if body.get(k) is not None}
    kept["user"] = {"id": user.get("id"), "team_id": team}
    if body.get("channel"):
        kept["channel"] = {"id": body["channel"].get("id")}
    if body.get("view"):
        view = body["view"]
        kept["view"] = {k: view[k] for k in _VIEW if k in view}
    match kind:
        case Kind.ACTION:
            name = (body.get("actions") or [{}])[0].get("action_id")
        case Kind.SUBMISSION | Kind.CLOSED:
            name = kept.get("view", {}).get("callback_id")
        case Kind.OPTIONS:
            name = body.get("action_id")
        case _:
            name = body.get("callback_id")
    return Payload(kind, str(name or ""), f"{team}:{user.get('id')}", kept)


_PLACE = ("type", "subtype", "channel", "user", "team", "user_team", "ts", "event_ts", "thread_ts", "parent_user_id")
_WORDS = ("text", "blocks", "tab")


def _event(body: Mapping[str, Any]) -> Payload | None:
    event = body["event"]
    name = str(event.get("type"))
    if name in SAID and event.get("subtype") in CHANGED:
        return _changed(body, event, str(event["subtype"]))
    if name in SAID:
        if not is_of_a_person(event):
            return None
        user = str(event["user"])
    else:
        about = event.get("user")
        user = str(about.get("id") if isinstance(about, Mapping) else about)
    team = team_of(event, body)
    kept = parts(event, _PLACE + _WORDS)
    if isinstance(event.get("user"), Mapping):
        kept["user"] = event["user"]
        team = event["user"].get("team_id") or team
    return _told(body, name, f"{team}:{user}", kept)


def _changed(body: Mapping[str, Any], event: Mapping[str, Any], name: str) -> Payload | None:
    """Somebody's words in a thread were edited or deleted.

    None for what bots change, as we do with every card, and for what Slack adds by itself: previews of links, counts.
    """
    where = CHANGED[name]
    said = event.get(where)
    if not isinstance(said, Mapping) or not is_of_a_person(said) or not said.get("thread_ts"):
        return None
    if name == "message_changed" and not said.get("edited"):
        return None
    kept = parts(event, _PLACE)
    kept[where] = parts(said, _PLACE if name == "message_deleted" else (*_PLACE, *_WORDS, "edited"))
    return _told(body, name, f"{team_of(said, body)}:{said['user']}", kept)


def _told(body: Mapping[str, Any], name: str, person: str, event: Mapping[str, Any]) -> Payload:
    kept = {"event": event, "event_id": body.get("event_id"), "team_id": body.get("team_id")}
    return Payload(Kind.EVENT, name, person, kept)

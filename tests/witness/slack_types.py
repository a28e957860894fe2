"""What Slack's own TypeScript types say of a value: JSON Schemas made from them, see schemas/make.mjs.

`check_message`, `check_view` and `check_manifest` judge what the product sends and know no exceptions; `check_told`
judges what an app is told, with the exceptions of DEVIATIONS. All raise AssertionError with the place and the reason.
"""

import copy
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

Json = dict[str, Any]
SCHEMAS = Path(__file__).parent / "schemas" / "slack.json"


@functools.cache
def schemas() -> Mapping[str, Json]:
    return json.loads(SCHEMAS.read_text("utf-8"))


@functools.cache
def _validator(side: str, name: str) -> Draft7Validator:
    definitions = schemas()[side]["definitions"]
    return Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": definitions})


def complaint(side: str, name: str, value: Any) -> str | None:
    """The most telling complaint of one definition, or None."""
    error = best_match(_validator(side, name).iter_errors(value))
    return None if error is None else f"{name}{error.json_path[1:]}: {error.message[:300]}"


@functools.cache
def definitions_by_type(side: str) -> Mapping[str, tuple[str, ...]]:
    """The definitions for each `type` constant; a choice of type says more than "none of twenty matched"."""
    found: dict[str, tuple[str, ...]] = {}
    for name, definition in schemas()[side]["definitions"].items():
        for variant in definition.get("anyOf", [definition]):
            kind = variant.get("properties", {}).get("type", {}).get("const")
            if kind and not name.startswith(("Sent", "Told")) and name not in found.get(kind, ()):
                found[kind] = (*found.get(kind, ()), name)
    return found


def _one_of(side: str, names: tuple[str, ...], value: Any) -> None:
    complaints = [complaint(side, name, value) for name in names]
    assert None in complaints, "\n".join(str(each) for each in complaints)


def check_message(blocks: list[Json]) -> None:
    """Blocks of a message, with nothing in them that Slack's types do not name."""
    known = schemas()["sent"]["definitions"]["KnownBlock"]["anyOf"]
    blocks_known = {each["$ref"].rpartition("/")[2] for each in known}
    for number, block in enumerate(blocks):
        kind = block.get("type") if isinstance(block, dict) else block
        names = tuple(name for name in definitions_by_type("sent").get(str(kind), ()) if name in blocks_known)
        assert names, f"/blocks/{number}: Slack knows no block {kind!r}"
        _one_of("sent", names, block)


def check_view(view: Json) -> None:
    """A modal or an App Home."""
    name = {"modal": "SentModal", "home": "SentHome"}[view["type"]]
    check_message(view["blocks"])
    assert (said := complaint("sent", name, view)) is None, said


def check_manifest(manifest: Json) -> None:
    assert (said := complaint("sent", "SentManifest", manifest)) is None, said


@dataclass(frozen=True)
class Deviation:
    """Where Slack itself does not do what its types say. `undo` makes a payload what the types want, if it applies."""

    reason: str
    undo: Callable[[Json], bool]


def _no_enterprise(payload: Json) -> bool:
    found = [name for name in ("enterprise", "context_enterprise_id") if payload.get(name, "") is None]
    for name in found:
        del payload[name]
    return bool(found)


def _no_response_url(payload: Json) -> bool:
    applies = payload.get("type") == "block_actions" and payload["container"]["type"] == "view"
    if applies:
        payload.setdefault("response_url", "")
    return applies


def _bare_inner_messages(payload: Json) -> bool:
    event = payload.get("event", {})
    inner = [event[name] for name in ("message", "previous_message", "root") if isinstance(event.get(name), dict)]
    for message in inner:
        message.setdefault("channel", event["channel"])
        message.setdefault("channel_type", event["channel_type"])
        message.setdefault("event_ts", event["event_ts"])
    return bool(inner)


def _apps_broadcast(payload: Json) -> bool:
    event = payload.get("event", {})
    applies = event.get("subtype") == "thread_broadcast" and "bot_id" in event and "client_msg_id" not in event
    if applies:
        event["client_msg_id"] = ""
    return applies


def _joined_alone(payload: Json) -> bool:
    event = payload.get("event", {})
    applies = event.get("subtype") == "channel_join" and "inviter" not in event
    if applies:
        event["inviter"] = event["user"]
    return applies


def _tombstone(payload: Json) -> bool:
    message = payload.get("event", {}).get("message")
    applies = isinstance(message, dict) and message.get("subtype") == "tombstone"
    if applies:
        del message["subtype"]
    return applies


def _forgotten_picker(payload: Json) -> bool:
    acted = payload.get("actions", [])
    applies = bool(acted) and acted[0]["type"] == "datetimepicker"
    if applies:
        acted[0].update(type="datepicker", selected_date="2026-11-22")
    return applies


DEVIATIONS = (
    Deviation("outside Enterprise Grid Slack sends null where the types want a name or nothing", _no_enterprise),
    Deviation("what is done in a view has no response_url (docs: block_actions payload)", _no_response_url),
    Deviation("a message inside an event does not repeat the event's channel and time", _bare_inner_messages),
    Deviation("client_msg_id is made by Slack's own clients: what an app says has none", _apps_broadcast),
    Deviation("who joins by themselves has no inviter", _joined_alone),
    Deviation("the types know no tombstone of a deleted thread", _tombstone),
    Deviation("Bolt's union of actions has forgotten the datetimepicker", _forgotten_picker),
)


def check_told(kind: str, payload: Json) -> set[str]:
    """A payload as it is delivered; `kind`: events_api, interactive, slash_commands. Returns what was excused."""
    payload = copy.deepcopy(payload)
    excused = {deviation.reason for deviation in DEVIATIONS if deviation.undo(payload)}
    if kind == "events_api":
        assert (said := complaint("received", "ToldEventEnvelope", payload)) is None, said
        check_event(payload["event"])
        return excused
    name = "ToldCommand" if kind == "slash_commands" else NAMES[payload["type"]]
    assert (said := complaint("received", name, payload)) is None, said
    return excused


NAMES = {
    "block_actions": "ToldBlockActions",
    "block_suggestion": "ToldSuggestion",
    "view_submission": "ToldViewSubmission",
    "view_closed": "ToldViewClosed",
    "shortcut": "ToldShortcut",
    "message_action": "ToldMessageAction",
}


def check_event(event: Json) -> None:
    names = tuple(
        name
        for name in definitions_by_type("received").get(event["type"], ())
        if _subtype(schemas()["received"]["definitions"][name]) == event.get("subtype")
    )
    assert names, f"Slack knows no event {event['type']} {event.get('subtype', '')}"
    _one_of("received", names, event)


def _subtype(definition: Json) -> str | None:
    return definition.get("properties", {}).get("subtype", {}).get("const")

"""What else is wrong in a rulebook whose parts are not all written rightly: those are made up, and the rest checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

from core.rulebook.faults import Fault, Path

_ROUNDS = 3
"""A table that is missing is made up in one round, and what is missing in it in the next."""

_MADE_UP: Mapping[tuple[str, str], Any] = {
    ("desk", "name"): "x",
    ("desk", "locale"): "en",
    ("desk", "time_zone"): "UTC",
    ("mailboxes", "address"): "x{n}@mended.invalid",
    ("mailboxes", "name"): "x",
    ("mailboxes", "queue"): "x",
    ("queues", "name"): "mended-{n}",
    ("queues", "title"): "x",
    ("agents", "name"): "mended {n}",
    ("rules", "name"): "mended {n}",
    ("rules", "then"): {"urgency": 0},
    ("templates", "name"): "mended-{n}",
    ("templates", "title"): {"en": "x"},
    ("templates", "text"): {"en": "x"},
    ("customers_rooms", "room"): "mended-room-{n}",
    ("customers_rooms", "queue"): "x",
    ("organisations", "name"): "mended {n}",
    ("organisations", "domains"): ["mended-{n}.invalid"],
    ("calendars", "name"): "mended-{n}",
    ("policies", "name"): "mended-{n}",
}
"""What stands in for what must be there; {n} keeps those of one table apart."""


def further(data: Mapping[str, Any], faults: Sequence[Fault], check: Callable[[Any], list[Fault]]) -> list[Fault]:
    """The faults that `check` finds beside these `faults` of `data`, once what these are about is taken out or made up.

    What may only follow from that is left out: a mistake too few is found at the next check, one too many misleads.
    Empty where too little is right to say more.
    """
    mended = deepcopy(dict(data))
    touched: set[Path] = set()
    for _ in range(_ROUNDS):
        places = {_field_of(fault.path): fault.code == "missing" for fault in faults if not fault.about.get("together")}
        for place, is_missing in places.items():
            if place is None or not _mend(mended, place, is_missing):
                return []
            touched.add(place)
        faults = check(mended)
        if all(fault.about.get("together") for fault in faults):
            return [fault for fault in faults if not _follows(fault, touched)]
    return []


def _field_of(path: Path) -> Path | None:
    """The field that a fault is in: ("desk", "name"), ("queues", 0, "title"); None for what is no field."""
    if len(path) == 1 and isinstance(path[0], str):
        return path
    end = 3 if len(path) > 1 and isinstance(path[1], int) else 2
    return path[:end] if len(path) >= end else None


def _mend(data: dict[str, Any], place: Path, is_missing: bool) -> bool:
    """Take a field out, or make it up where it is missing. False where that cannot be done."""
    table: Any = data
    for step in place[:-1]:
        table = table[step]
    key = place[-1]
    if not isinstance(table, dict):
        return False
    fields = cast("dict[Any, Any]", table)
    if not is_missing:
        return fields.pop(key, None) is not None
    if place == ("desk",):
        fields[key] = {}
        return True
    made = _MADE_UP.get((str(place[0]), str(key)))
    if made is None:
        return False
    fields[key] = made.replace("{n}", str(place[1])) if isinstance(made, str) else made
    return True


def _follows(fault: Fault, touched: Iterable[Path]) -> bool:
    """Whether a fault may be there only because of what was taken out or made up, or of a name written wrongly."""
    places = list(touched)
    tables = {place[0] for place in places if len(place) == 1}
    names = {(place[0], place[-1]) for place in places}
    match fault.code:
        case "no_queue" | "no_mailbox":
            return bool(tables)
        case "no_such_queue" if tables or ("queues", "name") in names:
            return True
        case "no_such_door" if tables or ("mailboxes", "address") in names:
            return True
        case "no_such_calendar" | "no_calendar" if tables or ("calendars", "name") in names:
            return True
        case "no_target" | "no_calendar" | "close_without_reminder" | "unknown_agent" | "no_outcome" | "no_text":
            return any(place[:2] == fault.path[:2] for place in places)
        case _:
            return any(fault.path[: len(place)] == place or place[: len(fault.path)] == fault.path for place in places)

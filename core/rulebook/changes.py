"""What differs between two versions of a rulebook."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from core.phrases import Phrase, phrase
from core.rulebook.model import Rulebook

NAMED_BY = {
    "mailboxes": "address",
    "customers_rooms": "room",
    **dict.fromkeys(
        (
            "queues",
            "agents",
            "rules",
            "templates",
            "organisations",
            "topics",
            "fields",
            "calendars",
            "policies",
            "ladders",
            "rosters",
            "task_sets",
        ),
        "name",
    ),
}
"""What the things of a list are told apart by."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. Values are as in JSON; None where there is nothing. `path` names items: "queues.support.room"."""

    path: str
    before: Any
    after: Any

    @property
    def sentence(self) -> Phrase:
        if self.before is None:
            return phrase("{path} is new: {after}", path=self.path, after=_short(self.after))
        if self.after is None:
            return phrase("{path} is gone; it was {before}", path=self.path, before=_short(self.before))
        return phrase(
            "{path} was {before} and is now {after}",
            path=self.path,
            before=_short(self.before),
            after=_short(self.after),
        )


def diff(old: Rulebook, new: Rulebook) -> list[Change]:
    """Every difference, in the order of the rulebook; empty exactly where both are equal.

    Things are the same when their name (a mailbox: its address) is; a changed order is a change of its own.
    """
    before: dict[str, Any] = old.model_dump(mode="json")
    after: dict[str, Any] = new.model_dump(mode="json")
    changes = list(_between("desk", before["desk"], after["desk"]))
    changes += _between("mail", before["mail"], after["mail"])
    changes += _between("signals", before["signals"], after["signals"])
    for kind, key in NAMED_BY.items():
        olds = {item[key]: item for item in before[kind]}
        news = {item[key]: item for item in after[kind]}
        for name in {**olds, **news}:
            changes += _between(f"{kind}.{name}", olds.get(name), news.get(name))
        stayed = [name for name in olds if name in news]
        now = [name for name in news if name in olds]
        appended = list(news)[: len(now)] == now
        if stayed != now or not appended:
            changes.append(Change(f"{kind} (order)", list(olds), list(news)))
    return changes


def _between(path: str, before: Any, after: Any) -> Iterable[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        olds, news = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        for key in {**olds, **news}:
            yield from _between(f"{path}.{key}", olds.get(key), news.get(key))
    elif before != after:
        yield Change(path, before, after)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"

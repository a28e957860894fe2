"""One thing of a rulebook written anew, tried among all others, and taken back: what windows do with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from core.phrases import Phrase, Refused, phrase
from core.rulebook.changes import NAMED_BY
from core.rulebook.faults import Fault, Path
from core.rulebook.model import Rulebook
from core.rulebook.problems import explained, faults_in, faults_of

Record = Mapping[str, Any]
"""A calendar, a ladder, …: as in JSON, without what is not said of it."""


class Wrong(NamedTuple):
    """A mistake. `path`: where in the record it is, () for all of it; None: it is elsewhere, `place` says where."""

    path: Path | None
    place: str
    sentence: Phrase
    remedy: Phrase

    @property
    def said(self) -> Phrase:
        return phrase("{sentence} {remedy}", sentence=self.sentence, remedy=self.remedy)

    @property
    def said_with_place(self) -> Phrase:
        """The same where it is not seen which part of the rulebook it is about."""
        return phrase("{place}: {sentence} {remedy}", place=self.place, sentence=self.sentence, remedy=self.remedy)


class Unfit(Refused):
    """It cannot be put in force: everything that is wrong with it."""

    def __init__(self, wrong: Sequence[Wrong]):
        self.wrong = tuple(wrong)
        super().__init__(wrong[0].said if wrong[0].path else wrong[0].said_with_place)


def records(book: Rulebook, kind: str) -> list[dict[str, Any]]:
    """Everything of a kind, in its order."""
    return [_said(one.model_dump(mode="json")) for one in getattr(book, kind)]


def record(book: Rulebook, kind: str, name: str) -> dict[str, Any] | None:
    """A thing by its name; None where there is none (any more)."""
    return next((one for one in records(book, kind) if one[NAMED_BY[kind]] == name), None)


def written(book: Rulebook, kind: str, name: str | None, said: Record) -> Rulebook:
    """The rulebook with this thing of it written anew; one of no `name` is new. Raises Unfit with what is wrong then.

    What was wrong elsewhere before is not held against it.
    """
    data = _tables(book)
    place = _place(data[kind], kind, name) if name is not None else len(data[kind])
    data[kind][place : place + 1] = [_said(said)]
    return _made(book, data, (kind, place))


def without(book: Rulebook, kind: str, name: str) -> Rulebook:
    """The rulebook without this thing. Raises Unfit where something needs it, Refused where it is not there."""
    data = _tables(book)
    del data[kind][_place(data[kind], kind, name)]
    return _made(book, data, None)


def moved(book: Rulebook, kind: str, name: str, by: int) -> Rulebook:
    """The rulebook with this thing so many places further on: of some kinds the first that fits counts."""
    data = _tables(book)
    place = _place(data[kind], kind, name)
    one = data[kind].pop(place)
    data[kind].insert(min(max(place + by, 0), len(data[kind])), one)
    return _made(book, data, None)


def taken_back(before: Rulebook, after: Rulebook, now: Rulebook) -> Rulebook:
    """The rulebook in force without one change of it, from `before` to `after`. What was changed elsewhere since stays.

    Raises Refused where the same was changed since, Unfit where something else needs it by now.
    """
    olds, changed, data = _tables(before), _tables(after), _tables(now)
    for kind in data:
        if kind in NAMED_BY:
            data[kind] = _list_taken_back(kind, olds[kind], changed[kind], data[kind])
        elif olds[kind] != changed[kind]:
            if data[kind] != changed[kind]:
                raise _changed_since(kind)
            data[kind] = olds[kind]
    return _made(now, data, None)


def _list_taken_back(kind: str, olds: list[Any], changed: list[Any], now: list[Any]) -> list[Any]:
    key = NAMED_BY[kind]
    old, new, stands = ({one[key]: one for one in each} for each in (olds, changed, now))
    back = dict(stands)
    for name in {**old, **new}:
        if old.get(name) == new.get(name):
            continue
        if stands.get(name) != new.get(name):
            raise _changed_since(name)
        back.pop(name, None)
        if name in old:
            back[name] = old[name]
    order = list(old) if list(stands) == list(new) else _order(list(stands), list(old), back)
    return [back[name] for name in order]


def _order(stands: list[str], old: list[str], back: Mapping[str, Any]) -> list[str]:
    """What is there in its order, and what comes back where it was, as nearly as can be."""
    order = [name for name in stands if name in back]
    for name in back:
        if name not in order:
            order.insert(min(old.index(name), len(order)), name)
    return order


def _changed_since(name: str) -> Refused:
    return Refused(phrase("“{name}” was changed again since. Take that back first.", name=name[:200]))


def _place(items: list[dict[str, Any]], kind: str, name: str) -> int:
    found = next((n for n, one in enumerate(items) if one[NAMED_BY[kind]] == name), None)
    if found is None:
        raise Refused(phrase("“{name}” is not in the rulebook any more.", name=name[:200]))
    return found


def _tables(book: Rulebook) -> dict[str, Any]:
    return _said(book.model_dump(mode="json"))


def _said(table: Record) -> dict[str, Any]:
    """Without what is not said: a field that is left out is what it is by default."""
    return {key: value for key, value in table.items() if value is not None}


def _made(book: Rulebook, data: dict[str, Any], about: Path | None) -> Rulebook:
    """A rulebook of these tables. Mistakes that `book` has already are left alone."""
    faults = faults_in(data)
    if faults:
        known = {_sign(fault) for fault in faults_in(_tables(book))}
        faults = [fault for fault in faults if _sign(fault) not in known]
    if not faults:
        try:
            return Rulebook.model_validate(data)
        except ValidationError as error:
            faults = faults_of(error)
    raise Unfit([_wrong(fault, about) for fault in faults])


def _sign(fault: Fault) -> str:
    """What a mistake is known by, wherever it stands now."""
    fields = [step for step in fault.path if isinstance(step, str)]
    return json.dumps([fields, fault.code, fault.about], sort_keys=True, default=str)


def _wrong(fault: Fault, about: Path | None) -> Wrong:
    problem = explained(fault, {})
    within = about is not None and fault.path[: len(about)] == about
    return Wrong(fault.path[len(about) :] if about and within else None, problem.path, problem.sentence, problem.remedy)


def item_of(said: Record, key: str, place: int) -> dict[str, Any]:
    """One of the things that a record has several of; an empty one behind the last."""
    items = cast("Sequence[Record]", said.get(key) or ())
    return dict(items[place]) if 0 <= place < len(items) else {}


def with_item(said: Record, key: str, place: int, item: Record | None) -> dict[str, Any]:
    """A record in which one of several is written anew; None: it is taken out."""
    items = list(cast("Sequence[Record]", said.get(key) or ()))
    items[place : place + 1] = [] if item is None else [_said(item)]
    return {**said, key: items}


def with_item_moved(said: Record, key: str, place: int, by: int) -> dict[str, Any]:
    """A record in which one of several comes earlier or later."""
    items = list(cast("Sequence[Record]", said.get(key) or ()))
    if not (0 <= place < len(items) and 0 <= place + by < len(items)):
        return dict(said)
    items.insert(place + by, items.pop(place))
    return {**said, key: items}

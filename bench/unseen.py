"""How messages are read that nobody looked at while lexica, seeds and patterns were made: bench/labelled/unseen.toml.

By the function that the desk's child calls, so by lexicon and encoders together.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from bench.figures import Figure, Goal, at_least, at_most
from core.routing.learning import scoring
from core.routing.minds import Asked, Read, read
from core.routing.taxonomy import Signals, taxonomy

Miss = Callable[[str, str, Any, Any], None]
KINDS = ("order", "invoice", "serial", "email", "amount", "phone", "date")


class Row(NamedTuple):
    """What is right of a message."""

    text: str
    language: str
    topic: str
    urgency: int
    scope: str
    is_angry: bool
    fields: frozenset[str]


def rows(name: str = "unseen") -> list[Row]:
    """All of them. "unseen_later" are those that were written after the first had been looked at."""
    known = tomllib.loads(files("bench.labelled").joinpath(f"{name}.toml").read_text("utf-8"))
    right = known["rows"]
    return [
        Row(
            text,
            language,
            right["topics"][place],
            right["urgency"][place],
            right["scope"][place],
            place + 1 in right["angry"],
            frozenset(right["fields"][place]),
        )
        for language, texts in known["said"].items()
        for place, text in enumerate(texts)
    ]


def measure(encoders: tuple[str, ...], by: str, miss: Miss) -> Iterator[Figure]:
    """What is read of all of them."""
    known = taxonomy((), Signals())
    for name, group in (("unseen", f"unseen, {by}"), ("unseen_later", f"unseen later, {by}")):
        wanted = rows(name)
        found = [read(Asked(row.text, "", known, encoders, reasons=False)) for row in wanted]
        yield from scored(wanted, [one for one in found if one is not None], "e5" in encoders, group, miss)


def scored(wanted: Sequence[Row], found: Sequence[Read], both: bool, group: str, miss: Miss) -> Iterator[Figure]:
    """Each signal by itself."""

    def figure(name: str, value: float, goal: Goal | None, unit: str = "%") -> Figure:
        return Figure(group, name, unit, [value], goal=goal)

    pairs = [(row, one.understood) for row, one in zip(wanted, found, strict=True)]
    told: list[tuple[str, Callable[[Row], Any], Callable[[Any], Any], float | None]] = [
        ("language", lambda row: row.language, lambda one: one.language, 99),
        ("topic, without a guess where it is unsure", lambda row: row.topic, lambda one: one.topic, None),
        ("urgency", lambda row: row.urgency, lambda one: one.urgency, None),
        ("scope", lambda row: row.scope, lambda one: one.scope, None),
    ]
    for name, of_row, of_found, goal in told:
        right = [of_row(row) == of_found(one) for row, one in pairs]
        for (row, one), is_right in zip(pairs, right, strict=True):
            if not is_right:
                miss(f"{group}: {name}", row.text, of_row(row), of_found(one))
        yield figure(name, 100 * sum(right) / len(right), at_least(goal) if goal else None)
    near = sum(abs(row.urgency - one.urgency) <= 1 for row, one in pairs)
    yield figure("urgency, at most one off", 100 * near / len(pairs), None)
    anger = [one.anger for _, one in pairs]
    so = [row.is_angry for row, _ in pairs]
    yield figure("anger, AUC", scoring.auc(anger, so), at_least(0.98 if both else 0.95), "")
    yield figure("anger, best F1", _best_f1(anger, so), at_least(0.85), "")
    for row, one in pairs:
        if row.is_angry != (one.mood == "angry"):
            miss(f"{group}: angry", row.text, row.is_angry, one.anger)
    yield from _fields(pairs, figure, group, miss)


def _best_f1(scores: Sequence[float], so: Sequence[bool]) -> float:
    best = 0.0
    for bound in set(scores):
        hits = sum(is_so for score, is_so in zip(scores, so, strict=True) if score >= bound)
        best = max(best, 2 * hits / (sum(so) + sum(score >= bound for score in scores)))
    return best


def _fields(pairs: Sequence[Any], figure: Any, group: str, miss: Miss) -> Iterator[Figure]:
    """Of each kind, how many were found, and in how many messages without one it was seen."""
    there: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for row, one in pairs:
        seen = {field.name for field in one.fields}
        for kind in KINDS:
            there[kind] += kind in row.fields
            hits[kind] += kind in row.fields and kind in seen
            false[kind] += kind not in row.fields and kind in seen
        if {kind for kind in KINDS if kind in seen} != row.fields:
            miss(f"{group}: fields", row.text, sorted(row.fields), sorted(seen))
    for kind in filter(there.__getitem__, KINDS):
        goal = at_least(95 if kind == "date" else 100)
        yield figure(f"{kind}: found of {there[kind]}", 100 * hits[kind] / there[kind], goal)
        yield figure(f"{kind}: seen where there is none", 100 * false[kind] / (len(pairs) - there[kind]), at_most(1))

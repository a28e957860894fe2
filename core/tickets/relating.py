"""Decisions about what tickets have to do with each other, without being one: what was said in each stays there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from core.phrases import Refused, phrase
from core.tickets import events as e
from core.tickets.model import By


class Kinship(StrEnum):
    """What one ticket is to another."""

    RELATED = "related"
    CAUSED_BY = "caused_by"  # the other is the reason of it
    INCIDENT_OF = "incident_of"  # the other is the problem, this one of those who meet with it
    SPLIT_FROM = "split_from"  # some of its messages were told there

    @property
    def has_cause(self) -> bool:
        """Whether the other one is to be settled first, and settles this one."""
        return self in (Kinship.CAUSED_BY, Kinship.INCIDENT_OF)


class Relation(NamedTuple):
    """What one ticket is to another, as it stands."""

    one: int
    other: int
    kind: Kinship
    by: str
    at: datetime

    def beside(self, number: int) -> int:
        """The ticket of both that is not this one."""
        return self.other if number == self.one else self.one


def relate(
    one: int, other: int, kind: Kinship, standing: Iterable[Relation], causes: Callable[[int], list[int]]
) -> None:
    """Whether one may be this to the other. `causes` are the tickets that one is caused by. Raises Refused."""
    if one == other:
        raise Refused(phrase("Give another ticket than #{number} itself.", number=one))
    if any({found.one, found.other} == {one, other} and found.kind is kind for found in standing):
        raise Refused(phrase("#{one} and #{other} are linked so already.", one=one, other=other))
    if kind.has_cause and (way := _way(other, one, causes)):
        raise Refused(
            phrase(
                "That would go round in a circle: {way}. Take one of these links back first.",
                way=" → ".join(f"#{number}" for number in (one, *way)),
            )
        )


def _way(start: int, end: int, causes: Callable[[int], list[int]]) -> list[int]:
    """From a ticket by what it is caused by to another one; empty where that leads elsewhere."""
    seen, ways = {start}, [[start]]
    while ways:
        way = ways.pop(0)
        if way[-1] == end:
            return way
        for cause in causes(way[-1]):
            if cause not in seen:
                seen.add(cause)
                ways.append([*way, cause])
    return []


def related(relation: Relation, now: datetime) -> list[e.Event]:
    """Both tickets tell of it."""
    return [e.Related(at=now, one=relation.one, other=relation.other, kinship=relation.kind.value, by=relation.by)]


def unrelated(relation: Relation, by: By, now: datetime) -> list[e.Event]:
    """That it is so was taken back."""
    return [e.Unrelated(at=now, one=relation.one, other=relation.other, kinship=relation.kind.value, by=by.agent)]

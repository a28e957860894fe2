"""What a link to a page of ours lets its reader do, for how long, and how such links are taken back."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.tickets.tokens import signed, verified

_SHAPE = struct.Struct(">BIIHB")  # the key's generation comes first
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_A_DAY = timedelta(days=1)

SEEDS = 256
"""How many seeds a ticket's links have: each time that they are taken back, the next one counts."""


class Purpose(StrEnum):
    """What a link is for. One that is for the one is none for the other."""

    READ = "page"  # to read the conversation, go on with it, and close it
    UPLOAD = "upload"  # to bring files, and see nothing


class Pass(NamedTuple):
    """Whom a link was made for. `day` is the last one on which it holds, counted from 1970; `seed` as the ticket has
    it: another one takes all links of that ticket back.
    """

    ticket: int
    person: int
    day: int
    seed: int

    def holds(self, now: datetime, seed: int) -> bool:
        """Whether it was neither taken back nor is over."""
        return self.seed == seed and (now - _EPOCH) // _A_DAY <= self.day


def passed(ticket: int, person: int, until: datetime, seed: int) -> Pass:
    """A pass that holds to the end of the day of `until`, in UTC."""
    return Pass(ticket, person, (until - _EPOCH) // _A_DAY, seed)


def written(keys: Mapping[int, bytes], purpose: Purpose, one: Pass) -> str:
    """The token of a pass, signed by the newest key."""
    generation = max(keys)
    return signed(keys[generation], purpose.encode(), _SHAPE.pack(generation, *one))


def read(keys: Mapping[int, bytes], purpose: Purpose, said: str) -> Pass | None:
    """The pass in a token, or None where we made no such one. Whether it still holds is to be seen."""
    facts = verified(keys, purpose.encode(), _SHAPE, said)
    return Pass(*facts) if facts else None


_STAMP = struct.Struct(">BQI")  # the key's generation comes first


class Stamp(NamedTuple):
    """When a form was shown: in seconds since 1970, and a number that no other form has."""

    at: int
    number: int

    def age(self, now: datetime) -> timedelta:
        """For how long it has been open."""
        return now - _EPOCH - timedelta(seconds=self.at)


def stamped(keys: Mapping[int, bytes], now: datetime, number: int) -> str:
    """The token of a form that is shown now."""
    generation = max(keys)
    at = (now - _EPOCH) // timedelta(seconds=1)
    return signed(keys[generation], b"form", _STAMP.pack(generation, at, number))


def stamp(keys: Mapping[int, bytes], said: str) -> Stamp | None:
    """When the form of a token was shown; None where we showed no such one."""
    facts = verified(keys, b"form", _STAMP, said)
    return Stamp(*facts) if facts else None

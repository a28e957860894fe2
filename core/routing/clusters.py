"""Which tickets are about one matter: of several customers perhaps an incident, of one customer a thing told twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Matter(StrEnum):
    """What tickets that say the same may be."""

    INCIDENT = "incident"  # several customers meet with one thing
    DOUBLE = "double"  # one customer told it twice


class Other(NamedTuple):
    """A ticket that a new one is compared with: its first words, and what the encoders gave for them."""

    number: int
    text: str
    language: str | None
    raw: bytes | None


class Alike(NamedTuple):
    """A ticket that says the same as another, how nearly (0–1), and whether its very words do or only their meaning."""

    number: int
    likeness: float
    by_words: bool


class Seen(NamedTuple):
    """What is known of a ticket that may belong to others. `customer` is one number for all that are one person."""

    number: int
    customer: int
    queue: str
    topic: str | None
    urgency: int  # as its words have it
    at: datetime
    is_open: bool


class Terms(NamedTuple):
    """From how many customers on, within which time, and how like each other: what a queue calls an incident."""

    customers: int
    within: timedelta
    alike: float


SAME_MEANING = 0.6
"""From this likeness on, two tickets of one customer tell the same in other words."""
TWICE_WITHIN = timedelta(days=14)
LOOSEST = 0.4
"""Below this likeness of meaning nothing is worth being told of."""


def of_one_matter(mine: Seen, others: Mapping[int, Seen], alike: Iterable[Alike], terms: Terms) -> list[Alike]:
    """The tickets of other customers that may have the same cause: near in time, in one queue, about something that is
    not as it should be.

    Meaning alone says too little: of two that only mean nearly the same the topic must be one.
    """
    if not terms.customers or not mine.urgency:
        return []
    found: list[Alike] = []
    for one in alike:
        other = others.get(one.number)
        if other is None or other.queue != mine.queue or other.customer == mine.customer:
            continue
        means = one.likeness >= terms.alike and mine.topic is not None and other.topic == mine.topic
        if (one.by_words or means) and abs(mine.at - other.at) <= terms.within:
            found.append(one)
    return found


def told_twice(mine: Seen, others: Mapping[int, Seen], alike: Iterable[Alike]) -> Alike | None:
    """The customer's own open ticket that says the same, if there is one: the likest."""
    found = [
        one
        for one in alike
        if (other := others.get(one.number)) is not None
        and other.customer == mine.customer
        and other.is_open
        and abs(mine.at - other.at) <= TWICE_WITHIN
        and (one.by_words or one.likeness >= SAME_MEANING)
    ]
    return max(found, key=lambda one: (one.likeness, one.number), default=None)

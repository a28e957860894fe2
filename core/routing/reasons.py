"""What is said of words beside what they come to: why, in whose words, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from core.phrases import Phrase

LONGEST = 80
"""Characters of a customer's words that a reason quotes."""


class Span(NamedTuple):
    """From `start` up to, not with, `end`: places in the text that was read."""

    start: int
    end: int


class Money(TypedDict):
    """An amount: digits with a point, and the currency's code."""

    value: str
    currency: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for what was decided: what it is, and the customer's words for it."""

    what: Phrase
    evidence: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class FoundField:
    """A value that was read from a text: by what name, in its one form (E.164, ISO 8601, digits), and where."""

    name: str
    value: str | Money
    span: Span

"""What is understood of a customer's words: signals as values, each with the words by which it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.phrases import Phrase

Mood = Literal["calm", "annoyed", "angry"]
Scope = Literal["one", "many", "everyone"]


class Span(NamedTuple):
    """Where in the text something stands: characters, the end not included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is believed. `evidence` quotes the customer, at most 80 characters."""

    what: Phrase
    evidence: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class FoundField:
    """Something that can be filled into a form. `value` is normalised: E.164, ISO dates, decimals as text."""

    name: str
    value: str | Mapping[str, str]  # of an amount {"value", "currency"}
    span: Span


@dataclass(frozen=True, slots=True)
class Understood:
    """All that is understood of one text. What is not known is None, or the calm side of its scale."""

    language: str | None = None
    confidence: float = 0.0
    urgency: int = 0  # 0–3
    urgency_reasons: tuple[Reason, ...] = ()
    mood: Mood = "calm"
    anger: float = 0.0  # 0–1
    mood_reasons: tuple[Reason, ...] = ()
    scope: Scope = "one"
    scope_reasons: tuple[Reason, ...] = ()
    topic: str | None = None
    topic_confidence: float = 0.0
    product: str | None = None
    fields: tuple[FoundField, ...] = ()
    faults: tuple[Phrase, ...] = ()  # signals that failed or ran out of time, with why

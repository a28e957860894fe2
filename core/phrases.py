"""A sentence as a value: made where something is known, translated where it is shown, in the reader's locale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Phrase:
    """An English message with named blanks, and what fills them.

    `text` is the msgid of the catalogues (`pybabel extract -k Phrase -k phrase`), so it stands literally in the code.
    Values may be str, int, datetime, timedelta or Phrase; core.templates.locales formats them for the reader.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    plural: str | None = None
    count: int = 1


def phrase(text: str, /, **values: Any) -> Phrase:
    """A phrase with its blanks filled: `phrase("Ticket #{number} is closed.", number=42)`."""
    return Phrase(text, values)


def phrases(one: str, many: str, count: int, /, **values: Any) -> Phrase:
    """A phrase that depends on a number, which is also there as `{count}`."""
    return Phrase(one, {"count": count, **values}, many, count)


def as_kept(said: Phrase) -> dict[str, Any]:
    """A phrase as JSON, whose values may be phrases and lists of them; one that depends on a number is not kept so."""
    return {"text": said.text, "values": {name: _kept(value) for name, value in said.values.items()}}


def as_said(kept: Mapping[str, Any]) -> Phrase:
    """Back from `as_kept`."""
    return Phrase(kept["text"], {name: _said(value) for name, value in kept["values"].items()})


def _kept(value: Any) -> Any:
    if isinstance(value, Phrase):
        return as_kept(value)
    return [_kept(one) for one in cast("Sequence[Any]", value)] if isinstance(value, list | tuple) else value


def _said(kept: Any) -> Any:
    if isinstance(kept, dict):
        return as_said(cast("dict[str, Any]", kept))
    return tuple(_said(one) for one in cast("list[Any]", kept)) if isinstance(kept, list) else kept


class DeskError(Exception):
    """What the desk says no to, or could not find. `phrase` is for the person who asked."""

    def __init__(self, said: Phrase):
        super().__init__(said.text.format_map(_Plain(said.values)))
        self.phrase = said


class Refused(DeskError):
    """The desk's rules say no, and say how it would go."""


class NotFound(DeskError):
    """There is no such thing (any more)."""


class Unreadable(DeskError):
    """What came in could not be understood; it is kept, and can be replayed."""


class Conflict(DeskError):
    """Somebody else changed it first; the whole use case is done again."""


class _Plain(dict[str, Any]):
    def __init__(self, values: Mapping[str, Any]):
        super().__init__(values)

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"

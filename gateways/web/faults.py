"""What is not right with what was sent, thing by thing: where, by a code that stays, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from core.phrases import Phrase, phrase, phrases

Path = tuple[str | int, ...]


class Flaw(NamedTuple):
    """One thing that is not right. `where` is its place in the body, or the parameter of the query."""

    where: Path
    code: str
    said: Phrase
    in_query: bool = False

    @property
    def pointer(self) -> str:
        """A JSON Pointer as a fragment (RFC 6901 §6), as RFC 9457 has it."""
        return "#" + "".join(f"/{str(one).replace('~', '~0').replace('/', '~1')}" for one in self.where)


def flaws_of(error: ValidationError, in_query: bool = False) -> list[Flaw]:
    """Everything that does not fit a model. Nothing that was sent is said again, names of fields neither."""
    return [_flaw(one["loc"], one["type"], one.get("ctx", {}), in_query) for one in _errors(error)]


def _errors(error: ValidationError) -> list[Any]:
    return list(error.errors(include_input=False, include_url=False))


def _flaw(where: Path, kind: str, about: Mapping[str, Any], in_query: bool) -> Flaw:
    code, say = _SENTENCES.get(kind, _NOT_RIGHT)
    return Flaw(where[:-1] if kind == "extra_forbidden" else where, code, say(about), in_query)


_NOT_RIGHT = ("not-right", lambda about: phrase("It is not right. Its form is in openapi.json."))
_TEXT = ("type", lambda about: phrase("It has to be text."))
_NUMBER = ("type", lambda about: phrase("It has to be a whole number."))
_OBJECT = ("type", lambda about: phrase("It has to be an object with named fields."))

_SENTENCES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], Phrase]]] = {
    "missing": ("missing", lambda about: phrase("It is missing.")),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_parsing_size": _NUMBER,
    "int_from_float": _NUMBER,
    "list_type": ("type", lambda about: phrase("It has to be a list.")),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "string_too_short": (
        "too-short",
        lambda about: phrases(
            "It needs at least {count} character.", "It needs at least {count} characters.", about["min_length"]
        ),
    ),
    "string_too_long": (
        "too-long",
        lambda about: phrases(
            "It may have at most {count} character.", "It may have at most {count} characters.", about["max_length"]
        ),
    ),
    "too_short": (
        "too-few",
        lambda about: phrases(
            "There has to be at least {count}.", "There have to be at least {count}.", about["min_length"]
        ),
    ),
    "too_long": ("too-many", lambda about: _too_many(about["max_length"])),
    "greater_than_equal": ("too-small", lambda about: phrase("It has to be at least {least}.", least=about["ge"])),
    "less_than_equal": ("too-large", lambda about: phrase("It may be at most {most}.", most=about["le"])),
    "string_pattern_mismatch": (
        "form",
        lambda about: phrase("It does not have this form: {pattern}", pattern=about["pattern"]),
    ),
    "literal_error": (
        "choice",
        lambda about: phrase("It has to be one of these: {known}", known=re.findall(r"'([^']+)'", about["expected"])),
    ),
    "extra_forbidden": ("unknown-field", lambda about: phrase("There is something here that is not known.")),
    # Raised by our own models, in bodies.py
    "null": ("null", lambda about: phrase("null says nothing here. Leave the field out.")),
    "unknown_field": (
        "unknown-field",
        lambda about: phrase("There are no fields here but these: {known}", known=about["known"]),
    ),
    "too_many_files": ("too-many", lambda about: _too_many(about["most"])),
    "no_place": ("no-place", lambda about: phrase("Say where it belongs: thread, ticket or in_reply_to.")),
    "no_content": ("no-content", lambda about: phrase("Say something: text or files.")),
}


def _too_many(most: int) -> Phrase:
    return phrases("There may be at most {count}.", "There may be at most {count}.", most)

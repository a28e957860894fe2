"""The desk's own fields: a name and a pattern, which may be as bad as it likes and takes no longer for it."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from core.phrases import Phrase, phrase
from core.routing.fields.claims import Found

_RE2: Any = importlib.import_module("re2")
_MEMORY = 1 << 20
"""Bytes that a compiled pattern may take; a thousand times a thousand of something takes more."""
_LONGEST = 1000
_MOST = 40


class Named(Protocol):
    """What the desk calls the field, and how its values look: a regular expression of RE2, without regard to case.

    The value is the first group where there is one, else all that was found. RE2 has no look-around and no
    references back, and in return looks through any text in time that grows with the text alone; \\b and \\d are
    ASCII's, which is what numbers among Chinese or Thai letters need.
    """

    @property
    def name(self) -> str: ...
    @property
    def pattern(self) -> str: ...


class FieldPattern(NamedTuple):
    """One that is asked for here and now."""

    name: str
    pattern: str


def fault(pattern: str) -> str | None:
    """Why it cannot be used; None where it can."""
    compiled = _compiled(pattern)
    return compiled if isinstance(compiled, str) else None


def own(text: str, wanted: Named) -> tuple[list[Found], Phrase | None]:
    """What fits, and why the pattern cannot be used where it cannot."""
    if len(wanted.pattern) > _LONGEST:
        return [], phrase("The pattern of “{name}” is longer than {most} characters.", name=wanted.name, most=_LONGEST)
    compiled = _compiled(wanted.pattern)
    if isinstance(compiled, str):
        return [], phrase("The pattern of “{name}” cannot be used: {cause}.", name=wanted.name, cause=compiled)
    found: list[Found] = []
    for match in compiled.finditer(text):
        group = 1 if compiled.groups and match.group(1) else 0
        if match.group(group):
            found.append(Found(match.start(group), match.end(group), wanted.name, match.group(group)))
        if len(found) >= _MOST:
            break
    return found, None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    """The expression, or what is wrong with it."""
    options = _RE2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _MEMORY
    try:
        return _RE2.compile(pattern, options=options)
    except _RE2.error as error:
        cause: object = error.args[0] if error.args else ""
        return cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)

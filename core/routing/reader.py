"""Reading a text: what its words say by the lexicon of their language, and what they name.

What it loads takes megabytes, so only the child and the command line import it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from core.phrases import Phrase, phrase
from core.routing.fields import FieldPattern, Named, find_fields
from core.routing.signals import language
from core.routing.signals.lexicon import said
from core.routing.signals.tone import Tone, tone
from core.routing.understood import Understood

__all__ = ["FieldPattern", "understand"]

LOOKED_AT = 20_000
"""Characters that are read: who sends megabytes has said by then what it is about."""
_PARTS = 12  # paragraphs whose own language is asked for
_PARAGRAPH = re.compile(r"\n\s*\n")


def understand(
    text: str,
    subject: str = "",
    *,
    prior: str | None = None,
    taxonomy: Any = None,
    patterns: Sequence[Named] = (),
    swears: Sequence[str] = (),
) -> Understood:
    """What words alone say, by the lexicon of their language: topic and product need examples, and stay open here.

    `prior` is the language that customer or channel make likely; `patterns` and `swears` are the desk's own fields
    and swear words. Spans are places in `text`; what was read from the subject has none. What fails leaves its part
    out and says so in `faults`: nothing that anybody writes keeps the rest from being read.
    """
    text, subject = text[:LOOKED_AT], subject[:LOOKED_AT]
    faults: list[Phrase] = []
    guess = _tried(lambda: language(f"{subject}\n{text}" if subject else text, prior), None, faults)
    spoken = guess.language if guess else None
    heard = _tried(lambda: _toned(text, subject, spoken or prior, swears), Tone(), faults)
    found, wrong = _tried(lambda: find_fields(text, spoken or prior, patterns), ((), ()), faults)
    return Understood(
        language=spoken,
        confidence=guess.confidence if guess else 0.0,
        **heard._asdict(),
        fields=found,
        faults=(*faults, *wrong),
    )


def _toned(text: str, subject: str, spoken: str | None, swears: Sequence[str]) -> Tone:
    languages = list(dict.fromkeys(filter(None, (spoken, *_parts(text)))))
    in_subject = [one._replace(in_subject=True) for one in said(subject, languages)] if subject else []
    return tone(text, [*in_subject, *said(text, languages)], swears)


def _parts(text: str) -> Iterator[str]:
    """The languages of the paragraphs, where there are several: people write one thing in two."""
    parts = [part for part in _PARAGRAPH.split(text) if part.strip()][:_PARTS]
    for part in parts if len(parts) > 1 else ():
        guess = language(part)
        if guess and guess.confidence >= 0.5:
            yield guess.language


_T = TypeVar("_T")


def _tried(read: Callable[[], _T], instead: _T, faults: list[Phrase]) -> _T:
    try:
        return read()
    except Exception as error:  # a fault of ours: the text is heard all the same, and the fault is shown
        faults.append(phrase("A part of the text could not be read: {cause}.", cause=type(error).__name__))
        return instead

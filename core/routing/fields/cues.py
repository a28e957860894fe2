"""The words by which people say what a number is: "order no.", "Rechnung", 追跡番号."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from core.routing.signals.lexicon import fitting
from core.routing.signals.matching import UNSPACED
from core.routing.signals.shipped import table

_TOGETHER = 8  # signs between "order" and "number": "Bestellung mit der Nummer"
KINDS = ("order", "invoice", "tracking", "serial", "phone")


class Cue(NamedTuple):
    """A word that says what a number near it is."""

    start: int
    end: int
    kind: str


class Cues:
    """Those of one text. "Order number" is a word for an order, though by itself "number" is one for a telephone."""

    def __init__(self, text: str, language: str | None) -> None:
        pattern = _pattern(tuple(fitting([language] if language else [])))
        self._all: list[Cue] = []
        for match in pattern.finditer(text):
            cue = Cue(*match.span(), match.lastgroup or "")
            last = self._all[-1] if self._all else None
            if last and cue.kind == "phone" and last.kind != "phone" and cue.start - last.end <= _TOGETHER:
                cue = cue._replace(kind=last.kind)
            self._all.append(cue)
        self._named = [cue for cue in self._all if cue.kind != "phone"]

    def before(self, place: int) -> Cue | None:
        """The last that ends before a place."""
        return _last(self._all, place)

    def named_before(self, place: int) -> Cue | None:
        """The same of those that are for things."""
        return _last(self._named, place)

    def named_after(self, place: int) -> Cue | None:
        """The first for a thing that begins after a place."""
        at = bisect_left(self._named, place, key=lambda cue: cue.start)
        return self._named[at] if at < len(self._named) else None


def _last(cues: Sequence[Cue], place: int) -> Cue | None:
    at = bisect_right(cues, place, key=lambda cue: cue.end)
    return cues[at - 1] if at else None


@lru_cache(maxsize=64)
def _pattern(locales: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all kinds, a group each; longer words first."""
    groups: list[str] = []
    for kind in KINDS:
        words: dict[str, None] = {}
        for tag in locales:
            free = tag in UNSPACED or tag in ("ar", "he")
            for word in table(tag)["fields"].get(kind, ()):
                words[re.escape(word) if free else rf"(?<![^\W\d_]){re.escape(word)}"] = None
        groups.append(f"(?P<{kind}>{'|'.join(sorted(words, key=len, reverse=True))})")
    return re.compile("|".join(groups), re.IGNORECASE)

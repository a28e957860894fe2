"""Text as words are looked for in it: one case, one width, one way of writing; and where each sign of it stood."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.routing.reasons import Span

_TYPED = str.maketrans("’‘ʼ`´İıёЁłŁøØأإآٱىةکی", "'''''iiееlLoOااااي" + "هكي")
"""Letters that people write one for the other, and apostrophes; each becomes one sign, so places stay."""
_CLUSTER = re.compile(r".[\u0300-\u036f\u0653-\u0655\u1161-\u11ff\u3099\u309a\ufe0e\ufe0f]*", re.DOTALL)
_SILENT = re.compile(r"[\u0591-\u05bd\u05bf-\u05c7\u0640\u064b-\u0652\u0670\u200b-\u200f\u2060\ufeff\u00ad]")
"""Hebrew and Arabic vowel signs, which hardly anybody writes, and signs without a width."""
_MARKS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded text; `starts` says for each of its signs where it stood, None where nothing has moved."""

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def span(self, start: int, end: int) -> Span:
        """Where a part of it stood in the text that was folded."""
        if self.starts is None or self.ends is None:
            return Span(start, end)
        return Span(self.starts[start], self.ends[end - 1])


def fold(text: str, *, marks: bool = False) -> Folded:
    """Without case, width and, unless `marks`, the accents of Latin letters, which many do not type."""
    plain = text.translate(_TYPED) if not text.isascii() else text
    if plain.isascii():
        return Folded(plain.lower())
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(plain):
        sign = _folded(match.group(), marks)
        signs.append(sign)
        starts += [match.start()] * len(sign)
        ends += [match.end()] * len(sign)
    return Folded("".join(signs), starts, ends)


@lru_cache(maxsize=8192)
def _folded(sign: str, marks: bool) -> str:
    same = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", sign).casefold())
    same = _SILENT.sub("", same.translate(_TYPED))
    if not marks and same and unicodedata.normalize("NFD", same)[0].isascii():
        same = _MARKS.sub("", unicodedata.normalize("NFD", same))
    return same.lower()


_SENTENCE = re.compile(r"[!?。！？؟।…]+|[.;](?=\s|$)|\n\s*\n")
_CLAUSE = re.compile(r"[,،、:–—()\n]|\s-\s")
_WORD = re.compile(
    r"(?:[^\W_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0963])+"
    r"(?:'(?:[^\W_]|[\u0300-\u036f])+)*"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, where it stands in the folded text, and in which sentence and clause."""

    word: str
    start: int
    end: int
    sentence: int
    clause: int


def tokens(text: str, *, elides: bool = False) -> list[Token]:
    """The words of a folded text. An apostrophe parts words in languages that elide; elsewhere it is left out."""
    sentences = [match.start() for match in _SENTENCE.finditer(text)]
    clauses = [match.start() for match in _CLAUSE.finditer(text)]
    found: list[Token] = []
    for match in _WORD.finditer(text):
        at = match.start()
        sentence = bisect_right(sentences, at)
        clause = bisect_right(clauses, at) + sentence
        if elides and "'" in match.group():
            for part in match.group().split("'"):
                found.append(Token(part, at, at + len(part), sentence, clause))
                at += len(part) + 1
        else:
            found.append(Token(match.group().replace("'", ""), at, match.end(), sentence, clause))
    return found


_BLANKS = re.compile(r"\s+")


def squeezed(folded: Folded) -> Folded:
    """Without blanks, for scripts in which they mean nothing; the end of a paragraph stays as a sign."""
    text = folded.text
    kept: list[str] = []
    places: list[int] = []
    last = 0
    for match in _BLANKS.finditer(text):
        kept.append(text[last : match.start()])
        places += range(last, match.start())
        if match.group().count("\n") > 1:
            kept.append("\n")
            places.append(match.start())
        last = match.end()
    kept.append(text[last:])
    places += range(last, len(text))
    spans = [folded.span(place, place + 1) for place in places]
    return Folded("".join(kept), [span.start for span in spans], [span.end for span in spans])

"""Looking for many phrases at once, in time that grows with the text alone.

A phrase is words, as they are written in `signals.toml`: `*` at the end of a word stands for any ending, `#` for a
number, `…` for at most three words (in scripts without blanks: eight signs) between. Words are whole words; in
Chinese, Japanese, Korean and Thai, which are written without blanks or with few, a phrase is found anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

from core.routing.signals.folding import Folded, Token, fold, squeezed, tokens

GAP = "…"
NUMBER = "#"
_APART = 3  # words that "…" may stand for
_SIGNS_APART = 8
UNSPACED = frozenset({"zh-Hans", "zh-Hant", "ja", "ko", "th"})
_ELIDING = frozenset({"fr", "it"})
MARKED = frozenset({"vi"})
"""Languages in which a word without its accents is another word."""


class Hit(NamedTuple):
    """A phrase that was found: of which kind, and where in the folded text."""

    kind: str
    phrase: str
    start: int
    end: int


class Negation(NamedTuple):
    """Words that turn what follows or precedes them into its contrary, and those that may stand between."""

    before: frozenset[str]
    between: frozenset[str]
    after: frozenset[str]


class Matcher(Protocol):
    """Finds the phrases of one language."""

    def hits(self, text: str) -> tuple[Folded, list[Hit]]: ...


def matcher(
    tag: str, phrases: Mapping[str, Sequence[str]], negation: Negation, numbers: frozenset[str] = frozenset()
) -> Matcher:
    """What finds these phrases, by kind, the way their language is written. What is negated is not found.

    `numbers` are the words that `#` stands for, besides digits.
    """
    if tag in UNSPACED:
        return _Signs(tuple((kind, one) for kind, some in phrases.items() for one in some), negation, numbers)
    known = _Words(tag, negation, numbers)
    for kind, some in phrases.items():
        for one in some:
            known.learn(kind, one)
    return known


# --- Words between blanks

_PREFIXES = {
    "ar": re.compile(r"^(?:[وف])?(?:بال|كال|لل|ال|[بلك])?(?=\w{2})"),
    "he": re.compile(r"^[והבלכמש]{1,2}(?=\w{2})"),
}
"""What Arabic and Hebrew write together with the word after it: and, the, in, to, from, that."""


@dataclass(slots=True)
class _Words:
    tag: str
    negation: Negation
    numbers: frozenset[str]
    _whole: dict[str, list[tuple[str, str, Words]]] = field(default_factory=dict[str, "list[tuple[str, str, Words]]"])
    _beginnings: dict[str, list[tuple[str, str, Words]]] = field(
        default_factory=dict[str, "list[tuple[str, str, Words]]"]
    )
    _lengths: set[int] = field(default_factory=set[int])

    def learn(self, kind: str, phrase: str) -> None:
        words = written(phrase, self.tag)
        first = words[0]
        if first.endswith("*"):
            self._beginnings.setdefault(first[:-1], []).append((kind, phrase, words))
            self._lengths.add(len(first) - 1)
        else:
            self._whole.setdefault(first, []).append((kind, phrase, words))

    def hits(self, text: str) -> tuple[Folded, list[Hit]]:
        folded = fold(text, marks=self.tag in MARKED)
        said = tokens(folded.text, elides=self.tag in _ELIDING)
        found: list[Hit] = []
        for place, token in enumerate(said):
            for kind, phrase, words in self._begun(token.word):
                end = self._reaches(words, said, place)
                if end is not None and not self._negated(words, said, place, end):
                    found.append(Hit(kind, phrase, token.start, said[end - 1].end))
        return folded, found

    def _begun(self, word: str) -> Iterable[tuple[str, str, Words]]:
        for form in _forms(word, self.tag):
            yield from self._whole.get(form, ())
            for length in self._lengths:
                yield from self._beginnings.get(form[:length], ()) if len(form) >= length else ()
        if self._is_number(word):
            yield from self._whole.get(NUMBER, ())

    def _reaches(self, words: Words, said: Sequence[Token], place: int) -> int | None:
        """The place after the last word of the phrase, where it goes on like that within its sentence."""
        sentence = said[place].sentence
        at, slack = place + 1, 0
        for wanted in words[1:]:
            if wanted == GAP:
                slack = _APART
                continue
            while at < len(said) and said[at].sentence == sentence and not self._fits(wanted, said[at].word):
                at, slack = at + 1, slack - 1
                if slack < 0:
                    return None
            if at >= len(said) or said[at].sentence != sentence:
                return None
            at, slack = at + 1, 0
        return at

    def _fits(self, wanted: str, word: str) -> bool:
        if wanted == NUMBER:
            return self._is_number(word)
        forms = _forms(word, self.tag)
        if wanted.endswith("*"):
            return any(form.startswith(wanted[:-1]) for form in forms)
        return wanted in forms

    def _is_number(self, word: str) -> bool:
        return word.isdecimal() or word in self.numbers

    def _negated(self, words: Words, said: Sequence[Token], start: int, end: int) -> bool:
        no = self.negation
        if any(word in no.before or word in no.after for word in words):
            return False  # it says no itself
        return self._meets(no.before, said, start, -1) or self._meets(no.after, said, end - 1, 1)

    def _meets(self, wanted: frozenset[str], said: Sequence[Token], place: int, step: int) -> bool:
        """Whether one of the words stands on that side in the clause, with none but small ones between."""
        clause = said[place].clause
        for far in range(1, 4):
            at = place + far * step
            if not 0 <= at < len(said) or said[at].clause != clause:
                return False
            if said[at].word in wanted:
                return True
            if said[at].word not in self.negation.between:
                return False
        return False


Words = tuple[str, ...]


def _forms(word: str, tag: str) -> tuple[str, ...]:
    """A word as it stands, and without what its language writes together with it."""
    prefixes = _PREFIXES.get(tag)
    if prefixes is None:
        return (word,)
    bare = prefixes.sub("", word)
    return (word, bare) if bare != word else (word,)


@lru_cache(maxsize=16_384)
def written(phrase: str, tag: str) -> Words:
    """A phrase's words as they are compared, its signs for gaps, numbers and endings kept."""
    words: list[str] = []
    for part in phrase.split():
        if part in (GAP, NUMBER):
            words.append(part)
            continue
        folded = fold(part.rstrip("*"), marks=tag in MARKED).text
        said = [token.word for token in tokens(folded, elides=tag in _ELIDING)]
        if part.endswith("*") and said:
            said[-1] += "*"
        words += said
    return tuple(words)


# --- Signs without blanks

_ENDS = re.compile(r"[,，、。.!！?？;；\n…]")


class _Signs:
    def __init__(self, phrases: Sequence[tuple[str, str]], negation: Negation, numbers: frozenset[str]):
        self._plain: list[tuple[str, str, str]] = []
        self._loose: list[tuple[str, str, re.Pattern[str]]] = []
        self._negation = negation
        for kind, phrase in phrases:
            flat = "".join(fold(phrase).text.split()) if GAP not in phrase else ""
            if flat and NUMBER not in flat:
                self._plain.append((kind, phrase, flat))
            else:
                self._loose.append((kind, phrase, _loose(phrase, numbers)))

    def hits(self, text: str) -> tuple[Folded, list[Hit]]:
        folded = squeezed(fold(text))
        said = folded.text
        found: list[Hit] = []
        for kind, phrase, flat in self._plain:
            at = said.find(flat)
            while at >= 0:
                found.append(Hit(kind, phrase, at, at + len(flat)))
                at = said.find(flat, at + len(flat))
        for kind, phrase, loose in self._loose:
            found += [Hit(kind, phrase, match.start(), match.end()) for match in loose.finditer(said)]
        return folded, [hit for hit in found if not self._negated(said, hit.start, hit.end)]

    def _negated(self, said: str, start: int, end: int) -> bool:
        no = self._negation
        if any(word in said[start:end] for word in no.before | no.after):
            return False
        before = _ENDS.split(said[max(0, start - 12) : start])[-1]
        after = _ENDS.split(said[end : end + 12], maxsplit=1)[0]
        for small in ("", *no.between):
            if before.endswith(small) and before[: len(before) - len(small)].endswith(tuple(no.before)):
                return True
            if after.startswith(small) and after[len(small) :].startswith(tuple(no.after)):
                return True
        return False


def _loose(phrase: str, numbers: frozenset[str]) -> re.Pattern[str]:
    """A phrase with gaps or numbers; what it may skip is bounded, so it takes no longer than the text is long."""
    number = "|".join(["[0-9]{1,6}", *map(re.escape, sorted(numbers, key=len, reverse=True))])
    number = f"(?:{number})"
    parts = [
        number.join(re.escape("".join(piece.split())) for piece in fold(part).text.split(NUMBER))
        for part in phrase.split(GAP)
    ]
    return re.compile(f"[^。.!！?？\n]{{0,{_SIGNS_APART}}}?".join(parts))

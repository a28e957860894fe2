"""The language that words are in; none where that cannot be said honestly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from core.routing.signals import han
from core.routing.signals.detectors import Detector, Heard, detector
from core.routing.signals.shipped import primary, table, tags

_LOOKED_AT = 4_000
"""Characters; more change nothing, and customers may send megabytes."""
_NO_WORD = re.compile(r"\d|@|://|\Awww\.|[_{}<>=;\\$|`\[\]]|\w\(|\(\)|[a-z][A-Z]|\w\.\w")
"""What tells nothing of the language around it: addresses, numbers, names of products, and program text."""
_ENOUGH = 6  # letters: of more an unsure detector is mostly right, of a greeting or a short name it is not
_MUCH = 20  # letters that say something even between numbers and program text
_ASCII = re.compile(r"[!-~]+")
_TELLING = re.compile("[\u0590-\u05ff\u0900-\u097f\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts in which hardly more than one of our languages is written: two of them are enough."""
_ROMANISED = 0.6
"""How sure it is that Hindi, Arabic, Russian or Ukrainian are meant where they are written in Latin letters."""


class Guess(NamedTuple):
    """A language tag, and how sure that is (0–1)."""

    language: str
    confidence: float


def language(text: str, prior: str | None = None, by: Detector | None = None) -> Guess | None:
    """What a text is written in; None where that cannot be said honestly.

    `prior` is what the customer's profile, channel or earlier letters say: it gives the region of a language that is
    found ("de" → "de-AT"), and decides where the text is too little to tell. Chinese is told by its script: "zh-Hans",
    "zh-Hant", and "zh" where the text would be the same in both. Where no detector is installed (`by` is another than
    the best) nothing is determined, and callers go by what they knew before.
    """
    words = _said(text)
    hears = by or detector()
    if hears is None or not any(map(str.isalpha, words)):
        return None
    heard = hears.hear(words)
    if heard.other is not None and not (prior and primary(prior) in heard.scores and not _is_enough(words)):
        return Guess(_kept(heard.other, prior), 0.5)
    if not heard.scores:
        return None
    if (guess := _in_latin_letters(words)) and (not heard.reliable or heard.scores.get(guess.language, 0) < 0.2):
        return guess._replace(language=_kept(guess.language, prior))
    return _told(_apart(words, heard), words, prior)


def _said(text: str) -> str:
    """The words alone. Empty where half is no words: a program, a log, a table of numbers."""
    parts = text[:_LOOKED_AT].split()
    said = [said for part in parts if (said := _of_it(part))]
    words = " ".join(said).encode("utf-8", "ignore").decode().replace("\0", " ")
    is_said = len(said) * 2 > len(parts) or sum(map(str.isalpha, words)) >= _MUCH or len(_TELLING.findall(words)) > 4
    return words if is_said else ""


def _of_it(part: str) -> str:
    """Of what stands between blanks: all of it where it is a word, what is in Han, kana or Thai, or nothing."""
    if part.isalpha() or not _NO_WORD.search(part):
        return part
    return _ASCII.sub(" ", part) if _TELLING.search(part) else ""


def _told(heard: Heard, words: str, prior: str | None) -> Guess | None:
    best = max(heard.scores, key=heard.scores.__getitem__)
    first = primary(prior) if prior else None
    if prior and first and (first == best or (not heard.reliable and first in heard.scores)):
        return Guess(_in_script(first, words, prior), min(1.0, heard.scores[first]))
    sure = heard.scores[best] if heard.reliable else heard.scores[best] / 2
    if heard.reliable or _is_enough(words):
        return Guess(_in_script(best, words, None), min(1.0, sure))
    return None


def _kept(heard: str, prior: str | None) -> str:
    """With the region that is known, where it is the same language."""
    return prior if prior and primary(prior) == heard else heard


def _in_script(heard: str, words: str, prior: str | None) -> str:
    """Chinese by its script: as it is written, else as the customer's locale has it."""
    if heard != "zh":
        return prior or heard
    written = han.script(words)
    if written is None:
        return prior or heard
    if prior and (_is_traditional(prior) if written == "Hant" else not _is_traditional(prior)) and prior != "zh":
        return prior
    return f"zh-{written}"


def _is_traditional(tag: str) -> bool:
    parts = re.split(r"[-_]", tag.lower())
    return "hant" in parts or ("hans" not in parts and not {"tw", "hk", "mo"}.isdisjoint(parts))


def _is_enough(words: str) -> bool:
    return sum(map(str.isalpha, words)) >= _ENOUGH or len(_TELLING.findall(words)) > 1


# --- Russian and Ukrainian, which the detectors confuse in one of thirty short sentences

_LETTERS = {"ru": re.compile("[ыэъё]", re.IGNORECASE), "uk": re.compile("[іїєґ]", re.IGNORECASE)}


@lru_cache(maxsize=1)
def _small() -> Mapping[str, frozenset[str]]:
    """Small words that only one of the two has."""
    return {tag: frozenset(table(tag)["language"]["small"]) for tag in _LETTERS}


def _apart(words: str, heard: Heard) -> Heard:
    """What was heard, Russian and Ukrainian told apart by letters that one of them has not, then by small words."""
    best = max(heard.scores, key=heard.scores.__getitem__)
    if best not in _LETTERS:
        return heard
    signs = {tag: len(letters.findall(words)) for tag, letters in _LETTERS.items()}
    if signs["ru"] == signs["uk"]:
        small = set(words.lower().replace("’", "'").split())
        signs = {tag: len(known & small) for tag, known in _small().items()}
    if signs["ru"] == signs["uk"]:
        return heard
    told = max(signs, key=signs.__getitem__)
    if told == best:
        return heard
    scores: Mapping[str, float] = {**heard.scores, told: heard.scores[best], best: heard.scores.get(told, 0.0)}
    return heard._replace(scores=scores)


# --- Written in Latin letters

_ASCII_WORD = re.compile(r"[a-z0-9']+")
_HITS = 3


@lru_cache(maxsize=1)
def _romanised() -> Mapping[str, frozenset[str]]:
    """The commonest words of each language that has another script, as people write them in Latin letters."""
    tables = {tag: table(tag).get("language", {}) for tag in tags()}
    return {tag: frozenset(known["romanised"]) for tag, known in tables.items() if "romanised" in known}


def _in_latin_letters(words: str) -> Guess | None:
    """Hindi, Russian, Arabic or Ukrainian in Latin letters: where at least half of the words are their commonest."""
    if not words.isascii():
        return None
    said = _ASCII_WORD.findall(words.lower())
    hits = {tag: sum(word in known for word in said) for tag, known in _romanised().items()}
    told = max(hits, key=hits.__getitem__)
    if hits[told] < _HITS or hits[told] * 2 < len(said):
        return None
    return Guess(told, _ROMANISED)

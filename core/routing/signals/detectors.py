"""Who hears which language words are in: a package of compiled code, and one in Python where that is not to be had."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

# fmt: off
CANDIDATES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "cs", "sv", "ru", "uk", "tr", "ar", "he", "hi", "th",
              "vi", "id", "zh", "ja", "ko")
# fmt: on
"""The languages that the desk speaks: what is heard is one of these, unless it is clearly another."""
_CLEARLY = 0.05
"""By so much another language must be likelier than any of ours. Less takes Spanish for Catalan, more the reverse."""
_SURE = 0.9


class Heard(NamedTuple):
    """How likely each of our languages is, whether that can be relied on, and which other one it clearly is instead."""

    scores: Mapping[str, float]
    reliable: bool
    other: str | None = None


class Detector(Protocol):
    """Hears languages in words from which everything else has been taken out."""

    def hear(self, words: str) -> Heard: ...


class Compiled:
    """eldc: 4 µs a sentence. It has no Indonesian and hears Malay instead."""

    def __init__(self) -> None:
        eldc = importlib.import_module("eldc")
        eldc.init()
        self._ours: Any = eldc.instance()
        self._ours.set_languages(["ms" if tag == "id" else tag for tag in CANDIDATES])
        self._all: Any = eldc.instance()

    def hear(self, words: str) -> Heard:
        found, wide = self._ours.detect_details(words), self._all.detect_details(words)
        scores: dict[str, float] = {_as_ours(tag): score for tag, score in found.scores.items()}
        everywhere: dict[str, float] = {_as_ours(tag): score for tag, score in wide.scores.items()}
        other = max(everywhere, key=everywhere.__getitem__, default=None)
        if other is None or other in CANDIDATES or not wide.reliable:
            return Heard(scores, bool(found.reliable))
        ours = max((score for tag, score in everywhere.items() if tag in CANDIDATES), default=0.0)
        return Heard(scores, bool(found.reliable), other if everywhere[other] - ours >= _CLEARLY else None)


def _as_ours(tag: str) -> str:
    return "id" if tag == "ms" else tag


class Plain:
    """py3langid: 0.1 ms a sentence, 100 MB and a second to load; for platforms without the other."""

    def __init__(self) -> None:
        langid = importlib.import_module("py3langid.langid")
        self._all: Any = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)

    def hear(self, words: str) -> Heard:
        ranked: list[tuple[str, float]] = [(tag, float(score)) for tag, score in self._all.rank(words)]
        # Malay is what it hears of half of Indonesian, and nothing else that we speak.
        ranked = [("id" if tag == "ms" else tag, score) for tag, score in ranked]
        ours = [(tag, score) for tag, score in ranked if tag in CANDIDATES]
        total = sum(score for _, score in ours) or 1.0
        scores: dict[str, float] = {}
        for tag, score in ours:
            scores[tag] = scores.get(tag, 0.0) + score / total
        first, likely = ranked[0]
        other = first if first not in CANDIDATES and likely >= _SURE else None
        return Heard(scores, max(scores.values()) >= _SURE, other)


@lru_cache(maxsize=1)
def detector() -> Detector | None:
    """The best one that is installed."""
    for kind in (Compiled, Plain):
        try:
            return kind()
        except ModuleNotFoundError:
            continue
    return None

"""The space in which texts are compared: what each encoder says, centred and of one length, beside their n-grams."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from core.routing.learning.encoders import ENCODERS, Matrix, hashed, speaking, width

_GRAMS = 0.45
"""How much n-grams weigh beside encoders, which weigh 1 together; they know what no encoder does: codes and names."""


@dataclass(frozen=True, slots=True)
class Space:
    """Which encoders, and the middle of what they say, which says nothing."""

    encoders: tuple[str, ...]
    middle: Matrix

    def rows(
        self, raw: Matrix, texts: Sequence[str], languages: Sequence[str | None], silent: Collection[str] = ()
    ) -> Matrix:
        """A row for each text. Where an encoder does not understand a language, or is `silent`, the others speak
        alone.
        """
        weighs = _GRAMS if self.encoders else 1.0
        parts = [*self._spoken(raw, languages, silent), np.float32(weighs) * hashed(texts)]
        return np.concatenate(parts, axis=1).astype(np.float32, copy=False)

    def meanings(self, raw: Matrix, languages: Sequence[str | None]) -> Matrix:
        """The same without n-grams: what the encoders alone say, comparable across languages."""
        return np.concatenate(self._spoken(raw, languages), axis=1).astype(np.float32, copy=False)

    def _spoken(self, raw: Matrix, languages: Sequence[str | None], silent: Collection[str] = ()) -> list[Matrix]:
        """What each encoder says."""
        loud = np.array([one not in silent for one in self.encoders], np.bool_)
        heard = np.array([np.array(speaking(self.encoders, said), np.bool_) & loud for said in languages], np.float32)
        heard = heard.reshape(len(languages), len(self.encoders))
        shares = heard / np.sqrt(np.maximum(heard.sum(axis=1, keepdims=True), 1))
        parts: list[Matrix] = []
        start = 0
        for place, name in enumerate(self.encoders):
            end = start + ENCODERS[name][1]
            part = raw[:, start:end].astype(np.float32) - self.middle[start:end]
            part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-6)
            parts.append(part * shares[:, place : place + 1])
            start = end
        return parts


def space_of(raw: Matrix, encoders: Sequence[str]) -> Space:
    """The space whose middle is that of these texts."""
    middle = raw.mean(axis=0) if len(raw) else np.zeros(width(encoders), np.float32)
    return Space(tuple(encoders), middle.astype(np.float32))

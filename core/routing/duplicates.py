"""Texts that say nearly the same: by how many of their runs of five characters they have in common."""

from __future__ import annotations

import zlib
from collections.abc import Hashable
from heapq import nsmallest
from typing import Generic, NamedTuple, TypeVar

from core.routing.signals.folding import fold

ALIKE = 0.5
"""The share of their runs that two texts must have in common (Jaccard) to be near-duplicates."""
LOOKED_AT = 5_000
"""Characters: who sends more has said by then what it is about."""
_RUN = 5
_SKETCH = 32
"""So many runs of a text are looked up, those whose checksums are smallest: of two texts that share half of their
runs, one in 10¹² pairs has none of these in common (Broder's bottom-k sketch)."""
_FEW = 8
"""Runs; of less text than that nearly everything is alike, and only what is the same is a duplicate."""

Id = TypeVar("Id", bound=Hashable)


class Near(NamedTuple, Generic[Id]):
    """A text that is nearly the same as the one asked about, and how nearly (0–1)."""

    id: Id
    likeness: float


class Texts(Generic[Id]):
    """Texts that later ones are compared with. Finding takes time by how many share a rare run, not by how many
    there are.
    """

    def __init__(self) -> None:
        self._runs: dict[Id, frozenset[int]] = {}
        self._having: dict[int, list[Id]] = {}

    def add(self, id: Id, text: str) -> None:
        """Keep a text; under an id that is there already it takes that one's place."""
        self.drop(id)
        found = runs(text)
        if not found:
            return
        self._runs[id] = found
        for run in _sketch(found):
            self._having.setdefault(run, []).append(id)

    def drop(self, id: Id) -> None:
        """Forget a text, where it is there."""
        for run in _sketch(self._runs.pop(id, frozenset())):
            having = self._having[run]
            having.remove(id)
            if not having:
                del self._having[run]

    def near(self, text: str) -> list[Near[Id]]:
        """Those that are nearly the same as this one, the nearest first."""
        found = runs(text)
        maybe = {id for run in _sketch(found) for id in self._having.get(run, ())}
        likenesses = (Near(id, likeness(found, self._runs[id])) for id in maybe)
        return sorted((one for one in likenesses if one.likeness >= ALIKE), key=lambda one: -one.likeness)


def runs(text: str) -> frozenset[int]:
    """The checksums of a text's runs. Case, accents, blanks and marks do not count; of little text it is one run."""
    bare = "".join(sign for sign in fold(text[:LOOKED_AT]).text if sign.isalnum())
    if len(bare) < _RUN + _FEW:
        return frozenset({zlib.crc32(bare.encode("utf-8", "replace"))} if bare else ())
    return frozenset(zlib.crc32(bare[at : at + _RUN].encode("utf-8", "replace")) for at in range(len(bare) - _RUN + 1))


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of both is in both (0–1)."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0


def _sketch(found: frozenset[int]) -> list[int]:
    return nsmallest(_SKETCH, found)

"""Which of some tickets a message says the same as: by their very words, or by what encoders make of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.routing import duplicates
from core.routing.clusters import LOOSEST, Alike, Other
from core.routing.learning.encoders import Matrix, speaking, width
from core.routing.learning.space import Space

_MOST_REMEMBERED = 512
_LOOKED_AT = 1_000
"""Characters: a letter that is longer has said by then what it is about."""


def alike(text: str, raw: Matrix, language: str | None, others: Sequence[Other], space: Space) -> tuple[Alike, ...]:
    """Those that say the same, the likest first."""
    mine = _runs(text[:_LOOKED_AT])
    by_meaning = _meanings(raw, language, others, space)
    found: list[Alike] = []
    for place, other in enumerate(others):
        words = duplicates.likeness(mine, _runs(other.text[:_LOOKED_AT]))
        means = by_meaning.get(place, 0.0)
        if words >= duplicates.ALIKE:
            found.append(Alike(other.number, round(max(words, means), 3), True))
        elif means >= LOOSEST:
            found.append(Alike(other.number, round(means, 3), False))
    return tuple(sorted(found, key=lambda one: -one.likeness))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _runs(text: str) -> frozenset[int]:
    return duplicates.runs(text)


def _meanings(raw: Matrix, language: str | None, others: Sequence[Other], space: Space) -> dict[int, float]:
    """How near each is in meaning, by its place; nothing where no encoder knows both languages."""
    size = 2 * width(space.encoders)
    known = [place for place, one in enumerate(others) if one.raw is not None and len(one.raw) == size]
    known = [place for place in known if _can_tell(space.encoders, language, others[place].language)]
    if not size or not known:
        return {}
    theirs = np.stack([np.frombuffer(others[place].raw or b"", np.float16).astype(np.float32) for place in known])
    rows = space.meanings(theirs, [others[place].language for place in known])
    near = rows @ space.meanings(raw[None, :], [language])[0]
    return dict(zip(known, near.tolist(), strict=True))


def _can_tell(encoders: Sequence[str], one: str | None, other: str | None) -> bool:
    return any(a and b for a, b in zip(speaking(encoders, one), speaking(encoders, other), strict=True))

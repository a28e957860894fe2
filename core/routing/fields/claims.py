"""Places of a text that are taken: of one place there is one field."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

from core.routing.reasons import Money


class Found(NamedTuple):
    """A value that was found, from `start` up to `end`."""

    start: int
    end: int
    name: str
    value: str | Money


class Claims:
    """What was found so far, no two in one place."""

    def __init__(self) -> None:
        self.found: list[Found] = []
        self._taken: list[tuple[int, int]] = []

    def take(self, found: Iterable[Found]) -> None:
        """Keep each that stands where nothing stands yet."""
        for one in found:
            if self.free(one.start, one.end):
                insort(self._taken, (one.start, one.end))
                self.found.append(one)

    def free(self, start: int, end: int) -> bool:
        """Whether nothing was found there."""
        at = bisect_left(self._taken, (end, -1))
        return at == 0 or self._taken[at - 1][1] <= start

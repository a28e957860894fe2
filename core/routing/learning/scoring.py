"""How good answers are: counts that anybody can make again from labels and chances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.routing.learning.encoders import Matrix

_BINS = 15


def accuracy(said: Sequence[str], right: Sequence[str]) -> float:
    """The share that is right."""
    return sum(a == b for a, b in zip(said, right, strict=True)) / max(len(right), 1)


def macro_f1(said: Sequence[str], right: Sequence[str]) -> float:
    """The mean over the classes that there are of the harmonic mean of precision and recall."""
    both = list(zip(said, right, strict=True))
    found: list[float] = []
    for name in sorted(set(right)):
        hits = sum(a == name and b == name for a, b in both)
        wide = sum(a == name for a, _ in both) + sum(b == name for _, b in both)
        found.append(2 * hits / wide if wide else 0.0)
    return sum(found) / max(len(found), 1)


def top2(chances: Matrix, classes: Sequence[str], right: Sequence[str]) -> float:
    """The share in which the right one is the likeliest or the next."""
    best = np.argsort(-chances, axis=1)[:, :2]
    return sum(name in {classes[n] for n in row} for row, name in zip(best, right, strict=True)) / max(len(right), 1)


def calibration_error(sure: Sequence[float], hits: Sequence[bool]) -> float:
    """How far certainty is from being right, on average (ECE, 15 bins of equal width)."""
    chances, right = np.asarray(sure, np.float64), np.asarray(hits, np.float64)
    bins = np.minimum((chances * _BINS).astype(int), _BINS - 1)
    apart = [abs(float(chances[bins == one].sum() - right[bins == one].sum())) for one in range(_BINS)]
    return sum(apart) / max(len(chances), 1)


def coverage(sure: Sequence[float], hits: Sequence[bool], precision: float) -> float:
    """The largest share, the surest first, that could be acted on with so much precision."""
    order = np.argsort(-np.asarray(sure, np.float64), kind="stable")
    right = np.cumsum(np.asarray(hits, np.float64)[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(right >= precision)
    return float(good[-1] + 1) / len(order) if len(good) else 0.0


def auc(chances: Sequence[float], is_so: Sequence[bool]) -> float:
    """How often what is so is found likelier than what is not; a tie counts half."""
    values, so = np.asarray(chances, np.float64), np.asarray(is_so, bool)
    yes, no = values[so], np.sort(values[~so])
    if not len(yes) or not len(no):
        return 0.5
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.sum()) / (2 * len(yes) * len(no))

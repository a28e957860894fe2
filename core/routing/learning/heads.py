"""A head: which class a vector belongs to, learnt by softmax regression that begins at the classes' centres.

With a handful of examples the centres decide, which is the best that can be done; with more, the regression moves away
from them as far as the examples say. Where there are none at all for a class, its seeds make its centre.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.routing.learning.encoders import Matrix

Labels = npt.NDArray[np.intp]

_SHARP = 12.0
"""How much a centre's likeness weighs before anything is learnt."""
_STEPS = 60
_HOLD = 0.7
"""How strongly weights are held where they began, in examples."""


@dataclass(frozen=True, slots=True)
class Head:
    """Weights for each class. `temperature` is what makes its certainty true: see `calibrated`."""

    classes: tuple[str, ...]
    weights: Matrix
    bias: Matrix
    temperature: float = 1.0

    def scores(self, rows: Matrix) -> Matrix:
        return rows @ self.weights.T + self.bias

    def chances(self, rows: Matrix) -> Matrix:
        """How likely each class is, for each row."""
        return softmax(self.scores(rows) / np.float32(self.temperature))


def softmax(scores: Matrix) -> Matrix:
    risen = np.exp(scores - scores.max(axis=1, keepdims=True))
    return risen / risen.sum(axis=1, keepdims=True)


def centres(rows: Matrix, labels: Labels, count: int, weights: Matrix | None = None) -> Matrix:
    """The middle of each class, of length one; nothing where a class has no row."""
    told = np.zeros((count, len(rows)), np.float32)
    told[labels, np.arange(len(rows))] = 1 if weights is None else weights
    middles = told @ rows
    return middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-6)


def fit(
    rows: Matrix, labels: Labels, classes: Sequence[str], weights: Matrix | None = None, steps: int = _STEPS
) -> Head:
    """The head that says of these rows what their labels say. `weights`: how much each counts."""
    count = len(classes)
    counts = np.ones(len(rows), np.float32) if weights is None else weights
    start = np.float32(_SHARP) * centres(rows, labels, count, counts)
    sizes = np.bincount(labels, counts, count)
    even = (np.sqrt(sizes.sum() / (count * np.maximum(sizes, 1e-6))))[labels].astype(np.float32) * counts
    even *= np.float32(counts.sum() / max(float(even.sum()), 1e-6))
    if min(len(rows), count) < 2:
        return Head(tuple(classes), start, np.zeros(count, np.float32))
    wide = int(rows.shape[1])

    def loss(packed: Matrix) -> tuple[float, Matrix]:
        moved, bias = packed[:-count].reshape(count, wide), packed[-count:]
        chances = softmax(rows @ (start + moved).T + bias)
        right = chances[np.arange(len(rows)), labels]
        lost = -float(even @ np.log(np.maximum(right, 1e-12)))
        chances[np.arange(len(rows)), labels] -= 1
        slope = chances * even[:, None]
        hold = np.float32(_HOLD / _SHARP)
        whole = lost + float(hold) * float((packed * packed).sum()) / 2
        return whole, np.concatenate(((slope.T @ rows).ravel(), slope.sum(axis=0))) + hold * packed

    begun: Matrix = np.zeros(count * wide + count, np.float32)
    found = minimised(loss, begun, steps)
    return Head(tuple(classes), start + found[:-count].reshape(count, wide), found[-count:])


def narrowed(rows: Matrix) -> tuple[Matrix, Matrix | None]:
    """The same rows by as many numbers as there are rows, where that is far fewer, and the axes that these count along.

    What is learnt begins at sums of rows and moves by sums of rows: it never leaves them, and the rest of the space
    takes its time for nothing.
    """
    if 2 * len(rows) > rows.shape[1]:
        return rows, None
    axes, places = np.linalg.qr(rows.T.astype(np.float64))
    return places.T.astype(np.float32), axes.T.astype(np.float32)


def widened(head: Head, axes: Matrix | None) -> Head:
    """What was learnt of narrowed rows, for rows as they were."""
    return head if axes is None else replace(head, weights=head.weights @ axes)


def minimised(loss: Callable[[Matrix], tuple[float, Matrix]], at: Matrix, steps: int, memory: int = 6) -> Matrix:
    """Where a smooth function is least, by L-BFGS with a line search that halves (Nocedal & Wright, algorithm 7.5)."""
    value, slope = loss(at)
    moves: list[tuple[Matrix, Matrix, float]] = []
    for _ in range(steps):
        way = -_curved(slope, moves)
        down = float(way @ slope)
        if down > -1e-9:
            break
        size = 1.0 if moves else min(1.0, 1.0 / (float(np.linalg.norm(slope)) + 1e-9))
        for _ in range(12):
            then, steeper = loss(at + np.float32(size) * way)
            if then <= value + 1e-4 * size * down:
                break
            size /= 2
        else:
            break
        moved, bent = np.float32(size) * way, steeper - slope
        if (along := float(moved @ bent)) > 1e-10:
            moves = [*moves[1 - memory :], (moved, bent, along)]
        done = abs(value - then) < 1e-5 * max(1.0, abs(value))
        at, value, slope = at + moved, then, steeper
        if done:
            break
    return at


def _curved(slope: Matrix, moves: Sequence[tuple[Matrix, Matrix, float]]) -> Matrix:
    way, shares = slope.copy(), list[float]()
    for moved, bent, along in reversed(moves):
        share = float(moved @ way) / along
        way -= np.float32(share) * bent
        shares.append(share)
    if moves:
        moved, bent, along = moves[-1]
        way *= np.float32(along / float(bent @ bent))
    for (moved, bent, along), share in zip(moves, reversed(shares), strict=True):
        way += np.float32(share - float(bent @ way) / along) * moved
    return way


def calibrated(head: Head, scores: Matrix, labels: Labels) -> Head:
    """The head with the temperature at which its chances are true of scores that it had not learnt from."""
    if not len(scores):
        return head
    tried = np.geomspace(0.15, 8, 60)
    places = np.arange(len(scores))

    def lost(temperature: float) -> float:
        chances = softmax(scores / np.float32(temperature))[places, labels]
        return -float(np.log(np.maximum(chances, 1e-9)).mean())

    return replace(head, temperature=float(min(tried, key=lost)))


def held_out(
    rows: Matrix, labels: Labels, classes: Sequence[str], weights: Matrix, asked: npt.NDArray[np.bool_], folds: int
) -> Matrix:
    """The scores that the rows which are `asked` about get from heads that have not seen them."""
    scores = np.zeros((len(rows), len(classes)), np.float32)
    turns = np.cumsum(asked) % folds
    for fold in range(folds):
        out = asked & (turns == fold)
        if out.any():
            scores[out] = fit(rows[~out], labels[~out], classes, weights[~out]).scores(rows[out])
    return scores[asked]

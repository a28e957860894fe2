"""Which of several is given to which of several others, so that all together it is best."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

Scores = Sequence[Sequence[float | None]]


def best(scores: Scores) -> list[int | None]:
    """For each row the column that it gets, each column once; None where a row gets none.

    `scores` are 0 or more; None: never. Rows come first by their order: no row goes without for the sake of one behind
    it, and among what is left then the sum of the scores is the highest. (Hungarian method with potentials, after
    Kuhn and Munkres; rows² × columns steps.)
    """
    rows = len(scores)
    if not rows:
        return []
    columns = len(scores[0])
    most = 1.0 + max((score for row in scores for score in row if score is not None), default=0.0)
    step = rows * most  # more than all scores together can make up for
    costs = [
        [-(step * (rows - place) + score) if score is not None else 0.0 for score in row] + [0.0] * rows
        for place, row in enumerate(scores)
    ]
    taken = _assigned(costs, columns + rows)
    return [at if at < columns and scores[row][at] is not None else None for row, at in enumerate(taken)]


def _assigned(costs: Sequence[Sequence[float]], columns: int) -> list[int]:
    """The cheapest column for each row. There are at least as many columns as rows."""
    found = _Potentials(costs, columns)
    for row in range(1, len(costs) + 1):
        found.place(row)
    taken = {row: column - 1 for column, row in enumerate(found.holder) if column and row}
    return [taken[row] for row in range(1, len(costs) + 1)]


class _Potentials:
    """The method's state: prices of rows and columns, and the row that holds each column (0: none)."""

    def __init__(self, costs: Sequence[Sequence[float]], columns: int):
        self.costs, self.columns = costs, columns
        self.of_row, self.of_column = [0.0] * (len(costs) + 1), [0.0] * (columns + 1)
        self.holder = [0] * (columns + 1)

    def place(self, row: int) -> None:
        """Find a column for one more row, moving those before it where that is cheaper."""
        self.holder[0] = row
        came_from, least, seen = [0] * (self.columns + 1), [inf] * (self.columns + 1), [False] * (self.columns + 1)
        at = 0
        while self.holder[at]:
            at = self._nearest(at, came_from, least, seen)
        while at:
            self.holder[at], at = self.holder[came_from[at]], came_from[at]

    def _nearest(self, at: int, came_from: list[int], least: list[float], seen: list[bool]) -> int:
        """The next cheapest column from those seen so far; prices go along."""
        seen[at] = True
        row, delta, following = self.holder[at], inf, 0
        costs, own = self.costs[row - 1], self.of_row[row]
        for column in [column for column in range(1, self.columns + 1) if not seen[column]]:
            reduced = costs[column - 1] - own - self.of_column[column]
            if reduced < least[column]:
                least[column], came_from[column] = reduced, at
            if least[column] < delta:
                delta, following = least[column], column
        for column in range(self.columns + 1):
            if seen[column]:
                self.of_row[self.holder[column]] += delta
                self.of_column[column] -= delta
            else:
                least[column] -= delta
        return following

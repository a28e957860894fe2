"""A measured figure: every round of it, its median, what it is compared with, and whether that is what we want."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure, or its ratio, should be at least or at most."""

    bound: Literal["at least", "at most"]
    value: float

    def met_by(self, measured: float) -> bool:
        return measured >= self.value if self.bound == "at least" else measured <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.bound == 'at least' else '≤'} {self.value:g}"


def at_least(value: float) -> Goal:
    return Goal("at least", value)


def at_most(value: float) -> Goal:
    return Goal("at most", value)


@dataclass(frozen=True, slots=True)
class Figure:
    """`rounds` in `unit`. `ratios`, where there are any, are to what was measured beside each round; then the goal is
    for their median, else for that of the rounds."""

    group: str
    name: str
    unit: str
    rounds: Sequence[float]
    ratios: Sequence[float] = ()
    against: str = ""
    goal: Goal | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def ratio(self) -> float | None:
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.goal.met_by(self.median if self.ratio is None else self.ratio)


def table(figures: Iterable[Figure]) -> str:
    """For people."""
    lines = [("", "figure", "median", "low–high", "ratio", "goal", "")]
    group = ""
    for figure in figures:
        lines.append(
            (
                figure.group if figure.group != group else "",
                figure.name,
                f"{_short(figure.median)} {figure.unit}",
                f"{_short(min(figure.rounds))}–{_short(max(figure.rounds))}",
                "" if figure.ratio is None else f"{figure.ratio:.2f} × {figure.against}",
                str(figure.goal or ""),
                {None: "", True: "met", False: "MISSED"}[figure.met],
            )
        )
        group = figure.group
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def as_json(figure: Figure) -> str:
    """For programs, one line."""
    goal = {"goal": str(figure.goal), "met": figure.met} if figure.goal else {}
    ratio = {} if figure.ratio is None else {"ratio": round(figure.ratio, 3)}
    said = {key: value for key, value in asdict(figure).items() if key != "goal"}
    return json.dumps({**said, "median": round(figure.median, 4), **ratio, **goal}, ensure_ascii=False)


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"

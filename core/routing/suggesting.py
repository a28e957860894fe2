"""A pattern for the values that agents gave a field by hand: letters that all have stand, digits are counted."""

from __future__ import annotations

import re
from collections.abc import Sequence

ENOUGH = 3
"""So many values, all of one shape, make a pattern."""
_RUN = re.compile(r"[0-9]+|[A-Za-z]+|[^0-9A-Za-z]+")
_LONGEST = 40


def suggested(values: Sequence[str]) -> str | None:
    """What finds all of them, and hardly anything else; None where they have no shape in common.

    Without a digit it would be a word, and a bare number of a few digits is anything.
    """
    known = list(dict.fromkeys(value.strip() for value in values))
    if len(known) < ENOUGH or any(not value or len(value) > _LONGEST for value in known):
        return None
    shapes = [_RUN.findall(value) for value in known]
    if len({tuple(map(_kind, shape)) for shape in shapes}) != 1:
        return None
    parts = [_part(runs) for runs in zip(*shapes, strict=True)]
    if None in parts or not _tells(shapes):
        return None
    return r"\b" + "".join(part for part in parts if part) + r"\b"


def _kind(run: str) -> str:
    return "0" if run[0].isdecimal() and run.isascii() else "a" if run.isascii() and run[0].isalpha() else run


def _part(runs: Sequence[str]) -> str | None:
    if len(set(runs)) == 1 and _kind(runs[0]) != "0":
        return re.escape(runs[0])
    if _kind(runs[0]) not in ("0", "a"):
        return None
    least, most = min(map(len, runs)), max(map(len, runs))
    many = f"{{{least}}}" if least == most else f"{{{least},{most}}}"
    return f"[{'0-9' if _kind(runs[0]) == '0' else 'A-Z'}]{many}"


def _tells(shapes: Sequence[Sequence[str]]) -> bool:
    """Whether it begins with a letter or has marks in it, or so many digits that no other number has them."""
    first = shapes[0]
    digits = min(sum(len(run) for run in shape if _kind(run) == "0") for shape in shapes)
    has_digits = any(_kind(run) == "0" for run in first)
    return has_digits and digits >= 3 and (len(first) > 1 or digits >= 8)

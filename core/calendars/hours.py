"""Hours as people write them: "Mon-Fri 09:00-17:00"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(_DAYS)
_TIME = r"(\d{1,2}):(\d{2})"
_SPAN = re.compile(rf"(?:({_DAY})(?:\s*[-–]\s*({_DAY}))?\s+)?{_TIME}\s*[-–]\s*{_TIME}", re.ASCII)
MIDNIGHT = 24 * 60


class Span(NamedTuple):
    """On these days (0: Monday), from this minute of the day until that one; of the next day where it is not later."""

    days: tuple[int, ...]
    begins: int
    ends: int

    @property
    def interval(self) -> tuple[int, int]:
        """In minutes since the midnight of the day on which it begins."""
        return self.begins, self.ends if self.ends > self.begins else self.ends + MIDNIGHT


@lru_cache(maxsize=4096)
def span_of(written: str) -> Span | None:
    """ "Mon-Fri 09:00-17:00", "Sat 10:00-14:00", "22:00-06:00" (each day); None for anything else."""
    found = _SPAN.fullmatch(written.strip().casefold())
    if found is None:
        return None
    first, last, *clock = found.groups()
    from_hour, from_minute, to_hour, to_minute = map(int, clock)
    begins, ends = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_minute > 59 or to_minute > 59 or begins >= MIDNIGHT or ends > MIDNIGHT or begins == ends:
        return None
    return Span(_days(first, last), begins, ends)


def _hours(written: str) -> str:
    if span_of(written) is None:
        raise PydanticCustomError("bad_hours", "not hours of a week: {value}", {"value": written})
    return written


Hours = Annotated[str, AfterValidator(_hours)]


def _days(first: str | None, last: str | None) -> tuple[int, ...]:
    """From one day to the other, over the weekend where the other comes first."""
    if first is None:
        return tuple(range(7))
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return tuple((start + n) % 7 for n in range((end - start) % 7 + 1))

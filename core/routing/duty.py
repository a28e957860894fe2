"""Hours that come round each week, as people write them: "Mon-Fri 09:00-17:00"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(_DAYS)
_TIME = r"(\d{1,2}):(\d{2})"
_SPAN = re.compile(rf"(?:({_DAY})(?:\s*[-–]\s*({_DAY}))?\s+)?{_TIME}\s*[-–]\s*{_TIME}", re.ASCII)
_MIDNIGHT = 24 * 60


class Span(NamedTuple):
    """On these days (0: Monday), from this minute of the day until that one; of the next day where it is not later."""

    days: tuple[int, ...]
    begins: int
    ends: int


@lru_cache(maxsize=4096)
def span_of(written: str) -> Span | None:
    """ "Mon-Fri 09:00-17:00", "Sat 10:00-14:00", "22:00-06:00" (each day); None for anything else."""
    found = _SPAN.fullmatch(written.strip().casefold())
    if found is None:
        return None
    first, last, *clock = found.groups()
    from_hour, from_minute, to_hour, to_minute = map(int, clock)
    begins, ends = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if from_minute > 59 or to_minute > 59 or begins >= _MIDNIGHT or ends > _MIDNIGHT or begins == ends:
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


def is_within(hours: Sequence[str], now: datetime, zone: tzinfo) -> bool:
    """Whether it is one of these hours now; without any it always is."""
    return not hours or any(begins <= now < ends for begins, ends in _around(hours, now, zone))


def next_change(hours: Sequence[str], now: datetime, zone: tzinfo) -> datetime | None:
    """When that is otherwise next; None where it never is."""
    within = is_within(hours, now, zone)
    edges = (edge for spans in _around(hours, now, zone) for edge in spans if edge > now)
    return next((edge for edge in sorted(edges) if is_within(hours, edge, zone) is not within), None)


def last_change(hours: Sequence[str], now: datetime, zone: tzinfo) -> datetime | None:
    """Since when it is as it is now; None where it never was otherwise."""
    within = is_within(hours, now, zone)
    edges = sorted((edge for spans in _around(hours, now, zone) for edge in spans if edge <= now), reverse=True)
    before = timedelta(microseconds=1)
    return next((edge for edge in edges if is_within(hours, edge - before, zone) is not within), None)


def _around(hours: Sequence[str], now: datetime, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """The hours of the week before and the week after, each as two moments."""
    today = now.astimezone(zone).date()
    found: list[tuple[datetime, datetime]] = []
    for span in filter(None, map(span_of, hours)):
        for offset in range(-8, 9):
            day = today + timedelta(days=offset)
            if day.weekday() not in span.days:
                continue
            until = day + timedelta(days=1) if span.ends <= span.begins else day
            found.append((_at(day, span.begins, zone), _at(until, span.ends, zone)))
    return found


def _at(day: date, minute: int, zone: tzinfo) -> datetime:
    if minute == _MIDNIGHT:
        day, minute = day + timedelta(days=1), 0
    return datetime.combine(day, time(*divmod(minute, 60)), zone)

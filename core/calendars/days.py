"""Days on which hours are otherwise, as people write them: "2026-12-24 09:00-12:00 Christmas Eve", "12-31 closed"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from core.calendars.calendar import CLOSED, Day, Yearly, day_of
from core.calendars.hours import span_of

_DATE = r"(?:(\d{4})-)?(\d{2})-(\d{2})"
_TIMES = r"\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}"
_SAID = re.compile(
    rf"{_DATE}(?:\s*(?:/|\.\.)\s*{_DATE})?\s+(closed|usual|{_TIMES}(?:\s*,\s*{_TIMES})*)(?:\s+(\S.*))?",
    re.ASCII | re.IGNORECASE,
)
MOST_DAYS = 400
_LEAP = 2000
"""A year with a 29th of February: dates of each year are looked for in it."""


class Exceptional(NamedTuple):
    """Dates, of one year or of each, and the hours that begin on them; None: as on any such day of the week."""

    first: date  # of each year: in a leap year of no meaning
    last: date
    yearly: bool
    hours: Day | None
    name: str = ""

    @property
    def dates(self) -> Iterator[date]:
        """Each of them; of each year, in that leap year."""
        day = self.first
        while True:
            yield day
            if day == self.last:
                return
            day += timedelta(days=1)
            if self.yearly and day.year != _LEAP:
                day = day.replace(year=_LEAP)

    @property
    def each_year(self) -> Iterator[Yearly]:
        return ((day.month, day.day) for day in self.dates)


@lru_cache(maxsize=4096)
def exceptional(written: str) -> Exceptional | None:
    """ "2026-12-24 closed", "12-24/12-26 closed Christmas", "2026-10-31 usual", "12-24 09:00-12:00, 13:00-15:00"."""
    found = _SAID.fullmatch(written.strip())
    if found is None:
        return None
    year, month, day, last_year, last_month, last_day, said, name = found.groups()
    yearly = year is None
    if last_month and (last_year is None) != yearly:
        return None
    first = _date(year, month, day)
    last = _date(last_year, last_month, last_day) if last_month else first
    if first is None or last is None or not (yearly or timedelta() <= last - first < timedelta(days=MOST_DAYS)):
        return None
    match said.casefold():
        case "closed":
            hours: Day | None = CLOSED
        case "usual":
            hours = None
        case times:
            spans = re.split(r"\s*,\s*", times)
            if not all(map(span_of, spans)):
                return None
            hours = day_of(spans)
    return Exceptional(first, last, yearly, hours, name or "")


def _date(year: str | None, month: str, day: str) -> date | None:
    try:
        return date(int(year or _LEAP), int(month), int(day))
    except ValueError:
        return None


def written(one: Exceptional) -> str:
    """As `exceptional` reads it."""
    shown = "%m-%d" if one.yearly else "%Y-%m-%d"
    days = one.first.strftime(shown)
    if one.last != one.first:
        days += f"/{one.last.strftime(shown)}"
    if one.hours is None:
        hours = "usual"
    else:
        hours = ", ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in one.hours) or "closed"
    return f"{days} {hours} {one.name}".strip()


def _clock(minute: int) -> str:
    """24:00 where a day ends; what ends on the next day is earlier there than it began."""
    hour, rest = divmod(minute, 60)
    return f"{hour if minute <= 24 * 60 else hour - 24:02}:{rest:02}"


def _checked(said: str) -> str:
    if exceptional(said) is None:
        raise PydanticCustomError("bad_day", "not a day with its hours: {value}", {"value": said})
    return said


SpecialDay = Annotated[str, AfterValidator(_checked)]

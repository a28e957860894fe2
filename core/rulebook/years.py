"""What a calendar says of a year before it counts: its weeks, and every day that is otherwise, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from core.calendars.calendar import Pattern
from core.calendars.holidays import holidays_of
from core.calendars.hours import MIDNIGHT
from core.rulebook.model import Rulebook
from core.rulebook.times import Timetable


class Otherwise(NamedTuple):
    """A day on which hours are otherwise. `hours` "": closed. `why`: its name, where it has one."""

    day: date
    hours: str
    why: str


def weeks(pattern: Pattern) -> Iterator[tuple[int, str]]:
    """The days of its week that have hours (0: Monday), with these."""
    return ((n, times(hours)) for n, hours in enumerate(pattern.week) if hours)


def otherwise(book: Rulebook, table: Timetable, year: int) -> Iterator[Otherwise]:
    """The days of a year on which its own hours are otherwise than on any such weekday, or would be but for a day."""
    pattern = table.pattern(book.desk.zone)
    named = {day: one.name for _, one in table.exceptional if not one.yearly for day in one.dates}
    yearly = {each: one.name for _, one in table.exceptional if one.yearly for each in one.each_year}
    free = {day: name for place in table.holidays for day, name in holidays_of(place, year).items()}
    day = date(year, 1, 1)
    while day.year == year:
        hours = pattern.hours_on(day)
        said = named.get(day) or yearly.get((day.month, day.day)) or free.get(day, "")
        if hours != pattern.week[day.weekday()] or day in free or day in named:
            yield Otherwise(day, times(hours), said)
        day += timedelta(days=1)


def hours_of_work(book: Rulebook, table: Timetable, year: int) -> int:
    """How many hours of work a year has, by all that a calendar names."""
    begin, end = (datetime(n, 1, 1, tzinfo=book.desk.zone) for n in (year, year + 1))
    return round(book.calendar(table.name).between(begin, end) / timedelta(hours=1))


def times(hours: Iterable[tuple[int, int]]) -> str:
    """Hours of a day as they are written."""
    return ", ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in hours)


def _clock(minute: int) -> str:
    hour, rest = divmod(minute if minute <= MIDNIGHT else minute - MIDNIGHT, 60)
    return f"{hour:02}:{rest:02}"

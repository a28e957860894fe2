"""A calendar: when there is work, and how much of it between two moments.

Hours are what clocks on the wall show (`core.calendars.wall`). An interval belongs to the day on which it begins: a
night before a holiday is worked to its end, the one that would begin on it is not.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from core.calendars.holidays import is_holiday
from core.calendars.hours import MIDNIGHT, span_of
from core.calendars.wall import moment

Day = tuple[tuple[int, int], ...]
"""The hours of one day: from this minute since its midnight until that one, which may be of the next day."""

Yearly = tuple[int, int]
"""A date of each year: month and day."""

ROUND_THE_CLOCK: Day = ((0, MIDNIGHT),)
CLOSED: Day = ()

_A_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_DAYS_LOOKED_AT = 9 * 366
"""A year's 29th of February is eight years from the last at most; what is farther away is nobody's hours."""

_REMEMBERED = 1500
"""Days whose hours a pattern keeps."""


class NeverOpen(ValueError):
    """There is no working time, or none for years."""


class NeverCloses(ValueError):
    """There is nothing but working time."""


@dataclass(frozen=True)
class Pattern:
    """The hours of one place: of each day of the week, but on some dates others, and none on holidays.

    A date counts before a date of each year, and that before a holiday. None for a date: as on any such weekday, though
    it be a holiday. `holidays` are countries and regions (ISO 3166: "DE", "DE-BY").
    """

    zone: tzinfo
    week: tuple[Day, ...] = (ROUND_THE_CLOCK,) * 7
    dates: tuple[tuple[date, Day | None], ...] = ()
    yearly: tuple[tuple[Yearly, Day | None], ...] = ()
    holidays: tuple[str, ...] = ()

    @cached_property
    def is_always(self) -> bool:
        """Whether it never closes."""
        return all(day == ROUND_THE_CLOCK for day in self.week) and not (self.dates or self.yearly or self.holidays)

    def hours_on(self, day: date) -> Day:
        """The hours that begin on a day."""
        usual = self.week[day.weekday()]
        if day in self._dates:
            said = self._dates[day]
        elif (day.month, day.day) in self._yearly:
            said = self._yearly[day.month, day.day]
        else:
            return CLOSED if any(is_holiday(place, day) for place in self.holidays) else usual
        return usual if said is None else said

    @cached_property
    def _dates(self) -> dict[date, Day | None]:
        return dict(self.dates)

    @cached_property
    def _yearly(self) -> dict[Yearly, Day | None]:
        return dict(self.yearly)

    @cached_property
    def _known(self) -> dict[date, Sequence[tuple[datetime, datetime]]]:
        return {}

    def spans_on(self, day: date) -> Sequence[tuple[datetime, datetime]]:
        """The hours that begin on a day, as moments."""
        found = self._known.get(day)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            spans = sorted((self._at(day, begins), self._at(day, ends)) for begins, ends in self.hours_on(day))
            found = self._known[day] = [span for span in spans if span[0] < span[1]]
        return found

    def _at(self, day: date, minute: int) -> datetime:
        days, rest = divmod(minute, MIDNIGHT)
        return moment(datetime.combine(day + timedelta(days=days), time(*divmod(rest, 60))), self.zone)

    def spans(self, start: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """Its hours as moments, in order, from those that end after `start`; those that begin by `until` at least.

        It ends where there are none for years.
        """
        try:
            day = start.astimezone(self.zone).date() - _A_DAY
            last = date.max if until is None else until.astimezone(self.zone).date() + _A_DAY
            idle = 0
            while idle < _DAYS_LOOKED_AT and day <= last:
                found = self.spans_on(day)
                for span in found:
                    if span[1] > start:
                        yield span
                idle = 0 if found else idle + 1
                day += _A_DAY
        except OverflowError:  # the end of the years that there are
            return


@dataclass(frozen=True)
class Calendar:
    """When there is work: in the hours of any of its patterns. Equal and hashed by what it says."""

    patterns: tuple[Pattern, ...]

    @cached_property
    def is_always(self) -> bool:
        """Whether it never closes."""
        return any(one.is_always for one in self.patterns)

    def is_open(self, at: datetime) -> bool:
        """Whether there is work at this moment. The end of an interval is no part of it."""
        return any(begins <= at < ends for begins, ends in self._spans(at, at))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; below zero where the second one is earlier."""
        if end < start:
            return -self.between(end, start)
        if self.is_always:
            return end - start
        total, counted = _NOTHING, start
        for begins, ends in self._spans(start, end):
            if begins >= end:
                break
            begins, ends = max(begins, counted), min(ends, end)
            if ends > begins:
                total += ends - begins
                counted = ends
        return total

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The first moment by which so much working time has passed since `start`: `between` gives it back.

        Raises NeverOpen where that is never.
        """
        if working < _NOTHING:
            raise ValueError("working time goes forward only")
        if self.is_always or not working:
            return start.astimezone(UTC) + working
        left, counted = working, start
        for begins, ends in self._spans(start):
            begins = max(begins, counted)
            if ends <= begins:
                continue
            if ends - begins >= left:
                return begins.astimezone(UTC) + left
            left -= ends - begins
            counted = ends
        raise NeverOpen

    def next_open(self, at: datetime) -> datetime:
        """The first moment from `at` on at which there is work: `at` itself where there is. Raises NeverOpen."""
        for begins, _ in self._spans(at):
            return max(begins, at).astimezone(UTC)
        raise NeverOpen

    def next_close(self, at: datetime) -> datetime:
        """When the work ends that is next, or goes on, at `at`. Raises NeverOpen, and NeverCloses."""
        for _, ends in self.open_from(at):
            if ends is None:
                raise NeverCloses
            return ends
        raise NeverOpen

    def open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime | None]]:
        """The times of work from `start` on, each to its end; what touches is one. None: it does not end for years."""
        if self.is_always:
            yield start.astimezone(UTC), None
            return
        for begins, ends in joined(self._spans(start)):
            yield max(begins, start).astimezone(UTC), ends

    def changed(self, at: datetime) -> datetime | None:
        """Since when it is as it is at this moment; None where it has been so for years."""
        for back in (8, 60, 400, _DAYS_LOOKED_AT):
            start = at - timedelta(days=back)
            last: datetime | None = None
            for begins, ends in joined(self._spans(start, at)):
                if begins > at or ends is None:
                    break
                last = begins if at < ends else ends
            if last is not None and last > start:
                return last
        return None

    def changes(self, at: datetime) -> datetime | None:
        """When it is otherwise than at this moment next; None where it is not for years."""
        try:
            return self.next_close(at) if self.is_open(at) else self.next_open(at)
        except (NeverOpen, NeverCloses):
            return None

    def _spans(self, start: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """The hours of every pattern by when they begin."""
        if len(self.patterns) == 1:
            return self.patterns[0].spans(start, until)
        return heapq.merge(*(one.spans(start, until) for one in self.patterns))


def joined(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime | None]]:
    """What touches or overlaps as one. None: it does not end for years."""
    open_since: datetime | None = None
    until: datetime | None = None
    for begins, ends in spans:
        if open_since is None or until is None:
            open_since, until = begins, ends
        elif begins > until:
            yield open_since, until
            open_since, until = begins, ends
        else:
            until = max(until, ends)
            if until - open_since > timedelta(days=_DAYS_LOOKED_AT):
                yield open_since, None
                return
    if open_since is not None:
        yield open_since, until


ALWAYS = Calendar((Pattern(UTC),))
"""Open round the clock."""


def day_of(written: Iterable[str]) -> Day:
    """The hours of one day as people write them; what is none is left out, and days of the week are not looked at."""
    return tuple(sorted({span.interval for span in map(span_of, written) if span is not None}))


def week_of(written: Sequence[str]) -> tuple[Day, ...]:
    """The hours of each day of the week as people write them; without any it is always."""
    if not written:
        return (ROUND_THE_CLOCK,) * 7
    spans = [span for span in map(span_of, written) if span is not None]
    return tuple(tuple(sorted({span.interval for span in spans if day in span.days})) for day in range(7))


@lru_cache(maxsize=1024)
def weekly(hours: tuple[str, ...], zone: ZoneInfo | tzinfo) -> Calendar:
    """The calendar of hours that come round each week; without any it is always."""
    return Calendar((Pattern(zone, week_of(hours)),))

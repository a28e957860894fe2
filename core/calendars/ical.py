"""Calendars as other programs write them (RFC 5545): days read from them, and a year of ours written for them.

What reads and writes them is loaded when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple, cast

from core.calendars.calendar import CLOSED, Day, Pattern
from core.calendars.days import MOST_DAYS, Exceptional
from core.calendars.holidays import holidays_of
from core.calendars.hours import MIDNIGHT
from core.calendars.wall import moment
from core.later import later

_icalendar = later("icalendar")

LARGEST = 2_000_000
"""Bytes of a file that is read."""

_HOURS, _USUAL, _WEEK, _HOLIDAY = "DESKBELL-HOURS", "DESKBELL-USUAL", "DESKBELL-WEEK", "DESKBELL-HOLIDAY"
"""The categories by which we know what we wrote."""

_NAMELESS = "·"

_A_DAY = timedelta(days=1)
_LEAP = 2000


class Unfit(ValueError):
    """What is no calendar; `str` says why in the words of whoever read it."""


class Found(NamedTuple):
    """The days of a file, in their order, and the names of what is no day without work: it has a time, or comes round
    otherwise than each year.
    """

    days: tuple[Exceptional, ...]
    left_out: tuple[str, ...]


def days_in(raw: bytes) -> Found:
    """The days that a file closes, or gives other hours where we wrote it. Raises Unfit."""
    try:
        return _days_in(raw)
    # what its reader says of files that are broken, and of values when they are asked for
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise Unfit(str(error) or type(error).__name__) from error


def _days_in(raw: bytes) -> Found:
    events = [event for one in _icalendar.Calendar.from_ical(raw, multiple=True) for event in one.walk("VEVENT")]
    days: dict[tuple[bool, date], Exceptional] = {}
    hours: dict[date, tuple[list[tuple[int, int]], str]] = {}
    left_out: list[str] = []
    for event in events:
        name, kinds = _words(event), _categories(event)
        if kinds & {_WEEK, _HOLIDAY}:
            continue
        if _HOURS in kinds and isinstance(event.decoded("dtstart", None), datetime):
            day, interval = _interval(event)
            hours.setdefault(day, ([], name))[0].append(interval)
            continue
        found = _whole_days(event, name, None if _USUAL in kinds else CLOSED)
        if found is None:
            left_out.append(name)
        else:
            days.setdefault((found.yearly, found.first), found)
    for day, (intervals, name) in hours.items():
        days[False, day] = Exceptional(day, day, False, tuple(sorted(intervals)), name)
    return Found(tuple(sorted(days.values(), key=lambda one: (not one.yearly, one.first))), tuple(left_out))


def _whole_days(event: Any, name: str, hours: Day | None) -> Exceptional | None:
    """The days of an event without a time of day. Its end is the day after (RFC 5545 §3.6.1)."""
    first = event.decoded("dtstart", None)
    if not isinstance(first, date) or isinstance(first, datetime):
        return None
    end = event.decoded("dtend", None) or first + event.decoded("duration", _A_DAY)
    last = (end.date() if isinstance(end, datetime) else end) - _A_DAY
    if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        return None
    rule = event.get("rrule")
    if rule is None:
        return Exceptional(first, last, False, hours, name)
    if [str(one).upper() for one in rule.get("freq", [])] != ["YEARLY"] or set(rule) - {
        "FREQ",
        "INTERVAL",
        "BYMONTH",
        "BYMONTHDAY",
        "WKST",
    }:
        return None
    if rule.get("interval", [1]) != [1] or last - first >= timedelta(days=365):
        return None
    return Exceptional(first.replace(year=_LEAP), last.replace(year=_LEAP), True, hours, name)


def _interval(event: Any) -> tuple[date, tuple[int, int]]:
    """Hours that we wrote: the wall's times in their zone."""
    begins, ends = event.decoded("dtstart"), event.decoded("dtend")
    day = begins.date()
    days = (ends.date() - day).days
    return day, (begins.hour * 60 + begins.minute, days * MIDNIGHT + ends.hour * 60 + ends.minute)


def _words(event: Any) -> str:
    """What it is called, on one line."""
    return " ".join(str(event.get("summary", "")).split())[:100].replace(_NAMELESS, "")


def _categories(event: Any) -> set[str]:
    named: Any = event.get("categories", [])
    several = cast("list[Any]", named if isinstance(named, list) else [named])
    return {str(one) for group in several for one in group.cats}


def written(name: str, patterns: Sequence[Pattern], special: Iterable[Exceptional], year: int, at: datetime) -> bytes:
    """A calendar's year: its weeks, the days on which it is otherwise, its holidays. The same year gives the same bytes
    but for `at`, when it was written.
    """
    calendar = _icalendar.Calendar()
    calendar.add("prodid", "-//Deskbell//calendars//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    writer = _Writer(calendar, f"{name}.{year}", at)
    for place, pattern in enumerate(patterns):
        writer.weeks(place, pattern, year)
        for country in pattern.holidays:
            for day, called in holidays_of(country, year).items():
                writer.whole(f"holiday.{country}.{day}", called, day, day, (_HOLIDAY,))
    for one in special:
        writer.special(one, patterns[0].zone, year)
    return calendar.to_ical()


class _Writer:
    def __init__(self, calendar: Any, uid: str, at: datetime):
        self._calendar, self._uid, self._at = calendar, uid, at

    def _event(self, uid: str, name: str, kinds: Sequence[str]) -> Any:
        event = _icalendar.Event()
        event.add("uid", f"{uid}.{self._uid}@deskbell")
        event.add("dtstamp", self._at.astimezone(UTC))
        event.add("summary", name or _NAMELESS)
        if kinds:
            event.add("categories", list(kinds))
        self._calendar.add_component(event)
        return event

    def whole(self, uid: str, name: str, first: date, last: date, kinds: Sequence[str] = ()) -> Any:
        event = self._event(uid, name, kinds)
        event.add("dtstart", first)
        event.add("dtend", last + _A_DAY)
        return event

    def timed(self, uid: str, name: str, day: date, interval: tuple[int, int], zone: tzinfo, kind: str) -> Any:
        event = self._event(uid, name, (kind,))
        for key, minute in zip(("dtstart", "dtend"), interval, strict=True):
            days, rest = divmod(minute, MIDNIGHT)
            event.add(key, datetime.combine(day + timedelta(days=days), time(*divmod(rest, 60)), zone))
        return event

    def special(self, one: Exceptional, zone: tzinfo, year: int) -> None:
        if one.hours:
            dates = [day.replace(year=year) for day in one.dates if _is_in(day, year)] if one.yearly else one.dates
            for day in dates:
                for interval in one.hours:
                    self.timed(f"hours.{day}.{interval[0]}", one.name, day, interval, zone, _HOURS)
            return
        first, last = (one.first, one.last) if not one.yearly else _from(one, year)
        event = self.whole(f"day.{one.first}", one.name, first, last, (_USUAL,) if one.hours is None else ())
        if one.yearly:
            event.add("rrule", {"freq": "yearly"})

    def weeks(self, place: int, pattern: Pattern, year: int) -> None:
        """Its hours of each week, without the days of the year on which they are otherwise."""
        begin = date(year, 1, 1)
        for weekday, hours in enumerate(pattern.week):
            first = begin + timedelta(days=(weekday - begin.weekday()) % 7)
            days = [first + timedelta(weeks=n) for n in range(53)]
            others = [day for day in days if day.year == year and pattern.hours_on(day) != hours]
            for interval in hours:
                event = self.timed(f"week.{place}.{weekday}.{interval[0]}", "", first, interval, pattern.zone, _WEEK)
                until = moment(datetime.combine(date(year, 12, 31), time(23, 59)), pattern.zone)
                event.add("rrule", {"freq": "weekly", "until": until})
                begins = time(*divmod(interval[0], 60))
                if others:
                    event.add("exdate", [datetime.combine(day, begins, pattern.zone) for day in others])


def _is_in(day: date, year: int) -> bool:
    """Whether there is such a day in a year."""
    return (day.month, day.day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def _from(one: Exceptional, year: int) -> tuple[date, date]:
    """Days of each year as they begin in a year that has them; into the next one where they go over its end."""
    while not (_is_in(one.first, year) and _is_in(one.last, year)):
        year -= 1
    return one.first.replace(year=year), one.last.replace(year=year + (one.last < one.first))

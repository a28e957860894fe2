"""The minute-by-minute oracle of calendars: it looks at each minute's wall clock, and shares no code with the product.

A minute is worked where the latest time that the wall has shown so far lies within the hours. What it knows of a zone
are the offsets from UTC, read the other way round than the product reads them: from UTC to the wall.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

A_DAY = 1440
DAYS = 6
_EPOCH = date(1970, 1, 1)
FIRST, LAST = 1975, 2040  # since 1972 every zone differs from UTC by whole minutes


class Place(NamedTuple):
    """The hours of one place. A date without hours is closed; None: as usual."""

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    dates: dict[date, tuple[tuple[int, int], ...] | None]
    yearly: dict[tuple[int, int], tuple[tuple[int, int], ...] | None]


class Question(NamedTuple):
    """From how many minutes on is asked, about how many minutes of the wall clock, and how many of work."""

    after: int
    minutes: int
    working: int


class Case(NamedTuple):
    """A calendar, some days from `start` on, and what is asked about them."""

    places: tuple[Place, ...]
    start: datetime
    questions: tuple[Question, ...]


def zones() -> list[str]:
    """Every zone that there is."""
    return sorted(available_timezones() - {"localtime", "Factory"})


@lru_cache(maxsize=700)
def _changes(zone: str) -> tuple[Any, Any]:
    """When the zone's offset changes, and the offsets from then on, in minutes."""
    known = ZoneInfo(zone)

    def offset(minute: int) -> int:
        at = datetime.fromtimestamp(minute * 60, known).utcoffset()
        assert at is not None
        return round(at.total_seconds() / 60)

    first = (date(FIRST, 1, 1) - _EPOCH).days * A_DAY
    last = (date(LAST, 12, 31) - _EPOCH).days * A_DAY
    begin = first - 30 * A_DAY  # whatever is asked of the first days looks back from them
    found, offsets = [begin], [offset(begin)]
    for minute in range(begin + 2 * A_DAY, last, 2 * A_DAY):
        if offset(minute) == offsets[-1]:
            continue
        low, high = minute - 2 * A_DAY, minute
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
        found.append(high)
        offsets.append(offset(minute))
    return np.array(found), np.array(offsets)


def _intervals(chance: Random) -> tuple[tuple[int, int], ...]:
    """The hours of a day: none, one, lunch, a night, a split shift, all of it; some begin and end at odd minutes."""
    step = chance.choice((1, 15, 30, 60))
    found: list[tuple[int, int]] = []
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
        begins = chance.randrange(0, A_DAY, step)
        length = chance.choice((chance.randint(1, A_DAY), chance.randrange(step, 9 * 60 + 1, step)))
        found.append((begins, min(begins + length, begins + A_DAY)))
    return tuple(found) if chance.random() > 0.05 else ((0, A_DAY),)


def any_case(chance: Random, zone: str, questions: int = 1) -> Case:
    """A case in this zone with so many questions; half of all are about a change of its clocks."""
    changes, _ = _changes(zone)
    if len(changes) > 1 and chance.random() < 0.5:
        middle = int(chance.choice(changes[1:])) + chance.randint(-2 * A_DAY, A_DAY)
    else:
        middle = (date(chance.randint(FIRST + 1, LAST - 1), 1, 1) - _EPOCH).days * A_DAY + chance.randrange(365 * A_DAY)
    start = datetime.fromtimestamp(middle * 60, UTC)
    places = [_any_place(chance, zone, start)]
    if chance.random() < 0.2:
        places.append(
            _any_place(chance, chance.choice(("Asia/Tokyo", "America/New_York", "Pacific/Apia", zone)), start)
        )
    asked = (Question(0 if n == 0 else chance.randint(0, 2 * A_DAY), *_spans(chance)) for n in range(questions))
    return Case(tuple(places), start, tuple(asked))


def _spans(chance: Random) -> tuple[int, int]:
    return chance.randint(0, (DAYS - 3) * A_DAY), chance.randint(0, 2 * A_DAY)


def _any_place(chance: Random, zone: str, start: datetime) -> Place:
    usual = _intervals(chance)
    week = tuple(usual if chance.random() < 0.6 else _intervals(chance) for _ in range(7))
    dates = {
        start.date() + timedelta(days=chance.randint(-2, DAYS)): chance.choice(((), None, _intervals(chance)))
        for _ in range(chance.choice((0, 0, 1, 2)))
    }
    other = start.date() + timedelta(days=chance.randint(-2, DAYS))
    yearly = {(other.month, other.day): chance.choice(((), None, _intervals(chance)))} if chance.random() < 0.2 else {}
    return Place(zone, week, dates, yearly)


class Minutes:
    """Each minute from a case's start on, and whether it is worked."""

    def __init__(self, case: Case):
        self.first = round(case.start.timestamp()) // 60
        worked = np.zeros(DAYS * A_DAY, dtype=bool)
        for place in case.places:
            worked |= _worked(place, self.first)
        self.worked = worked
        self.so_far = np.concatenate(([0], np.cumsum(worked)))

    def between(self, after: int, minutes: int) -> int:
        return int(self.so_far[after + minutes] - self.so_far[after])

    def added(self, after: int, working: int) -> int | None:
        """After how many minutes so many are worked; None: not within the days looked at."""
        wanted = self.so_far[after] + working
        if not working:
            return 0
        return None if self.so_far[-1] < wanted else int(np.searchsorted(self.so_far, wanted)) - after

    def opens(self, after: int) -> int | None:
        """After how many minutes there is work."""
        rest = self.worked[after:]
        return int(np.argmax(rest)) if rest.any() else None

    def closes(self, after: int) -> int | None:
        """After how many minutes the work ends that goes on or is next."""
        opens = self.opens(after)
        rest = self.worked[after:]
        if opens is None or rest[opens:].all():
            return None
        return opens + int(np.argmin(rest[opens:]))


def _worked(place: Place, first: int) -> Any:
    changes, offsets = _changes(place.zone)
    before = 3 * A_DAY
    at = np.arange(first - before, first + DAYS * A_DAY)
    shown = at + offsets[np.searchsorted(changes, at, side="right") - 1]
    latest = np.maximum.accumulate(shown)[before:]
    first_day = int(latest[0]) // A_DAY - 2
    wall = np.zeros((DAYS + 8) * A_DAY, dtype=bool)
    for n in range(DAYS + 6):
        for begins, ends in _hours_of(place, _EPOCH + timedelta(days=first_day + n)):
            wall[n * A_DAY + begins : n * A_DAY + ends] = True
    return wall[latest - first_day * A_DAY]


def _hours_of(place: Place, day: date) -> tuple[tuple[int, int], ...]:
    usual = place.week[day.weekday()]
    said = place.dates.get(day, place.yearly.get((day.month, day.day), "usual"))
    return usual if said is None or isinstance(said, str) else said

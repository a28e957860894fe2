"""Working time: equal to a minute-by-minute oracle, over lunch and night, dates and clocks that jump."""

from __future__ import annotations

import os
import pickle
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendars.calendar import (
    ALWAYS,
    CLOSED,
    Calendar,
    NeverCloses,
    NeverOpen,
    Pattern,
    day_of,
    week_of,
    weekly,
)
from core.calendars.wall import moment
from tests.core.calendars.compared import calendar_of, every_difference
from tests.core.calendars.oracle import any_case, zones

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = weekly(("Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:00"), BERLIN)


def at(written: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=zone).astimezone(UTC)


def test_it_says_what_each_minute_says_in_every_zone() -> None:
    every = zones()
    changing = [zone for zone in every if "/" in zone]
    some = [*Random(6).sample(changing, 20), "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza"]
    cases = 400 * max(1, int(os.environ.get("LAWS", "100")) // 100)
    assert every_difference(28, cases, some) == []


@given(st.integers(min_value=0), st.integers(0, 9_000_000_000), st.integers(0, 9_000_000_000))
def test_what_was_added_is_what_lies_between(seed: int, one: int, other: int) -> None:
    case = any_case(Random(seed), Random(seed).choice(("Europe/Berlin", "America/St_Johns", "Asia/Kathmandu")))
    calendar, start = calendar_of(case), case.start + timedelta(microseconds=one)
    try:
        working = timedelta(microseconds=other)
        middle = calendar.add(start, working)
    except NeverOpen:
        return
    assert calendar.between(start, middle) == working
    assert calendar.between(middle, start) == -working
    later = middle + timedelta(microseconds=one)
    assert calendar.between(start, later) == working + calendar.between(middle, later), "it adds up"


def test_lunch_is_no_work() -> None:
    assert OFFICE.between(at("2026-03-02T11:00"), at("2026-03-02T14:00")) == timedelta(hours=2)
    assert OFFICE.add(at("2026-03-02T11:00"), timedelta(hours=2)) == at("2026-03-02T14:00")
    assert not OFFICE.is_open(at("2026-03-02T12:00"))


def test_a_weekend_passes_without_work() -> None:
    assert OFFICE.add(at("2026-03-06T16:00"), timedelta(hours=2)) == at("2026-03-09T10:00")
    assert OFFICE.next_open(at("2026-03-06T17:00")) == at("2026-03-09T09:00")
    assert OFFICE.next_close(at("2026-03-06T17:00")) == at("2026-03-09T12:00")


def test_what_ends_with_the_day_ends_with_it_and_not_the_next_morning() -> None:
    assert OFFICE.add(at("2026-03-06T16:00"), timedelta(hours=1)) == at("2026-03-06T17:00")


def test_a_night_is_an_hour_longer_or_shorter_when_the_clocks_change() -> None:
    nights = weekly(("22:00-06:00",), BERLIN)
    spring = nights.between(at("2026-03-28T22:00"), at("2026-03-29T06:00"))
    autumn = nights.between(at("2026-10-24T22:00"), at("2026-10-25T06:00"))
    assert (spring, autumn) == (timedelta(hours=7), timedelta(hours=9))


def test_a_time_that_the_clock_jumps_over_is_when_it_jumps() -> None:
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert moment(datetime.fromisoformat("2026-03-29T02:30"), BERLIN) == jump
    assert moment(datetime.fromisoformat("2011-12-30T12:00"), ZoneInfo("Pacific/Apia")) == datetime(
        2011, 12, 30, 10, tzinfo=UTC
    )


def test_a_time_that_is_shown_twice_counts_the_first_time() -> None:
    assert moment(datetime.fromisoformat("2026-10-25T02:30"), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    nights = Pattern(BERLIN, week_of(("22:00-06:00",)), dates=((date(2026, 12, 25), CLOSED),))
    calendar = Calendar((nights,))
    assert calendar.is_open(at("2026-12-25T05:00"))
    assert not calendar.is_open(at("2026-12-26T05:00"))


def test_a_date_counts_before_each_years_and_that_before_a_holiday() -> None:
    week = week_of(("09:00-17:00",))
    christmas = (12, 25)
    shop = Pattern(BERLIN, week, holidays=("DE",))
    half = Pattern(BERLIN, week, yearly=((christmas, day_of(["10:00-12:00"])),), holidays=("DE",))
    usual = Pattern(BERLIN, week, dates=((date(2026, 12, 25), None),), yearly=((christmas, CLOSED),), holidays=("DE",))
    opens = [one.hours_on(date(2026, 12, 25)) for one in (shop, half, usual)]
    assert opens == [(), ((600, 720),), ((540, 1020),)]
    assert usual.hours_on(date(2027, 12, 25)) == ()


def test_a_region_has_holidays_that_its_country_has_not() -> None:
    epiphany = date(2026, 1, 6)
    week = week_of(("09:00-17:00",))
    closed = [not Pattern(BERLIN, week, holidays=(place,)).hours_on(epiphany) for place in ("DE", "DE-BY", "DE-BE")]
    assert closed == [False, True, False]


def test_work_goes_on_where_one_place_closes_and_another_opens() -> None:
    sun = Calendar(
        (
            Pattern(BERLIN, week_of(("Mon-Fri 09:00-17:00",))),
            Pattern(ZoneInfo("America/New_York"), week_of(("Mon-Fri 09:00-17:00",))),
        )
    )
    monday = at("2026-03-02T09:00")
    assert sun.next_close(monday) == at("2026-03-02T23:00")
    assert sun.add(monday, timedelta(hours=15)) == at("2026-03-03T10:00")


def test_always_is_every_moment() -> None:
    now = at("2026-03-01T03:00")
    assert ALWAYS.is_open(now)
    assert ALWAYS.add(now, timedelta(hours=5)) == now + timedelta(hours=5)
    assert ALWAYS.next_open(now) == now
    assert ALWAYS.changed(now) is None
    with pytest.raises(NeverCloses):
        ALWAYS.next_close(now)


def test_days_that_touch_at_midnight_are_one() -> None:
    whole = weekly(("Mon-Fri 00:00-24:00",), BERLIN)
    assert whole.next_close(at("2026-03-02T10:00")) == at("2026-03-07T00:00")
    assert whole.changed(at("2026-03-05T10:00")) == at("2026-03-02T00:00")
    never_closes = weekly(("00:00-12:00", "12:00-24:00"), BERLIN)
    with pytest.raises(NeverCloses):
        never_closes.next_close(at("2026-03-02T10:00"))


def test_a_calendar_without_work_says_so() -> None:
    closed = Calendar((Pattern(BERLIN, ((),) * 7, dates=((date(2026, 3, 2), day_of(["09:00-10:00"])),)),))
    assert closed.next_open(at("2026-03-01T00:00")) == at("2026-03-02T09:00")
    assert closed.between(at("2026-03-01T00:00"), at("2026-04-01T00:00")) == timedelta(hours=1)
    for ask in (closed.next_open, closed.next_close, lambda now: closed.add(now, timedelta(minutes=1))):
        with pytest.raises(NeverOpen):
            ask(at("2026-03-03T00:00"))
    with pytest.raises(NeverOpen):
        closed.add(at("2026-03-01T00:00"), timedelta(hours=2))


def test_the_end_of_the_years_is_the_end_of_work() -> None:
    with pytest.raises(NeverOpen):
        OFFICE.add(datetime(9999, 12, 30, tzinfo=UTC), timedelta(days=9))


def test_two_that_say_the_same_are_the_same() -> None:
    same = weekly(("Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:00"), ZoneInfo("Europe/Berlin"))
    other = Calendar(tuple(Pattern(one.zone, one.week) for one in same.patterns))
    assert other == same
    assert hash(other) == hash(same)
    assert pickle.loads(pickle.dumps(other)) == same

"""Hours of the week, in a zone: over midnight, over the weekend, over the change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.routing.duty import is_within, last_change, next_change, span_of

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = ("Mon-Fri 09:00-17:00",)
NIGHTS = ("Fri-Mon 22:00-06:00",)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2026, of which the 2nd is a Monday, in Berlin; the clocks change on the 29th."""
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    "wrong", ["", "Mon", "9-5", "Mon 9:00", "Mon 09:00-09:00", "Mon 25:00-26:00", "Mon 9:60-10:00"]
)
def test_what_is_no_hours_is_none(wrong: str) -> None:
    assert span_of(wrong) is None


def test_without_hours_it_is_always_time() -> None:
    assert is_within((), at(1, 3), BERLIN)
    assert next_change((), at(1, 3), BERLIN) is None


def test_the_end_is_no_part_of_it() -> None:
    assert [is_within(OFFICE, at(2, hour), BERLIN) for hour in (8, 9, 16, 17)] == [False, True, True, False]
    assert not is_within(OFFICE, at(1, 12), BERLIN)


def test_a_night_ends_on_the_next_day() -> None:
    assert is_within(NIGHTS, at(3, 5), BERLIN), "Monday's night"
    assert not is_within(NIGHTS, at(4, 5), BERLIN)


def test_the_next_and_the_last_change_are_known() -> None:
    assert next_change(OFFICE, at(6, 18), BERLIN) == at(9, 9)
    assert last_change(OFFICE, at(9, 8), BERLIN) == at(6, 17)
    assert next_change(("00:00-12:00", "12:00-24:00"), at(2, 5), BERLIN) is None


def test_a_day_begins_at_the_same_hour_whatever_the_clocks_do() -> None:
    [before, after] = [next_change(OFFICE, at(day, 18), BERLIN) for day in (26, 27)]
    assert before is not None
    assert after is not None
    assert (before.astimezone(UTC).hour, after.astimezone(UTC).hour) == (8, 7)
    assert next_change(("Sat 22:00-06:00",), at(28, 23), BERLIN) == at(28, 23) + timedelta(hours=6)

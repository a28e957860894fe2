"""Days with other hours, as people and other programs write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars.calendar import Pattern, week_of
from core.calendars.days import Exceptional, exceptional, written
from core.calendars.ical import Unfit, days_in
from core.calendars.ical import written as as_ical

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 28, tzinfo=UTC)

dates = st.dates(date(2026, 1, 1), date(2026, 12, 31))
hours = st.none() | st.lists(st.integers(0, 95), min_size=0, max_size=4, unique=True).map(
    lambda marks: tuple((a * 15, b * 15) for a, b in zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False))
)


@settings(max_examples=15)
@given(dates, hours, st.sampled_from(("", "Works outing", "Betriebsausflug; Köln")))
def test_a_day_reads_back_as_it_was_written(day: date, of_it: tuple[tuple[int, int], ...] | None, name: str) -> None:
    one = Exceptional(day, day, False, of_it, name)
    assert exceptional(written(one)) == one
    pattern = Pattern(BERLIN, week_of(("Mon-Fri 09:00-17:00",)), holidays=("DE",))
    assert days_in(as_ical("office", [pattern], [one], 2026, NOW)).days == (one,), "and through another program"


@pytest.mark.parametrize(
    "wrong", ["", "2026-02-30 closed", "2026-12-24", "12-24/2026-12-26 closed", "2026-12-26/2026-12-24 closed", "9-17"]
)
def test_what_is_no_day_is_none(wrong: str) -> None:
    assert exceptional(wrong) is None


def test_days_of_each_year_go_over_its_end() -> None:
    found = exceptional("12-30/01-02 closed Winter break")
    assert found is not None
    assert list(found.each_year) == [(12, 30), (12, 31), (1, 1), (1, 2)]
    assert days_in(as_ical("x", [Pattern(BERLIN)], [found], 2026, NOW)).days == (found,)


FOREIGN = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example//EN\r
BEGIN:VEVENT\r
UID:1\r
DTSTAMP:20260101T000000Z\r
DTSTART;VALUE=DATE:20261228\r
DTEND;VALUE=DATE:20270101\r
SUMMARY:Betriebsferien\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTAMP:20260101T000000Z\r
DTSTART;VALUE=DATE:20200511\r
RRULE:FREQ=YEARLY\r
SUMMARY:Founders' day\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260511T100000Z\r
DTEND:20260511T110000Z\r
SUMMARY:Meeting\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4\r
DTSTAMP:20260101T000000Z\r
DTSTART;VALUE=DATE:20260511\r
RRULE:FREQ=WEEKLY\r
SUMMARY:Mondays\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_whole_days_of_another_program_are_closed_and_the_rest_is_named() -> None:
    found = days_in(FOREIGN)
    assert [written(one) for one in found.days] == [
        "05-11 closed Founders' day",
        "2026-12-28/2026-12-31 closed Betriebsferien",
    ]
    assert found.left_out == ("Meeting", "Mondays")


@settings(max_examples=60)
@given(st.integers(0, len(FOREIGN)), st.binary(max_size=6))
def test_no_file_is_too_broken_to_be_refused(at: int, typed: bytes) -> None:
    with suppress(Unfit):
        days_in(FOREIGN[:at] + typed + FOREIGN[at + len(typed) :])

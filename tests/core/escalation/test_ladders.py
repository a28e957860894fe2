"""Plans of ladders: the same by two that share no code, right where clocks change, and never before what precedes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars.calendar import ALWAYS, weekly
from core.escalation.auditing import layout
from core.escalation.ladders import Ladder, Only, Skipped, Step, Target, due_at, plan, skips, target_of

SPANS = st.sampled_from([timedelta(), timedelta(minutes=7), timedelta(hours=3), timedelta(days=2)])
STEPS = st.builds(
    Step,
    after=SPANS,
    wall=st.booleans(),
    notify=st.sampled_from([(), (Target("on duty"),)]),
    important=st.booleans(),
)
LADDERS = st.builds(
    Ladder,
    name=st.just("any"),
    steps=st.lists(STEPS, min_size=1, max_size=4).map(tuple),
    repeat=st.integers(0, 3),
    repeat_after=SPANS,
)
HOURS = st.sampled_from(
    [
        ALWAYS,
        weekly(("Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:30"), ZoneInfo("America/New_York")),
        weekly(("22:00-06:00",), ZoneInfo("Europe/Berlin")),
    ]
)
MOMENTS = st.integers(0, 366 * 24 * 60).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))


@settings(max_examples=60)
@given(LADDERS, HOURS, MOMENTS)
def test_each_step_is_due_when_the_auditor_says_and_never_before_the_one_before_it(ladder, hours, since) -> None:
    planned = list(plan(ladder, since, hours, 0, lambda _: 0))
    assert [one.at for one in planned] == layout(ladder, since, hours)
    assert [one.rung for one in planned] == list(range(ladder.rungs))
    before = since
    for one in planned:
        assert one.at >= before
        assert one.step.important or not one.step.notify or hours.is_open(one.at)
        before = one.at


def test_working_time_is_counted_where_clocks_are_set_ahead_and_back() -> None:
    nights = weekly(("22:00-06:00",), ZoneInfo("Europe/Berlin"))
    ladder = Ladder("night", (Step(timedelta(hours=4), notify=(Target("on duty"),), important=True),))
    for day, at in ((datetime(2026, 3, 28, 22, tzinfo=UTC), 2), (datetime(2026, 10, 24, 21, tzinfo=UTC), 1)):
        due = due_at(ladder, 0, day, nights)
        assert due is not None
        assert (due - day, due.hour) == (timedelta(hours=4), at)


def test_a_step_is_judged_by_when_it_was_due() -> None:
    office = weekly(("Mon-Fri 09:00-17:00",), ZoneInfo("UTC"))
    noon, night = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC)

    def judged(only: Only, due: datetime, urgency: int = 0, came: int = 0) -> Skipped | None:
        return skips(Step(only=only), due, office, urgency, lambda _: came)

    assert judged(Only("open"), noon) is None
    assert judged(Only("open"), night) is Skipped.CLOSED
    assert judged(Only("closed"), noon) is Skipped.OPEN
    assert judged(Only(urgency=2), noon, urgency=1) is Skipped.URGENCY
    assert judged(Only(more_than=3, within=timedelta(hours=1)), noon, came=3) is Skipped.FEW
    assert judged(Only(more_than=3, within=timedelta(hours=1)), noon, came=4) is None


@pytest.mark.parametrize("written", ["", "nobody", "roster:", "group:<!channel>", "group:U123", "agent", "on  duty"])
def test_what_names_nobody_is_nobody(written: str) -> None:
    assert target_of(written) is None

"""When it is not clear which ticket a message in a chat is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.tickets.follow_up import A_BURST, GOES_ON, Going, unclear

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAYS = timedelta(days=14)


def going(number: int, heard: timedelta, closed: timedelta | None = None) -> Going:
    return Going(number, "A matter", "support", NOW - heard, None if closed is None else NOW - closed)


def asked(*found: Going) -> list[int]:
    return [one.number for one in unclear(found, lambda queue: DAYS, NOW)]


def test_one_that_is_open_is_meant() -> None:
    assert asked(going(1, timedelta(days=9))) == []
    assert asked(going(2, timedelta(days=9)), going(1, timedelta(days=9), timedelta(days=1))) == []


def test_of_several_that_are_open_the_one_just_spoken_in_is_meant() -> None:
    assert asked(going(2, A_BURST), going(1, timedelta(days=1))) == []
    assert asked(going(2, A_BURST + timedelta(seconds=1)), going(1, timedelta(days=1))) == [2, 1]


def test_what_was_closed_just_now_or_long_ago_is_not_asked_about() -> None:
    assert asked(going(1, timedelta(days=9), GOES_ON)) == []
    assert asked(going(1, timedelta(days=99), DAYS + timedelta(seconds=1))) == []


def test_of_those_that_are_closed_only_the_last_may_be_meant() -> None:
    both = [going(1, timedelta(days=9), timedelta(days=8)), going(2, timedelta(days=3), timedelta(days=2))]
    assert asked(*both) == asked(*reversed(both)) == [2]


SPANS = st.timedeltas(timedelta(0), timedelta(days=60))


@given(st.lists(st.tuples(SPANS, st.none() | SPANS), max_size=5))
def test_whatever_there_is_nothing_is_offered_that_is_not_there_and_closed_ones_never_beside_open_ones(
    found: list[tuple[timedelta, timedelta | None]],
) -> None:
    there = sorted((going(n, *one) for n, one in enumerate(found, 1)), key=lambda one: one.closed_at is not None)
    offered = unclear(there, lambda queue: DAYS, NOW)
    assert set(offered) <= set(there)
    assert len({one.closed_at is None for one in offered}) <= 1

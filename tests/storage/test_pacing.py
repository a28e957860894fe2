"""The law of a pace, against a plain count of what was let through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pacing import RATES, UNLIMITED, Pace, Rate, grant, may_at, rate_of, took, worth_taking
from core.phrases import Refused

START = datetime(2026, 3, 2, tzinfo=UTC)
MS = timedelta(milliseconds=1)

rates = st.builds(Rate, st.integers(1, 1000).map(lambda n: n * MS), st.integers(1, 6))
waits = st.lists(st.integers(0, 1500), max_size=40)


def allowed_at(taken: list[datetime], rate: Rate) -> datetime:
    """The earliest time at which one more breaks no window: of any k in a row, the last is k - burst intervals late."""
    new = len(taken)
    return max((at + (new - n + 1 - rate.burst) * rate.interval for n, at in enumerate(taken)), default=START)


@given(rates, waits)
def test_never_more_than_burst_and_n_in_n_intervals(rate: Rate, waits: list[int]) -> None:
    pace: Pace | None = None
    now, taken = START, list[datetime]()
    for wait in waits:
        now += wait * MS
        now = max(now, may_at(pace, rate, now))
        pace = took(pace, rate, now)
        taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            intervals = (taken[last] - taken[first]) // rate.interval
            assert last - first + 1 <= rate.burst + intervals


@given(rates, waits)
def test_never_later_than_the_law_asks(rate: Rate, waits: list[int]) -> None:
    pace: Pace | None = None
    now, taken = START, list[datetime]()
    for wait in waits:
        now += wait * MS
        at = may_at(pace, rate, now)
        assert at == max(now, allowed_at(taken, rate))
        if at == now:
            pace = took(pace, rate, now)
            taken.append(now)


@given(rates, st.integers(1, 5000), waits)
def test_nothing_goes_while_a_rest_lasts(rate: Rate, rest: int, waits: list[int]) -> None:
    until = START + rest * MS
    pace = Pace(START, until)
    now = START
    for wait in waits:
        now = max(now + wait * MS, may_at(pace, rate, now + wait * MS))
        assert now >= until
        pace = took(pace, rate, now)


@given(rates, waits, st.integers(0, 60))
def test_what_is_waited_for_together_is_there_when_it_is_said_to_be_and_nothing_of_it_is_lost(
    rate: Rate, waits: list[int], within: int
) -> None:
    together = worth_taking(rate, within * MS)
    assert 1 <= together <= max(1, rate.burst // 2)
    pace: Pace | None = None
    now = START
    for wait in waits:
        now = max(now + wait * MS, may_at(pace, rate, now + wait * MS))
        pace = took(pace, rate, now)
    one, all = may_at(pace, rate, now), may_at(pace, rate, now, together)
    assert one <= all <= one + within * MS
    for _ in range(together):
        assert may_at(pace, rate, all) == all
        pace = took(pace, rate, all)


def test_a_pace_without_a_rate_keeps_nobody_waiting_but_can_be_asked_to_rest() -> None:
    assert rate_of("nobody-limits-this:x") is UNLIMITED
    pace: Pace | None = None
    for _ in range(1000):
        assert may_at(pace, UNLIMITED, START) == START
        pace = took(pace, UNLIMITED, START)
    assert may_at(Pace(START, START + MS), UNLIMITED, START) == START + MS


def test_the_outside_may_allow_more_or_less_than_is_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = rate_of("telegram:7")
    monkeypatch.setitem(RATES, "telegram", usual)  # and so again afterwards
    grant("telegram", 280)
    assert rate_of("telegram:7").interval == pytest.approx(usual.interval / 10, abs=timedelta(milliseconds=0.1))
    assert rate_of("telegram:7").burst == 10 * usual.burst, "so that a burst is as long as it was"
    grant("telegram", 1)
    assert rate_of("telegram:7") == Rate(timedelta(seconds=1), 1)
    with pytest.raises(Refused, match="no pace named pigeons"):
        grant("pigeons", 1)


def test_a_pace_is_known_by_its_first_word() -> None:
    assert rate_of("slack-room:general") is RATES["slack-room"]

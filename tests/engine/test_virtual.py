"""A clock that goes faster and is set ahead, and never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.engine.virtual import VirtualClock, seconds_until

START = datetime(2026, 1, 1, tzinfo=UTC)


class Wall:
    now = START

    def __call__(self) -> datetime:
        return self.now


def test_it_goes_as_fast_as_it_is_set_and_never_jumps_when_the_speed_changes() -> None:
    wall = Wall()
    clock = VirtualClock(wall)
    assert clock() == START
    clock.set(speed=60)
    wall.now += timedelta(seconds=10)
    assert clock() == START + timedelta(minutes=10)
    clock.set(speed=1)
    assert clock() == START + timedelta(minutes=10)
    wall.now += timedelta(seconds=10)
    assert clock() == START + timedelta(minutes=10, seconds=10)


def test_it_leaps_ahead_and_says_so_and_refuses_to_go_back() -> None:
    heard = list[str]()
    clock = VirtualClock(Wall())
    clock.changed = lambda: heard.append("changed")
    clock.set(ahead=timedelta(days=1))
    assert clock() == START + timedelta(days=1)
    assert heard == ["changed"]
    for speed, ahead in ((None, -1), (0.0, 0), (-5.0, 0), (None, 4000 * 86400)):
        with pytest.raises(ValueError, match="forward"):
            clock.set(speed, timedelta(seconds=ahead))


def test_one_waits_by_the_clock_on_the_wall() -> None:
    clock = VirtualClock(Wall())
    clock.set(speed=60)
    assert seconds_until(START + timedelta(minutes=2), clock) == 2.0
    assert seconds_until(START + timedelta(seconds=5), Wall()) == 5.0

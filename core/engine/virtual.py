"""A clock that can be sped up and set ahead, for trying out in minutes what takes days: never set back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.storage.database import Clock

FASTEST = 3600.0
FARTHEST = timedelta(days=366)


class VirtualClock:
    """Goes `speed` times as fast as the one on the wall. `changed` is called whenever somebody sets it."""

    def __init__(self, wall: Clock):
        self._wall = wall
        self._since = self._shown = wall()
        self.speed = 1.0
        self.changed: Callable[[], None] = lambda: None

    def __call__(self) -> datetime:
        return self._shown + (self._wall() - self._since) * self.speed

    def set(self, speed: float | None = None, ahead: timedelta = timedelta(0)) -> None:
        """Go so fast from now on, and so far ahead at once. Raises ValueError where that is no time."""
        if not timedelta(0) <= ahead <= FARTHEST or (speed is not None and not 0 < speed <= FASTEST):
            raise ValueError("time goes forward: up to a year at once, up to 3600 times as fast")
        now, self._since = self() + ahead, self._wall()
        self._shown = now
        self.speed = self.speed if speed is None else speed
        self.changed()


def seconds_until(due: datetime, clock: Clock) -> float:
    """How long one has to wait, by the clock on the wall, until it is due by this one."""
    speed = clock.speed if isinstance(clock, VirtualClock) else 1.0
    return (due - clock()).total_seconds() / speed

"""When a destination is to be drained next: one timer each, the earliest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from core.storage.database import Clock

Wake = Callable[[str, datetime], None]


class Alarms:
    """Calls `wake(destination, due)` when its time has come. For an event loop's own thread."""

    def __init__(self, wake: Wake, clock: Clock):
        self._wake, self._clock = wake, clock
        self._set: dict[str, tuple[datetime, asyncio.TimerHandle]] = {}

    def set(self, destination: str, due: datetime) -> None:
        """At `due`, unless it is to ring earlier anyway."""
        known = self._set.get(destination)
        if known is not None:
            if known[0] <= due:
                return
            known[1].cancel()
        seconds = max(0.0, (due - self._clock()).total_seconds())
        self._set[destination] = (due, asyncio.get_running_loop().call_later(seconds, self._ring, destination))

    def stop(self) -> None:
        for _, timer in self._set.values():
            timer.cancel()
        self._set.clear()

    def _ring(self, destination: str) -> None:
        due, _ = self._set.pop(destination)
        self._wake(destination, min(due, self._clock()))  # a timer may be early by less than it can measure

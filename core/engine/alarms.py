"""How a runner hears that there is work: wakes from any thread, and for each destination one timer, the earliest."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from datetime import datetime

from core.engine.virtual import seconds_until
from core.storage.database import Clock

Wake = Callable[[str, datetime], None]


class Bell:
    """Takes wakes from any thread to an event loop: those that come together wake it once.

    Waking a loop is a system call, after which both threads want the interpreter. A loop that is closed needs no
    waking: whoever starts next looks at the whole ledger.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Wake):
        self._loop, self._wake = loop, wake
        self._rung: deque[tuple[str, datetime]] = deque()
        self._heard = True

    def ring(self, destination: str, due: datetime) -> None:
        self._rung.append((destination, due))
        if self._heard:
            self._heard = False
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        self._heard = True  # first: what comes from now on rings again, at worst for nothing
        while self._rung:
            self._wake(*self._rung.popleft())


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
        seconds = max(0.0, seconds_until(due, self._clock))
        self._set[destination] = (due, asyncio.get_running_loop().call_later(seconds, self._ring, destination))

    def stop(self) -> None:
        for _, timer in self._set.values():
            timer.cancel()
        self._set.clear()

    def _ring(self, destination: str) -> None:
        due, _ = self._set.pop(destination)
        self._wake(destination, min(due, self._clock()))  # a timer may be early by less than it can measure

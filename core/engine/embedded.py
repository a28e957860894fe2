"""The embedded runner: a loop in the process, woken in memory; the ledger is the truth, waking is only a hint."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from core.desk import Desk
from core.desk.house import CLOCK
from core.engine.alarms import Alarms, Bell, Wake
from core.engine.clock import watch_the_clock
from core.engine.cron import Cron
from core.engine.drain import Drainer
from core.engine.turns import go_on

SWEEP = 2.0
"""Seconds between two looks at the whole ledger, for what no wake told of."""


class Embedded:
    """Drains everything that is due, as soon as it is due. One per process; one process per SQLite file."""

    def __init__(self, desk: Desk, drainer: Drainer, cron: Cron):
        self.desk, self.drainer, self.cron = desk, drainer, cron
        self._draining: dict[str, asyncio.Task[None]] = {}
        self._alarms = Alarms(self.wake, desk.db.clock)
        self._looking = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Free what a dead desk left running, then look at the whole ledger and go on from wakes."""
        if self.desk.db.embedded:  # on PostgreSQL others may be alive: their leases run out if they are not
            await self.desk.forget_owner.soon("")
        self.desk.db.on_wake = Bell(asyncio.get_running_loop(), self.wake).ring
        self._loops = begin_all(
            self._sweep(),
            stay_alive(self.desk, self.drainer),
            watch_the_clock(self.desk, self._looking, longest=30.0),
            self.cron.run(),
        )

    async def stop(self) -> None:
        """Finish what runs, begin nothing."""
        self.desk.db.on_wake = lambda destination, due: None
        self.drainer.stop()
        self._alarms.stop()
        await asyncio.gather(*self._draining.values())
        await end_all(self._loops)

    def wake(self, destination: str, due: datetime) -> None:
        """There is work at a destination, due then."""
        if destination == CLOCK:
            self._looking.set()
        elif self.drainer.stopping:
            return
        elif due > self.desk.db.clock():
            self._alarms.set(destination, due)
        elif held := self.drainer.held_until(destination):  # in a flood: each wake would drain for nothing
            self._alarms.set(destination, held)
        elif not self.drainer.poke(destination) and destination not in self._draining:
            self._draining[destination] = asyncio.create_task(self._drain(destination))

    async def _drain(self, destination: str) -> None:
        again_at = await self.drainer.drain_in_turn(destination)
        del self._draining[destination]
        if again_at is not None:
            self.wake(destination, again_at)

    async def _sweep(self) -> None:
        while True:
            await go_on("the look at the ledger", sweep(self.desk, self.drainer, self.wake))
            await asyncio.sleep(SWEEP)


# What both runners do


async def sweep(desk: Desk, drainer: Drainer, wake: Wake) -> None:
    """Wake every destination that has work for us, and those whose worker has died."""
    for destination, due in (await desk.waiting_destinations.soon(drainer.kinds)).items():
        wake(destination, due)


async def stay_alive(desk: Desk, drainer: Drainer) -> None:
    """Renew the leases of what runs, three times as often as they would end."""
    while True:
        await asyncio.sleep(drainer.lease.total_seconds() / 3)
        if drainer.held:
            await go_on("renewing leases", desk.renew_jobs.soon(drainer.owner, tuple(drainer.held), drainer.lease))


def begin_all(*loops: Coroutine[Any, Any, None]) -> list[asyncio.Task[None]]:
    """Run them side by side. None of them ends by itself."""
    return [asyncio.create_task(loop) for loop in loops]


async def end_all(loops: list[asyncio.Task[None]]) -> None:
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    loops.clear()

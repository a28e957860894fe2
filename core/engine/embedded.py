"""The embedded runner: a loop in the process, woken in memory; the ledger is the truth, waking is only a hint."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from core.desk import Desk
from core.desk.house import CLOCK
from core.desk.timing import AT_ONCE
from core.engine.cron import Cron
from core.engine.drain import Drainer
from core.storage.database import StoreDown

log = logging.getLogger("deskbell.engine")

SWEEP = 5.0
"""Seconds between two looks at the whole ledger, for what no wake told of."""


class Embedded:
    """Drains everything that is due, as soon as it is due. One per process; one process per SQLite file."""

    def __init__(self, desk: Desk, drainer: Drainer, cron: Cron):
        self.desk, self.drainer, self.cron = desk, drainer, cron
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, tuple[datetime, asyncio.TimerHandle]] = {}
        self._looking = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Free what a dead desk left running, then look at the whole ledger and go on from wakes."""
        self._loop = asyncio.get_running_loop()
        await self.desk.forget_owner.soon("")
        self.desk.db.on_wake = self.wake_from_any_thread
        self._loops = [
            asyncio.create_task(self._sweep()),
            asyncio.create_task(self._stay_alive()),
            asyncio.create_task(self._watch_the_clock()),
            asyncio.create_task(self.cron.run()),
        ]

    async def stop(self) -> None:
        """Finish what runs, begin nothing."""
        self.desk.db.on_wake = lambda destination, due: None
        self.drainer.stop()
        for _, timer in self._timers.values():
            timer.cancel()
        await asyncio.gather(*self._draining.values(), return_exceptions=True)
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def wake_from_any_thread(self, destination: str, due: datetime) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.wake, destination, due)

    def wake(self, destination: str, due: datetime) -> None:
        """There is work at a destination, due then."""
        if destination == CLOCK:
            self._looking.set()
            return
        now = self.desk.db.clock()
        if due > now:
            self._set_timer(destination, due, now)
        elif not self.drainer.poke(destination) and destination not in self._draining:
            self._draining[destination] = asyncio.create_task(self._drain(destination))

    def _set_timer(self, destination: str, due: datetime, now: datetime) -> None:
        assert self._loop is not None
        known = self._timers.get(destination)
        if known is not None:
            if known[0] <= due:
                return
            known[1].cancel()
        seconds = (due - now).total_seconds()
        self._timers[destination] = (due, self._loop.call_later(seconds, self._ring, destination))

    def _ring(self, destination: str) -> None:
        due, _ = self._timers.pop(destination)
        self.wake(destination, min(due, self.desk.db.clock()))

    async def _drain(self, destination: str) -> None:
        try:
            again_at = await self.drainer.drain(destination)
        except StoreDown as down:
            log.error("%s cannot be drained: %s", destination, down)
            again_at = self.desk.db.clock() + timedelta(seconds=SWEEP)
        finally:
            del self._draining[destination]
        if again_at is not None and not self.drainer.stopping:
            self.wake(destination, again_at)

    async def _sweep(self) -> None:
        while True:
            try:
                for destination, due in (await self.desk.waiting_destinations.soon(self.drainer.kinds)).items():
                    self.wake(destination, due)
            except StoreDown as down:
                log.error("the ledger cannot be read: %s", down)
            await asyncio.sleep(SWEEP)

    async def _stay_alive(self) -> None:
        await stay_alive(self.desk, self.drainer)

    async def _watch_the_clock(self) -> None:
        await watch_the_clock(self.desk, self._looking, longest=30.0)


async def stay_alive(desk: Desk, drainer: Drainer) -> None:
    """Renew the leases of what runs, three times as often as they would end."""
    while True:
        await asyncio.sleep(drainer.lease.total_seconds() / 3)
        try:
            await desk.renew_jobs.soon(drainer.owner, drainer.lease)
        except StoreDown as down:
            log.error("leases cannot be renewed: %s", down)


async def watch_the_clock(desk: Desk, woken: asyncio.Event, longest: float) -> None:
    """Look at tickets when they are due. `longest`: seconds to sleep at most, for what others have set."""
    while True:
        woken.clear()
        wait = longest
        try:
            while await desk.look_at_due.soon() == AT_ONCE:
                pass
            due = await desk.next_due.soon()
            if due is not None:
                wait = min(longest, max(0.0, (due - desk.db.clock()).total_seconds()))
        except StoreDown as down:
            log.error("the clock cannot be read: %s", down)
            wait = SWEEP
        try:
            await asyncio.wait_for(woken.wait(), wait)
        except TimeoutError:
            continue

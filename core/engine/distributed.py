"""The distributed runner: Procrastinate workers on any number of machines, over the same ledger.

It carries one small job per destination that has work. A wake is deferred right after the commit, and skipped where
one is waiting already; a sweep finds what a crash left unwoken, and a loop of ours gives back what a dead worker held,
which Procrastinate does not do by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, ProcrastinateException
from procrastinate.jobs import Job, Status

from core.desk import Desk
from core.desk.house import CLOCK
from core.engine.cron import Cron
from core.engine.drain import Drainer
from core.engine.embedded import SWEEP, stay_alive, watch_the_clock
from core.storage.database import StoreDown

log = logging.getLogger("deskbell.engine")

HEARTBEAT = 1.0
DEAD_AFTER = 4.0
"""Seconds without a heartbeat after which a worker's drains are given to others."""

_AT_ONCE = 64


def queue_for(destination: str) -> str:
    """Which processes' hands a destination needs: agents' acts are done where Slack is listened to."""
    return "bot" if destination == "acts" else "work"


class Distributed:
    """One process's part in it. Without hands it only wakes others."""

    def __init__(self, desk: Desk, drainer: Drainer, cron: Cron, url: str):
        self.desk, self.drainer, self.cron = desk, drainer, cron
        connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=6)
        self.app = procrastinate.App(connector=connector)
        self._drain_task = self.app.task(name="deskbell.drain")(self._drain)
        self._queues = {queue_for("acts" if kind == "act" else "") for kind in drainer.kinds}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._to_wake: set[str] = set()
        self._waking = asyncio.Event()
        self._looking = asyncio.Event()
        self._timers: dict[str, tuple[datetime, asyncio.TimerHandle]] = {}
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.app.open_async()
        self.desk.db.on_wake = self.wake_from_any_thread
        self._loops = [asyncio.create_task(self._defer())]
        if self._queues:
            self._loops += [asyncio.create_task(self._work()), asyncio.create_task(self._rescue())]
            self._loops += [asyncio.create_task(self._sweep()), asyncio.create_task(self._stay_alive())]
        if "work" in self._queues:
            self._loops += [asyncio.create_task(self._watch_the_clock()), asyncio.create_task(self.cron.run())]

    async def stop(self) -> None:
        """Finish what runs, begin nothing."""
        self.desk.db.on_wake = lambda destination, due: None
        self.drainer.stop()
        for _, timer in self._timers.values():
            timer.cancel()
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.app.close_async()

    def wake_from_any_thread(self, destination: str, due: datetime) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.wake, destination, due)

    def wake(self, destination: str, due: datetime) -> None:
        """There is work at a destination, due then; whoever has the hands and the time does it."""
        if destination == CLOCK:
            self._looking.set()
            return
        now = self.desk.db.clock()
        if due > now:
            self._set_timer(destination, due, now)
        elif not self.drainer.poke(destination):
            self._to_wake.add(destination)
            self._waking.set()

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

    async def _defer(self) -> None:
        """Send wakes on. One that is lost here is found by the sweep."""
        while True:
            await self._waking.wait()
            self._waking.clear()
            destinations, self._to_wake = self._to_wake, set()
            for destination in sorted(destinations):
                try:
                    await self._drain_task.configure(
                        lock=destination, queueing_lock=destination, queue=queue_for(destination)
                    ).defer_async(destination=destination)
                except AlreadyEnqueued:
                    continue  # a wake that waits already will find this work too
                except ConnectorException as error:
                    log.error("%s cannot be woken: %s", destination, error)

    async def _drain(self, destination: str) -> None:
        try:
            again_at = await self.drainer.drain(destination)
        except StoreDown as down:
            log.error("%s cannot be drained: %s", destination, down)
            again_at = self.desk.db.clock() + timedelta(seconds=SWEEP)
        if again_at is not None and not self.drainer.stopping:
            self.wake(destination, again_at)

    async def _work(self) -> None:
        while True:
            try:
                await self.app.run_worker_async(
                    queues=sorted(self._queues),
                    concurrency=_AT_ONCE,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    fetch_job_polling_interval=2.0,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=DEAD_AFTER,
                    shutdown_graceful_timeout=10.0,
                )
            except (ConnectorException, ProcrastinateException) as error:
                log.error("the worker stopped: %s", error)
                await asyncio.sleep(SWEEP)

    async def _rescue(self) -> None:
        """Give back what dead workers held."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                manager = self.app.job_manager
                for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
                    await self._give_back(job)
            except ConnectorException as error:
                log.error("dead workers cannot be looked for: %s", error)

    async def _give_back(self, job: Job) -> None:
        log.warning("the worker that drained %s is dead", job.lock)
        try:
            await self.app.job_manager.retry_job(job)
        except AlreadyEnqueued:
            await self._end(job)
        except ConnectorException as error:
            if "queueing_lock" not in str(error.__cause__ or error):
                raise
            await self._end(job)

    async def _end(self, job: Job) -> None:
        """A wake for the same destination waits already and stands for both."""
        await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

    async def _sweep(self) -> None:
        while True:
            try:
                for destination, due in (await self.desk.waiting_destinations.soon(self.drainer.kinds)).items():
                    self.wake(destination, due)
            except StoreDown as down:
                log.error("the ledger cannot be read: %s", down)
            await asyncio.sleep(SWEEP / 2)

    async def _stay_alive(self) -> None:
        await stay_alive(self.desk, self.drainer)

    async def _watch_the_clock(self) -> None:
        await watch_the_clock(self.desk, self._looking, longest=1.0)


def wake_from_outside(url: str, destinations: Iterable[str]) -> None:
    """Wake workers from a process that runs none: a command line that has written."""
    app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=url, min_size=1, max_size=1))
    with app.open():
        for destination in destinations:
            try:
                app.configure_task(
                    "deskbell.drain", lock=destination, queueing_lock=destination, queue=queue_for(destination)
                ).defer(destination=destination)
            except AlreadyEnqueued:
                continue

"""The distributed runner: Procrastinate workers on any number of machines, over the same ledger.

It carries one small job per destination that has work. A wake is deferred right after the commit, and skipped where
one is waiting already; a sweep finds what a crash left unwoken, and clears away what a dead worker held, which
Procrastinate does not do by itself.

Its `queueing_lock` keeps one wake waiting per destination. Its `lock` is not used: a job locked by one that runs is
found only by the next poll (seconds), and one slow send would keep other workers from the whole destination. That two
drain the same destination is harmless: the ledger gives each job once, in its lane's order, at its pace.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime

import procrastinate
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Notification, Status
from procrastinate.manager import JobManager, NotificationCallback

from core.desk import Desk
from core.desk.house import CLOCK
from core.engine.alarms import Alarms, Bell
from core.engine.clock import watch_the_clock
from core.engine.cron import Cron
from core.engine.drain import Drainer
from core.engine.embedded import begin_all, end_all, stay_alive, sweep
from core.engine.turns import go_on, outcome
from core.storage.database import StoreDown

log = logging.getLogger("deskbell.engine")

SWEEP = 2.0
"""Seconds between two looks at the whole ledger: leases of a dead worker (6 s) are taken over within 10."""

HEARTBEAT = 1.0
DEAD_AFTER = 4.0
"""Seconds without a heartbeat after which a worker's drains are cleared away."""

_AT_ONCE = 64
_POLL = 1.0
_BETWEEN_WAKES = 0.1
"""Seconds from sending wakes to sending more: the first goes at once, those of a flood together."""
_AGAIN = 1.0
_ASIDE = 0.25
_PATIENCE = 2.0
_LAST_WORDS = 1.0


def queue_for(destination: str) -> str:
    """Which processes' hands a destination needs: agents' acts are done where Slack is listened to."""
    return "bot" if destination == "acts" else "work"


class Distributed:
    """One process's part in it. Without hands it only wakes others."""

    def __init__(self, desk: Desk, drainer: Drainer, cron: Cron, url: str):
        self.desk, self.drainer, self.cron = desk, drainer, cron
        connector = procrastinate.PsycopgConnector(
            conninfo=_plain(url), min_size=1, max_size=6, timeout=_PATIENCE, reconnect_timeout=_PATIENCE
        )
        self.app = procrastinate.App(connector=connector)
        self.app.job_manager = Attentive(connector)
        self._drain_task = self.app.task(name="deskbell.drain")(self._drain)
        self._queues = sorted({queue_for("acts" if kind == "act" else "") for kind in drainer.kinds})
        self._to_wake: set[str] = set()
        self._waking = asyncio.Event()
        self._looking = asyncio.Event()
        self._alarms = Alarms(self.wake, desk.db.clock)
        self._carrying: list[asyncio.Task[None]] = []  # what must go on while jobs are being finished
        self._working: list[asyncio.Task[None]] = []
        self._finding: list[asyncio.Task[None]] = []
        self._own: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises StoreDown where the server does not answer."""
        opened = await outcome(self.app.open_async())
        if isinstance(opened, Exception):
            raise StoreDown(opened)
        self.desk.db.on_wake = Bell(asyncio.get_running_loop(), self.wake).ring
        self._carrying = begin_all(self._defer(), stay_alive(self.desk, self.drainer))
        if self._queues:
            self._working = begin_all(self._work())
            self._finding = begin_all(self._sweep())
        if "work" in self._queues:
            self._finding += begin_all(watch_the_clock(self.desk, self._looking, longest=1.0), self.cron.run())

    async def stop(self) -> None:
        """Finish what runs, begin nothing; what it calls for is handed to others."""
        self.drainer.stop()
        self._alarms.stop()
        await end_all(self._finding)
        await end_all(self._working)
        await asyncio.gather(*self._own)
        self.desk.db.on_wake = lambda destination, due: None
        await end_all(self._carrying)
        await outcome(asyncio.wait_for(self._send_on(), _LAST_WORDS))
        await self.app.close_async()

    def wake(self, destination: str, due: datetime) -> None:
        """There is work at a destination, due then; whoever has the hands and the time does it."""
        if destination == CLOCK:
            self._looking.set()
        elif due > self.desk.db.clock():
            if not self.drainer.stopping:
                self._alarms.set(destination, due)
        elif not self.drainer.stopping and self.drainer.poke(destination):
            pass
        elif self._can_do(destination):
            self._begin(destination)
        else:
            self._to_wake.add(destination)
            self._waking.set()

    def _can_do(self, destination: str) -> bool:
        """Whether hands for it are here and free. Then nobody else needs to hear of it."""
        here = not self.drainer.stopping and queue_for(destination) in self._queues
        return here and not self.drainer.is_full(destination)

    def _begin(self, destination: str) -> None:
        task = asyncio.create_task(self._drain(destination))
        self._own.add(task)
        task.add_done_callback(self._own.discard)

    async def _defer(self) -> None:
        while True:
            await self._waking.wait()
            await self._send_on()
            await asyncio.sleep(_BETWEEN_WAKES)

    async def _send_on(self) -> None:
        """Send wakes on. One that is lost here is found by the sweep."""
        self._waking.clear()
        while self._to_wake:
            destination = self._to_wake.pop()
            try:
                await self._send(destination)
            except asyncio.CancelledError:
                self._to_wake.add(destination)  # it goes with our last words
                raise

    async def _send(self, destination: str) -> None:
        wake = self._drain_task.configure(queueing_lock=destination, queue=queue_for(destination))
        came = await outcome(wake.defer_async(destination=destination))
        # AlreadyEnqueued: a wake that waits will find this work too.
        if isinstance(came, Exception) and not isinstance(came, AlreadyEnqueued):
            log.error("%s cannot be woken: %s", destination, came.__cause__ or came)

    async def _drain(self, destination: str) -> None:
        if self.drainer.is_full(destination):
            # Every hand here is busy there. Others may have one free: whoever asks next gets it, perhaps they.
            await asyncio.sleep(_ASIDE)
            self.wake(destination, self.desk.db.clock())
            return
        again_at = await self.drainer.drain_in_turn(destination)
        if again_at is not None:
            self.wake(destination, again_at)

    async def _work(self) -> None:
        """Be a worker, and be one again where the server was away."""
        while not self.drainer.stopping:
            came = await outcome(
                self.app.run_worker_async(
                    queues=self._queues,
                    concurrency=_AT_ONCE,
                    install_signal_handlers=False,
                    delete_jobs="always",
                    fetch_job_polling_interval=_POLL,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=DEAD_AFTER,
                    shutdown_graceful_timeout=10.0,
                )
            )
            log.error("the worker stopped, and is started again: %s", came and (came.__cause__ or came))
            await asyncio.sleep(_AGAIN)

    async def _sweep(self) -> None:
        while True:
            await go_on("the look at the ledger", sweep(self.desk, self.drainer, self.wake))
            await go_on("the look for dead workers", self._clear_away())
            await asyncio.sleep(SWEEP)

    async def _clear_away(self) -> None:
        """What dead workers drained is woken anew; their jobs' leases run out by themselves."""
        for job in await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
            if await self._end(job):
                log.warning("a worker that drained %s is dead", job.queueing_lock)
                self.wake(str(job.queueing_lock), self.desk.db.clock())

    async def _end(self, job: Job) -> bool:
        """False where somebody else was first: another process, or the worker, which was only slow."""
        came = await outcome(self.app.job_manager.finish_job(job, Status.FAILED, delete_job=True))
        if isinstance(came, ConnectorException) and "not found" in str(came.__cause__):
            return False
        if isinstance(came, Exception):
            raise came
        return True


class Attentive(JobManager):
    """Looks again where it was told of a job while it looked.

    Procrastinate's worker forgets what it was told during a look that found nothing; the next poll would find it.
    """

    def __init__(self, connector: BaseConnector):
        super().__init__(connector)
        self._told = 0

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        while True:
            before = self._told
            job = await super().fetch_job(queues, worker_id)
            if job is not None or self._told == before:
                return job

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        async def told(*, channel: str, notification: Notification) -> None:
            self._told += 1
            await on_notification(channel=channel, notification=notification)

        await super().listen_for_jobs(on_notification=told, queues=queues)


def wake_from_outside(url: str, destinations: Iterable[str]) -> None:
    """Wake workers from a process that runs none: a command line that has written."""
    connector = procrastinate.SyncPsycopgConnector(conninfo=_plain(url), min_size=1, max_size=1)
    app = procrastinate.App(connector=connector)
    with app.open():
        for destination in destinations:
            try:
                app.configure_task("deskbell.drain", queueing_lock=destination, queue=queue_for(destination)).defer(
                    destination=destination
                )
            except AlreadyEnqueued:
                continue


def _plain(url: str) -> str:
    """The URL as PostgreSQL's own library takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)

"""Drain one destination: claim, do, record, until nothing there is due."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from core.desk import Desk
from core.engine.hands import GiveUp, Hands, Later, Record
from core.engine.turns import outcome, report
from core.storage.database import Fenced, StoreDown
from core.storage.ledger import Lease

log = logging.getLogger("deskbell.engine")

AGAIN = 1.0
"""Seconds after which a store that was down is asked again to write down what was done."""

REST = 0.02
"""Seconds that a destination rests after a claim that brought nothing though something waits there: a flood that meets
a full pace wakes it for every job, and each time for nothing."""

_AT_LEAST = 0.01


class Drainer:
    """Does the jobs that this process has hands for, as `owner`.

    `hold` says of a destination for how long its jobs should rather not begin: something else needs the machine.
    """

    def __init__(
        self,
        desk: Desk,
        hands: Hands,
        owner: str,
        lease_seconds: float = 6.0,
        hold: Callable[[str], timedelta] = lambda destination: timedelta(0),
    ):
        self.desk, self.hands, self.owner, self.hold = desk, hands, owner, hold
        self.lease = timedelta(seconds=lease_seconds)
        self.kinds = tuple(sorted(hands))
        self.held: dict[int, Lease] = {}  # what runs here now, by job
        self.stopping = False
        self._draining: dict[str, _Draining] = {}

    def stop(self) -> None:
        """Claim nothing any more; what runs is finished."""
        self.stopping = True
        for draining in self._draining.values():
            draining.poked.set()

    def poke(self, destination: str) -> bool:
        """There is more work. False where nobody drains this destination here now, or no hand is free for more."""
        draining = self._draining.get(destination)
        if draining is None:
            return False
        draining.poked.set()
        return bool(self._room(draining))

    def is_full(self, destination: str) -> bool:
        """Whether it is being drained here, with every hand."""
        draining = self._draining.get(destination)
        return draining is not None and not self._room(draining)

    async def drain(self, destination: str) -> datetime | None:
        """Do what is due; when to come back, or None when something must wake it first.

        Returns at once where it is being drained here already. Raises StoreDown where the ledger cannot be read.
        """
        if destination in self._draining:
            self.poke(destination)
            return None
        draining = self._draining[destination] = _Draining()
        try:
            while True:
                draining.poked.clear()
                again_at = self._held_until(destination)
                if again_at is None and (room := self._room(draining)):
                    again_at = await self._claim(draining, destination, room)
                if draining.running:
                    await self._until_something_changes(draining, again_at)
                elif self.stopping or not draining.poked.is_set():  # a poke while we claimed may be for what came after
                    return again_at
        finally:
            del self._draining[destination]
            if draining.running:
                await asyncio.gather(*draining.running)

    async def drain_in_turn(self, destination: str) -> datetime | None:
        """Drain, and when to come back; soon, where the ledger could not be read."""
        came = await outcome(self.drain(destination))
        if not isinstance(came, Exception):
            return came
        report(f"draining {destination}", came)
        return self.desk.db.clock() + timedelta(seconds=AGAIN)

    def _room(self, draining: _Draining) -> dict[str, int]:
        """How many more of each kind we have hands for."""
        if self.stopping:
            return {}
        busy = Counter(draining.running.values())
        return {kind: free for kind, hand in self.hands.items() if (free := hand.at_once - busy[kind]) > 0}

    def _held_until(self, destination: str) -> datetime | None:
        hold = self.hold(destination)
        return self.desk.db.clock() + hold if hold and not self.stopping else None

    async def _claim(self, draining: _Draining, destination: str, room: dict[str, int]) -> datetime | None:
        """Begin what may begin; when there may be more.

        What runs here is not claimed again, not even where its lease ran out under us, because the computer slept or
        the store was away: unless somebody else took it over it is still ours to finish.
        """
        busy = {held.lane for held in self.held.values() if held.destination == destination}
        found = await self.desk.claim_jobs.soon(destination, room, self.owner, self.lease, busy)
        for lease in found.leases:
            self.held[lease.id] = lease
            draining.running[asyncio.create_task(self._do(lease))] = lease.kind
        if not found.leases and found.again_at is not None:
            await asyncio.sleep(REST)
        return found.again_at

    async def _until_something_changes(self, draining: _Draining, again_at: datetime | None) -> None:
        """Until a job ends, more work is announced, or something comes due, such as a pace that was full."""
        seconds = None
        if again_at is not None:
            seconds = max(_AT_LEAST, (again_at - self.desk.db.clock()).total_seconds())
        poke = asyncio.create_task(draining.poked.wait())
        try:
            await asyncio.wait({*draining.running, poke}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            poke.cancel()
        for task in [task for task in draining.running if task.done()]:
            del draining.running[task]
            task.result()

    async def _do(self, lease: Lease) -> None:
        """One job, however it ends."""
        try:
            came = await outcome(self.hands[lease.kind].do(lease))
            if isinstance(came, Exception) and not isinstance(came, Later | GiveUp | StoreDown):
                log.error("job %s %s failed at attempt %s", lease.id, lease.kind, lease.attempts, exc_info=came)
            failure = await self._write_down(lease, lambda: self._ended(lease, came))
            if failure is not None:  # what was to be recorded raises: nothing of it is recorded but that
                log.error("job %s %s: its outcome cannot be recorded", lease.id, lease.kind, exc_info=failure)
                await self._write_down(lease, lambda: self._failed(lease, failure, None))
        finally:
            del self.held[lease.id]

    async def _ended(self, lease: Lease, came: Record | Exception | None) -> None:
        """Write down a job that ended like this."""
        hand = self.hands[lease.kind]
        match came:
            case GiveUp():
                await self._give_up(lease, came.reason, hand.lost(lease, came.reason))
            case Later() if came.counts and lease.attempts >= hand.backoff.tries:
                await self._give_up(lease, came.reason, hand.lost(lease, came.reason))
            case Later():
                due = self.desk.db.clock() + (hand.backoff.after(lease.attempts) if came.after is None else came.after)
                await self.desk.put_back_job.soon(lease, due, came.reason, came.counts, came.pace, came.record)
            case StoreDown():
                due = self.desk.db.clock() + timedelta(seconds=AGAIN)
                await self.desk.put_back_job.soon(lease, due, str(came), False, None, None)
            case Exception():
                await self._failed(lease, came, hand.lost(lease, _reason(came)))
            case record:
                await self.desk.finish_job.soon(lease, record)

    async def _failed(self, lease: Lease, error: Exception, lost: Record | None) -> None:
        backoff = self.hands[lease.kind].backoff
        if lease.attempts >= backoff.tries:
            await self._give_up(lease, _reason(error), lost)
        else:
            due = self.desk.db.clock() + backoff.after(lease.attempts)
            await self.desk.put_back_job.soon(lease, due, _reason(error), True, None, None)

    async def _give_up(self, lease: Lease, reason: str, lost: Record | None) -> None:
        log.error("job %s %s is given up after %s attempts: %s", lease.id, lease.kind, lease.attempts, reason)
        await self.desk.give_up_job.soon(lease, reason, lost)

    async def _write_down(self, lease: Lease, ask: Callable[[], Awaitable[None]]) -> Exception | None:
        """Write down how a job ended; what kept it from being written, where that was not the store or another worker.

        A store that is down is asked until it takes it: what was done outside must not be done again for want of a
        row. Should we stop first, the lease runs out, and whoever takes the job sees that it is uncertain.
        """
        while True:
            came = await outcome(ask())
            match came:
                case Fenced():
                    log.warning("job %s %s was taken over; its effect is not recorded here", lease.id, lease.kind)
                    return None
                case StoreDown():
                    log.error("job %s %s cannot be recorded now: %s", lease.id, lease.kind, came)
                    if self.stopping:
                        return None
                    await asyncio.sleep(AGAIN)
                case _:
                    return came


class _Draining:
    """A destination being drained: what runs there, of which kind, and whether more was announced."""

    __slots__ = ("poked", "running")

    def __init__(self) -> None:
        self.poked = asyncio.Event()
        self.running: dict[asyncio.Task[None], str] = {}


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

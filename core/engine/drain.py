"""Drain one destination: claim, do, record, until nothing there is due."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from core.desk import Desk
from core.engine.hands import GiveUp, Hands, Later, Record
from core.engine.turns import outcome, report
from core.storage.database import Fenced, StoreDown
from core.storage.ledger import Lease

R = TypeVar("R")

log = logging.getLogger("deskbell.engine")

AGAIN = 1.0
"""Seconds after which a store that was down is asked again to write down what was done."""

REST = 0.05
"""Seconds that a destination rests at most after a claim that brought nothing though something waits there, or filled
the paces of all that does: a flood that meets a full pace wakes it for every job, and each time for nothing. When the
pace is free sooner it is taken then: what a bucket cannot hold is lost."""

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
            draining.changed.set()

    def poke(self, destination: str) -> bool:
        """There is more work. False where nobody drains this destination here now, or no hand is free for more."""
        draining = self._draining.get(destination)
        if draining is None:
            return False
        draining.poked = True
        if not self._room(draining):  # it is looked at when a hand becomes free
            return False
        draining.changed.set()
        return True

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
                draining.changed.clear()
                held = self.held_until(destination)
                room = self._room(draining)
                if held is None and draining.may_find(room):
                    await self._claim(draining, destination, room)
                again_at = held or draining.again_at
                if draining.running:
                    await self._until_something_changes(draining, again_at)
                elif self.stopping or held or not draining.poked:  # a poke while we claimed may be for more
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
        busy = draining.busy
        free = ((kind, hand.at_once - busy[kind], hand.refill) for kind, hand in self.hands.items())
        return {kind: n for kind, n, refill in free if n >= refill}

    def held_until(self, destination: str) -> datetime | None:
        """Until when the jobs of a destination should rather not begin; None: they may."""
        hold = self.hold(destination)
        return self.desk.db.clock() + hold if hold and not self.stopping else None

    async def _claim(self, draining: _Draining, destination: str, room: dict[str, int]) -> None:
        """Begin what may begin.

        What runs here is not claimed again, not even where its lease ran out under us, because the computer slept or
        the store was away: unless somebody else took it over it is still ours to finish.
        """
        draining.poked = False
        busy = {held.lane for held in self.held.values() if held.destination == destination}
        found = await self.desk.claim_jobs.soon(destination, room, self.owner, self.lease, busy)
        for lease in found.leases:
            self.held[lease.id] = lease
            draining.begin(lease.kind, self._do(lease))
        draining.short_of = found.short_of | (self.hands.keys() - room.keys())
        draining.again_at = found.again_at
        if (found.is_full or not found.leases) and found.again_at is not None:
            await asyncio.sleep(min(REST, max(_AT_LEAST, self._until(found.again_at))))
            if self._until(found.again_at) <= 0:
                draining.poked = True
                draining.changed.set()

    async def _until_something_changes(self, draining: _Draining, again_at: datetime | None) -> None:
        """Until a job ends, more work is announced, or something comes due, such as a pace that was full."""
        if again_at is None:
            await draining.changed.wait()
        else:
            try:
                async with asyncio.timeout(max(_AT_LEAST, self._until(again_at))):
                    await draining.changed.wait()
            except TimeoutError:
                draining.poked = True
        draining.let_go()

    def _until(self, at: datetime) -> float:
        """Seconds."""
        return (at - self.desk.db.clock()).total_seconds()

    async def _do(self, lease: Lease) -> None:
        """One job, however it ends, and those behind it in its lane that come with its end."""
        going: Lease | None = lease
        while going is not None:
            going = await self._one(going)

    async def _one(self, lease: Lease) -> Lease | None:
        """One job, however it ends; the next one of its lane, where that is ours to do now."""
        try:
            came = await outcome(self.hands[lease.kind].do(lease))
            if isinstance(came, Exception) and not isinstance(came, Later | GiveUp | StoreDown):
                log.error("job %s %s failed at attempt %s", lease.id, lease.kind, lease.attempts, exc_info=came)
            after = await self._write_down(lease, lambda: self._ended(lease, came))
            if isinstance(after, Exception):  # what was to be recorded raises: nothing of it is recorded but that
                log.error("job %s %s: its outcome cannot be recorded", lease.id, lease.kind, exc_info=after)
                lost = self.hands[lease.kind].lost(lease, _reason(after))
                again = await self._write_down(lease, lambda: self._failed(lease, after, lost))
                if isinstance(again, Exception):  # nor can that it is lost: the job at least is given up
                    await self._write_down(lease, lambda: self._failed(lease, after, None))
                return None
            if after is not None:
                self.held[after.id] = after
            return after
        finally:
            del self.held[lease.id]

    async def _ended(self, lease: Lease, came: Record | Exception | None) -> Lease | None:
        """Write down a job that ended like this. The next one of its lane, where that comes with it."""
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
                goes_on = not self.stopping and not self.hold(lease.destination)
                return await self.desk.finish_job.soon(lease, record, self.lease if goes_on else None)
        return None

    async def _failed(self, lease: Lease, error: Exception, lost: Record | None) -> None:
        backoff = self.hands[lease.kind].backoff
        if lease.attempts >= backoff.tries:
            await self._give_up(lease, _reason(error), lost)
        else:
            due = self.desk.db.clock() + backoff.after(lease.attempts)
            await self.desk.put_back_job.soon(lease, due, _reason(error), True, None, None)

    async def _give_up(self, lease: Lease, reason: str, lost: Record | None) -> None:
        said = "job %s %s %s is given up after %s attempts: %s. To try it again: deskbell jobs retry %s"
        log.error(said, lease.id, lease.kind, dict(lease.facts), lease.attempts, reason, lease.id)
        await self.desk.give_up_job.soon(lease, reason, lost)

    async def _write_down(self, lease: Lease, ask: Callable[[], Awaitable[R]]) -> R | Exception | None:
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
    """A destination being drained: what runs there, how many of each kind, and what the last claim left.

    `poked`: there may be more since. `short_of`: kinds for which there were no more hands.
    """

    def __init__(self) -> None:
        self.poked = True
        self.changed = asyncio.Event()
        self.running: set[asyncio.Task[None]] = set()
        self.busy: Counter[str] = Counter()
        self.short_of: frozenset[str] = frozenset()
        self.again_at: datetime | None = None
        self._ended: list[asyncio.Task[None]] = []

    def begin(self, kind: str, doing: Coroutine[Any, Any, None]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            self.busy[kind] -= 1
            self._ended.append(task)
            self.changed.set()

        task = asyncio.create_task(doing)
        task.add_done_callback(ended)
        self.running.add(task)
        self.busy[kind] += 1

    def let_go(self) -> None:
        """Of what has ended; when it was the last, look once more. Raises what a job's own end raised."""
        while self._ended:
            task = self._ended.pop()
            self.running.remove(task)
            task.result()
        self.poked = self.poked or not self.running

    def may_find(self, room: Mapping[str, int]) -> bool:
        """Whether a claim with so much room may bring anything that the last one did not."""
        return bool(room) and (self.poked or not self.short_of.isdisjoint(room))


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

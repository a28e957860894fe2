"""Drain one destination: claim, do, record, until nothing there is due."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from core.desk import Desk
from core.engine.hands import GiveUp, Hands, Later
from core.storage.database import Fenced, StoreDown
from core.storage.ledger import Lease

log = logging.getLogger("deskbell.engine")


class Drainer:
    """Does the jobs that this process has hands for, as `owner`."""

    def __init__(self, desk: Desk, hands: Hands, owner: str, lease_seconds: float = 6.0):
        self.desk, self.hands, self.owner = desk, hands, owner
        self.lease = timedelta(seconds=lease_seconds)
        self.kinds = tuple(sorted(hands))
        self._at_once = max((hand.at_once for hand in hands.values()), default=1)
        self._poked: dict[str, asyncio.Event] = {}
        self.stopping = False

    def stop(self) -> None:
        """Claim nothing any more; what runs is finished."""
        self.stopping = True
        for poked in self._poked.values():
            poked.set()

    def poke(self, destination: str) -> bool:
        """There is more work. False where nobody drains this destination here now."""
        poked = self._poked.get(destination)
        if poked is None:
            return False
        poked.set()
        return True

    async def drain(self, destination: str) -> datetime | None:
        """Do what is due; when to come back, or None when something must wake it first.

        Raises StoreDown where the ledger cannot be read.
        """
        poked = self._poked[destination] = asyncio.Event()
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                poked.clear()
                room = 0 if self.stopping else self._at_once - len(running)
                again_at: datetime | None = None
                if room:
                    found = await self.desk.claim_jobs.soon(destination, self.kinds, self.owner, room, self.lease)
                    again_at = found.again_at
                    running |= {asyncio.create_task(self._do(lease)) for lease in found.leases}
                if not running:
                    return again_at
                running = await self._until_one_ends(running, poked)
        finally:
            del self._poked[destination]
            if running:
                await asyncio.gather(*running)

    async def _until_one_ends(self, running: set[asyncio.Task[None]], poked: asyncio.Event) -> set[asyncio.Task[None]]:
        poke = asyncio.create_task(poked.wait())
        try:
            await asyncio.wait({*running, poke}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            poke.cancel()
        for task in running:
            if task.done():
                task.result()
        return {task for task in running if not task.done()}

    async def _do(self, lease: Lease) -> None:
        """One job, however it ends. What cannot be written down now is found again when the lease runs out."""
        hand = self.hands[lease.kind]
        now = self.desk.db.clock
        try:
            try:
                record = await hand.do(lease)
                await self.desk.finish_job.soon(lease, record)
            except Later as later:
                after = later.after if later.after is not None else hand.backoff.after(lease.attempts)
                if later.counts and lease.attempts >= hand.backoff.tries:
                    await self._give_up(lease, later.reason)
                else:
                    await self.desk.put_back_job.soon(
                        lease, now() + after, later.reason, later.counts, later.pace, later.record
                    )
            except GiveUp as never:
                await self._give_up(lease, never.reason)
            except (Fenced, StoreDown):
                raise
            except Exception as error:  # the job loop: nothing a hand does may end it
                log.exception("job %s %s failed at attempt %s", lease.id, lease.kind, lease.attempts)
                reason = f"{type(error).__name__}: {error}"
                if lease.attempts >= hand.backoff.tries:
                    await self._give_up(lease, reason)
                else:
                    due = now() + hand.backoff.after(lease.attempts)
                    await self.desk.put_back_job.soon(lease, due, reason, True, None, None)
        except Fenced:
            log.warning("job %s %s was taken over by another worker; its effect is not recorded", lease.id, lease.kind)
        except StoreDown as down:
            log.error("job %s %s could not be recorded: %s", lease.id, lease.kind, down)

    async def _give_up(self, lease: Lease, reason: str) -> None:
        log.error("job %s %s is given up after %s attempts: %s", lease.id, lease.kind, lease.attempts, reason)
        await self.desk.give_up_job.soon(lease, reason, self.hands[lease.kind].lost(lease, reason))

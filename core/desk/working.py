"""Use cases of the ledger: for the engines that drain it, and for operators who look into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from core.desk.alarming import Alarming
from core.desk.sending import Sending
from core.pacing import rate_of
from core.storage import acknowledged, claims, inbox, ledger, paces
from core.storage.claims import Claimed
from core.storage.database import Step, Tx, question, use_case
from core.storage.ledger import Entry, Lease, State

DROPPED = "an operator dropped it"


class Working(Sending, Alarming):
    """The ledger."""

    @use_case
    def claim_jobs(
        self,
        tx: Tx,
        destination: str,
        room: Mapping[str, int],
        owner: str,
        lease: timedelta,
        busy: Collection[str] = (),
    ) -> Claimed:
        """Jobs to do now: of each kind as many as there is `room` for, of no lane that `owner` is busy with."""
        return claims.claim(tx, destination, room, owner, lease, rate_of, busy)

    @use_case
    def finish_job(
        self, tx: Tx, lease: Lease, record: Step[object] | None, go_on: timedelta | None = None
    ) -> Lease | None:
        """The job is done, and this is what it has done: both in one transaction, or neither.

        With `go_on` the next job of the lane, where it is of the same kind, is claimed with it for so long.
        """
        after = ledger.finish(tx, lease, go_on)
        if record is not None:
            record(tx)
        return after

    @use_case
    def put_back_job(
        self,
        tx: Tx,
        lease: Lease,
        due: datetime,
        reason: str,
        counts: bool,
        pause: str | None,
        record: Step[object] | None,
    ) -> None:
        """Later. `pause` names the pace that the other side asked us to rest; `record` is what was done of it."""
        ledger.put_back(tx, lease, due, reason, counts=counts)
        if record is not None:
            record(tx)
        if pause:  # last: whoever holds a pace must not wait for a ticket, which others hold while they wait for paces
            paces.pause(tx, pause, due)

    @use_case
    def give_up_job(self, tx: Tx, lease: Lease, reason: str, record: Step[object] | None) -> None:
        """Never. The job stays with its reason, and whoever must know is told by `record`, else the supervisors."""
        ledger.give_up(tx, lease, reason)
        if record is not None:
            record(tx)
        self.alarm_of_job(tx, lease.id, lease.kind, lease.facts, reason)

    @use_case
    def renew_jobs(self, tx: Tx, owner: str, held: Collection[int], lease: timedelta) -> None:
        """What `owner` still does stays theirs."""
        ledger.renew(tx, owner, held, lease)

    @use_case
    def forget_owner(self, tx: Tx, prefix: str) -> None:
        ledger.forget_owner(tx, prefix)

    @use_case
    def take_turn(self, tx: Tx, name: str, every: timedelta) -> bool:
        """Whether this round of something that comes round is ours to do. Rounds begin at midnight UTC."""
        return ledger.take_turn(tx, name, every)

    @use_case
    def tidy(self, tx: Tx, before: timedelta) -> int:
        """Forget what nobody asks for any more: agents' acts that were answered, old acknowledgements and paces."""
        since = tx.now - before
        return inbox.forget_acts(tx, since) + acknowledged.forget(tx, since) + paces.forget(tx, since)

    @question
    def waiting_destinations(self, tx: Tx, kinds: Collection[str]) -> dict[str, datetime]:
        return claims.waiting_destinations(tx, kinds)

    @question
    def jobs(self, tx: Tx, state: State | None = None, most: int = 200) -> list[Entry]:
        return ledger.entries(tx, state, most)

    @question
    def count_jobs(self, tx: Tx, state: State) -> int:
        return ledger.count(tx, state)

    @question
    def job(self, tx: Tx, id: int) -> Entry | None:
        return ledger.entry(tx, id)

    @use_case
    def retry_job(self, tx: Tx, id: int) -> bool:
        """Try a job again now; what was recorded when it was given up is taken back. False where there is none."""
        job = ledger.entry(tx, id)
        if job is None or not ledger.retry(tx, id):
            return False
        if job.kind.startswith("deliver:"):
            self.expect_again(tx, job.facts["message"])
        elif job.kind.startswith("receive:"):
            inbox.receive_again(tx, job.facts["inbox"])
        return True

    @use_case
    def drop_job(self, tx: Tx, id: int) -> bool:
        """Remove a job for good, and say so where somebody waits for it. False where there is none."""
        job = ledger.entry(tx, id)
        if job is None or not ledger.drop(tx, id):
            return False
        if job.kind.startswith("deliver:"):
            self.fail(tx, job.facts["message"], DROPPED)
        elif job.kind.startswith("receive:"):
            inbox.settle(tx, job.facts["inbox"], "unreadable", DROPPED)
        return True

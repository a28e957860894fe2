"""What a process can do: a hand for each kind of job, and how a hand says that it could not."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.storage.database import Step, Tx
from core.storage.ledger import Lease

Record = Step[Any]
"""What to write down when the outside part is done; written in one transaction with finishing the job."""


def both(first: Record, second: Record) -> Record:
    """One record and the other."""

    def record(tx: Tx) -> None:
        first(tx)
        second(tx)

    return record


class Later(Exception):
    """Not now: the same job again `after` this long.

    `pace` names what the other side asked us to rest (429); then every job of that pace rests. `counts` says whether
    this was an attempt; `record` is what was done of it all the same.
    """

    def __init__(
        self,
        reason: str,
        after: timedelta | None = None,
        *,
        pace: str | None = None,
        counts: bool = True,
        record: Record | None = None,
    ):
        super().__init__(reason)
        self.reason, self.after, self.pace, self.counts, self.record = reason, after, pace, counts, record


class GiveUp(Exception):
    """It can never work; `reason` is for people."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after the n-th failed attempt, and after how many to give up.

    Exponential with full jitter in its upper half, so that what failed together does not come back together.
    """

    first: timedelta = timedelta(seconds=2)
    most: timedelta = timedelta(minutes=15)
    tries: int = 12

    def after(self, attempts: int, chance: Callable[[], float] = random.random) -> timedelta:
        whole = min(self.most, self.first * 2 ** min(attempts - 1, 30))
        return whole / 2 + whole / 2 * chance()


@dataclass(frozen=True, slots=True)
class Hand:
    """How one kind of job is done. `lost` says what to write down when it was given up.

    `refill`: how many of the `at_once` are free before more are claimed. Each claim is a commit; where jobs are short,
    one for each job that ended costs more than the jobs.
    """

    do: Callable[[Lease], Awaitable[Record | None]]
    lost: Callable[[Lease, str], Record | None] = lambda lease, reason: None
    backoff: Backoff = Backoff()
    at_once: int = 4
    refill: int = 1


Hands = Mapping[str, Hand]

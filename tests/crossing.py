"""Two transactions that cross: the other one is asked for while the first has done its part and not yet committed."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import TypeVar

import sqlalchemy as sa

from core.storage.database import Database, Step, Tx
from tests.patience import PATIENCE

R = TypeVar("R")
S = TypeVar("S")

_WAITS = sa.text("select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))")


def crossing(db: Database, first: Step[R], other: Step[S]) -> tuple[Future[R], Future[S]]:
    """Both, ended. `first` commits when `other` waits for it, or has ended without: then nothing held it back.

    On SQLite there is one writer, and `other` only stands in its line.
    """
    asked: list[Future[S]] = []

    def step(tx: Tx) -> R:
        done = first(tx)
        if not asked:  # a transaction that is done again
            asked.append(db.submit(other))
            until = time.monotonic() + PATIENCE
            while tx.pg and not asked[0].done() and not tx.sql.execute(_WAITS).scalar_one():
                assert time.monotonic() < until, "the other one neither waits nor ends"
                time.sleep(0.01)
        return done

    begun = db.submit(step)
    begun.exception()
    asked[0].exception()
    return begun, asked[0]

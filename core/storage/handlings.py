"""What people did with mail that was kept out: who, what and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import handlings


class Handling(NamedTuple):
    """`what`: admit, replay, discard, block. `by` as `core.tickets.model.By` has it."""

    inbox: int
    what: str
    by: str
    at: datetime


def add(tx: Tx, inbox: int, what: str, by: str) -> None:
    tx.sql.execute(handlings.insert(), {"inbox": inbox, "what": what, "by": by, "at": tx.now})


def of(tx: Tx, pieces: Collection[int]) -> dict[int, list[Handling]]:
    """What was done with each of these, oldest first; of what nobody handled there is nothing."""
    found: dict[int, list[Handling]] = {}
    rows = tx.sql.execute(
        sa.select(*(handlings.c[name] for name in Handling._fields))
        .where(handlings.c.inbox.in_(list(pieces)))
        .order_by(handlings.c.id)
    )
    for row in rows:
        found.setdefault(row.inbox, []).append(Handling(*row))
    return found

"""Which seed the links of a ticket have: all that were made with another one are taken back."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import link_seeds
from core.tickets.passes import SEEDS


def seed_of(tx: Tx, number: int) -> int:
    """The seed that counts now."""
    return tx.sql.execute(sa.select(link_seeds.c.seed).where(link_seeds.c.ticket == number)).scalar() or 0


class TakenBack(NamedTuple):
    """When a ticket's links were taken back last, and by whom; None: nobody knew then."""

    at: datetime
    by: str | None


def taken_back(tx: Tx, number: int) -> TakenBack | None:
    """The last time, where there was one."""
    known = sa.select(link_seeds.c.at, link_seeds.c.by).where(link_seeds.c.ticket == number)
    row = tx.sql.execute(known).first()
    return TakenBack(row.at, row.by) if row else None


def take_back(tx: Tx, number: int, by: str) -> None:
    """Let the next seed count."""
    insert = postgresql.insert if tx.pg else sqlite.insert
    statement = insert(link_seeds)
    changed = {"seed": (link_seeds.c.seed + 1) % SEEDS, "at": statement.excluded.at, "by": statement.excluded.by}
    statement = statement.on_conflict_do_update(index_elements=["ticket"], set_=changed)
    tx.sql.execute(statement, {"ticket": number, "seed": 1, "at": tx.now, "by": by})

"""Which seed the links of a ticket have: all that were made with another one are taken back."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import link_seeds
from core.tickets.passes import SEEDS


def seed_of(tx: Tx, number: int) -> int:
    """The seed that counts now."""
    return tx.sql.execute(sa.select(link_seeds.c.seed).where(link_seeds.c.ticket == number)).scalar() or 0


def take_back(tx: Tx, number: int) -> None:
    """Let the next seed count."""
    insert = postgresql.insert if tx.pg else sqlite.insert
    statement = insert(link_seeds)
    changed = {"seed": (link_seeds.c.seed + 1) % SEEDS, "at": statement.excluded.at}
    statement = statement.on_conflict_do_update(index_elements=["ticket"], set_=changed)
    tx.sql.execute(statement, {"ticket": number, "seed": 1, "at": tx.now})

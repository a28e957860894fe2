"""What agents say they can, until a supervisor has decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import proposals


class Proposal(NamedTuple):
    id: int
    agent: str
    wanted: Mapping[str, Any]
    at: datetime


_COLUMNS = [proposals.c[name] for name in Proposal._fields]
_OPEN = proposals.c.decided_at.is_(None)


def make(tx: Tx, agent: str, wanted: Mapping[str, Any]) -> None:
    """It takes the place of what they wanted before."""
    mine = proposals.update().where(proposals.c.agent == agent, _OPEN)
    tx.sql.execute(mine.values(decided_at=tx.now, decided_by=agent, granted=False))
    tx.sql.execute(proposals.insert(), {"agent": agent, "wanted": dict(wanted), "at": tx.now})


def waiting(tx: Tx, most: int = 20) -> list[Proposal]:
    """Those that nobody has decided, oldest first."""
    query = sa.select(*_COLUMNS).where(_OPEN).order_by(proposals.c.id).limit(most)
    return [Proposal(*row) for row in tx.sql.execute(query)]


def open_of(tx: Tx, agent: str) -> Proposal | None:
    """What somebody wants that nobody has decided."""
    row = tx.sql.execute(sa.select(*_COLUMNS).where(_OPEN, proposals.c.agent == agent)).first()
    return Proposal(*row) if row else None


def decide(tx: Tx, id: int, by: str, granted: bool) -> Proposal | None:
    """None where it was decided before."""
    decided = proposals.update().where(proposals.c.id == id, _OPEN)
    row = tx.sql.execute(decided.values(decided_at=tx.now, decided_by=by, granted=granted).returning(*_COLUMNS)).first()
    return Proposal(*row) if row else None

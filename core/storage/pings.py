"""Whom steps of ladders tell, and what became of it: a row each, so that each is told once whatever happens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import pings

_LONGEST_REASON = 300


class Ping(NamedTuple):
    """Somebody who is told, or something. `target`: an agent's name, "group:ID", "webhook:NAME"; `why`: as what."""

    id: int
    ticket: int
    seq: int
    target: str
    why: str
    due: datetime
    at: datetime
    important: bool
    late: bool
    way: str | None = None
    begun_at: datetime | None = None
    sent_at: datetime | None = None
    moot_at: datetime | None = None
    repeated: bool = False
    failure: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to be done for it."""
        return self.sent_at is not None or self.moot_at is not None


_COLUMNS = [pings.c[name] for name in Ping._fields]


def make(tx: Tx, ping: Ping) -> int:
    """Its number. Whoever is told of one thing twice breaks a rule of the table's, and with it the transaction."""
    row = {name: value for name, value in ping._asdict().items() if name != "id"}
    return tx.sql.execute(pings.insert().returning(pings.c.id), row).scalar_one()


def get(tx: Tx, id: int) -> Ping | None:
    row = tx.sql.execute(sa.select(*_COLUMNS).where(pings.c.id == id)).first()
    return Ping._make(row) if row else None


def begin(tx: Tx, id: int, way: str) -> bool:
    """Whether it may leave by this way: nothing has left, and none of another way is on it."""
    free = sa.or_(pings.c.way.is_(None), pings.c.way == way)
    open_ = (pings.c.id == id, pings.c.sent_at.is_(None), pings.c.moot_at.is_(None), free)
    begun = pings.update().where(*open_).values(way=way, begun_at=tx.now).returning(pings.c.id)
    return tx.sql.execute(begun).first() is not None


def let_go(tx: Tx, id: int, way: str, failure: str) -> None:
    """It did not leave by this way, and may by another."""
    held = (pings.c.id == id, pings.c.way == way, pings.c.sent_at.is_(None))
    tx.sql.execute(pings.update().where(*held).values(way=None, begun_at=None, failure=failure[:_LONGEST_REASON]))


def sent(tx: Tx, id: int, way: str, repeated: bool) -> None:
    row: dict[str, Any] = {"way": way, "sent_at": tx.now, "repeated": repeated}
    tx.sql.execute(pings.update().where(pings.c.id == id).values(**row))


def moot(tx: Tx, id: int) -> None:
    """It is no longer so."""
    tx.sql.execute(pings.update().where(pings.c.id == id, pings.c.sent_at.is_(None)).values(moot_at=tx.now))


def of_tickets(tx: Tx, numbers: Iterable[int]) -> dict[int, list[Ping]]:
    """All of some tickets, by ticket, in their order."""
    wanted: Sequence[int] = sorted(numbers)
    found: dict[int, list[Ping]] = {}
    if wanted:
        query = sa.select(*_COLUMNS).where(pings.c.ticket.in_(wanted)).order_by(pings.c.id)
        for row in tx.sql.execute(query):
            found.setdefault(row.ticket, []).append(Ping._make(row))
    return found

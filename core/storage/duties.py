"""Duties that agents give to each other, absences, and what whoever had a duty leaves to the next one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import handovers, swaps

ACCEPTED, DECLINED, WITHDRAWN = "accepted", "declined", "withdrawn"


class Swap(NamedTuple):
    """Somebody (`to`) is to take somebody's (`of`) duty for a time; None: whoever comes next, for they are absent.

    `roster` "": all of them.
    """

    id: int
    roster: str
    of: str
    to: str | None
    begins: datetime
    ends: datetime
    asked_at: datetime
    asked_by: str
    answer: str | None


class HandOver(NamedTuple):
    """What is left to the next one."""

    id: int
    roster: str
    by: str
    at: datetime
    text: str


_COLUMNS = [swaps.c[name] for name in Swap._fields]


def ask(tx: Tx, swap: Swap) -> int:
    row = {name: value for name, value in swap._asdict().items() if name != "id"}
    return tx.sql.execute(swaps.insert().returning(swaps.c.id), row).scalar_one()


def swap(tx: Tx, id: int) -> Swap | None:
    row = tx.sql.execute(sa.select(*_COLUMNS).where(swaps.c.id == id)).first()
    return Swap._make(row) if row else None


def answer(tx: Tx, id: int, said: str) -> bool:
    """False where it was answered already."""
    open_ = swaps.update().where(swaps.c.id == id, swaps.c.answer.is_(None)).returning(swaps.c.id)
    return tx.sql.execute(open_.values(answer=said, answered_at=tx.now)).first() is not None


def take_back(tx: Tx, id: int) -> bool:
    """It is not so any more from now on. False where it is over, or never was."""
    stands = sa.and_(swaps.c.id == id, swaps.c.ends > tx.now, swaps.c.answer == ACCEPTED)
    row = tx.sql.execute(swaps.update().where(stands).values(answer=WITHDRAWN).returning(swaps.c.id)).first()
    return row is not None


def standing(tx: Tx) -> list[Swap]:
    """What was agreed and is not over; the newest first."""
    query = sa.select(*_COLUMNS).where(swaps.c.ends > tx.now, swaps.c.answer == ACCEPTED)
    return [Swap._make(row) for row in tx.sql.execute(query.order_by(swaps.c.id.desc()))]


def leave(tx: Tx, roster: str, by: str, text: str) -> int:
    """A note for whoever has the duty next."""
    row = {"roster": roster, "by": by, "at": tx.now, "text": text}
    return tx.sql.execute(handovers.insert().returning(handovers.c.id), row).scalar_one()


def last_note(tx: Tx, roster: str) -> HandOver | None:
    columns = [handovers.c[name] for name in HandOver._fields]
    query = sa.select(*columns).where(handovers.c.roster == roster).order_by(handovers.c.id.desc()).limit(1)
    row = tx.sql.execute(query).first()
    return HandOver._make(row) if row else None

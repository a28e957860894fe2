"""One answer to many tickets: what it says, to whom it goes, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.phrases import Phrase, as_kept, as_said
from core.storage.database import Tx
from core.storage.schema import addressed, circulars, messages
from core.tickets.model import Delivery


@dataclass(frozen=True, slots=True)
class Circular:
    """What an agent answers to many at once. `undone_by`: who took it back; `ts` None: it stands nowhere yet."""

    id: int
    lead: int
    gathering: int | None
    queue: str
    text: str
    template: str | None
    closes: bool
    by: str
    at: datetime
    leaves_at: datetime
    undone_by: str | None
    team: str | None
    room: str | None
    ts: str | None


class Addressed(NamedTuple):
    """A ticket that a circular goes to. `seen`: the customer's last words when it was written; `refused`: why it was
    not answered; neither that nor a `message`: not yet.
    """

    ticket: int
    seen: int
    message: int | None
    refused: Phrase | None
    delivery: Delivery | None = None


_CIRCULAR = [circulars.c[name] for name in Circular.__slots__]


def begin(tx: Tx, row: Mapping[str, Any], those: Sequence[tuple[int, int]]) -> int:
    """Keep one with the tickets that it goes to, each with the customer's last words there. Its number."""
    id = tx.sql.execute(circulars.insert().values(**row, at=tx.now).returning(circulars.c.id)).scalar_one()
    tx.sql.execute(addressed.insert(), [{"circular": id, "ticket": number, "seen": seen} for number, seen in those])
    return id


def of(tx: Tx, id: int) -> Circular | None:
    row = tx.sql.execute(sa.select(*_CIRCULAR).where(circulars.c.id == id)).first()
    return Circular(*row) if row else None


def load(tx: Tx, id: int) -> Circular | None:
    """As `of`, locked until the transaction ends."""
    query = sa.select(*_CIRCULAR).where(circulars.c.id == id)
    row = tx.sql.execute(query.with_for_update() if tx.pg else query).first()
    return Circular(*row) if row else None


def addressed_by(tx: Tx, id: int) -> list[Addressed]:
    """The tickets of one, by number."""
    query = (
        sa.select(addressed.c.ticket, addressed.c.seen, addressed.c.message, addressed.c.refused, messages.c.delivery)
        .outerjoin(messages, messages.c.id == addressed.c.message)
        .where(addressed.c.circular == id)
        .order_by(addressed.c.ticket)
    )
    return [_addressed(row) for row in tx.sql.execute(query)]


def one_of(tx: Tx, id: int, number: int) -> Addressed | None:
    return next((one for one in addressed_by(tx, id) if one.ticket == number), None)


def answered(tx: Tx, id: int, number: int, message: int) -> None:
    """A ticket of it was answered."""
    tx.sql.execute(_mine(id, number).values(message=message))


def refused(tx: Tx, id: int, number: int, why: Phrase) -> None:
    """A ticket of it was not answered."""
    tx.sql.execute(_mine(id, number).values(refused=as_kept(why)))


def undo(tx: Tx, id: int, by: str) -> None:
    tx.sql.execute(circulars.update().where(circulars.c.id == id).values(undone_by=by))


def keep_place(tx: Tx, id: int, team: str, room: str, ts: str) -> None:
    """It is told of there."""
    tx.sql.execute(circulars.update().where(circulars.c.id == id).values(team=team, room=room, ts=ts))


def that_says(tx: Tx, message: int) -> tuple[int, str] | None:
    """The circular that a message is of, and its queue; None where it is of none."""
    query = sa.select(circulars.c.id, circulars.c.queue).join(addressed, addressed.c.circular == circulars.c.id)
    row = tx.sql.execute(query.where(addressed.c.message == message)).first()
    return (row.id, row.queue) if row else None


def missed_by(tx: Tx, number: int, leads: Sequence[int]) -> int | None:
    """The last circular to those of these leads that has left, where a ticket did not get it."""
    query = (
        sa.select(circulars.c.id)
        .where(circulars.c.lead.in_(leads), circulars.c.undone_by.is_(None), circulars.c.leaves_at <= tx.now)
        .order_by(circulars.c.id.desc())
        .limit(1)
    )
    last = tx.sql.execute(query).scalar()
    if last is None:
        return None
    got = sa.select(sa.literal(1)).where(addressed.c.circular == last, addressed.c.ticket == number)
    return None if tx.sql.execute(got).first() else last


def _mine(id: int, number: int) -> sa.Update:
    return addressed.update().where(addressed.c.circular == id, addressed.c.ticket == number)


def _addressed(row: Any) -> Addressed:
    why = as_said(row.refused) if row.refused is not None else None
    delivery = Delivery(row.delivery) if row.delivery is not None else None
    return Addressed(row.ticket, row.seen, row.message, why, delivery)

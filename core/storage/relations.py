"""What tickets have to do with each other: rows to values and back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import relations, tickets
from core.storage.statements import Prepared
from core.tickets.model import Status
from core.tickets.relating import Kinship, Relation

_CAUSES = [kind.value for kind in Kinship if kind.has_cause]


def add(tx: Tx, relation: Relation) -> None:
    tx.sql.execute(relations.insert().values({**relation._asdict(), "kind": relation.kind.value}))


def remove(tx: Tx, relation: Relation) -> None:
    mine = (relations.c.one == relation.one, relations.c.other == relation.other, relations.c.kind == relation.kind)
    tx.sql.execute(relations.delete().where(*mine))


def of(tx: Tx, number: int) -> list[Relation]:
    """What a ticket has to do with others, in the order of that."""
    return [_relation(row) for row in _OF.rows(tx, {"n": number})]


_N = sa.bindparam("n", type_=relations.c.one.type)
_OF = Prepared(
    sa.select(relations)
    .where(sa.or_(relations.c.one == _N, relations.c.other == _N))
    .order_by(relations.c.at, relations.c.one, relations.c.other)
)


def causes_of(tx: Tx, number: int) -> list[int]:
    """The tickets that one is caused by."""
    query = sa.select(relations.c.other).where(relations.c.one == number, relations.c.kind.in_(_CAUSES))
    return sorted(set(tx.sql.execute(query).scalars()))


def caused_by(tx: Tx, number: int, most: int) -> list[int]:
    """The tickets that are caused by one and are not closed, by number."""
    query = (
        sa.select(relations.c.one)
        .join(tickets, tickets.c.number == relations.c.one)
        .where(relations.c.other == number, relations.c.kind.in_(_CAUSES), tickets.c.status != Status.CLOSED)
        .distinct()
        .order_by(relations.c.one)
        .limit(most)
    )
    return list(tx.sql.execute(query).scalars())


def _relation(row: Any) -> Relation:
    return Relation(row.one, row.other, Kinship(row.kind), row.by, row.at)

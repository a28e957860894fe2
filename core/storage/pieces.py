"""Messages that leave in pieces, where a channel takes none as long as ours: which was begun, which has left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import pieces


class Left(NamedTuple):
    """What has left of a message: the channel's ids of its pieces, in order. `begun`: whether another one was begun of
    which that is not known.
    """

    ids: tuple[str, ...]
    begun: bool


NONE = Left((), False)


def of(tx: Tx, message: int) -> Left:
    """How far a message has come."""
    rows = tx.sql.execute(sa.select(pieces).where(pieces.c.message == message).order_by(pieces.c.position)).all()
    return Left(tuple(r.external_id for r in rows if r.external_id is not None), any(not r.external_id for r in rows))


def begin(tx: Tx, message: int, position: int) -> None:
    """A piece is about to leave."""
    row = {"message": message, "position": position, "begun_at": tx.now, "external_id": None}
    insert = (postgresql.insert if tx.pg else sqlite.insert)(pieces)
    tx.sql.execute(insert.on_conflict_do_update(index_elements=["message", "position"], set_={"begun_at": tx.now}), row)


def left(tx: Tx, message: int, position: int, external_ids: Sequence[str]) -> None:
    """What was begun there has left, and the channel knows it by these ids: of what is shown together, each by its own,
    and each in a place of its own.
    """
    rows = [
        {"message": message, "position": position + n, "begun_at": tx.now, "external_id": id}
        for n, id in enumerate(external_ids)
    ]
    insert = (postgresql.insert if tx.pg else sqlite.insert)(pieces)
    kept = {"external_id": insert.excluded.external_id}
    tx.sql.execute(insert.on_conflict_do_update(index_elements=["message", "position"], set_=kept), rows)


def gone(tx: Tx, message: int, external_ids: Collection[str]) -> None:
    """These pieces do not stand there any more."""
    tx.sql.execute(pieces.delete().where(pieces.c.message == message, pieces.c.external_id.in_(external_ids)))


def refused(tx: Tx, message: int) -> None:
    """The piece that was begun has certainly not left."""
    tx.sql.execute(pieces.delete().where(pieces.c.message == message, pieces.c.external_id.is_(None)))

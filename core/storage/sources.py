"""Partners who bring messages by the web API, as rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import sources, ways
from core.storage.statements import on_each
from core.tickets.sources import CHANNEL, Credentials, Scope, Source, Told, digest, door


def make(tx: Tx, source: Source, key: Credentials) -> bool:
    """Keep a new one. False where there is one of this name, revoked ones too."""
    row = {
        "name": source.name,
        "scopes": sorted(source.scopes),
        "told": sorted(source.told),
        "url": source.url,
        "queue": source.queue,
        "signs": source.signs,
        "token": digest(key.token),
        "secret": key.secret,
        "made_at": tx.now,
    }
    return tx.sql.execute(_MAKE[tx.pg], row).first() is not None


_MAKE = on_each(
    lambda insert: insert(sources).on_conflict_do_nothing(index_elements=["name"]).returning(sources.c.name)
)


def find(tx: Tx, name: str) -> Source | None:
    row = tx.sql.execute(sa.select(sources).where(sources.c.name == name)).first()
    return _source(row, tx.now) if row else None


def every(tx: Tx) -> list[Source]:
    return [_source(row, tx.now) for row in tx.sql.execute(sa.select(sources).order_by(sources.c.name))]


def of_ticket(tx: Tx, number: int, now_at: str) -> list[Source]:
    """Those by which a ticket goes on (`now_at` is its door), or has gone on: the oldest first."""
    been_at = sa.select(ways.c.door).where(ways.c.ticket == number, ways.c.channel == CHANNEL)
    its_door = sa.literal(door("")) + sources.c.name
    those = sa.or_(its_door == now_at, its_door.in_(been_at))
    return [_source(row, tx.now) for row in tx.sql.execute(sa.select(sources).where(those).order_by(sources.c.made_at))]


def revise(tx: Tx, name: str, **values: Any) -> bool:
    """Say something else of one. False where there is none, or it was revoked."""
    is_there = (sources.c.name == name, sources.c.revoked_at.is_(None))
    return tx.sql.execute(sources.update().where(*is_there).values(**values)).rowcount > 0


def rotate(tx: Tx, name: str, key: Credentials, overlap: timedelta) -> bool:
    """Other credentials; what it had counts for so long, too."""
    before: dict[str, Any] = {"token_before": None, "secret_before": None, "before_until": None}
    if overlap:
        before = {
            "token_before": sources.c.token,
            "secret_before": sources.c.secret,
            "before_until": tx.now + overlap,
        }
    return revise(tx, name, token=digest(key.token), secret=key.secret, **before)


def failed(tx: Tx, name: str, why: str) -> None:
    """Its webhook was not taken."""
    since = sa.func.coalesce(sources.c.failing_since, sa.bindparam("since", type_=sources.c.failing_since.type))
    statement = sources.update().where(sources.c.name == name).values(failing_since=since, failure=why)
    tx.sql.execute(statement, {"since": tx.now})


def worked(tx: Tx, name: str) -> None:
    """Its webhook was taken; nothing is written where it was before, too."""
    fails = (sources.c.name == name, sources.c.failing_since.is_not(None))
    tx.sql.execute(sources.update().where(*fails).values(failing_since=None, failure=None))


def _source(row: Any, now: datetime) -> Source:
    overlaps = row.before_until is not None and now < row.before_until
    return Source(
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes)),
        told=frozenset(map(Told, row.told)),
        url=row.url,
        queue=row.queue,
        signs=row.signs,
        digests=(row.token, row.token_before) if overlaps else (row.token,),
        secrets=tuple(bytes(one) for one in ((row.secret, row.secret_before) if overlaps else (row.secret,))),
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        failing_since=row.failing_since,
        failure=row.failure,
    )

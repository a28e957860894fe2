"""How far tickets' ladders were looked through, and what was found: so each finding is told once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import audits, pings, rulebook, tickets
from core.storage.statements import on_each


class Known(NamedTuple):
    """A ticket to look through, and what was found before."""

    ticket: int
    version: int
    found: list[list[Any]]


def to_look_at(tx: Tx, overdue: datetime, most: int) -> list[Known]:
    """Tickets with a ladder of which something happened since they were looked through, or is overdue since then."""
    beyond = sa.and_(tickets.c.rung_at.is_not(None), tickets.c.rung_at < overdue, tickets.c.snoozed_until.is_(None))
    untold = sa.exists().where(
        pings.c.ticket == tickets.c.number,
        pings.c.sent_at.is_(None),
        pings.c.moot_at.is_(None),
        pings.c.at < overdue,
    )
    again = sa.and_(sa.or_(beyond, untold), audits.c.at < overdue)
    query = (
        sa.select(tickets.c.number, tickets.c.version, audits.c.found)
        .outerjoin(audits, audits.c.ticket == tickets.c.number)
        .where(
            tickets.c.ladder.is_not(None),
            sa.or_(audits.c.version.is_(None), audits.c.version < tickets.c.version, again),
        )
        .order_by(tickets.c.number)
        .limit(most)
    )
    return [Known(row.number, row.version, list(row.found or ())) for row in tx.sql.execute(query)]


def split_to_look_at(tx: Tx, most: int) -> list[Known]:
    """Tickets with tasks of which something happened since they were looked through."""
    if most <= 0:
        return []
    query = (
        sa.select(tickets.c.number, tickets.c.version, audits.c.found)
        .outerjoin(audits, audits.c.ticket == tickets.c.number)
        .where(
            tickets.c.tasks > sa.literal_column("0"),  # as the index says
            sa.or_(audits.c.version.is_(None), audits.c.version < tickets.c.version),
        )
        .order_by(tickets.c.number)
        .limit(most)
    )
    return [Known(row.number, row.version, list(row.found or ())) for row in tx.sql.execute(query)]


def keep(tx: Tx, ticket: int, version: int, found: list[list[Any]]) -> None:
    tx.sql.execute(_KEEP[tx.pg], {"ticket": ticket, "version": version, "at": tx.now, "found": found})


def _keep(insert: Any) -> Any:
    statement = insert(audits)
    changed = {name: statement.excluded[name] for name in ("version", "at", "found")}
    return statement.on_conflict_do_update(index_elements=["ticket"], set_=changed)


_KEEP = on_each(_keep)


def versions(tx: Tx) -> list[tuple[datetime, int]]:
    """When each version of the rulebook came into force, the oldest first."""
    rows = tx.sql.execute(sa.select(rulebook.c.at, rulebook.c.version).order_by(rulebook.c.version))
    return [(row.at, row.version) for row in rows]

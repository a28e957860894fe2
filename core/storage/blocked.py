"""Whose mail opens nothing: addresses and domains, with who said so, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import blocked
from core.storage.statements import on_each


class Blocked(NamedTuple):
    """`pattern` is a folded address, or "@" and a domain; `by` as `core.tickets.model.By` has it."""

    pattern: str
    by: str
    at: datetime
    why: str


def add(tx: Tx, pattern: str, by: str, why: str) -> bool:
    """False where it is blocked already."""
    row = {"pattern": pattern, "by": by, "at": tx.now, "why": why}
    return tx.sql.execute(_ADD[tx.pg], row).first() is not None


_ADD = on_each(
    lambda insert: insert(blocked).on_conflict_do_nothing(index_elements=["pattern"]).returning(blocked.c.pattern)
)


def remove(tx: Tx, pattern: str) -> bool:
    """False where it was not blocked."""
    gone = tx.sql.execute(blocked.delete().where(blocked.c.pattern == pattern).returning(blocked.c.pattern))
    return gone.first() is not None


def every(tx: Tx) -> list[Blocked]:
    """All of them, those blocked last first."""
    rows = tx.sql.execute(
        sa.select(*(blocked.c[name] for name in Blocked._fields)).order_by(blocked.c.at.desc(), blocked.c.pattern)
    )
    return [Blocked(*row) for row in rows]


def first_of(tx: Tx, patterns: Sequence[str]) -> Blocked | None:
    """The first of these patterns that is blocked."""
    rows = tx.sql.execute(
        sa.select(*(blocked.c[name] for name in Blocked._fields)).where(blocked.c.pattern.in_(list(patterns)))
    )
    found = {row.pattern: Blocked(*row) for row in rows}
    return next((found[pattern] for pattern in patterns if pattern in found), None)

"""Whom we have invited where. Each is a row of `rounds`: what was begun once, and when, is not begun again."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import rounds


def invited(tx: Tx, team: str, room: str) -> set[str]:
    """Those who were invited into a room, or were found in it: whoever of them is not in it has left it."""
    named = rounds.c.name
    prefix = _named(team, room)
    rows = tx.sql.scalars(sa.select(named).where(named.startswith(prefix, autoescape=True)))
    return {name.removeprefix(prefix) for name in rows}


def keep_invited(tx: Tx, team: str, room: str, users: Collection[str]) -> None:
    """Remember them, for good."""
    if not users:
        return
    insert = postgresql.insert if tx.pg else sqlite.insert
    rows = [{"name": _named(team, room) + user, "began": tx.now} for user in sorted(users)]
    tx.sql.execute(insert(rounds).on_conflict_do_nothing(), rows)


def _named(team: str, room: str) -> str:
    return f"invited {team}:{room}:"

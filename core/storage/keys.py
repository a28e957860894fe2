"""Secrets that the desk makes for itself, in generations, so that they can be changed and old ones still read."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import keys


def generations(tx: Tx, name: str) -> dict[int, bytes]:
    """Every generation of a key, made at first sight."""
    rows = tx.sql.execute(sa.select(keys.c.generation, keys.c.secret).where(keys.c.name == name)).all()
    if rows:
        return {row.generation: bytes(row.secret) for row in rows}
    insert = postgresql.insert if tx.pg else sqlite.insert
    tx.sql.execute(
        insert(keys).on_conflict_do_nothing(),
        {"name": name, "generation": 0, "secret": secrets.token_bytes(32), "at": tx.now},
    )
    return generations(tx, name)


def renew(tx: Tx, name: str) -> None:
    """Another key from now on; what the earlier ones signed counts no more."""
    last = max(generations(tx, name))
    tx.sql.execute(keys.delete().where(keys.c.name == name))
    row = {"name": name, "generation": (last + 1) % 256, "secret": secrets.token_bytes(32), "at": tx.now}
    tx.sql.execute(keys.insert(), row)

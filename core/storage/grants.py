"""Refresh tokens that a provider gave in place of those in the settings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import grants
from core.storage.statements import on_each


def kept(tx: Tx, name: str, seed: str) -> str | None:
    """The one given last in place of the one whose digest is `seed`."""
    return tx.sql.execute(sa.select(grants.c.secret).where(grants.c.name == name, grants.c.seed == seed)).scalar()


def keep(tx: Tx, name: str, seed: str, secret: str) -> None:
    tx.sql.execute(_KEEP[tx.pg], {"name": name, "seed": seed, "secret": secret, "at": tx.now})


def _keep(insert: Any) -> Any:
    statement = insert(grants)
    changed = {name: statement.excluded[name] for name in ("seed", "secret", "at")}
    return statement.on_conflict_do_update(index_elements=["name"], set_=changed)


_KEEP = on_each(_keep)

"""What servers that take our mail say of themselves, for those processes that do not speak with them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import relays
from core.storage.statements import on_each


def keep_largest(tx: Tx, name: str, largest: int | None) -> None:
    """How large a mail it takes, in bytes; None: it names no limit."""
    tx.sql.execute(_KEEP[tx.pg], {"name": name, "largest": largest, "at": tx.now})


def largest(tx: Tx, name: str) -> int | None:
    return tx.sql.execute(sa.select(relays.c.largest).where(relays.c.name == name)).scalar()


def _keep(insert: Any) -> Any:
    statement = insert(relays)
    changed = {name: statement.excluded[name] for name in ("largest", "at")}
    return statement.on_conflict_do_update(index_elements=["name"], set_=changed)


_KEEP = on_each(_keep)

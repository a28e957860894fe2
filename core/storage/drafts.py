"""What supervisors are writing of the rulebook in windows, which are open for a while and may be left at any time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import drafts

KEPT = timedelta(days=2)
"""So long after it was written last, what nobody put in force is forgotten."""


class Draft(NamedTuple):
    """A thing of the rulebook as somebody is writing it. `name` None: it is new. `version`: the rulebook's."""

    id: int
    kind: str
    name: str | None
    version: int
    record: Mapping[str, Any]


_COLUMNS = [drafts.c[name] for name in Draft._fields]


def begin(tx: Tx, by: str, draft: Draft) -> Draft:
    """Keep a new one, and forget those that were left long ago."""
    tx.sql.execute(drafts.delete().where(drafts.c.at < tx.now - KEPT))
    row = {**draft._asdict(), "by": by, "at": tx.now, "record": dict(draft.record)}
    del row["id"]
    return draft._replace(id=tx.sql.execute(drafts.insert().returning(drafts.c.id), row).scalar_one())


def find(tx: Tx, id: int, by: str) -> Draft | None:
    """None where it is in force by now, forgotten, or somebody else's."""
    row = tx.sql.execute(sa.select(*_COLUMNS).where(drafts.c.id == id, drafts.c.by == by)).first()
    return Draft._make(row) if row else None


def write(tx: Tx, id: int, record: Mapping[str, Any]) -> None:
    tx.sql.execute(drafts.update().where(drafts.c.id == id).values(record=dict(record), at=tx.now))


def drop(tx: Tx, id: int) -> None:
    tx.sql.execute(drafts.delete().where(drafts.c.id == id))

"""Values that agents gave fields by hand: of which patterns may be made."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import told_fields
from core.storage.statements import on_each

_NEWEST = 20


def tell(tx: Tx, number: int, field: str, value: str) -> None:
    """An agent says it of a ticket; what was said of it before does not count any more."""
    if not value.strip():
        tx.sql.execute(told_fields.delete().where(told_fields.c.ticket == number, told_fields.c.field == field))
        return
    tx.sql.execute(_TELL[tx.pg], {"ticket": number, "field": field, "value": value.strip(), "at": tx.now})


def _tell(insert: Any) -> Any:
    statement = insert(told_fields)
    said = {"value": statement.excluded.value, "at": statement.excluded.at}
    return statement.on_conflict_do_update(index_elements=["ticket", "field"], set_=said)


_TELL = on_each(_tell)


def values(tx: Tx, field: str) -> list[str]:
    """The newest that agents gave it, in different tickets."""
    mine = sa.select(told_fields.c.value).where(told_fields.c.field == field)
    return list(tx.sql.execute(mine.order_by(told_fields.c.at.desc()).limit(_NEWEST)).scalars())

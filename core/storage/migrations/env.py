"""Runs migrations on the connection that it is handed."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.sql.ddl import DDLIf

from core.storage.schema import JSON, Id, Instant, Words, meta


def _ours(_type: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Our column types, written into migrations by name."""
    name = {id(JSON): "JSON", id(Id): "Id"}.get(id(item))
    if isinstance(item, (Instant, Words)):
        name = type(item).__name__
    if name is None:
        return False
    _autogen.imports.add(f"from core.storage.schema import {name}")
    return name


def _of_the_desk(item: Any, name: str | None, kind: str, _reflected: bool, _to: Any) -> bool:
    """Procrastinate's own tables are not ours to compare, nor here an index that only another database has."""
    if isinstance(item, sa.Index):
        only: DDLIf | None = item._ddl_if  # pyright: ignore[reportPrivateUsage] - it has no other name
        if only is not None:
            return only.dialect == context.get_context().dialect.name
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=meta,
    render_item=_ours,
    include_object=_of_the_desk,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

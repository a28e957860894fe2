"""Who alone may do what only one may do: a lease with a fence, by the database's clock where there is one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.database import Tx
from core.storage.schema import leases
from core.storage.statements import Prepared, on_either


def take(tx: Tx, name: str, owner: str, span: timedelta) -> int | None:
    """The lease, for so long from now, as its fence; None where somebody else has it, whose time is not over.

    Whoever has it already keeps their fence; whoever takes it over has a higher one.
    """
    insert: Any = postgresql.insert if tx.pg else sqlite.insert
    until = _now(tx) + span
    fence = leases.c.fence + sa.case((leases.c.owner == owner, 0), else_=1)
    made = (
        insert(leases)
        .values(name=name, owner=owner, fence=1, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "fence": fence, "until": until},
            where=sa.or_(leases.c.until < _now(tx), leases.c.owner == owner),
        )
        .returning(leases.c.fence)
    )
    return tx.sql.execute(made).scalar()


def holds(tx: Tx, name: str, owner: str, fence: int) -> bool:
    """Whether it is still theirs; nobody takes it over before this transaction ends."""
    return _HOLDS.first(tx, {"of": name, "who": owner, "held": fence}) is not None


def _holds(pg: bool) -> Any:
    held = (leases.c.name, "of"), (leases.c.owner, "who"), (leases.c.fence, "held")
    query = sa.select(leases.c.fence).where(*(column == sa.bindparam(given) for column, given in held))
    return query.with_for_update() if pg else query


_HOLDS = Prepared(on_either(_holds))


def let_go(tx: Tx, name: str, owner: str) -> None:
    """Somebody else may have it at once."""
    ours = sa.and_(leases.c.name == name, leases.c.owner == owner)
    tx.sql.execute(leases.update().where(ours).values(until=_now(tx) - timedelta(seconds=1)))


def free(tx: Tx, prefix: str) -> None:
    """Let go of every lease of a kind: whoever held them is known to be dead."""
    mine = leases.c.name.startswith(prefix, autoescape=True)
    tx.sql.execute(leases.update().where(mine).values(owner="", until=tx.now - timedelta(days=1)))


def _now(tx: Tx) -> Any:
    return sa.func.clock_timestamp() if tx.pg else tx.now

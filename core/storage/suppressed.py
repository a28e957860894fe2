"""Addresses that mail does not reach, or whose readers want none that we send by ourselves; in whose words, when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.people import folded
from core.storage.schema import suppressed
from core.storage.statements import on_each
from core.tickets.suppression import Kind, Standing


class Suppressed(NamedTuple):
    """What is known against an address; `reason` in the other side's words, `message` what was refused last."""

    channel: str
    address: str  # as it was written
    standing: Standing
    reason: str
    message: int | None


def of(tx: Tx, channel: str, addresses: Sequence[str]) -> list[Suppressed]:
    """What is known against any of these, in their order."""
    wanted = list(dict.fromkeys(folded(address) for address in addresses if address))
    if not wanted:
        return []
    rows = tx.sql.execute(
        sa.select(suppressed).where(suppressed.c.channel == channel, suppressed.c.address.in_(wanted))
    ).all()
    found = {row.address: _read(row) for row in rows}
    return [found[address] for address in wanted if address in found]


def every(tx: Tx, most: int = 1000) -> list[Suppressed]:
    """All of them, the latest first."""
    rows = tx.sql.execute(sa.select(suppressed).order_by(suppressed.c.at.desc(), suppressed.c.address).limit(most))
    return [_read(row) for row in rows]


def keep(tx: Tx, known: Suppressed) -> None:
    """Know this of an address from now on, in place of what was known."""
    standing = known.standing
    tx.sql.execute(
        _KEEP[tx.pg],
        {
            "channel": known.channel,
            "address": folded(known.address),
            "shown": known.address,
            "kind": standing.kind.value,
            "score": standing.score,
            "reason": known.reason,
            "message": known.message,
            "at": standing.at,
        },
    )


def _keep(insert: Any) -> Any:
    statement = insert(suppressed)
    changed = {c.name: statement.excluded[c.name] for c in suppressed.columns if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=["channel", "address"], set_=changed)


_KEEP = on_each(_keep)


def forget(tx: Tx, channel: str, address: str, but: Kind | None = None) -> bool:
    """Nothing is known against it any more, except where that is of the kind `but`. Whether something was."""
    ours = (suppressed.c.channel == channel, suppressed.c.address == folded(address))
    kept = [suppressed.c.kind != but.value] if but is not None else []
    gone = tx.sql.execute(suppressed.delete().where(*ours, *kept).returning(suppressed.c.address))
    return gone.first() is not None


def _read(row: Any) -> Suppressed:
    standing = Standing(Kind(row.kind), row.score, row.at)
    return Suppressed(row.channel, row.shown, standing, row.reason, row.message)

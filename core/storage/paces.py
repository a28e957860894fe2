"""Token buckets as rows, so that all processes share them; and the rests that the other side asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.pacing import Pace, may_at, rate_of, took
from core.storage.database import Tx
from core.storage.schema import paces
from core.storage.statements import Prepared, among, on_either, rows_in


def hold(tx: Tx, names: Collection[str]) -> dict[str, Pace]:
    """Buckets by name, nobody else's until the transaction ends. On SQLite one that was never used is missing."""
    if not names:
        return {}
    held = _held(tx, names)
    if not tx.pg:
        return held
    if missing := sorted(set(names) - held.keys()):
        # A row that is not there cannot be locked: two who both find none would each take a whole burst.
        made = [{"name": name, "tat": tx.now} for name in missing]
        tx.sql.execute(postgresql.insert(paces).on_conflict_do_nothing(), made)
        held = _held(tx, names)
    return held


def _held(tx: Tx, names: Collection[str]) -> dict[str, Pace]:
    return {row.name: Pace(row.tat, row.paused_until) for row in _HOLD.rows(tx, {"names": list(names)})}


def _hold(pg: bool) -> sa.Select[Any]:
    query = sa.select(paces).where(among(pg, paces.c.name, "names")).order_by(paces.c.name)
    return query.with_for_update() if pg else query


_HOLD = Prepared(on_either(_hold))


def keep(tx: Tx, changed: Mapping[str, Pace]) -> None:
    """Write buckets back."""
    rows = [{"name": n, "tat": p.tat, "paused_until": p.paused_until} for n, p in sorted(changed.items())]
    if not tx.pg:
        _KEEP.run_each(tx, rows)
    elif rows:
        _KEEP.run(tx, {"kept": rows})


def _keep(pg: bool) -> Any:
    cells = (paces.c.name, paces.c.tat, paces.c.paused_until)
    statement: Any = sqlite.insert(paces)
    if pg:  # all in one statement: each would be a journey to the server and back
        kept = rows_in("kept", cells)
        in_order = sa.select(*(kept.c[cell.name] for cell in cells)).order_by(kept.c.name)
        statement = postgresql.insert(paces).from_select([cell.name for cell in cells], in_order)
    return statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"tat": statement.excluded.tat, "paused_until": statement.excluded.paused_until},
    )


_KEEP = Prepared(on_either(_keep), columns=("name", "tat", "paused_until"))


def take(tx: Tx, name: str) -> bool:
    """Take one of a bucket where there is one."""
    pace, rate = hold(tx, {name}).get(name), rate_of(name)
    if may_at(pace, rate, tx.now) > tx.now:
        return False
    keep(tx, {name: took(pace, rate, tx.now)})
    return True


def charge(tx: Tx, names: Collection[str], times: int) -> None:
    """So many more were taken of each of these than anybody asked for: whoever comes next waits for it."""
    held = hold(tx, names)
    for _ in range(times):
        held = {name: took(held.get(name), rate_of(name), tx.now) for name in names}
    if times:
        keep(tx, held)


def pause(tx: Tx, name: str, until: datetime) -> None:
    """The other side said when it will take more: nobody asks it before then."""
    pace = hold(tx, {name}).get(name) or Pace(tx.now)
    if pace.paused_until is None or pace.paused_until < until:
        keep(tx, {name: Pace(pace.tat, until)})


def forget(tx: Tx, before: datetime) -> int:
    """A bucket long at rest is a full one, as one that was never used; unless it was asked to rest longer."""
    resting = sa.and_(paces.c.tat < before, sa.func.coalesce(paces.c.paused_until, paces.c.tat) < before)
    return len(tx.sql.execute(paces.delete().where(resting).returning(paces.c.name)).all())

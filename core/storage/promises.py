"""What is promised for tickets, and the clocks that count it: rows to values and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.escalation.targets import Clock, Clocks, Kind, Terms
from core.storage.database import Tx
from core.storage.schema import clocks, promises
from core.storage.statements import Prepared, on_each

_MICROSECOND = timedelta(microseconds=1)
_TERMS = Terms._fields
_CLOCK = tuple(f.name for f in fields(Clock))
_SPANS = ("target", "spent")

_LOAD = Prepared(
    sa.select(*(promises.c[name] for name in _TERMS), *(clocks.c[name] for name in _CLOCK))
    .select_from(promises.outerjoin(clocks, clocks.c.ticket == promises.c.ticket))
    .where(promises.c.ticket == sa.bindparam("n"))
)


def of(tx: Tx, number: int) -> Clocks:
    """The clocks of a ticket; none where nothing was ever promised for it."""
    rows = _LOAD.rows(tx, {"n": number})
    if not rows:
        return Clocks()
    first = rows[0]
    terms: dict[str, Any] = {name: getattr(first, name) for name in _TERMS}
    terms["pause_on_hold"] = bool(first.pause_on_hold)
    each = [_clock(row) for row in rows if row.kind is not None]
    order = list(Kind)
    return Clocks(Terms(**terms), tuple(sorted(each, key=lambda one: order.index(one.kind))))


def _clock(row: Any) -> Clock:
    facts: dict[str, Any] = {name: getattr(row, name) for name in _CLOCK}
    facts.update({name: facts[name] * _MICROSECOND for name in _SPANS})
    facts.update(kind=Kind(row.kind), done=bool(row.done))
    return Clock(**facts)


def keep(tx: Tx, number: int, before: Clocks, now: Clocks, due: datetime | None) -> None:
    """The clocks as they are now; of those that are as they were nothing is written."""
    terms = {name: getattr(now.terms, name) for name in _TERMS}
    tx.sql.execute(_KEEP_TERMS[tx.pg], {"ticket": number, **terms, "due": due})
    changed = [one for one in now.each if one != before.of(one.kind)]
    if changed:
        tx.sql.execute(_KEEP[tx.pg], [_row(number, one) for one in changed])


def _row(number: int, clock: Clock) -> dict[str, Any]:
    row = {name: getattr(clock, name) for name in _CLOCK}
    row |= {name: row[name] // _MICROSECOND for name in _SPANS}
    return {"ticket": number, **row, "kind": clock.kind.value}


def _keep_terms(insert: Any) -> Any:
    statement = insert(promises)
    changed = {name: statement.excluded[name] for name in (*_TERMS, "due")}
    return statement.on_conflict_do_update(index_elements=["ticket"], set_=changed)


def _keep(insert: Any) -> Any:
    statement = insert(clocks)
    changed = {name: statement.excluded[name] for name in _CLOCK if name != "kind"}
    return statement.on_conflict_do_update(index_elements=["ticket", "kind"], set_=changed)


_KEEP_TERMS = on_each(_keep_terms)
_KEEP = on_each(_keep)


def due_of(tx: Tx, numbers: Sequence[int]) -> dict[int, datetime]:
    """When the first of a ticket's promises has to be kept, of those where any counts."""
    query = sa.select(promises.c.ticket, promises.c.due)
    rows = tx.sql.execute(query.where(promises.c.ticket.in_(numbers), promises.c.due.is_not(None)))
    return {row.ticket: row.due for row in rows}


def unlike_their_history(found: Clocks, rebuilt: Clocks) -> list[str]:
    """What of a ticket's clocks is not what its history gives: a check, always empty."""
    kinds = [kind.value for kind in Kind if found.of(kind) != rebuilt.of(kind)]
    return kinds if found.terms == rebuilt.terms else ["terms", *kinds]

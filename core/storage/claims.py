"""Which jobs may run now: due, first in their lane, at their paces; and when to look again.

At a destination may wait a hundred thousand jobs, for a room that takes one message a second. They are looked at by
the paces that they keep to: of what is full nothing is read. Jobs that are due later by themselves, such as those that
failed, are passed over one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.pacing import Pace, Rate, may_at, took
from core.storage import paces
from core.storage.database import Tx
from core.storage.ledger import Lease, State, lease_of, taking
from core.storage.schema import Instant, jobs
from core.storage.statements import Prepared, among, on_either

RateOf = Callable[[str], Rate]

_LOOK_AHEAD = 32


class Claimed(NamedTuple):
    """What was claimed; of which kinds as many as were asked for, so that there may be more; and when to look at the
    destination again (None: when something wakes it)."""

    leases: list[Lease]
    short_of: frozenset[str]
    again_at: datetime | None


def claim(
    tx: Tx,
    destination: str,
    room: Mapping[str, int],
    owner: str,
    lease: timedelta,
    rate_of: RateOf,
    busy: Collection[str] = (),
) -> Claimed:
    """Jobs that may run now: due (or left by a dead worker), first in their lane, within their paces.

    `room` says how many of each kind there are hands for; `busy` are lanes whose head the asker has already, which
    spares looking at everything behind it (somebody's ten thousandth mail today).
    """
    left = {kind: n for kind, n in room.items() if n > 0}
    if not left:
        return Claimed([], frozenset(room), None)
    taken: list[Lease] = []
    alike: list[str] = [row.paces for row in _ALIKE.rows(tx, {"destination": destination})]
    known: dict[str, Pace] = dict(paces.hold(tx, {name for names in alike for name in names.split()}))

    def free_at(names: str) -> datetime:
        return max((may_at(known.get(n), rate_of(n), tx.now) for n in names.split()), default=tx.now)

    while left:
        most = min(max(left.values()), _LOOK_AHEAD)
        ready = [names for names in alike if free_at(names) <= tx.now]
        rows = _candidates(tx, destination, ready, left, busy, most)
        picked: list[Any] = []
        kinds = len(left)
        for row in rows:
            if row.kind in left and free_at(row.paces) <= tx.now:
                known.update({n: took(known.get(n), rate_of(n), tx.now) for n in row.paces.split()})
                left[row.kind] -= 1
                if not left[row.kind]:
                    del left[row.kind]
                picked.append(row)
        taken += _take(tx, picked, owner, lease)
        full = any(free_at(names) > tx.now for names in ready)
        if len(rows) < most and not full and len(left) == kinds:
            break
    paces.keep(tx, {name: known[name] for held in taken for name in held.paces})
    short_of = frozenset(room) - left.keys()
    if not left:  # every hand is busy: whichever is free first asks again
        return Claimed(taken, short_of, None)
    upcoming = _NEXT.first(tx, {"destination": destination, "now": tx.now, "kinds": list(room)})
    again = [*(upcoming or ()), *(free_at(names) for names in alike)]
    return Claimed(taken, short_of, min((at for at in again if at is not None and at > tx.now), default=None))


def waiting_destinations(tx: Tx, kinds: Collection[str]) -> dict[str, datetime]:
    """Every destination with work, and when its first is due (a dead worker's: now)."""
    found = _DESTINATIONS.rows(tx, {"kinds": sorted(kinds), "now": tx.now})
    return {row.destination: tx.now if row.left else row.due for row in found if row.left or row.due is not None}


# Statements, made once

_WAITS = jobs.c.state == sa.literal_column("0")
_RUNS = jobs.c.state == sa.literal_column("1")
_ACTIVE = jobs.c.state < sa.literal_column("2")  # where it says nothing new, it names the index
_NOW = sa.bindparam("now", type_=Instant())


def _moment(pg: bool) -> Any:
    """Leases go by the database's clock on PostgreSQL: workers' clocks differ."""
    return sa.func.clock_timestamp() if pg else _NOW


def _each(column: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> sa.CTE:
    """The values that a column has there, each found by one look into an index that begins with it; None at the end."""
    first = sa.select(sa.func.min(column).label("value")).where(*where)
    each = first.cte("each", recursive=True)
    following = sa.select(sa.func.min(column)).where(*where, column > each.c.value).scalar_subquery()
    return each.union_all(sa.select(following).where(each.c.value.is_not(None)))


def _select_alike() -> Any:
    each = _each(jobs.c.paces, jobs.c.destination == sa.bindparam("destination"), _ACTIVE)
    return sa.select(each.c.value.label("paces")).where(each.c.value.is_not(None))


_ALIKE = Prepared(_select_alike())


def _select_destinations(pg: bool) -> Any:
    each = _each(jobs.c.destination, _ACTIVE)
    there = (jobs.c.destination == each.c.value, among(pg, jobs.c.kind, "kinds"))
    due = sa.select(sa.func.min(jobs.c.due, type_=Instant())).where(*there, _WAITS).scalar_subquery()
    left = sa.exists(sa.select(1).where(*there, _RUNS, jobs.c.leased_until < _moment(pg)))
    return sa.select(each.c.value.label("destination"), due.label("due"), left.label("left")).where(
        each.c.value.is_not(None)
    )


_DESTINATIONS = Prepared(on_either(_select_destinations))

_before = jobs.alias("before")


def _select_candidates(pg: bool) -> sa.Select[Any]:
    free = sa.or_(sa.and_(_WAITS, jobs.c.due <= _NOW), sa.and_(_RUNS, jobs.c.leased_until < _moment(pg)))
    ahead = sa.exists(
        sa.select(1).where(
            _before.c.lane == jobs.c.lane, _before.c.id < jobs.c.id, _before.c.state < sa.literal_column("2")
        )
    )
    query = (
        sa.select(jobs)
        .where(
            jobs.c.destination == sa.bindparam("destination"),
            jobs.c.paces == sa.bindparam("alike"),
            _ACTIVE,
            among(pg, jobs.c.kind, "kinds"),
            sa.not_(among(pg, jobs.c.lane, "busy")),
            free,
            sa.not_(ahead),
        )
        .order_by(jobs.c.priority, jobs.c.id)
        .limit(sa.bindparam("most"))
    )
    return query.with_for_update(skip_locked=True, of=jobs) if pg else query


_CANDIDATES = Prepared(on_either(_select_candidates))


def _candidates(
    tx: Tx, destination: str, ready: Collection[str], kinds: Collection[str], busy: Collection[str], most: int
) -> list[Any]:
    """The first of those that keep to paces which are not full."""
    asked = {"destination": destination, "kinds": list(kinds), "busy": list(busy), "now": tx.now, "most": most}
    rows = [row for names in ready for row in _CANDIDATES.rows(tx, {**asked, "alike": names})]
    return rows if len(ready) == 1 else sorted(rows, key=lambda row: (row.priority, row.id))[:most]


def _select_next(pg: bool) -> Any:
    """When something happens by itself: a job comes due, or a lease runs out; told by the asker's clock.

    A lease's end stands in the database's time. Handed out as it is to a machine whose clock runs ahead, it would be
    over already, and the asker would ask again and again until it is.
    """
    moment = _moment(pg)
    ends: Any = _NOW + (jobs.c.leased_until - moment) if pg else jobs.c.leased_until
    there = (jobs.c.destination == sa.bindparam("destination"), among(pg, jobs.c.kind, "kinds"))
    due = sa.select(sa.func.min(jobs.c.due, type_=Instant())).where(*there, _WAITS, jobs.c.due > _NOW)
    ended = sa.select(sa.func.min(ends, type_=Instant())).where(*there, _RUNS, jobs.c.leased_until > moment)
    return sa.select(due.scalar_subquery().label("due"), ended.scalar_subquery().label("ended"))


_NEXT = Prepared(on_either(_select_next))
_TAKE = Prepared(on_either(lambda pg: taking(pg).where(jobs.c.id == sa.bindparam("job"))))


def _take(tx: Tx, rows: list[Any], owner: str, lease: timedelta) -> list[Lease]:
    until = {"span": lease, "until": tx.now + lease}
    _TAKE.run_each(tx, [{"job": row.id, "who": owner, **until} for row in rows])
    return [
        replace(
            lease_of(row, owner), attempts=row.attempts + 1, uncertain=row.state == State.RUNNING, fence=row.fence + 1
        )
        for row in rows
    ]

"""Which jobs may run now: due, first in their lane, at their paces; and when to look again.

At a destination may wait a hundred thousand jobs, for a room that takes one message a second. They are looked at by
the paces that they keep to: of what is full nothing is read. Jobs that are due later by themselves, such as those that
failed, are passed over one by one. Where very many sets of paces wait (mail for thousands of domains), a few are looked
at at once, and only until every hand has something to do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from core.pacing import Pace, Rate, may_at, took, worth_taking
from core.storage import paces
from core.storage.database import Tx
from core.storage.ledger import Lease, State, lease_of, taking
from core.storage.schema import Instant, jobs
from core.storage.statements import Prepared, among, on_either

RateOf = Callable[[str], Rate]

_LOOK_AHEAD = 32

_ALIKE_AT_ONCE = 64
"""So many sets of paces are looked at together: mail waits for thousands of domains when a relay was away."""

_AT_FIRST = 8
"""So many where there are more: what all of them share, such as a bot's own pace, often lets no more through at once,
and each that is looked at is a question. Where that finds too little, twice as many are looked at next.
"""


_TOGETHER = timedelta(milliseconds=40)
"""So long a pace that was full is left to fill after its first is free: where a hundred a second may leave, a claim for
each would cost more than what it claims."""


class Claimed(NamedTuple):
    """What was claimed; of which kinds as many as were asked for, so that there may be more; and when to look at the
    destination again (None: when something wakes it). `is_full`: until then nothing that waits there may go."""

    leases: list[Lease]
    short_of: frozenset[str]
    again_at: datetime | None
    is_full: bool = False


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
    alike: list[str] = [row.paces for row in _ALIKE.rows(tx, {"destination": destination})]
    picking = _Picking(tx, destination, left, owner, lease, rate_of, busy)
    if len(alike) <= _ALIKE_AT_ONCE:
        picking.among(alike)
    else:
        picking.among_many(alike)
    taken = picking.taken
    paces.keep(tx, {name: picking.known[name] for held in taken for name in held.paces})
    short_of = frozenset(room) - left.keys()
    if not left:  # every hand is busy: whichever is free first asks again
        return Claimed(taken, short_of, None)
    upcoming = _NEXT.first(tx, {"destination": destination, "now": tx.now, "kinds": list(room)})
    full = [names for names in picking.looked_at if picking.free_at(names) > tx.now]
    again = [*(upcoming or ()), *(picking.worth_looking_at(names) for names in full)]
    at = min((at for at in again if at is not None and at > tx.now), default=None)
    return Claimed(taken, short_of, at, is_full=bool(full) and len(full) == len(picking.looked_at))


@dataclass
class _Picking:
    """A claim while it is made: for how many of each kind there are hands `left`, what is `known` of paces, `taken`."""

    tx: Tx
    destination: str
    left: dict[str, int]
    owner: str
    lease: timedelta
    rate_of: RateOf
    busy: Collection[str]
    known: dict[str, Pace] = field(default_factory=dict[str, Pace])
    taken: list[Lease] = field(default_factory=list[Lease])
    looked_at: list[str] = field(default_factory=list[str])

    def free_at(self, names: str) -> datetime:
        now = self.tx.now
        return max((may_at(self.known.get(n), self.rate_of(n), now) for n in names.split()), default=now)

    def worth_looking_at(self, names: str) -> datetime:
        """When a few of what is full are free, so that one claim takes them all."""
        now, known = self.tx.now, [(self.known.get(name), self.rate_of(name)) for name in names.split()]
        full = [rate for pace, rate in known if may_at(pace, rate, now) > now]
        fewest = min((worth_taking(rate, _TOGETHER) for rate in full), default=1)
        return max((may_at(pace, rate, now, min(fewest, rate.burst)) for pace, rate in known), default=now)

    def among_many(self, alike: list[str]) -> None:
        """A few sets of paces after the other, where what they all share is free, and while there are hands."""
        shared = set[str].intersection(*(set(names.split()) for names in alike))
        self.known.update(paces.hold(self.tx, shared))
        absent = self._absent()
        for some in _a_few_at_once(alike, anywhere=bool(shared)):
            if self.left.keys() <= absent or self.free_at(" ".join(shared)) > self.tx.now:
                self.looked_at.append(" ".join(shared))  # none of the others may go earlier
                break
            self.among(some)

    def _absent(self) -> frozenset[str]:
        """Kinds for which there are hands and nothing is here: else everything would be looked at for their sake."""
        said = {"destination": self.destination, "now": self.tx.now}
        return frozenset(kind for kind in self.left if _IS_HERE.first(self.tx, {**said, "kind": kind}) is None)

    def among(self, some: Collection[str]) -> None:
        """Those that keep to these sets of paces."""
        self.looked_at += some
        names = {name for one in some for name in one.split()}
        self.known.update(paces.hold(self.tx, names - self.known.keys()))
        while self.left:
            most = min(max(self.left.values()), _LOOK_AHEAD)
            ready = [one for one in some if self.free_at(one) <= self.tx.now]
            kinds = len(self.left)
            rows = _candidates(self.tx, self.destination, ready, self.left, self.busy, most)
            self.taken += _take(self.tx, self._picked(rows), self.owner, self.lease)
            full = any(self.free_at(one) > self.tx.now for one in ready)
            if len(rows) < most and not full and len(self.left) == kinds:
                break

    def _picked(self, rows: list[Any]) -> list[Any]:
        picked: list[Any] = []
        for row in rows:
            if row.kind in self.left and self.free_at(row.paces) <= self.tx.now:
                now = self.tx.now
                self.known.update({n: took(self.known.get(n), self.rate_of(n), now) for n in row.paces.split()})
                self.left[row.kind] -= 1
                if not self.left[row.kind]:
                    del self.left[row.kind]
                picked.append(row)
        return picked


def _a_few_at_once(
    alike: list[str], *, anywhere: bool, chance: Callable[[], float] = random.random
) -> Iterator[list[str]]:
    """Sets of paces, some at once, beginning `anywhere`: whoever stands last in the alphabet is not served last.

    That may only be where whoever claims holds a pace that all share: else two who begin elsewhere would each wait for
    what the other one holds.
    """
    at = int(chance() * len(alike)) if anywhere else 0
    turned = alike[at:] + alike[:at]
    first, most = 0, _AT_FIRST
    while first < len(turned):
        yield turned[first : first + most]
        first, most = first + most, min(2 * most, _ALIKE_AT_ONCE)


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


def _select_here(pg: bool) -> Any:
    """Whether something of a kind may be done at a destination, now or later, as an index of kinds finds it."""
    kind = jobs.c.kind == sa.bindparam("kind")
    destination: sa.BindParameter[str] = sa.bindparam("destination", type_=sa.String)
    waits = sa.select(1).where(_WAITS, kind, sa.func.coalesce(jobs.c.destination, "") == destination).limit(1)
    left = sa.select(1).where(_RUNS, kind, jobs.c.destination == destination, jobs.c.leased_until < _moment(pg))
    return sa.select(sa.literal_column("1", sa.Integer)).where(sa.or_(sa.exists(waits), sa.exists(left)))


_IS_HERE = Prepared(on_either(_select_here))

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


def _taking(pg: bool) -> sa.Update:
    if not pg:
        return taking(pg).where(jobs.c.id == sa.bindparam("job"))
    # All in one statement: each would be a journey to the server and back.
    listed: Any = sa.bindparam("jobs", type_=postgresql.ARRAY(sa.BigInteger))
    return taking(pg).where(jobs.c.id == sa.any_(listed))


_TAKE = Prepared(on_either(_taking))


def _take(tx: Tx, rows: list[Any], owner: str, lease: timedelta) -> list[Lease]:
    how = {"who": owner, "span": lease, "until": tx.now + lease}
    if not tx.pg:
        _TAKE.run_each(tx, [{"job": row.id, **how} for row in rows])
    elif rows:
        _TAKE.run(tx, {"jobs": [row.id for row in rows], **how})
    return [
        replace(
            lease_of(row, owner), attempts=row.attempts + 1, uncertain=row.state == State.RUNNING, fence=row.fence + 1
        )
        for row in rows
    ]

"""The ledger of jobs: asked for, claimed, finished, retried, given up; in order within a lane, at its paces.

A job's row is written in the transaction that calls for it, and leaves the table when it is done; what was given up
stays with its reason. A claim is a lease with a fence: whoever lost the lease cannot record anything any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.effects import Job
from core.pacing import Pace, Rate, may_at, took
from core.storage.database import Fenced, Tx
from core.storage.schema import Instant, jobs, paces, rounds

RateOf = Callable[[str], Rate]

_LOOK_AHEAD = 24
_LONGEST_REASON = 2_000


class State(IntEnum):
    WAITING = 0
    RUNNING = 1
    GIVEN_UP = 2


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed job. `uncertain`: an earlier attempt began and never said how it ended; look before you repeat."""

    id: int
    kind: str
    destination: str
    lane: str
    key: str | None
    paces: tuple[str, ...]
    facts: Mapping[str, Any]
    attempts: int
    uncertain: bool
    owner: str
    fence: int
    created_at: datetime


class Claimed(NamedTuple):
    """What was claimed, and when to look at the destination again (None: when something wakes it)."""

    leases: list[Lease]
    again_at: datetime | None


class Entry(NamedTuple):
    """A job as operators see it."""

    id: int
    kind: str
    destination: str
    lane: str
    facts: Mapping[str, Any]
    state: State
    due: datetime
    attempts: int
    error: str | None
    created_at: datetime


def add(tx: Tx, asked: Iterable[Job]) -> None:
    """Write jobs. One that is waiting already under its key is not written again, but may become due earlier."""
    keyless: list[dict[str, Any]] = []
    for job in asked:
        due = tx.now + job.after
        row = {
            "kind": job.kind,
            "destination": job.destination,
            "lane": job.lane,
            "key": job.key,
            "paces": " ".join(job.paces),
            "priority": int(job.priority),
            "facts": dict(job.facts),
            "due": due,
            "state": State.WAITING,
            "attempts": 0,
            "fence": 0,
            "created_at": tx.now,
        }
        tx.wake(job.destination, due)
        if job.key is None:
            keyless.append(row)
        else:
            tx.sql.execute(_UPSERT_PG if tx.pg else _UPSERT_LITE, row)
    if keyless:
        tx.sql.execute(jobs.insert(), keyless)


def claim(
    tx: Tx, destination: str, kinds: Collection[str], owner: str, most: int, lease: timedelta, rate_of: RateOf
) -> Claimed:
    """Up to `most` jobs that may run now: due (or left by a dead worker), first in their lane, within their paces."""
    taken: list[Lease] = []
    closed: dict[str, datetime] = {}  # pace sets that are full, and until when
    known: dict[str, Pace] = {}
    while len(taken) < most:
        rows = tx.sql.execute(
            _candidates(tx.pg, bool(closed)),
            {
                "destination": destination,
                "kinds": sorted(kinds),
                "now": tx.now,
                "most": min(most - len(taken), _LOOK_AHEAD),
                "closed": sorted(closed) or [""],
                **({"moment": tx.now} if not tx.pg else {}),
            },
        ).all()
        if not rows:
            break
        names = {name for row in rows for name in row.paces.split()} - known.keys()
        known.update(_paces(tx, names))
        before = len(closed)
        picked: list[Any] = []
        for row in rows:
            free_at = max((may_at(known.get(n), rate_of(n), tx.now) for n in row.paces.split()), default=tx.now)
            if free_at > tx.now:
                closed[row.paces] = free_at
                continue
            for name in row.paces.split():
                known[name] = took(known.get(name), rate_of(name), tx.now)
            picked.append(row)
        for row in picked:
            taken.append(_lease(tx, row, owner, lease))
        if len(closed) == before:
            break
    _keep_paces(tx, {name: pace for row in taken for name in row.paces if (pace := known.get(name))})
    upcoming = tx.sql.execute(
        _NEXT[tx.pg], {"destination": destination, "now": tx.now, "kinds": sorted(kinds)}
    ).scalar()
    again = [at for at in (upcoming, *closed.values()) if at is not None]
    return Claimed(taken, min(again, default=None))


def finish(tx: Tx, lease: Lease) -> None:
    """The job is done. Raises Fenced when it is not ours any more, so that nothing else of this transaction stays."""
    if tx.sql.execute(_FINISH, _ours(lease)).first() is None:
        raise Fenced(f"job {lease.id} was taken over")
    tx.wake(lease.destination, tx.now)


def put_back(tx: Tx, lease: Lease, due: datetime, reason: str, *, counts: bool) -> None:
    """To be tried again at `due`. `counts` False takes the attempt back: nothing was tried, it was only too early."""
    values: dict[str, Any] = {
        "state": State.WAITING,
        "due": due,
        "owner": None,
        "leased_until": None,
        "error": reason[:_LONGEST_REASON],
    }
    if not counts:
        values["attempts"] = max(0, lease.attempts - 1)
    _unless_asked_again(tx, lease, values)
    tx.wake(lease.destination, due)


def give_up(tx: Tx, lease: Lease, reason: str) -> None:
    """Keep the job as given up, with its reason; its lane goes on without it."""
    done = tx.sql.execute(
        jobs.update()
        .where(jobs.c.id == lease.id, jobs.c.owner == lease.owner, jobs.c.fence == lease.fence)
        .values(state=State.GIVEN_UP, owner=None, leased_until=None, error=reason[:_LONGEST_REASON])
        .returning(jobs.c.id)
    ).first()
    if done is None:
        raise Fenced(f"job {lease.id} was taken over")
    tx.wake(lease.destination, tx.now)


def pause(tx: Tx, name: str, until: datetime) -> None:
    """The other side said when it will take more: nobody asks it before then."""
    pace = _paces(tx, {name}).get(name) or Pace(tx.now)
    if pace.paused_until is None or pace.paused_until < until:
        _keep_paces(tx, {name: Pace(pace.tat, until)})


def renew(tx: Tx, owner: str, lease: timedelta) -> None:
    """Say that we are alive: every job we run stays ours."""
    tx.sql.execute(
        jobs.update().where(jobs.c.owner == owner, jobs.c.state == State.RUNNING).values(leased_until=_until(tx, lease))
    )


def forget_owner(tx: Tx, owner_prefix: str) -> None:
    """What a dead embedded desk was running is free at once: the lock file says that it is dead."""
    tx.sql.execute(
        jobs.update()
        .where(jobs.c.state == State.RUNNING, jobs.c.owner.startswith(owner_prefix, autoescape=True))
        .values(leased_until=tx.now - timedelta(seconds=1))
    )


def waiting_destinations(tx: Tx, kinds: Collection[str]) -> dict[str, datetime]:
    """Every destination with work, and when its first is due (a dead worker's: now)."""
    alive = sa.and_(jobs.c.state == State.RUNNING, jobs.c.leased_until >= _moment(tx))
    due = sa.case((jobs.c.state == State.RUNNING, jobs.c.leased_until), else_=jobs.c.due)
    rows = tx.sql.execute(
        sa.select(jobs.c.destination, sa.func.min(due, type_=Instant()))
        .where(jobs.c.state < State.GIVEN_UP, jobs.c.kind.in_(sorted(kinds)), sa.not_(alive))
        .group_by(jobs.c.destination)
    )
    return {destination: at for destination, at in rows}


def drop_waiting(tx: Tx, kind: str, key: str) -> bool:
    """Take a job back that has not begun. False where it has, or never was."""
    gone = tx.sql.execute(
        jobs.delete()
        .where(jobs.c.kind == kind, jobs.c.key == key, jobs.c.state == State.WAITING, jobs.c.attempts == 0)
        .returning(jobs.c.destination)
    ).first()
    if gone is None:
        return False
    tx.wake(gone.destination, tx.now)  # what waited behind it may go
    return True


def take_turn(tx: Tx, name: str, every: timedelta) -> bool:
    """Whether this round is ours: the first to ask in it has it."""
    midnight = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    began = midnight + every * ((tx.now - midnight) // every)
    insert = postgresql.insert if tx.pg else sqlite.insert
    statement = insert(rounds)
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"began": statement.excluded.began}, where=rounds.c.began < began
    ).returning(rounds.c.name)
    return tx.sql.execute(statement, {"name": name, "began": began}).first() is not None


def forget_paces(tx: Tx, before: datetime) -> int:
    """A bucket long at rest is a full one, as one that was never used."""
    return len(tx.sql.execute(paces.delete().where(paces.c.tat < before).returning(paces.c.name)).all())


# For operators


def entries(tx: Tx, state: State | None = None, most: int = 200) -> list[Entry]:
    """Jobs, oldest first."""
    query = sa.select(*_ENTRY).order_by(jobs.c.id).limit(most)
    if state is not None:
        query = query.where(jobs.c.state == state)
    return [_entry(row) for row in tx.sql.execute(query)]


def entry(tx: Tx, id: int) -> Entry | None:
    row = tx.sql.execute(sa.select(*_ENTRY).where(jobs.c.id == id)).one_or_none()
    return _entry(row) if row else None


def retry(tx: Tx, id: int) -> bool:
    """Try a given-up or waiting job again now, with all its attempts before it."""
    row = tx.sql.execute(
        jobs.update()
        .where(jobs.c.id == id, jobs.c.state != State.RUNNING)
        .values(state=State.WAITING, due=tx.now, attempts=0)
        .returning(jobs.c.destination)
    ).first()
    if row is not None:
        tx.wake(row.destination, tx.now)
    return row is not None


def drop(tx: Tx, id: int) -> bool:
    """Remove a job that is not running."""
    row = tx.sql.execute(
        jobs.delete().where(jobs.c.id == id, jobs.c.state != State.RUNNING).returning(jobs.c.destination)
    ).first()
    if row is not None:
        tx.wake(row.destination, tx.now)
    return row is not None


# Statements, made once

_ENTRY = (
    jobs.c.id,
    jobs.c.kind,
    jobs.c.destination,
    jobs.c.lane,
    jobs.c.facts,
    jobs.c.state,
    jobs.c.due,
    jobs.c.attempts,
    jobs.c.error,
    jobs.c.created_at,
)

_WAITING_KEY = {"index_elements": ["kind", "key"], "index_where": jobs.c.state == sa.literal_column("0")}


def _upsert(insert: Any) -> Any:
    statement = insert(jobs)
    sooner = sa.case((statement.excluded.due < jobs.c.due, statement.excluded.due), else_=jobs.c.due)
    return statement.on_conflict_do_update(**_WAITING_KEY, set_={"due": sooner})


_UPSERT_PG = _upsert(postgresql.insert)
_UPSERT_LITE = _upsert(sqlite.insert)

_before = jobs.alias("before")


def _select_candidates(pg: bool, closed: bool) -> sa.Select[Any]:
    # Leases go by the database's clock on PostgreSQL: workers' clocks differ.
    moment: Any = sa.func.clock_timestamp() if pg else sa.bindparam("moment", type_=Instant())
    free = sa.or_(
        sa.and_(jobs.c.state == sa.literal_column("0"), jobs.c.due <= sa.bindparam("now", type_=Instant())),
        sa.and_(jobs.c.state == sa.literal_column("1"), jobs.c.leased_until < moment),
    )
    ahead = sa.exists(
        sa.select(1).where(
            _before.c.lane == jobs.c.lane, _before.c.id < jobs.c.id, _before.c.state < sa.literal_column("2")
        )
    )
    query = (
        sa.select(jobs)
        .where(
            jobs.c.destination == sa.bindparam("destination"),
            jobs.c.state < sa.literal_column("2"),
            jobs.c.kind.in_(sa.bindparam("kinds", expanding=True)),
            free,
            sa.not_(ahead),
        )
        .order_by(jobs.c.priority, jobs.c.id)
        .limit(sa.bindparam("most"))
    )
    if closed:
        query = query.where(jobs.c.paces.not_in(sa.bindparam("closed", expanding=True)))
    return query.with_for_update(skip_locked=True, of=jobs) if pg else query


_CANDIDATES = {(pg, closed): _select_candidates(pg, closed) for pg in (False, True) for closed in (False, True)}


def _candidates(pg: bool, closed: bool) -> sa.Select[Any]:
    return _CANDIDATES[pg, closed]


def _select_next(pg: bool) -> sa.Select[Any]:
    """When something happens by itself: a job comes due, or the lease of somebody else's runs out."""
    moment: Any = sa.func.clock_timestamp() if pg else sa.bindparam("now", type_=Instant())
    waiting = sa.and_(jobs.c.state == sa.literal_column("0"), jobs.c.due > sa.bindparam("now", type_=Instant()))
    running = sa.and_(jobs.c.state == sa.literal_column("1"), jobs.c.leased_until > moment)
    when = sa.case((jobs.c.state == sa.literal_column("1"), jobs.c.leased_until), else_=jobs.c.due)
    return sa.select(sa.func.min(when, type_=Instant())).where(
        jobs.c.destination == sa.bindparam("destination"),
        jobs.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        sa.or_(waiting, running),
    )


_NEXT = {pg: _select_next(pg) for pg in (False, True)}

_TAKE = (
    jobs.update()
    .where(jobs.c.id == sa.bindparam("job"))
    .values(
        state=State.RUNNING,
        owner=sa.bindparam("who"),
        fence=jobs.c.fence + 1,
        attempts=jobs.c.attempts + 1,
        leased_until=sa.bindparam("until", type_=Instant()),
    )
)
_TAKE_PG = _TAKE.values(leased_until=sa.func.clock_timestamp() + sa.bindparam("span", type_=sa.Interval()))

_FINISH = (
    jobs.delete()
    .where(jobs.c.id == sa.bindparam("job"), jobs.c.owner == sa.bindparam("who"), jobs.c.fence == sa.bindparam("held"))
    .returning(jobs.c.id)
)


def _ours(lease: Lease) -> dict[str, Any]:
    return {"job": lease.id, "who": lease.owner, "held": lease.fence}


def _lease(tx: Tx, row: Any, owner: str, lease: timedelta) -> Lease:
    if tx.pg:
        tx.sql.execute(_TAKE_PG, {"job": row.id, "who": owner, "span": lease})
    else:
        tx.sql.execute(_TAKE, {"job": row.id, "who": owner, "until": tx.now + lease})
    return Lease(
        id=row.id,
        kind=row.kind,
        destination=row.destination,
        lane=row.lane,
        key=row.key,
        paces=tuple(row.paces.split()),
        facts=row.facts,
        attempts=row.attempts + 1,
        uncertain=row.state == State.RUNNING,
        owner=owner,
        fence=row.fence + 1,
        created_at=row.created_at,
    )


def _unless_asked_again(tx: Tx, lease: Lease, values: dict[str, Any]) -> None:
    """Back to waiting; but where the same was asked for meanwhile, that one stands for both."""
    if lease.key is not None:
        twin = tx.sql.execute(
            sa.select(jobs.c.id).where(
                jobs.c.kind == lease.kind, jobs.c.key == lease.key, jobs.c.state == State.WAITING
            )
        ).first()
        if twin is not None:
            finish(tx, lease)
            tx.sql.execute(
                jobs.update()
                .where(jobs.c.id == twin.id)
                .values(due=values["due"], attempts=lease.attempts, error=values["error"])
            )
            return
    done = tx.sql.execute(
        jobs.update()
        .where(jobs.c.id == lease.id, jobs.c.owner == lease.owner, jobs.c.fence == lease.fence)
        .values(**values)
        .returning(jobs.c.id)
    ).first()
    if done is None:
        raise Fenced(f"job {lease.id} was taken over")


def _paces(tx: Tx, names: Collection[str]) -> dict[str, Pace]:
    if not names:
        return {}
    query = sa.select(paces).where(paces.c.name.in_(sorted(names))).order_by(paces.c.name)
    rows = tx.sql.execute(query.with_for_update() if tx.pg else query)
    return {row.name: Pace(row.tat, row.paused_until) for row in rows}


def _keep_paces(tx: Tx, changed: Mapping[str, Pace]) -> None:
    if not changed:
        return
    insert = postgresql.insert if tx.pg else sqlite.insert
    statement = insert(paces)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"tat": statement.excluded.tat, "paused_until": statement.excluded.paused_until},
    )
    rows = [{"name": n, "tat": p.tat, "paused_until": p.paused_until} for n, p in sorted(changed.items())]
    tx.sql.execute(statement, rows)


def _moment(tx: Tx) -> Any:
    return sa.func.clock_timestamp() if tx.pg else sa.literal(tx.now, Instant())


def _until(tx: Tx, lease: timedelta) -> Any:
    return sa.func.clock_timestamp() + lease if tx.pg else tx.now + lease


def _entry(row: Any) -> Entry:
    return Entry(
        row.id,
        row.kind,
        row.destination,
        row.lane,
        row.facts,
        State(row.state),
        row.due,
        row.attempts,
        row.error,
        row.created_at,
    )

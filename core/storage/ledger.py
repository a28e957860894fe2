"""The ledger of jobs: asked for, finished, put back, given up; how they are claimed is in `claims`.

A job's row is written in the transaction that calls for it, and leaves the table when it is done; what was given up
stays with its reason. A claim is a lease with a fence: whoever lost the lease cannot record anything any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple, NoReturn

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.effects import Job
from core.storage.database import Fenced, Tx
from core.storage.schema import Instant, indexable, jobs, rounds
from core.storage.statements import Prepared, on_each, on_either, rows_in

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
    rows = [row_of(tx, job) for job in asked]
    if tx.pg and rows:
        stands = _ADD_ALL.rows(tx, {"asked": _once_each(rows)})
    else:
        stands: list[Any] = [_UPSERT.first(tx, row) for row in rows]
    for one in stands:
        tx.wake(one.destination, one.due)


def _once_each(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is asked for twice under one key is asked for once, as early as either; numbered in their order."""
    kept: dict[object, dict[str, Any]] = {}
    for n, row in enumerate(rows):
        first = kept.setdefault((row["kind"], row["key"]) if row["key"] is not None else n, {**row, "id": n})
        first["due"] = min(first["due"], row["due"])
    return list(kept.values())


def row_of(tx: Tx, job: Job) -> dict[str, Any]:
    """A job as it is written when it is asked for."""
    return {
        "kind": job.kind,
        "destination": job.destination,
        "lane": indexable(job.lane),
        "key": job.key,
        "paces": " ".join(job.paces),
        "priority": int(job.priority),
        "facts": dict(job.facts),
        "due": tx.now + job.after,
        "state": State.WAITING,
        "attempts": 0,
        "fence": 0,
        "created_at": tx.now,
    }


def finish(tx: Tx, lease: Lease, go_on: timedelta | None = None) -> Lease | None:
    """The job is done. Raises Fenced when it is not ours any more, so that nothing else of this transaction stays.

    With `go_on`, the next one of the lane is claimed for so long where it is of the same kind, due, and at nobody's
    pace: a lane then takes a commit for each job, not two. It is returned.
    """
    done = _FINISH.first(tx, _ours(lease)) or _taken_over(lease)
    if go_on is not None and done.behind == lease.destination:
        until = {"span": go_on, "until": tx.now + go_on}
        row = _GO_ON.first(tx, {"lane": lease.lane, "of": lease.kind, "who": lease.owner, "now": tx.now, **until})
        if row is not None:
            return lease_of(row, lease.owner)
    _freed(tx, done)
    return None


def put_back(tx: Tx, lease: Lease, due: datetime, reason: str, *, counts: bool) -> None:
    """To be tried again at `due`. `counts` False takes the attempt back: nothing was tried, it was only too early.

    Where the same was asked for meanwhile, this one stands for both: it keeps its place in the lane.
    """
    _one_for_both(tx, lease.id, lease.kind, lease.key)
    attempts = lease.attempts if counts else max(0, lease.attempts - 1)
    done = tx.sql.execute(
        _PUT_BACK, {**_ours(lease), "at": due, "why": reason[:_LONGEST_REASON], "tries": attempts}
    ).first()
    if done is None:
        _taken_over(lease)
    tx.wake(lease.destination, due)


def give_up(tx: Tx, lease: Lease, reason: str) -> None:
    """Keep the job as given up, with its reason; its lane goes on without it."""
    done = tx.sql.execute(_GIVE_UP, {**_ours(lease), "why": reason[:_LONGEST_REASON]}).first()
    _freed(tx, done or _taken_over(lease))


def renew(tx: Tx, owner: str, held: Collection[int], lease: timedelta) -> None:
    """Say that we are alive: the jobs that we run stay ours.

    Named one by one: what was claimed for us and never reached us must run out, or nobody would ever do it. A job whose
    row is locked is being finished at this moment: to wait for it would keep all the others from being finished.
    """
    ours = sa.and_(jobs.c.id.in_(sorted(held)), jobs.c.owner == owner, jobs.c.state == State.RUNNING)
    if tx.pg:
        ours = jobs.c.id.in_(sa.select(jobs.c.id).where(ours).with_for_update(skip_locked=True))
    tx.sql.execute(jobs.update().where(ours).values(leased_until=_until(tx, lease)))


def forget_owner(tx: Tx, owner_prefix: str) -> None:
    """What a dead embedded desk was running is free at once: the lock file says that it is dead."""
    tx.sql.execute(
        jobs.update()
        .where(jobs.c.state == State.RUNNING, jobs.c.owner.startswith(owner_prefix, autoescape=True))
        .values(leased_until=tx.now - timedelta(seconds=1))
    )


def waiting_in(tx: Tx, lane: str, most: int) -> list[int]:
    """What waits in a lane to be understood: its numbers in the inbox, in order."""
    here = (jobs.c.lane == lane, jobs.c.state < 2, jobs.c.state == State.WAITING, jobs.c.kind.startswith("receive:"))
    facts = tx.sql.execute(sa.select(jobs.c.facts).where(*here).order_by(jobs.c.id).limit(most)).scalars()
    return [fact["inbox"] for fact in facts]


def unheard_in(tx: Tx, lane: str, most: int) -> list[int]:
    """What is not understood yet in a lane, or is being so: its numbers in the inbox, in order."""
    here = (jobs.c.lane == lane, jobs.c.state < 2, jobs.c.kind.startswith("receive:"))
    facts = tx.sql.execute(sa.select(jobs.c.facts).where(*here).order_by(jobs.c.id).limit(most)).scalars()
    return [fact["inbox"] for fact in facts]


def drop_waiting(tx: Tx, kind: str, key: str) -> bool:
    """Take a job back that has not begun. False where it has, or never was."""
    gone = tx.sql.execute(_DROP_WAITING, {"of": kind, "named": key}).first()
    if gone is not None:
        _freed(tx, gone)
    return gone is not None


def hasten(tx: Tx, kind: str, key: str) -> bool:
    """What waits under this key is due now. False where nothing does."""
    waits = (jobs.c.kind == kind, jobs.c.key == key, jobs.c.state == State.WAITING)
    row = tx.sql.execute(jobs.update().where(*waits).values(due=tx.now).returning(jobs.c.destination)).first()
    if row is not None:
        tx.wake(row.destination, tx.now)
    return row is not None


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


# For operators


def entries(tx: Tx, state: State | None = None, most: int = 200) -> list[Entry]:
    """Jobs, oldest first; those given up, if they are asked for alone, newest first."""
    order = jobs.c.id.desc() if state is State.GIVEN_UP else jobs.c.id
    query = sa.select(*_ENTRY).order_by(order).limit(most)
    if state is not None:
        query = query.where(jobs.c.state == state)
    return [_entry(row) for row in tx.sql.execute(query)]


def count(tx: Tx, state: State) -> int:
    """How many jobs there are in a state, however many are shown."""
    query = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state == state)
    return tx.sql.execute(query).scalar_one()


def entry(tx: Tx, id: int) -> Entry | None:
    row = tx.sql.execute(sa.select(*_ENTRY).where(jobs.c.id == id)).one_or_none()
    return _entry(row) if row else None


def retry(tx: Tx, id: int) -> bool:
    """Try a given-up or waiting job again now, with all its attempts but one before it.

    That one says what it must not forget: it was begun before, and what it does outside may be there already.
    """
    found = sa.select(jobs.c.kind, jobs.c.key, jobs.c.destination).where(jobs.c.id == id, jobs.c.state != State.RUNNING)
    row = tx.sql.execute(found.with_for_update() if tx.pg else found).one_or_none()
    if row is None:
        return False
    _one_for_both(tx, id, row.kind, row.key)
    begun = sa.case((jobs.c.attempts > 0, 1), else_=0)
    tx.sql.execute(jobs.update().where(jobs.c.id == id).values(state=State.WAITING, due=tx.now, attempts=begun))
    tx.wake(row.destination, tx.now)
    return True


def drop(tx: Tx, id: int) -> bool:
    """Remove a job that is not running."""
    row = tx.sql.execute(_DROP, {"job": id}).first()
    if row is not None:
        _freed(tx, row)
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
    return _standing(insert(jobs))


def _standing(statement: Any) -> Any:
    """Where the same waits already it stands for both, and is due as early as either."""
    sooner = sa.case((statement.excluded.due < jobs.c.due, statement.excluded.due), else_=jobs.c.due)
    return statement.on_conflict_do_update(**_WAITING_KEY, set_={"due": sooner}).returning(
        jobs.c.destination, jobs.c.due
    )


ASKED = [c.name for c in jobs.columns if c.name not in ("id", "owner", "leased_until", "error")]
_UPSERT = Prepared(on_each(_upsert), columns=ASKED)


def _add_all() -> Any:
    """On PostgreSQL all in one statement: each would be a journey to the server and back."""
    asked = rows_in("asked", [jobs.c.id, *(jobs.c[name] for name in ASKED)])
    in_order = sa.select(*(asked.c[name] for name in ASKED)).order_by(asked.c.id)
    return _standing(postgresql.insert(jobs).from_select(ASKED, in_order))


_ADD_ALL = Prepared(_add_all())

_before = jobs.alias("before")


def taking(pg: bool) -> sa.Update:
    """Take a job: of whoever waits, or of a worker that has died. For `claims` too."""
    until: Any = sa.bindparam("until", type_=Instant())
    if pg:
        until = sa.func.clock_timestamp() + sa.bindparam("span", type_=sa.Interval())
    return jobs.update().values(
        state=State.RUNNING,
        owner=sa.bindparam("who"),
        fence=jobs.c.fence + 1,
        attempts=jobs.c.attempts + 1,
        leased_until=until,
    )


def _next_of_lane(pg: bool) -> Any:
    first = (
        sa.select(sa.func.min(_before.c.id))
        .where(_before.c.lane == sa.bindparam("lane"), _before.c.state < sa.literal_column("2"))
        .scalar_subquery()
    )
    ready = (jobs.c.state == sa.literal_column("0"), jobs.c.due <= sa.bindparam("now", type_=Instant()))
    same = (jobs.c.kind == sa.bindparam("of"), jobs.c.paces == sa.literal_column("''"))
    return taking(pg).where(jobs.c.id == first, *ready, *same).returning(*jobs.columns)


_GO_ON = Prepared(on_either(_next_of_lane))


def _saying_what_is_behind(statement: Any) -> Any:
    """What a job was in the way of: the next in its lane may belong elsewhere, and nobody else would wake that.

    Written out, since what SQLAlchemy makes of it for SQLite's RETURNING compares each column with itself.
    """
    behind = (
        "(select next.destination from jobs as next"
        " where next.lane = jobs.lane and next.id > jobs.id and next.state < 2 order by next.id limit 1)"
    )
    return statement.returning(jobs.c.destination, sa.literal_column(behind, sa.String).label("behind"))


_HELD = (jobs.c.id == sa.bindparam("job"), jobs.c.owner == sa.bindparam("who"), jobs.c.fence == sa.bindparam("held"))
_FINISH = Prepared(_saying_what_is_behind(jobs.delete().where(*_HELD)))
_DROP = _saying_what_is_behind(jobs.delete().where(jobs.c.id == sa.bindparam("job"), jobs.c.state != State.RUNNING))
_DROP_WAITING = _saying_what_is_behind(
    jobs.delete().where(
        jobs.c.kind == sa.bindparam("of"),
        jobs.c.key == sa.bindparam("named"),
        jobs.c.state == sa.literal_column("0"),
        jobs.c.attempts == 0,
    )
)
_LET_GO: dict[str, Any] = {"owner": None, "leased_until": None, "error": sa.bindparam("why")}
_PUT_BACK = (
    jobs.update()
    .where(*_HELD)
    .values(state=State.WAITING, due=sa.bindparam("at"), attempts=sa.bindparam("tries"), **_LET_GO)
    .returning(jobs.c.id)
)
_GIVE_UP = _saying_what_is_behind(jobs.update().where(*_HELD).values(state=State.GIVEN_UP, **_LET_GO))


def _ours(lease: Lease) -> dict[str, Any]:
    return {"job": lease.id, "who": lease.owner, "held": lease.fence}


def _taken_over(lease: Lease) -> NoReturn:
    raise Fenced(f"job {lease.id} was taken over")


def _freed(tx: Tx, row: Any) -> None:
    """A job is out of the way: the next in its lane goes on. That a hand is free knows who has it."""
    if row.behind is not None:
        tx.wake(row.behind, tx.now)


def lease_of(row: Any, owner: str) -> Lease:
    """A job as it stands in the ledger, held by this one, who has just taken it from nobody."""
    return Lease(
        id=row.id,
        kind=row.kind,
        destination=row.destination,
        lane=row.lane,
        key=row.key,
        paces=tuple(row.paces.split()),
        facts=row.facts,
        attempts=row.attempts,
        uncertain=False,
        owner=owner,
        fence=row.fence,
        created_at=row.created_at,
    )


def _one_for_both(tx: Tx, id: int, kind: str, key: str | None) -> None:
    """Before a job waits again: where the same was asked for meanwhile, the older one stands for both."""
    if key is not None:
        tx.sql.execute(
            jobs.delete().where(jobs.c.kind == kind, jobs.c.key == key, jobs.c.state == State.WAITING, jobs.c.id != id)
        )


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

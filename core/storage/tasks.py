"""What tickets were split into: tasks, what each waits for, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import task_waits, tasks
from core.tickets.tasks import Planned, State, Task

_TASK = [tasks.c[name] for name in Task.__slots__ if name != "waits"]


def of(tx: Tx, ticket: int) -> list[Task]:
    """A ticket's tasks, in their order."""
    return _found(tx, tasks.c.ticket == ticket)


def get(tx: Tx, id: int) -> Task | None:
    return next(iter(_found(tx, tasks.c.id == id)), None)


def of_work(tx: Tx, number: int) -> Task | None:
    """The task that a ticket is."""
    return next(iter(_found(tx, tasks.c.work == number)), None)


def is_made_from(tx: Tx, ticket: int, name: str) -> bool:
    """Whether a ticket has tasks of this set already."""
    query = sa.select(tasks.c.id).where(tasks.c.ticket == ticket, tasks.c.made_from == name)
    return tx.sql.execute(query.limit(1)).first() is not None


def plan(tx: Tx, ticket: int, wanted: Sequence[Planned], by: str, made_from: str | None = None) -> list[Task]:
    """Keep these behind the ones that the ticket has. None of them has begun."""
    ids = {task.place: task.id for task in of(tx, ticket)}
    first = len(ids) + 1
    for place, one in enumerate(wanted, first):
        row = {
            "ticket": ticket,
            "place": place,
            "title": one.title.strip(),
            "text": one.text.strip(),
            "queue": one.queue,
            "wanted": one.wanted,
            "target": None if one.target is None else round(one.target.total_seconds()),
            "blocks": one.blocks,
            "made_from": made_from,
            "by": by,
            "at": tx.now,
        }
        ids[place] = tx.sql.execute(tasks.insert().values(row).returning(tasks.c.id)).scalar_one()
    pairs = [(ids[place], ids[wait]) for place, one in enumerate(wanted, first) for wait in dict.fromkeys(one.waits)]
    if pairs:
        tx.sql.execute(task_waits.insert(), [{"task": task, "after": after} for task, after in pairs])
    return of(tx, ticket)[first - 1 :]


def begin(tx: Tx, id: int, work: int) -> None:
    """It is this ticket from now on."""
    tx.sql.execute(tasks.update().where(tasks.c.id == id).values(work=work))


def settle(tx: Tx, id: int, outcome: State | None) -> None:
    """It has ended so; None: it is open again."""
    ended_at = tx.now if outcome is not None else None
    tx.sql.execute(tasks.update().where(tasks.c.id == id).values(outcome=outcome, ended_at=ended_at))


def waits_of(tx: Tx, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """What each of these waits for, where it does."""
    query = sa.select(task_waits.c.task, task_waits.c.after).where(task_waits.c.task.in_(ids))
    found: dict[int, tuple[int, ...]] = {}
    for row in tx.sql.execute(query.order_by(task_waits.c.task, task_waits.c.after)) if ids else ():
        found[row.task] = (*found.get(row.task, ()), row.after)
    return found


def _found(tx: Tx, condition: sa.ColumnElement[bool]) -> list[Task]:
    rows = tx.sql.execute(sa.select(*_TASK).where(condition).order_by(tasks.c.place)).all()
    waits = waits_of(tx, [row.id for row in rows])
    return [_task(row, waits.get(row.id, ())) for row in rows]


def _task(row: Any, waits: tuple[int, ...]) -> Task:
    facts = {column.name: getattr(row, column.name) for column in _TASK}
    facts["target"] = None if row.target is None else timedelta(seconds=row.target)
    facts["outcome"] = None if row.outcome is None else State(row.outcome)
    facts["blocks"] = bool(row.blocks)
    return Task(**facts, waits=waits)

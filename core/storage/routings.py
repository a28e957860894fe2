"""Why a ticket is where it is: what was known of it, which rules fitted, who was chosen and why. And what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import offers, routings, tickets, unserved
from core.storage.statements import Prepared, on_each
from core.tickets.model import Status


class Routing(NamedTuple):
    """`facts` are signals, never words; `rules` those that fitted, with their reasons; `outcome` is what they decided
    beside queue and urgency; `decision` is the last score table.
    """

    ticket: int
    facts: Mapping[str, Any]
    rules: Sequence[Mapping[str, Any]]
    outcome: Mapping[str, Any]
    decision: Mapping[str, Any] | None = None
    decided_at: datetime | None = None
    unserved_at: datetime | None = None
    red_at: datetime | None = None
    red_room: str | None = None
    red_ts: str | None = None


def of(tx: Tx, ticket: int) -> Routing | None:
    """What is kept of a ticket, if anything."""
    row = _OF.first(tx, {"number": ticket})
    return Routing(*row) if row else None


_OF = Prepared(sa.select(routings).where(routings.c.ticket == sa.bindparam("number")))


def of_all(tx: Tx, numbers: Iterable[int]) -> dict[int, Routing]:
    wanted = sorted(numbers)
    if not wanted:
        return {}
    rows = map(Routing._make, tx.sql.execute(sa.select(routings).where(routings.c.ticket.in_(wanted))))
    return {one.ticket: one for one in rows}


def keep(tx: Tx, ticket: int, **known: Any) -> None:
    """Keep this of a ticket; what is not named stays as it was."""
    row: dict[str, Any] = {"ticket": ticket, "facts": {}, "rules": [], "outcome": {}, **known}
    _keep(tuple(sorted(known)), tuple(row)).run(tx, row)


@cache
def _keep(changed: tuple[str, ...], named: tuple[str, ...]) -> Prepared:
    """The statement that changes these columns: there are as many as there are places that keep something."""

    def statement(insert: Any) -> Any:
        made = insert(routings)
        if not changed:
            return made.on_conflict_do_nothing()
        new = {name: made.excluded[name] for name in changed}
        return made.on_conflict_do_update(index_elements=["ticket"], set_=new)

    return Prepared(on_each(statement), columns=named)


# What waits


class Waits(NamedTuple):
    """A ticket that nobody has and nobody is offered."""

    number: int
    queue: str
    channel: str
    urgency: int
    opened_at: datetime
    heard_at: datetime | None
    language: str | None
    requester: int


def waiting(tx: Tx, queues: Sequence[str], most: int) -> list[Waits]:
    """In these queues, the most urgent first, of these the oldest."""
    asked = sa.select(offers.c.ticket).where(offers.c.answer.is_(None))
    query = (
        sa.select(*(tickets.c[name] for name in Waits._fields))
        .where(
            tickets.c.queue.in_(queues),
            tickets.c.assignee.is_(None),
            tickets.c.status != sa.literal_column("'closed'"),
            tickets.c.status.in_([Status.NEW.value, Status.OPEN.value]),
            tickets.c.number.not_in(asked),
        )
        .order_by(tickets.c.urgency.desc(), tickets.c.opened_at, tickets.c.number)
        .limit(most)
    )
    return [Waits(*row) for row in tx.sql.execute(query)] if queues else []


def last_agents(tx: Tx, requesters: Iterable[int]) -> dict[int, str]:
    """Who had each of these customers' newest ticket that anybody had."""
    wanted = sorted(set(requesters))
    if not wanted:
        return {}
    theirs = (tickets.c.requester.in_(wanted), tickets.c.assignee.is_not(None))
    newest = sa.select(sa.func.max(tickets.c.number)).where(*theirs).group_by(tickets.c.requester)
    rows = tx.sql.execute(sa.select(tickets.c.requester, tickets.c.assignee).where(tickets.c.number.in_(newest)))
    return {row.requester: row.assignee for row in rows}


# Queues that nobody serves


def told_unserved(tx: Tx, queue: str) -> bool:
    """Whether this is news: supervisors are to be told now."""
    statement = on_each(lambda insert: insert(unserved).on_conflict_do_nothing().returning(unserved.c.queue))[tx.pg]
    return tx.sql.execute(statement, {"queue": queue, "since": tx.now}).first() is not None


def served(tx: Tx, queues: Iterable[str]) -> None:
    """Somebody serves these."""
    wanted = sorted(queues)
    if wanted:
        tx.sql.execute(unserved.delete().where(unserved.c.queue.in_(wanted)))

"""What the line-up is made of: what agents say of themselves, what they carry, and what they have solved so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.routing.assignment import OLD, Presence, Record
from core.storage.database import Tx
from core.storage.schema import messages, offers, presence, records, tickets
from core.storage.statements import on_each
from core.tickets.model import Part, Status


class State(NamedTuple):
    """What is known of an agent now. `by_desk`: they did nothing, and the desk took them for away."""

    agent: str
    status: Presence = Presence.AVAILABLE
    until: datetime | None = None
    since: datetime | None = None
    by_desk: bool = False
    seen_at: datetime | None = None
    given_at: datetime | None = None
    missed: int = 0


def _state(row: Any) -> State:
    found = State._make(row)
    return found._replace(status=Presence(found.status), by_desk=bool(found.by_desk))


_COLUMNS = [presence.c[name] for name in State._fields]


_STATES = sa.select(*_COLUMNS).order_by(presence.c.agent)


def states(tx: Tx) -> dict[str, State]:
    """Of everybody of whom anything is known."""
    return {row.agent: _state(row) for row in tx.sql.execute(_STATES)}


def states_alone(tx: Tx) -> dict[str, State]:
    """The same; whoever asks is alone with it until the transaction ends."""
    return {row.agent: _state(row) for row in tx.sql.execute(_STATES.with_for_update() if tx.pg else _STATES)}


def state(tx: Tx, agent: str) -> State:
    """Of one of them; who never said anything is available."""
    row = tx.sql.execute(sa.select(*_COLUMNS).where(presence.c.agent == agent)).first()
    return _state(row) if row else State(agent)


def keep(tx: Tx, said: State) -> None:
    tx.sql.execute(_KEEP[tx.pg], {**said._asdict(), "since": said.since or tx.now})


def _keep(insert: Any) -> Any:
    statement = insert(presence)
    changed = {name: statement.excluded[name] for name in State._fields if name != "agent"}
    return statement.on_conflict_do_update(index_elements=["agent"], set_=changed)


_KEEP = on_each(_keep)


def given(tx: Tx, agent: str) -> None:
    """They are given something now."""
    known = state(tx, agent)
    keep(tx, known._replace(given_at=tx.now))


class Load(NamedTuple):
    """How many tickets somebody has that weigh the same."""

    agent: str
    queue: str
    channel: str
    urgency: int
    at_rest: bool
    is_old: bool
    many: int


_RESTS = tickets.c.status.in_([Status.PENDING.value, Status.ON_HOLD.value])
_OPEN = tickets.c.status != sa.literal_column("'closed'")


def loads(tx: Tx, agents: Sequence[str] | None = None) -> list[Load]:
    """What everybody has, or these, and what they are offered."""
    silent = sa.func.coalesce(tickets.c.heard_at, tickets.c.opened_at) < sa.literal(tx.now - OLD, presence.c.since.type)
    columns = (tickets.c.queue, tickets.c.channel, tickets.c.urgency, _RESTS.label("rests"), silent.label("old"))
    mine = [tickets.c.assignee.is_not(None), _OPEN]
    asked = [offers.c.answer.is_(None), _OPEN]
    if agents is not None:
        mine.append(tickets.c.assignee.in_(agents))
        asked.append(offers.c.agent.in_(agents))
    has = sa.select(tickets.c.assignee.label("agent"), *columns).where(*mine)
    offered = sa.select(offers.c.agent, *columns).join(tickets, tickets.c.number == offers.c.ticket).where(*asked)
    every = sa.union_all(has, offered).subquery()
    query = sa.select(*every.c, sa.func.count()).group_by(*every.c)
    rows = [Load._make(row) for row in tx.sql.execute(query)]
    return [row._replace(at_rest=bool(row.at_rest), is_old=bool(row.is_old)) for row in rows]


# Records


def solved(tx: Tx, agent: str, topics: Iterable[str], took: timedelta) -> None:
    """They solved one more, which took them so long."""
    _add(tx, agent, topics, {"solved": 1, "seconds": max(0, round(took.total_seconds())), "reopened": 0})


def reopened(tx: Tx, agent: str, topics: Iterable[str]) -> None:
    """What they solved was opened again."""
    _add(tx, agent, topics, {"solved": 0, "seconds": 0, "reopened": 1})


def _add(tx: Tx, agent: str, topics: Iterable[str], more: Mapping[str, int]) -> None:
    for topic in sorted({"", *topics}):
        tx.sql.execute(_ADD[tx.pg], {"agent": agent, "topic": topic, **more})


def _added(insert: Any) -> Any:
    statement = insert(records)
    sums = {name: records.c[name] + statement.excluded[name] for name in ("solved", "seconds", "reopened")}
    return statement.on_conflict_do_update(index_elements=["agent", "topic"], set_=sums)


_ADD = on_each(_added)


def every_record(tx: Tx, topics: Iterable[str]) -> dict[str, dict[str, Record]]:
    """By agent and topic, of these topics and of all."""
    wanted = sorted({"", *topics})
    rows = tx.sql.execute(sa.select(records).where(records.c.topic.in_(wanted)))
    found: dict[str, dict[str, Record]] = {}
    for row in rows:
        found.setdefault(row.agent, {})[row.topic] = Record(row.solved, row.seconds, row.reopened)
    return found


# What somebody has and has not begun


class Unbegun(NamedTuple):
    """A ticket that somebody has and has done nothing with."""

    number: int
    queue: str
    agent: str
    since: datetime


def unbegun(
    tx: Tx, queues: Sequence[str], agents: Sequence[str], most: int, number: int | None = None
) -> list[Unbegun]:
    """Of these agents in these queues, the longest first: no answer and no note of theirs since they have it. `number`
    where one ticket is meant.
    """
    theirs = sa.select(sa.literal(1)).where(
        messages.c.ticket == tickets.c.number,
        messages.c.author == tickets.c.assignee,
        messages.c.at >= tickets.c.claimed_at,
        messages.c.part.in_([Part.REPLY.value, Part.NOTE.value]),
    )
    query = (
        sa.select(tickets.c.number, tickets.c.queue, tickets.c.assignee, tickets.c.claimed_at)
        .where(
            tickets.c.assignee.in_(agents),
            tickets.c.status.in_([Status.NEW.value, Status.OPEN.value]),
            _OPEN,
            tickets.c.queue.in_(queues),
            tickets.c.claimed_at.is_not(None),
            ~theirs.exists(),
            sa.true() if number is None else tickets.c.number == number,
        )
        .order_by(tickets.c.claimed_at, tickets.c.number)
        .limit(most)
    )
    return [Unbegun(*row) for row in tx.sql.execute(query)] if agents and queues else []

"""The threads that a ticket goes on in, our own addresses on channels, and the links that bring somebody there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.people import THEIRS
from core.storage.schema import doors, links, ways
from core.storage.statements import Prepared, on_each
from core.tickets.model import Thread


class Way(NamedTuple):
    """How a ticket is spoken in: in which thread, by which door of ours, and where answers go.

    `person`: whose place that is; None: the one that it was opened in.
    """

    thread: Thread
    door: str
    answer_to: str
    person: int | None = None


def keep(tx: Tx, number: int, way: Way) -> None:
    """A ticket goes on there, too; what is known of it already stands."""
    row = {
        "ticket": number,
        "channel": way.thread.channel,
        "thread": way.thread.key,
        "door": way.door,
        "answer_to": way.answer_to,
        "person": way.person,
    }
    tx.sql.execute(_KEEP[tx.pg], row)


_KEEP = on_each(lambda insert: insert(ways).on_conflict_do_nothing())


def of(tx: Tx, number: int) -> list[Way]:
    """Every thread of a ticket; none where it has never gone on in another."""
    rows = tx.sql.execute(sa.select(ways).where(ways.c.ticket == number).order_by(ways.c.channel, ways.c.thread))
    return [_way(row) for row in rows]


def of_each(tx: Tx, numbers: Sequence[int]) -> dict[int, list[Way]]:
    """As `of`, for several tickets at once; of those that never went over there is nothing."""
    rows = tx.sql.execute(sa.select(ways).where(ways.c.ticket.in_(numbers)).order_by(ways.c.channel, ways.c.thread))
    found: dict[int, list[Way]] = {}
    for row in rows:
        found.setdefault(row.ticket, []).append(_way(row))
    return found


def tickets_of(tx: Tx, people: sa.Select[tuple[int]]) -> list[int]:
    """The tickets that go on in a place of one of these people."""
    return list(tx.sql.execute(sa.select(ways.c.ticket).where(ways.c.person.in_(people)).distinct()).scalars())


def forget(tx: Tx, number: int, person: int) -> None:
    """A ticket does not go on in any place of theirs any more."""
    tx.sql.execute(ways.delete().where(ways.c.ticket == number, ways.c.person == person))


def forget_thread(tx: Tx, number: int, thread: Thread) -> None:
    """A ticket does not go on there any more."""
    here = (ways.c.channel == thread.channel, ways.c.thread == thread.key)
    tx.sql.execute(ways.delete().where(ways.c.ticket == number, *here))


def _way(row: Any) -> Way:
    return Way(Thread(row.channel, row.thread), row.door, row.answer_to, row.person)


# Our addresses


class Door(NamedTuple):
    """Our own address on a channel, and what brings somebody there: a link with "{token}" in it."""

    channel: str
    door: str
    link: str


def keep_door(tx: Tx, door: Door) -> None:
    tx.sql.execute(_KEEP_DOOR[tx.pg], door._asdict())


def _keep_door(insert: Any) -> Any:
    statement = insert(doors)
    changed = {name: statement.excluded[name] for name in ("door", "link")}
    return statement.on_conflict_do_update(index_elements=["channel"], set_=changed)


_KEEP_DOOR = on_each(_keep_door)


def every_door(tx: Tx) -> list[Door]:
    return [Door(r.channel, r.door, r.link) for r in tx.sql.execute(sa.select(doors).order_by(doors.c.channel))]


# Links


class Link(NamedTuple):
    """An invitation to go on with a ticket on a channel, for whoever follows it first until then."""

    id: int
    channel: str
    ticket: int
    person: int
    by: str
    at: datetime
    until: datetime
    used_by: int | None


_LINK = [links.c[name] for name in Link._fields]


def invite(tx: Tx, channel: str, ticket: int, person: int, by: str, until: datetime) -> int:
    """Make a link. Its number."""
    row = {"channel": channel, "ticket": ticket, "person": person, "by": by, "at": tx.now, "until": until}
    return tx.sql.execute(links.insert().values(row).returning(links.c.id)).scalar_one()


def link(tx: Tx, id: int) -> Link | None:
    """A link, locked until the transaction ends: of two who follow it at once one is the first."""
    row = tx.sql.execute(sa.select(*_LINK).where(links.c.id == id).with_for_update()).first()
    return Link(*row) if row else None


def use(tx: Tx, id: int, person: int) -> None:
    tx.sql.execute(links.update().where(links.c.id == id).values(used_by=person, used_at=tx.now))


def used_by(tx: Tx, person: int) -> list[int]:
    """Who followed links that were made for a person, whichever of those who are one is named."""
    return [row.used_by for row in _USED_BY.rows(tx, {"person": person})]


_USED_BY = Prepared(
    sa.select(links.c.used_by).where(links.c.person.in_(THEIRS), links.c.used_by.is_not(None)).distinct()
)

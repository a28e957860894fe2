"""Tickets that seem to be about one matter: who is near whom, what was proposed, and what agents said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from core.routing.clusters import Alike, Matter, Other, Seen
from core.storage.database import Tx
from core.storage.messages import first_words_of
from core.storage.people import members
from core.storage.schema import gathered, gatherings, messages, people, signals, tickets
from core.storage.statements import on_each
from core.tickets.model import Status


class State(StrEnum):
    """How a proposal stands."""

    WATCHED = "watched"  # not so many customers yet that anybody is asked
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNDONE = "undone"  # it was confirmed, and that was taken back


@dataclass(frozen=True, slots=True)
class Gathering:
    """A proposal. `decided_by` None: nobody has said anything of it yet; `ts` None: it stands nowhere yet."""

    id: int
    matter: Matter
    queue: str
    lead: int
    state: State
    at: datetime
    decided_by: str | None
    team: str | None
    room: str | None
    ts: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A ticket of one. `closed`: it was closed as the second of two that tell the same."""

    ticket: int
    likeness: float
    by_words: bool
    closed: bool


_GATHERING = [gatherings.c[name] for name in Gathering.__slots__]


# Who may belong together


def compared(tx: Tx, number: int, requester: int, since: datetime, long_since: datetime) -> list[int]:
    """The tickets that a new one is compared with: the newest since a time, and its customer's own open
    ones, these longer back.
    """
    near = (
        sa.select(signals.c.ticket)
        .join(tickets, tickets.c.number == signals.c.ticket)
        .where(signals.c.at >= since, tickets.c.opened_at >= since, tickets.c.number != number)
        .order_by(signals.c.at.desc())
        .limit(MOST_COMPARED)
    )
    own = (
        sa.select(tickets.c.number)
        .where(
            tickets.c.requester.in_(members(requester)),
            tickets.c.status != Status.CLOSED,
            tickets.c.opened_at >= long_since,
            tickets.c.number != number,
        )
        .order_by(tickets.c.number.desc())
        .limit(MOST_OWN)
    )
    return list(dict.fromkeys([*tx.sql.execute(own).scalars(), *tx.sql.execute(near).scalars()]))


MOST_COMPARED, MOST_OWN = 100, 5


def others(tx: Tx, numbers: Sequence[int]) -> list[Other]:
    """Their first words, and what encoders gave for them."""
    opening = first_words_of(tickets.c.number)
    words = (messages.c.reply_text, messages.c.text)
    query = (
        sa.select(tickets.c.number, tickets.c.subject, tickets.c.language, *words, signals.c.raw)
        .select_from(tickets)
        .join(messages, messages.c.id == opening)
        .join(signals, signals.c.ticket == tickets.c.number)
        .where(tickets.c.number.in_(numbers))
    )
    found = {
        row.number: Other(
            row.number, f"{row.subject}\n{row.reply_text or row.text}".strip()[:_LOOKED_AT], row.language, row.raw
        )
        for row in (tx.sql.execute(query) if numbers else ())
    }
    return [found[number] for number in numbers if number in found]


_LOOKED_AT = 1_000


def seen(tx: Tx, numbers: Iterable[int]) -> dict[int, Seen]:
    """What is known of them; who is one person counts as one customer."""
    one = sa.func.coalesce(people.c.whole, people.c.id)
    query = (
        sa.select(tickets.c.number, one.label("customer"), tickets.c.queue, tickets.c.opened_at, tickets.c.status)
        .add_columns(signals.c.found, signals.c.corrected)
        .select_from(tickets)
        .join(people, people.c.id == tickets.c.requester)
        .outerjoin(signals, signals.c.ticket == tickets.c.number)
        .where(tickets.c.number.in_(list(numbers)))
    )
    return {row.number: _seen(row) for row in tx.sql.execute(query)}


def _seen(row: Any) -> Seen:
    found: dict[str, Any] = row.found or {}
    said: dict[str, Any] = row.corrected or {}
    topic = said["topic"] if "topic" in said else found.get("topic")
    urgency = int(said.get("urgency", found.get("urgency", 0)))
    is_open = row.status != Status.CLOSED
    return Seen(row.number, row.customer, row.queue, topic or None, urgency, row.opened_at, is_open)


# What is proposed


def begin(tx: Tx, matter: Matter, state: State, queue: str, those: Iterable[Alike]) -> int:
    """Tickets that say the same, under the first of them. Its number."""
    found = sorted(those, key=lambda one: one.number)
    lead = found[0].number
    row = {"matter": matter.value, "queue": queue, "lead": lead, "state": state.value, "at": tx.now}
    id = tx.sql.execute(gatherings.insert().values(row).returning(gatherings.c.id)).scalar_one()
    for one in found:
        add(tx, id, one)
    return id


def add(tx: Tx, id: int, one: Alike) -> None:
    """One more ticket; where it is in it already, nothing changes."""
    row = {
        "gathering": id,
        "ticket": one.number,
        "at": tx.now,
        "likeness": one.likeness,
        "by_words": one.by_words,
        "closed": False,
    }
    tx.sql.execute(_ADD[tx.pg], row)


_ADD = on_each(lambda insert: insert(gathered).on_conflict_do_nothing())


def of(tx: Tx, id: int) -> Gathering | None:
    row = tx.sql.execute(sa.select(*_GATHERING).where(gatherings.c.id == id)).first()
    return _gathering(row) if row else None


def with_any(tx: Tx, matter: Matter, numbers: Sequence[int]) -> list[Gathering]:
    """Those in which any of these tickets is, the newest first."""
    query = (
        sa.select(*_GATHERING)
        .where(gatherings.c.matter == matter.value)
        .where(gatherings.c.id.in_(sa.select(gathered.c.gathering).where(gathered.c.ticket.in_(numbers))))
        .order_by(gatherings.c.id.desc())
    )
    return [_gathering(row) for row in tx.sql.execute(query)]


def confirmed_of(tx: Tx, number: int) -> Gathering | None:
    """What a ticket was found to belong to, as it stands; the newest where there are several."""
    query = (
        sa.select(*_GATHERING)
        .join(gathered, gathered.c.gathering == gatherings.c.id)
        .where(gathered.c.ticket == number, gatherings.c.state == State.CONFIRMED.value)
        .order_by(gatherings.c.id.desc())
        .limit(1)
    )
    row = tx.sql.execute(query).first()
    return _gathering(row) if row else None


def members_of(tx: Tx, id: int) -> list[Member]:
    """Its tickets, in the order of their numbers."""
    columns = [gathered.c[name] for name in Member.__slots__]
    query = sa.select(*columns).where(gathered.c.gathering == id).order_by(gathered.c.ticket)
    return [Member(*row) for row in tx.sql.execute(query)]


def open_of(tx: Tx, id: int, most: int) -> int:
    """How many of its tickets are not closed, up to so many."""
    those = sa.select(sa.literal(1)).join(tickets, tickets.c.number == gathered.c.ticket)
    few = those.where(gathered.c.gathering == id, tickets.c.status != Status.CLOSED).limit(most).subquery()
    return tx.sql.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()


def propose(tx: Tx, id: int) -> bool:
    """Ask agents from now on. False where they are asked already."""
    mine = gatherings.update().where(gatherings.c.id == id, gatherings.c.state == State.WATCHED.value)
    return tx.sql.execute(mine.values(state=State.PROPOSED.value).returning(gatherings.c.id)).first() is not None


def decide(tx: Tx, id: int, was: State, becomes: State, by: str) -> bool:
    """Whether it stood as it was thought to, and stands otherwise now: of two who decide at once one does."""
    row = {"state": becomes.value, "decided_by": by, "decided_at": tx.now}
    mine = gatherings.update().where(gatherings.c.id == id, gatherings.c.state == was.value)
    return tx.sql.execute(mine.values(row).returning(gatherings.c.id)).first() is not None


def mark_closed(tx: Tx, id: int, number: int) -> None:
    """A ticket of it was closed for it."""
    mine = (gathered.c.gathering == id, gathered.c.ticket == number)
    tx.sql.execute(gathered.update().where(*mine).values(closed=True))


def keep_place(tx: Tx, id: int, team: str, room: str, ts: str) -> None:
    """It stands there now."""
    tx.sql.execute(gatherings.update().where(gatherings.c.id == id).values(team=team, room=room, ts=ts))


def _gathering(row: Any) -> Gathering:
    values: dict[str, Any] = {**row._asdict(), "matter": Matter(row.matter), "state": State(row.state)}
    return Gathering(**values)

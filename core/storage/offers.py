"""Whom tickets were offered to, what they said, and who gave one back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import offers, tickets


class Answer(StrEnum):
    """What became of an offer."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"  # they said nothing
    WITHDRAWN = "withdrawn"  # somebody else took the ticket, or it was closed
    RETURNED = "returned"  # they had it, and gave it back


class Offer(NamedTuple):
    id: int
    ticket: int
    agent: str
    at: datetime
    until: datetime
    answer: Answer | None


_COLUMNS = [offers.c[name] for name in Offer._fields]


def _offers(tx: Tx, *where: sa.ColumnElement[bool]) -> list[Offer]:
    rows = [Offer._make(row) for row in tx.sql.execute(sa.select(*_COLUMNS).where(*where).order_by(offers.c.id))]
    return [one._replace(answer=Answer(one.answer) if one.answer else None) for one in rows]


def make(tx: Tx, ticket: int, agent: str, until: datetime) -> None:
    tx.sql.execute(offers.insert(), {"ticket": ticket, "agent": agent, "at": tx.now, "until": until, "answer": None})


def returned(tx: Tx, ticket: int, agent: str) -> None:
    """They had it, and gave it back."""
    row = {"ticket": ticket, "agent": agent, "at": tx.now, "until": tx.now, "answer": Answer.RETURNED.value}
    tx.sql.execute(offers.insert(), row)


def answer(tx: Tx, id: int, said: Answer) -> None:
    tx.sql.execute(offers.update().where(offers.c.id == id, offers.c.answer.is_(None)).values(answer=said.value))


def unanswered(tx: Tx) -> list[Offer]:
    """All that stand."""
    return _offers(tx, offers.c.answer.is_(None))


def standing(tx: Tx, ticket: int) -> Offer | None:
    """The one that stands for a ticket, if any."""
    found = _offers(tx, offers.c.ticket == ticket, offers.c.answer.is_(None))
    return found[0] if found else None


def withdrawable(tx: Tx) -> list[int]:
    """Offers of tickets that somebody has, or that are closed."""
    gone = sa.or_(tickets.c.assignee.is_not(None), tickets.c.status == "closed")
    query = sa.select(offers.c.id).join(tickets, tickets.c.number == offers.c.ticket)
    return list(tx.sql.execute(query.where(offers.c.answer.is_(None), gone)).scalars())


def said_of(tx: Tx, numbers: Iterable[int]) -> dict[int, list[Offer]]:
    """Everything that was said to these tickets' offers, oldest first."""
    wanted: Sequence[int] = sorted(numbers)
    found: dict[int, list[Offer]] = {}
    for one in _offers(tx, offers.c.ticket.in_(wanted), offers.c.answer.is_not(None)) if wanted else []:
        found.setdefault(one.ticket, []).append(one)
    return found

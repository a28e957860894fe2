"""Whom the desk has told by itself that it has their message, and how many they wrote since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.people import folded
from core.storage.schema import Instant, acknowledged, indexable, messages, tickets
from core.storage.statements import Prepared, on_each
from core.tickets.brakes import FLOOD_IN, ONCE_IN, Sought
from core.tickets.model import Address, Nature, Part

_PERSON = 0x6465736B  # the family of our locks on people
_BY_ITSELF = (Part.ACKNOWLEDGEMENT, Part.REMINDER, Part.CLOSING)


def seek(tx: Tx, address: Address, gist: str) -> Sought:
    """Note that a ticket was opened whose acknowledgement goes to this address; what that says of it.

    One statement, which is right whoever asks beside us.
    """
    domain = address.address.rpartition("@")[2].casefold()
    alike = indexable(f"{domain} {gist}") if gist else None
    row = _SEEK.first(
        tx,
        {
            "channel": address.channel,
            "address": _compared(address.address),
            "at": tx.now,
            "muted": 0,
            "since": tx.now,
            "opened": 1,
            "alike": alike,
            "via": address.channel,
            "whom": _compared(address.address),
            "same": alike,
            "before": tx.now - ONCE_IN,
            "lately": tx.now - FLOOD_IN,
        },
    )
    assert row is not None
    return Sought(row.muted, row.opened, row.alike + (1 if gist else 0))


def _seek(insert: Any) -> Any:
    statement = insert(acknowledged)
    here, new = acknowledged.c, statement.excluded
    before, lately = sa.bindparam("before", type_=Instant()), sa.bindparam("lately", type_=Instant())
    again, anew = here.at <= before, here.since <= lately
    others = acknowledged.alias("others")
    itself = sa.and_(others.c.channel == sa.bindparam("via"), others.c.address == sa.bindparam("whom"))
    alike = (
        sa.select(sa.func.count())
        .where(others.c.alike == sa.bindparam("same"), others.c.at > before, sa.not_(itself))
        .scalar_subquery()
    )
    return statement.on_conflict_do_update(
        index_elements=["channel", "address"],
        set_={
            "at": sa.case((again, new.at), else_=here.at),
            "muted": sa.case((again, 0), else_=here.muted + 1),
            "alike": sa.case((again, new.alike), else_=here.alike),
            "since": sa.case((anew, new.since), else_=here.since),
            "opened": sa.case((anew, 1), else_=here.opened + 1),
        },
    ).returning(here.muted, here.opened, alike.label("alike"))


_SEEK = Prepared(on_each(_seek), columns=("channel", "address", "at", "muted", "since", "opened", "alike"))


def tell_of_flood(tx: Tx, address: Address) -> bool:
    """Whether supervisors are to hear now that too much comes from an address; then not again for a day."""
    mine = (acknowledged.c.channel == address.channel, acknowledged.c.address == _compared(address.address))
    return _tell(tx, *mine)


def tell_of_echo(tx: Tx, address: Address, gist: str) -> bool:
    """The same of those who write the same words from several addresses of a domain."""
    domain = address.address.rpartition("@")[2].casefold()
    same = acknowledged.c.alike == indexable(f"{domain} {gist}")
    lately = sa.select(1).where(same, acknowledged.c.told_at > tx.now - ONCE_IN).limit(1)
    return tx.sql.execute(lately).first() is None and _tell(tx, same)


def _tell(tx: Tx, *whom: sa.ColumnElement[bool]) -> bool:
    told = acknowledged.c.told_at
    due = sa.or_(told.is_(None), told <= tx.now - ONCE_IN)
    statement = acknowledged.update().where(*whom, due).values(told_at=tx.now).returning(acknowledged.c.at)
    return bool(tx.sql.execute(statement).all())


def forget(tx: Tx, before: datetime) -> int:
    """Those whose time is over: they would be told again."""
    gone = tx.sql.execute(acknowledged.delete().where(acknowledged.c.at < before).returning(acknowledged.c.at))
    return len(gone.all())


def left_by_itself(tx: Tx, ticket: int, person: int) -> tuple[int, int]:
    """Mails that left by themselves: for this ticket in a day; reminders and closings for this person in an hour."""
    if tx.pg:  # tickets are looked at side by side; those of one person after one another
        tx.sql.execute(sa.select(sa.func.pg_advisory_xact_lock(_PERSON, sa.cast(person % 2**31, sa.Integer))))
    of_ticket = sa.select(sa.func.count()).where(
        messages.c.ticket == ticket, messages.c.part.in_(_BY_ITSELF), messages.c.at > tx.now - timedelta(days=1)
    )
    hour = tx.now - timedelta(hours=1)
    of_person = sa.select(sa.func.count()).where(
        tickets.c.requester == person,
        sa.or_(tickets.c.reminded_at > hour, tickets.c.closed_at > hour),
        messages.c.ticket == tickets.c.number,
        messages.c.part.in_((Part.REMINDER, Part.CLOSING)),
        messages.c.at > hour,
    )
    row = tx.sql.execute(sa.select(of_ticket.scalar_subquery(), of_person.scalar_subquery())).one()
    return row[0], row[1]


def answers_by_machine(tx: Tx, ticket: int) -> int:
    """Automatic answers that were heard in a ticket in a day."""
    query = sa.select(sa.func.count()).where(
        messages.c.ticket == ticket,
        messages.c.nature == Nature.AUTO_REPLY,
        messages.c.part == Part.REQUESTER,
        messages.c.at > tx.now - timedelta(days=1),
    )
    return tx.sql.execute(query).scalar_one()


def _compared(address: str) -> str:
    """Tags do not count: a desk that answers from `help+1@…`, `help+2@…` is one."""
    local, at, domain = address.rpartition("@")
    return folded(f"{local.partition('+')[0] or local}{at}{domain}")

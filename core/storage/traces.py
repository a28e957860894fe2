"""Finding what came in by what it is known by: its number, its Message-ID, whoever sent it."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.inbox import Piece
from core.storage.people import folded
from core.storage.schema import identities, inbox, known_ids, messages, tickets
from core.tickets.written import CHANNEL as PAGE

_PIECE = [inbox.c[name] for name in Piece._fields]
_NO_ACT = inbox.c.channel != "act"


def numbered(tx: Tx, id: int) -> list[Piece]:
    rows = tx.sql.execute(sa.select(*_PIECE).where(inbox.c.id == id, _NO_ACT))
    return [Piece(*row) for row in rows]


def named(tx: Tx, external_id: str, most: int) -> list[Piece]:
    """What came in under a Message-ID, newest first; what came before that was written down is found by its message."""
    heard = (
        sa.select(messages.c.inbox)
        .join(known_ids, known_ids.c.message == messages.c.id)
        .where(known_ids.c.external_id == external_id, messages.c.inbox.is_not(None))
    )
    return _newest(tx, [sa.select(inbox.c.id).where(inbox.c.external_id == external_id), heard], most)


def in_ticket(tx: Tx, number: int, most: int) -> list[Piece]:
    """What came into a ticket, newest first."""
    return _newest(tx, [sa.select(messages.c.inbox).where(messages.c.ticket == number)], most)


def said_by(tx: Tx, channel: str, address: str, most: int) -> list[Piece]:
    """What somebody said on a channel on which people chat, newest first; on our pages, too."""
    there = inbox.c.channel.in_((channel, PAGE))
    return _newest(tx, [sa.select(inbox.c.id).where(inbox.c.sender == folded(address), there)], most)


def sent_by(tx: Tx, address: str, most: int) -> list[Piece]:
    """What somebody sent, newest first; what came before that was written down is found by their tickets."""
    theirs = (
        sa.select(messages.c.inbox)
        .join(tickets, tickets.c.number == messages.c.ticket)
        .join(identities, identities.c.person == tickets.c.requester)
        .join(inbox, inbox.c.id == messages.c.inbox)
        .where(identities.c.address == folded(address), messages.c.inbox.is_not(None), inbox.c.sender.is_(None))
    )
    return _newest(tx, [sa.select(inbox.c.id).where(inbox.c.sender == folded(address)), theirs], most)


def _newest(tx: Tx, found: Collection[sa.Select[tuple[int]]], most: int) -> list[Piece]:
    ids = {
        id
        for query in found
        for id in tx.sql.execute(query.order_by(sa.desc(sa.literal_column("1"))).limit(most)).scalars()
    }
    rows = tx.sql.execute(
        sa.select(*_PIECE).where(inbox.c.id.in_(ids), _NO_ACT).order_by(inbox.c.id.desc()).limit(most)
    )
    return [Piece(*row) for row in rows]


def places(tx: Tx, pieces: Collection[int]) -> dict[int, tuple[int, int | None]]:
    """The ticket of each piece's message, and the one that this ticket continues."""
    rows = tx.sql.execute(
        sa.select(inbox.c.id, messages.c.ticket, tickets.c.follows)
        .join(messages, messages.c.id == inbox.c.message)
        .join(tickets, tickets.c.number == messages.c.ticket)
        .where(inbox.c.id.in_(list(pieces)))
    )
    return {row.id: (row.ticket, row.follows) for row in rows}

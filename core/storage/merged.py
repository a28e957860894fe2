"""What was written to tickets that were merged, and is in those where they go on."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.messages import among_messages
from core.storage.schema import known_ids, messages, redirections
from core.tickets.model import Message, Part


def redirect(tx: Tx, message: int, meant: int) -> None:
    """A message was written to another ticket than the one that it is in."""
    tx.sql.execute(redirections.insert().values(message=message, meant=meant))


def meant_for(tx: Tx, those: Sequence[int], there: int) -> list[Message]:
    """What was heard in a ticket and was written to any of those, oldest first."""
    written = sa.select(redirections.c.message).where(redirections.c.meant.in_(those))
    mine = sa.and_(messages.c.ticket == there, messages.c.part == Part.REQUESTER)
    return among_messages(tx, sa.and_(mine, messages.c.id.in_(written)))


def move(tx: Tx, said: Sequence[int], ticket: int) -> None:
    """These messages are in this ticket from now on: it is what answers to them find."""
    tx.sql.execute(messages.update().where(messages.c.id.in_(said)).values(ticket=ticket))
    tx.sql.execute(known_ids.update().where(known_ids.c.message.in_(said)).values(ticket=ticket))

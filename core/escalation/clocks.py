"""When a ticket that waits for its requester is looked at again, and what is owed to it then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from core.tickets.model import Status, Ticket

Owed = Literal["remind", "close"]


class Look(NamedTuple):
    """The next time to look at a ticket, and what is owed to it from then on."""

    at: datetime
    owed: Owed


def look(ticket: Ticket, remind_after: timedelta | None, close_after: timedelta | None) -> Look | None:
    """None where time has nothing to say: not pending, or no such rule.

    `remind_after` counts from when the ticket became pending, `close_after` from the reminder really sent: after a
    day of downtime nobody is closed without the time to answer that the reminder promised.
    """
    if ticket.status is not Status.PENDING or ticket.pending_at is None:
        return None
    if ticket.reminded_at is None or ticket.reminded_at < ticket.pending_at:
        return None if remind_after is None else Look(ticket.pending_at + remind_after, "remind")
    return None if close_after is None else Look(ticket.reminded_at + close_after, "close")


def due(ticket: Ticket, remind_after: timedelta | None, close_after: timedelta | None) -> datetime | None:
    """When to look at it next: what the row of due times holds."""
    found = look(ticket, remind_after, close_after)
    return None if found is None else found.at


def tick(ticket: Ticket, remind_after: timedelta | None, close_after: timedelta | None, now: datetime) -> Owed | None:
    """What is owed now. Too early or twice it is nothing, late it is the same as in time."""
    found = look(ticket, remind_after, close_after)
    return None if found is None or now < found.at else found.owed

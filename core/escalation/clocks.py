"""When a ticket that waits, for its requester or for a decision, is looked at again, and what is owed to it then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from core.tickets.model import Status, Ticket

Owed = Literal["remind", "close", "tell", "ask"]


class Look(NamedTuple):
    """The next time to look at a ticket, and what is owed to it from then on."""

    at: datetime
    owed: Owed


def look(ticket: Ticket, remind_after: timedelta | None, close_after: timedelta | None) -> Look | None:
    """None where time has nothing to say: not pending, no such rule, or what we wrote is still on its way.

    `remind_after` counts from when our answer left, `close_after` from when the reminder did: whatever kept them, a day
    of downtime or a relay that is not there, nobody is closed without the time to answer that they were promised.
    """
    if ticket.status is not Status.PENDING or ticket.pending_at is None:
        return None
    if ticket.reminded_at is None:
        return None if remind_after is None else Look(ticket.pending_at + remind_after, "remind")
    if close_after is None or ticket.blocked:  # colleagues are still at it, whatever the requester does not say
        return None
    return Look(ticket.reminded_at + close_after, "close")


def due(
    ticket: Ticket,
    remind_after: timedelta | None,
    close_after: timedelta | None,
    decide_within: timedelta | None = None,
    ask_after: timedelta | None = None,
) -> datetime | None:
    """When to look at it next: what the row of due times holds."""
    found = _next(ticket, remind_after, close_after, decide_within, ask_after)
    return None if found is None else found.at


def tick(
    ticket: Ticket,
    remind_after: timedelta | None,
    close_after: timedelta | None,
    now: datetime,
    decide_within: timedelta | None = None,
    ask_after: timedelta | None = None,
) -> Owed | None:
    """What is owed now. Too early or twice it is nothing, late it is the same as in time."""
    found = _next(ticket, remind_after, close_after, decide_within, ask_after)
    return None if found is None or now < found.at else found.owed


def _next(
    ticket: Ticket,
    remind_after: timedelta | None,
    close_after: timedelta | None,
    decide_within: timedelta | None,
    ask_after: timedelta | None,
) -> Look | None:
    """While words wait for a decision nobody is asked whether they are still there, or closed for their silence: those
    may be their answer. Of the words themselves is told once. `ask_after`: so long after the closing whoever is
    satisfied or not is asked; None: they are not.
    """
    if ticket.to_rate_at is not None and ask_after is not None:
        return Look(ticket.to_rate_at + ask_after, "ask")
    if ticket.held_at is None:
        return look(ticket, remind_after, close_after)
    if ticket.overlooked_at is not None or decide_within is None:
        return None
    return Look(ticket.held_at + decide_within, "tell")

"""The ladder that a ticket climbs: which one, by whose hours, when it is due next, and when it begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core.calendars.calendar import Calendar
from core.escalation import ladders
from core.rulebook import Queue, Rulebook
from core.rulebook.ladders import hours_of
from core.storage.database import Tx
from core.storage.rulebook import Shelf
from core.tickets import events as e
from core.tickets.model import REQUESTER, Status, Ticket

CALLS = (e.Opened, e.Released, e.Reopened, e.Moved, e.ReplyUndone, e.TakenUp, e.Unmerged)
"""After these a ticket may wait for somebody."""
TAKES_ON = (e.Replied, e.Closed, e.Acknowledged, e.Snoozed, e.PutOnHold)


class Climb(NamedTuple):
    """A ladder with its hours, as they stood when the ticket began to climb it."""

    ladder: ladders.Ladder
    hours: Calendar


def climb_of(shelf: Shelf, tx: Tx, ticket: Ticket) -> Climb | None:
    """The ladder that a ticket climbs, or climbed last."""
    if ticket.ladder is None or ticket.ladder_of is None:
        return None
    book = shelf.at(tx, ticket.ladder_of)
    found = book.ladder_named(ticket.ladder) if book else None
    return Climb(found.plan, hours_of(book, found)) if book and found else None


def begins(
    ticket: Ticket, happened: Sequence[e.Event], queue: Queue, book: Rulebook, version: int, now: datetime
) -> list[e.Event]:
    """That a ladder begins, where by what happened the ticket waits for somebody from now on."""
    ladder = book.ladder_of(queue)
    if ladder is None or ticket.rung_at is not None or not ladders.calls(ticket) or not _waits(ticket, happened):
        return []
    due = ladders.due_at(ladder.plan, 0, now, hours_of(book, ladder))
    return [e.LadderBegun(at=now, ladder=ladder.name, book=version, due=due)] if due else []


def _waits(ticket: Ticket, happened: Sequence[e.Event]) -> bool:
    """Whether somebody is called by what happened last, and has not answered by taking it on."""
    called = False
    for event in happened:
        if isinstance(event, CALLS):
            called = not (isinstance(event, e.ReplyUndone | e.Moved | e.TakenUp | e.Unmerged) and ticket.assignee)
        elif isinstance(event, TAKES_ON) or (isinstance(event, e.Claimed) and event.given_by is None):
            called = False
    return called


def wakes(ticket: Ticket, happened: Sequence[e.Event], now: datetime) -> list[e.Event]:
    """That a ticket rests no more, because its requester wrote."""
    if not any(isinstance(event, e.RequesterWrote) and event.nature.is_of_people for event in happened):
        return []
    return [e.Woken(at=now, by=REQUESTER.agent, due=due_when_woken(ticket, now))]


def due_when_woken(ticket: Ticket, now: datetime) -> datetime | None:
    """A ticket's next step is as far away as it was when the ticket was laid to rest."""
    if ticket.rung_at is None or ticket.snoozed_at is None:
        return ticket.rung_at
    return max(now, ticket.rung_at + (now - ticket.snoozed_at))


def next_due(ticket: Ticket, climb: Climb | None) -> datetime | None:
    """When something is owed to a ticket because nobody acts."""
    if ticket.status is Status.CLOSED:
        return None
    if ticket.snoozed_until is not None:
        return ticket.snoozed_until
    if climb is None:
        return None
    if ticket.rung_at is not None:
        return ticket.rung_at
    return ladders.sure_due(ticket, climb.ladder, climb.hours)

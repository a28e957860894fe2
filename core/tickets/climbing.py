"""How each event changes what happens to a ticket while nobody acts: the ladder it climbs, its rest, and since when
whoever has it does nothing.
"""

from __future__ import annotations

from dataclasses import replace

from core.tickets import events as e
from core.tickets.model import Status, Ticket

CONCERNS = (
    e.Claimed,
    e.Released,
    e.Moved,
    e.PutOnHold,
    e.TakenUp,
    e.Replied,
    e.ReplyUndone,
    e.Noted,
    e.Closed,
    e.Reopened,
    e.Unmerged,
    e.LetGo,
    e.SplitOff,
    e.LadderBegun,
    e.StepTaken,
    e.Acknowledged,
    e.SureAsked,
    e.Sure,
    e.Snoozed,
    e.Woken,
)


def climbed(ticket: Ticket, event: e.Event) -> Ticket:
    """The ticket after the event, as far as this goes."""
    if not isinstance(event, CONCERNS) or _waits_on(event):
        return ticket
    match event:
        case e.LadderBegun():
            return replace(ticket, ladder=event.ladder, ladder_of=event.book, rung=0, rung_at=event.due)
        case e.StepTaken():
            return replace(ticket, rung=event.rung + 1, rung_at=event.next_due)
        case e.Snoozed():
            return replace(ticket, snoozed_at=event.at, snoozed_until=event.until, sure_until=None)
        case e.Woken():
            return replace(ticket, snoozed_at=None, snoozed_until=None, rung_at=event.due, active_at=event.at)
        case e.SureAsked():
            return replace(ticket, sure_until=event.until)
        case e.Noted():
            return _active(ticket, event) if event.by == ticket.assignee else ticket
        case e.Sure():
            return _active(ticket, event)
        case e.Claimed(given_by=str()):  # being given a ticket is not taking it on
            return replace(ticket, active_at=None, sure_until=None)
        case _:
            return _at_rest(ticket, event)


def _waits_on(event: e.Event) -> bool:
    """Whether another ticket, or some words, went out of a ticket that waits for us all the same."""
    return isinstance(event, e.LetGo | e.SplitOff) and event.status in (Status.NEW, Status.OPEN)


def _active(ticket: Ticket, event: e.Event) -> Ticket:
    return replace(ticket, active_at=event.at, sure_until=None)


def _at_rest(ticket: Ticket, event: e.Event) -> Ticket:
    """Nothing is owed any more; where it waits for somebody again, a ladder begins anew."""
    gone = isinstance(event, e.Released | e.Closed)
    at = None if gone else event.at
    return replace(ticket, rung_at=None, active_at=at, sure_until=None, snoozed_at=None, snoozed_until=None)

"""How each event changes a ticket: the only place where a ticket changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from core.tickets import events as e
from core.tickets.climbing import climbed
from core.tickets.model import By, Part, Status, Ticket
from core.tickets.satisfaction import A_BURST, COMMENT_WITHIN


def evolve(ticket: Ticket, event: e.Event) -> Ticket:
    """The ticket after the event. `Opened` fills a blank ticket (see `blank`)."""
    return replace(climbed(_changed(ticket, event), event), version=ticket.version + 1)


def blank(number: int, opened: e.Opened) -> Ticket:
    """A ticket to which nothing has happened yet, not even being opened."""
    return Ticket(number, opened.thread, opened.requester, opened.door, opened.queue)


def fold(number: int, history: Iterable[e.Event]) -> Ticket:
    """The present from the past. The first event is `Opened`."""
    events = iter(history)
    opened = next(events)
    if not isinstance(opened, e.Opened):
        raise ValueError(f"ticket {number} does not begin with Opened but with {type(opened).__name__}")
    ticket = evolve(blank(number, opened), opened)
    for event in events:
        ticket = evolve(ticket, event)
    return ticket


def _changed(ticket: Ticket, event: e.Event) -> Ticket:
    match event:
        case e.Opened():
            return _opened(ticket, event)
        case e.RequesterWrote() if event.nature.is_of_people:
            return _commented(replace(ticket, heard_at=event.at), event)
        case e.StrangerWrote() | e.LetIn() | e.TurnedAway() | e.Overlooked():
            return _held(ticket, event)
        case e.Claimed() | e.Released() | e.Moved() | e.WentOver() | e.MergedInto():
            return _elsewhere(ticket, event)
        case e.Replied() | e.ReplyUndone() | e.Unmerged() | e.LetGo() | e.SplitOff():
            return _answered(ticket, event)
        case e.Announced() | e.Withheld() | e.Delivered() | e.DeliveryFailed() if ticket.status is Status.PENDING:
            return _on_its_way(ticket, event)
        case e.Ranked() | e.Understood() | e.Corrected() | e.Closed() | e.Reopened():
            return _stands(ticket, event)
        case e.Promised() | e.PutOnHold() | e.TakenUp() | e.TasksPlanned() | e.TaskEnded() | e.TaskResumed():
            return _waited_for(ticket, event)
        case e.Rated() | e.Announced(part=Part.RATING | Part.RATING_WHY) | e.Withheld(part=Part.RATING):
            return _judged(ticket, event)
        case _:
            return ticket  # what a machine wrote, notes, what left a ticket that does not wait: history only


def _opened(ticket: Ticket, event: e.Opened) -> Ticket:
    known = replace(ticket, urgency=event.urgency, language=event.language, follows=event.follows, opened_at=event.at)
    return replace(known, part_of=event.part_of, target=event.target)


def _stands(ticket: Ticket, event: e.Ranked | e.Understood | e.Corrected | e.Closed | e.Reopened) -> Ticket:
    """How it stands: whether it is settled, and how urgent it is."""
    match event:
        case e.Closed() | e.Reopened():
            return _settled(ticket, event)
        case e.Ranked():
            return replace(ticket, urgency=event.urgency)
        case _:
            return _told(ticket, event)


def _told(ticket: Ticket, event: e.Understood | e.Corrected) -> Ticket:
    """What is understood of it, as far as it changes what it is."""
    if isinstance(event, e.Corrected):
        return ticket if event.urgency is None else replace(ticket, urgency=event.urgency)
    urgency = ticket.urgency if event.raised is None else event.raised
    return replace(ticket, urgency=urgency, language=ticket.language or event.language)


def _elsewhere(ticket: Ticket, event: e.Claimed | e.Released | e.Moved | e.WentOver | e.MergedInto) -> Ticket:
    """Where it is: with somebody, in another queue, in another thread, in another ticket."""
    if isinstance(event, e.Claimed | e.Released):
        return _taken(ticket, event)
    if isinstance(event, e.MergedInto):
        return replace(ticket, merged_into=event.into)
    if isinstance(event, e.Moved):
        return replace(ticket, queue=event.queue)
    return replace(ticket, thread=event.thread, door=event.door)


def _taken(ticket: Ticket, event: e.Claimed | e.Released) -> Ticket:
    if isinstance(event, e.Claimed):
        status = Status.OPEN if ticket.status is Status.NEW else ticket.status
        return replace(ticket, assignee=event.by, claimed_at=event.at, status=status)
    status = Status.NEW if ticket.status is Status.OPEN else ticket.status
    return replace(ticket, assignee=None, claimed_at=None, status=status)


def _waited_for(
    ticket: Ticket, event: e.Promised | e.PutOnHold | e.TakenUp | e.TasksPlanned | e.TaskEnded | e.TaskResumed
) -> Ticket:
    """What is promised, and whether somebody else has to act first."""
    match event:
        case e.TasksPlanned():
            planned, blocked = ticket.tasks + len(event.tasks), ticket.blocked + event.blocking
            return replace(ticket, tasks=planned, blocked=blocked)
        case e.TaskEnded() | e.TaskResumed():
            by = (-1 if isinstance(event, e.TaskEnded) else 1) if event.blocks else 0
            return replace(ticket, blocked=ticket.blocked + by)
        case e.Promised():
            return replace(ticket, policy=event.policy)
        case e.PutOnHold():
            return replace(ticket, status=Status.ON_HOLD)
        case e.TakenUp():
            return replace(ticket, status=Status.OPEN if ticket.assignee else Status.NEW)


def _gone_back(ticket: Ticket, event: e.Unmerged | e.LetGo | e.SplitOff) -> Ticket:
    """It goes on by itself again; or another one does not go on in it any more, or has some of what was said in it."""
    return replace(
        ticket,
        merged_into=None if isinstance(event, e.Unmerged) else ticket.merged_into,
        status=event.status,
        heard_at=event.heard_at,
        pending_at=event.pending_at,
        reminded_at=event.reminded_at,
        closed_at=event.closed_at,
        to_rate_at=ticket.to_rate_at if event.status is Status.CLOSED else None,
    )


def _held(ticket: Ticket, event: e.StrangerWrote | e.LetIn | e.TurnedAway | e.Overlooked) -> Ticket:
    """Since when a stranger's words wait. What supervisors were told of stays told, as long as it waits."""
    match event:
        case e.StrangerWrote():
            return replace(ticket, held_at=ticket.held_at or event.at)
        case e.Overlooked():
            return replace(ticket, overlooked_at=event.at)
        case _:
            told = ticket.overlooked_at
            if told and (event.held_at is None or event.held_at > told):
                told = None
            return replace(ticket, held_at=event.held_at, overlooked_at=told)


def _on_its_way(ticket: Ticket, event: e.Announced | e.Withheld | e.Delivered | e.DeliveryFailed) -> Ticket:
    """How far what we wait for an answer to has come: it is on its way, or the requester has it from now on."""
    match event:
        case e.Announced(part=Part.REMINDER):
            return replace(ticket, pending_at=None, reminded_at=event.at)
        case e.Withheld(part=Part.REMINDER):  # time goes on as if it had left
            return replace(ticket, reminded_at=event.at)
        case e.DeliveryFailed() if event.refused >= event.recipients:
            return ticket
        case e.Delivered(part=Part.REPLY | None) | e.DeliveryFailed(part=Part.REPLY):
            return replace(ticket, pending_at=event.at)
        case e.Delivered(part=Part.REMINDER) | e.DeliveryFailed(part=Part.REMINDER):
            return replace(ticket, pending_at=event.at, reminded_at=event.at)
        case _:
            return ticket


def _settled(ticket: Ticket, event: e.Closed | e.Reopened) -> Ticket:
    """What somebody closed may be asked about; what time closed may not, for nobody has said that it is done."""
    if isinstance(event, e.Closed):
        by = By(event.by)
        asks = ticket.rating is None and ticket.part_of is None and (by.is_requester or not by.is_rule)
        return replace(ticket, status=Status.CLOSED, closed_at=event.at, to_rate_at=event.at if asks else None)
    status = Status.OPEN if ticket.assignee else Status.NEW
    opened = replace(ticket, status=status, pending_at=None, reminded_at=None, closed_at=None, to_rate_at=None)
    return _no_comment_after(opened, event.at)


def _judged(ticket: Ticket, event: e.Rated | e.Announced | e.Withheld) -> Ticket:
    """The requester was asked how it was, or why; or said so."""
    if isinstance(event, e.Rated):
        return replace(ticket, rating=event.score, to_rate_at=None)
    if event.part is Part.RATING_WHY:
        return replace(ticket, comment_until=event.at + COMMENT_WITHIN)
    return replace(ticket, to_rate_at=None)


def _commented(ticket: Ticket, event: e.RequesterWrote) -> Ticket:
    return _no_comment_after(ticket, event.at + A_BURST) if event.comment else ticket


def _no_comment_after(ticket: Ticket, end: datetime) -> Ticket:
    """That somebody was asked why stays known."""
    if ticket.comment_until is None:
        return ticket
    return replace(ticket, comment_until=min(ticket.comment_until, end))


def _answered(ticket: Ticket, event: e.Replied | e.ReplyUndone | e.Unmerged | e.LetGo | e.SplitOff) -> Ticket:
    """An agent answered; or the ticket goes back to what it was before that, or before it had to do with another."""
    if isinstance(event, e.Unmerged | e.LetGo | e.SplitOff):
        return _gone_back(ticket, event)
    if isinstance(event, e.Replied):
        return replace(
            ticket,
            status=Status.PENDING,
            first_replied_at=ticket.first_replied_at or event.at,
            replied_at=event.at,
            pending_at=None,
            reminded_at=None,
        )
    return replace(
        ticket,
        thread=event.thread or ticket.thread,
        door=event.door or ticket.door,
        status=event.status,
        first_replied_at=event.first_replied_at,
        replied_at=event.replied_at,
        pending_at=event.pending_at,
        reminded_at=event.reminded_at,
        closed_at=event.closed_at,
        to_rate_at=ticket.to_rate_at if event.status is Status.CLOSED else None,
    )

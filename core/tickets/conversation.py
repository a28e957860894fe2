"""Decisions about what people say: what was heard, answered, noted, announced, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from core.phrases import Refused, phrase
from core.tickets import events as e
from core.tickets.evolve import fold
from core.tickets.lifecycle import refuse_merged
from core.tickets.model import By, Nature, Part, Status, Ticket


def hear(
    ticket: Ticket,
    message: int,
    nature: Nature,
    thanks: bool,
    now: datetime,
    in_vain: bool = False,
    comment: bool = False,
) -> list[e.Event]:
    """The requester wrote, or a machine did in their name. Only people open a ticket again.

    "Thanks" and "OK" leave a closed one closed, and so does what says why it was rated so (`comment`), and what was
    said too often (`in_vain`). To one that waits for
    the requester they are an answer like any other.
    """
    heard: list[e.Event] = [e.RequesterWrote(at=now, message=message, nature=nature, thanks=thanks, comment=comment)]
    waits = ticket.status in (Status.PENDING, Status.ON_HOLD, Status.CLOSED)
    settled = ticket.status is Status.CLOSED and (thanks or in_vain or comment)
    if waits and nature.is_of_people and not settled:
        heard.append(e.Reopened(at=now, message=message))
    return heard


def reply(ticket: Ticket, message: int, by: By, now: datetime) -> list[e.Event]:
    """An agent answers. Who answers what nobody has taken, takes it."""
    refuse_merged(ticket)
    happened: list[e.Event] = []
    if ticket.status is Status.CLOSED:
        happened.append(e.Reopened(at=now, by=by.agent))
    if ticket.assignee is None:
        happened.append(e.Claimed(at=now, by=by.agent))
    return [*happened, e.Replied(at=now, message=message, by=by.agent)]


def answer_elsewhere(ticket: Ticket, message: int, by: By, now: datetime) -> list[e.Event]:
    """Somebody answered who takes nothing for it: who is no agent, where the requester reads it; or who answers many at
    once.
    """
    refuse_merged(ticket)
    opened = [e.Reopened(at=now, by=by.agent)] if ticket.status is Status.CLOSED else []
    return [*opened, e.Replied(at=now, message=message, by=by.agent)]


def nobody_to_answer(ticket: Ticket) -> Refused:
    """What is said to whoever would answer a customer whose mail names no address, or none that works."""
    return Refused(
        phrase(
            "Ticket #{number} cannot be answered: the customer gave no address that the desk can write to. "
            "If you reach them in another way, keep that in a note.",
            number=ticket.number,
        )
    )


def note(message: int, by: By, now: datetime) -> list[e.Event]:
    """An internal note: changes nothing but the story."""
    return [e.Noted(at=now, message=message, by=by.agent)]


def revise(message: int, now: datetime) -> list[e.Event]:
    """Whoever wrote a message from outside changed its words: nothing else changes by that."""
    return [e.Revised(at=now, message=message)]


def change_reply(message: int, by: By, now: datetime) -> list[e.Event]:
    """An agent gives a reply that has left other words."""
    return [e.ReplyChanged(at=now, message=message, by=by.agent)]


def withdraw_reply(message: int, by: By, now: datetime) -> list[e.Event]:
    """An agent takes a reply that has left from where the customer reads it. They have read it, perhaps: so it stays
    an answer, and the ticket as it is.
    """
    return [e.ReplyWithdrawn(at=now, message=message, by=by.agent)]


def edit_note(message: int, by: By, now: datetime) -> list[e.Event]:
    """Its author changed the words of a note."""
    return [e.NoteEdited(at=now, message=message, by=by.agent)]


def delete_note(message: int, now: datetime) -> list[e.Event]:
    """A note was deleted. By whom is not told: its author may, and so may a workspace's administrators."""
    return [e.NoteDeleted(at=now, message=message)]


def announce(message: int, part: Part, now: datetime) -> list[e.Event]:
    """The desk writes by itself."""
    return [e.Announced(at=now, message=message, part=part)]


def withhold(part: Part, now: datetime) -> list[e.Event]:
    """The desk does not write by itself, though it would be time."""
    return [e.Withheld(at=now, part=part)]


def undo(ticket: Ticket, history: Sequence[e.Event], message: int, by: By, now: datetime) -> list[e.Event]:
    """Take a reply back that has not left yet: the ticket is as if it had never been; what else happened stays."""
    if not any(isinstance(h, e.Replied) and h.message == message for h in history):
        raise Refused(phrase("There is no such reply on ticket #{number}.", number=ticket.number))
    undone = {h.message for h in history if isinstance(h, e.ReplyUndone)} | {message}
    without = fold(ticket.number, _without(history, undone))
    went_over = without.thread != ticket.thread
    return [
        e.ReplyUndone(
            at=now,
            message=message,
            by=by.agent,
            status=without.status,
            first_replied_at=without.first_replied_at,
            replied_at=without.replied_at,
            pending_at=without.pending_at,
            reminded_at=without.reminded_at,
            closed_at=without.closed_at,
            thread=without.thread if went_over else None,
            door=without.door if went_over else None,
        )
    ]


def closed_with(history: Sequence[e.Event], message: int) -> bool:
    """Whether a reply was sent together with the closing of its ticket."""
    return any(
        isinstance(event, e.Replied) and event.message == message and _closed_by(event, after)
        for event, after in pairwise(history)
    )


def that_stands(history: Sequence[e.Event]) -> list[e.Event]:
    """What happened, without the closings that were taken back together with their answers."""
    undone = {h.message for h in history if isinstance(h, e.ReplyUndone)}
    kept: list[e.Event] = []
    before: e.Event | None = None
    for event in history:
        if not (isinstance(before, e.Replied) and before.message in undone and _closed_by(before, event)):
            kept.append(event)
        before = event
    return kept


def taken_back_by(history: Sequence[e.Event], message: int) -> str | None:
    """Who took a reply back; None where nobody did."""
    return next((h.by for h in history if isinstance(h, e.ReplyUndone) and h.message == message), None)


def _closed_by(reply: e.Replied, after: e.Event) -> bool:
    return isinstance(after, e.Closed) and (after.at, after.by) == (reply.at, reply.by)


def _without(history: Sequence[e.Event], undone: set[int]) -> list[e.Event]:
    """The history without these replies, without the closing that was sent with them, and without their undoing."""
    kept: list[e.Event] = []
    gone: e.Replied | None = None
    for event in history:
        if isinstance(event, e.ReplyUndone) and event.message in undone:
            continue
        if isinstance(event, e.Replied) and event.message in undone:
            gone = event
            if (over := _went_over_with(kept, event)) is not None:
                del kept[over]
            continue
        with_it = gone is not None and _closed_by(gone, event)
        gone = None
        if not with_it:
            kept.append(event)
    return kept


def _went_over_with(before: Sequence[e.Event], reply: e.Replied) -> int | None:
    """Where in what happened before a reply it is said that the ticket goes over with it."""
    for place in range(len(before) - 1, -1, -1):
        event = before[place]
        if event.at != reply.at:
            return None
        if isinstance(event, e.WentOver) and event.by == reply.by:
            return place
    return None

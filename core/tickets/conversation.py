"""Decisions about what people say: what was heard, answered, noted, announced, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.phrases import Refused, phrase
from core.tickets import events as e
from core.tickets.evolve import evolve, fold
from core.tickets.model import By, Nature, Part, Status, Ticket


def hear(ticket: Ticket, message: int, nature: Nature, thanks: bool, now: datetime) -> list[e.Event]:
    """The requester wrote, or a machine did in their name. Only people open a ticket again, and not by "thanks"."""
    heard: list[e.Event] = [e.RequesterWrote(at=now, message=message, nature=nature, thanks=thanks)]
    waits = ticket.status in (Status.PENDING, Status.ON_HOLD, Status.CLOSED)
    if waits and nature is Nature.HUMAN and not thanks:
        heard.append(e.Reopened(at=now, message=message))
    return heard


def reply(ticket: Ticket, message: int, by: By, now: datetime) -> list[e.Event]:
    """An agent answers. Who answers what nobody has taken, takes it."""
    happened: list[e.Event] = []
    if ticket.status is Status.CLOSED:
        happened.append(e.Reopened(at=now, by=by.agent))
    if ticket.assignee is None:
        happened.append(e.Claimed(at=now, by=by.agent))
    return [*happened, e.Replied(at=now, message=message, by=by.agent)]


def note(message: int, by: By, now: datetime) -> list[e.Event]:
    """An internal note: changes nothing but the story."""
    return [e.Noted(at=now, message=message, by=by.agent)]


def announce(message: int, part: Part, now: datetime) -> list[e.Event]:
    """The desk writes by itself."""
    return [e.Announced(at=now, message=message, part=part)]


def undo(ticket: Ticket, history: Sequence[e.Event], message: int, by: By, now: datetime) -> list[e.Event]:
    """Take a reply back that has not left yet; what else happened since then stays.

    A customer who wrote within those seconds has opened the ticket again, and so it stays open.
    """
    at = next((n for n, h in enumerate(history) if isinstance(h, e.Replied) and h.message == message), None)
    if at is None:
        raise Refused(phrase("There is no such reply on ticket #{number}.", number=ticket.number))
    before = fold(ticket.number, history[:at])
    answered = evolve(before, history[at])
    closed_with = at + 1 < len(history) and isinstance(history[at + 1], e.Closed)
    if closed_with:
        answered = evolve(answered, history[at + 1])
    untouched = ticket.status is answered.status
    return [
        e.ReplyUndone(
            at=now,
            message=message,
            by=by.agent,
            status=before.status if untouched else ticket.status,
            first_replied_at=before.first_replied_at,
            replied_at=before.replied_at,
            pending_at=before.pending_at if untouched else ticket.pending_at,
            reminded_at=before.reminded_at if untouched else ticket.reminded_at,
            closed_at=before.closed_at if untouched else ticket.closed_at,
        )
    ]

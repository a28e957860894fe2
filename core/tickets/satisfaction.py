"""Decisions about how a requester found what we did: when they are asked, what counts, what is a comment on it.

One event whatever the channel: whoever can show a requester one to five, a chat's buttons, a page, a link in a letter,
records what they chose by `rate`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.phrases import Refused, phrase
from core.tickets import events as e
from core.tickets.model import Status, Ticket

BEST = 5
LOW = 2
"""Of one to five: who chooses no more is asked why."""

ASK_AFTER = timedelta(minutes=1)
"""So long after a ticket was closed its requester is asked: until then an answer can be taken back, or opened again
what was closed by mistake."""

COMMENT_WITHIN = timedelta(hours=1)
"""So long after somebody was asked why, what they write is the answer, and opens nothing."""

A_BURST = timedelta(minutes=2)
"""What is written so soon after a comment belongs to it."""


def rate(ticket: Ticket, score: int, person: int, channel: str, now: datetime) -> list[e.Event]:
    """The requester says how it was. The last word counts; the same again is nothing new."""
    if not 1 <= score <= BEST:
        raise Refused(phrase("A rating is a number from 1 to {best}.", best=BEST))
    return [] if ticket.rating == score else [e.Rated(at=now, score=score, person=person, channel=channel)]


def can_rate(ticket: Ticket) -> bool:
    """Whether there is something to be said of it: what is open is not done yet."""
    return ticket.status is Status.CLOSED


def asks_why(ticket: Ticket) -> bool:
    """Whether the requester is to be asked what was wrong: once."""
    return (
        ticket.status is Status.CLOSED
        and ticket.rating is not None
        and ticket.rating <= LOW
        and ticket.comment_until is None
    )


def is_comment(ticket: Ticket, now: datetime) -> bool:
    """Whether what the requester writes now says why they chose so few."""
    return ticket.status is Status.CLOSED and ticket.comment_until is not None and now <= ticket.comment_until


def stars(score: int) -> str:
    """A rating as it is shown."""
    return "★" * score + "☆" * (BEST - score)

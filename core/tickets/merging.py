"""Decisions about tickets that tell one matter of one person: that one goes on in another, and that it does not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from core.phrases import Refused, phrase
from core.tickets import events as e
from core.tickets.evolve import fold
from core.tickets.lifecycle import Names, who_closed
from core.tickets.model import MERGING, By, Status, Thread, Ticket


def check(ticket: Ticket, into: Ticket, are_one: bool, history: Sequence[e.Event], names: Names, now: datetime) -> None:
    """Whether a ticket may go on in another one. `are_one`: whether both are told by one person; `history` is the
    other's. Raises Refused.
    """
    if ticket.number == into.number:
        raise Refused(phrase("Ticket #{number} goes on in #{number} already.", number=ticket.number))
    for one in (ticket, into):
        if one.part_of is not None:
            raise Refused(
                phrase(
                    "#{number} is a task of #{whole}: it goes on in no other ticket, and none in it.",
                    number=one.number,
                    whole=one.part_of,
                )
            )
    if ticket.blocked:
        raise Refused(
            phrase(
                "Ticket #{number} has open tasks. End them or call them off first, or merge the other way round.",
                number=ticket.number,
            )
        )
    if ticket.merged_into is not None:
        raise Refused(
            phrase(
                "Ticket #{number} was merged already and goes on in #{into}. Merge that one, or take the merge back "
                "first.",
                number=ticket.number,
                into=ticket.merged_into,
            )
        )
    if not are_one:
        raise Refused(
            phrase(
                "Tickets #{number} and #{into} are of two people, and whoever writes to one would take part in the "
                "other. Link them instead: then each is answered on their own. If it is one person, say so first: "
                "“Customer and history” on the card.",
                number=ticket.number,
                into=into.number,
            )
        )
    if ticket.held_at is not None:
        raise Refused(
            phrase(
                "Somebody who does not take part wrote into ticket #{number}. Decide that in its thread first.",
                number=ticket.number,
            )
        )
    if into.status is Status.CLOSED:
        closed = who_closed(into, history, names, now)
        raise Refused(phrase("{closed} Open it again first, or merge the other way round.", closed=closed))


def go_on_in(ticket: Ticket, into: int, by: By, now: datetime) -> list[e.Event]:
    """It goes on in another one. That closes it, and settles nothing."""
    happened: list[e.Event] = [e.MergedInto(at=now, into=into, by=by.agent)]
    if ticket.status is not Status.CLOSED:
        happened.append(e.Closed(at=now, by=MERGING.agent))
    return happened


def waits_for_us(ticket: Ticket) -> bool:
    """Whether its requester waits for an answer."""
    return ticket.status in (Status.NEW, Status.OPEN)


def take_in(ticket: Ticket, other: Ticket, heard: int, thread: Thread | None, by: By, now: datetime) -> list[e.Event]:
    """Another one goes on in it. Where its requester waits for an answer there (`heard` is what they said last), they
    wait for it here. `thread`: what is said there belongs to it from now on.
    """
    happened: list[e.Event] = [e.TookIn(at=now, ticket=other.number, by=by.agent, thread=thread)]
    if ticket.status is Status.PENDING and waits_for_us(other):
        happened.append(e.Reopened(at=now, by=by.agent, message=heard or None))
    return happened


def answered_since(history: Sequence[e.Event], other: int) -> e.Replied | None:
    """The first answer that stands since another ticket goes on in the one of this history."""
    undone = {h.message for h in history if isinstance(h, e.ReplyUndone)}
    since = history[_last_taken_in(history, other) :]
    return next((h for h in since if isinstance(h, e.Replied) and h.message not in undone), None)


def refuse_answered(number: int, into: int, answered: e.Replied, names: Names, now: datetime) -> Refused:
    """What is said to whoever would take a merge back of which the customer knows."""
    ago = min(answered.at - now, -timedelta(seconds=1))
    return Refused(
        phrase(
            "{name} answered in #{into} {ago}, and the customer takes that for an answer to #{number}, too. So the "
            "merge stays. What is another matter can be split off #{into}.",
            name=names.get(answered.by, answered.by),
            number=number,
            into=into,
            ago=ago,
        )
    )


def go_on_alone(ticket: Ticket, history: Sequence[e.Event], by: By, now: datetime) -> list[e.Event]:
    """It goes on by itself again, as if it had not been merged; what else happened stays."""
    assert ticket.merged_into is not None
    place = max(n for n, event in enumerate(history) if isinstance(event, e.MergedInto))
    rest = list(history[place + 1 :])
    if rest and isinstance(rest[0], e.Closed) and rest[0].by == MERGING.agent:
        del rest[0]
    without = fold(ticket.number, [*history[:place], *rest])
    return [e.Unmerged(at=now, into=ticket.merged_into, by=by.agent, **facts_of(without)._asdict())]


def let_go(
    ticket: Ticket, history: Sequence[e.Event], other: int, moved: Collection[int], by: By, now: datetime
) -> list[e.Event]:
    """Another one does not go on in it any more, and these messages went with it; what else happened stays."""
    place, kept = _last_taken_in(history, other), list[e.Event]()
    for n, event in enumerate(history):
        is_heard = isinstance(event, e.RequesterWrote | e.Reopened) and event.message in moved
        if n != place and not is_heard and not (n == place + 1 and _opened_by(history[place], event)):
            kept.append(event)
    without = fold(ticket.number, kept)
    facts = facts_of(without)
    if ticket.status not in (Status.NEW, Status.OPEN):  # it was answered, put on hold or closed since: so it stays
        facts = facts_of(ticket)._replace(heard_at=without.heard_at)
    return [e.LetGo(at=now, ticket=other, by=by.agent, **facts._asdict())]


def thread_taken(history: Sequence[e.Event], other: int) -> Thread | None:
    """The thread that belongs to a ticket because another one was taken in last."""
    place = _last_taken_in(history, other)
    taken = history[place] if place < len(history) else None
    return taken.thread if isinstance(taken, e.TookIn) else None


def _opened_by(taken: e.Event, event: e.Event) -> bool:
    """Whether a ticket is open again because another one was taken in, to which an answer was owed."""
    if not isinstance(taken, e.TookIn) or not isinstance(event, e.Reopened):
        return False
    return (event.at, event.by) == (taken.at, taken.by)


def _last_taken_in(history: Sequence[e.Event], other: int) -> int:
    """Where in what happened another ticket was taken in; the end where it was not."""
    found = (n for n, event in enumerate(history) if isinstance(event, e.TookIn) and event.ticket == other)
    return max(found, default=len(history))


class Facts(NamedTuple):
    """What a ticket goes back to, where something is taken from its story."""

    status: Status
    heard_at: datetime | None
    pending_at: datetime | None
    reminded_at: datetime | None
    closed_at: datetime | None


def facts_of(ticket: Ticket) -> Facts:
    """These of a ticket."""
    return Facts(*(getattr(ticket, name) for name in Facts._fields))

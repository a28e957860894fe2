"""Decisions about a ticket's life: claim, release, move, close, reopen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.phrases import Phrase, Refused, phrase
from core.tickets import events as e
from core.tickets.model import By, Status, Ticket
from core.tickets.sources import source_of


def claim(ticket: Ticket, by: By, now: datetime, names: Names) -> list[e.Event]:
    """Take a ticket. Of many who try at once one wins; the others are told who and when."""
    refuse_closed(ticket)
    if ticket.assignee == by.agent:
        raise Refused(phrase("Ticket #{number} is yours already.", number=ticket.number))
    if ticket.assignee is not None:
        raise Refused(
            phrase(
                "{name} took ticket #{number} {ago}. You can answer it all the same; /desk next shows what else waits.",
                name=names.get(ticket.assignee, ticket.assignee),
                number=ticket.number,
                ago=(ticket.claimed_at or now) - now,
            )
        )
    return [e.Claimed(at=now, by=by.agent)]


def release(ticket: Ticket, by: By, now: datetime) -> list[e.Event]:
    """Put a ticket back into its queue."""
    if ticket.assignee is None:
        raise Refused(phrase("Nobody has ticket #{number}: it waits in its queue already.", number=ticket.number))
    if ticket.assignee != by.agent:
        raise Refused(
            phrase(
                "Ticket #{number} is not yours. You can answer it all the same; whoever has it can put it back.",
                number=ticket.number,
            )
        )
    return [e.Released(at=now, by=by.agent)]


def assign(ticket: Ticket, agent: str, by: By, now: datetime, names: Names) -> list[e.Event]:
    """Give a ticket to somebody, whoever has it. By a rule only one that nobody has."""
    refuse_closed(ticket)
    if ticket.assignee == agent or (by.is_rule and ticket.assignee is not None):
        name = names.get(ticket.assignee or "", ticket.assignee or "")
        raise Refused(phrase("{name} has ticket #{number} already.", name=name, number=ticket.number))
    return [e.Claimed(at=now, by=agent, given_by=None if by.agent == agent else by.agent)]


def put_back(ticket: Ticket, by: By, now: datetime) -> list[e.Event]:
    """Put a ticket back into its queue, whoever has it."""
    if ticket.assignee is None:
        raise Refused(phrase("Nobody has ticket #{number}: it waits in its queue already.", number=ticket.number))
    return [e.Released(at=now, by=by.agent)]


def rank(ticket: Ticket, urgency: int, by: By, now: datetime) -> list[e.Event]:
    """Say how urgent a ticket is."""
    wanted = min(max(urgency, 0), 3)
    return [e.Ranked(at=now, urgency=wanted, by=by.agent)] if wanted != ticket.urgency else []


def move(ticket: Ticket, queue: str, by: By, now: datetime) -> list[e.Event]:
    """Put a ticket into another queue, whoever has it."""
    return [e.Moved(at=now, queue=queue, by=by.agent)] if queue != ticket.queue else []


def hold(ticket: Ticket, by: By, now: datetime) -> list[e.Event]:
    """Wait for somebody who is neither the requester nor one of us."""
    refuse_closed(ticket)
    if ticket.status is Status.ON_HOLD:
        raise Refused(phrase("Ticket #{number} is on hold already.", number=ticket.number))
    if ticket.status is Status.PENDING:
        raise Refused(
            phrase("Ticket #{number} waits for the customer: nothing counts meanwhile anyhow.", number=ticket.number)
        )
    return [e.PutOnHold(at=now, by=by.agent)]


def take_up(ticket: Ticket, by: By, now: datetime) -> list[e.Event]:
    """Go on with what was on hold."""
    if ticket.status is not Status.ON_HOLD:
        raise Refused(phrase("Ticket #{number} is not on hold.", number=ticket.number))
    return [e.TakenUp(at=now, by=by.agent)]


def close(
    ticket: Ticket, by: By, now: datetime, *, outcome: str | None = None, why: int | None = None
) -> list[e.Event]:
    """Settle it. While tasks are open that have to end first, an agent does so for a reason only, which stands in the
    note `why`; what the customer, or a partner for them, says to be settled is so. `outcome`: of a task that is not
    done.
    """
    refuse_merged(ticket)
    if ticket.status is Status.CLOSED:
        raise Refused(phrase("Ticket #{number} is closed already.", number=ticket.number))
    if ticket.blocked and why is None and not by.is_rule and not source_of(by.agent):
        raise Refused(phrase("Ticket #{number} has open tasks. Close it with a reason.", number=ticket.number))
    return [e.Closed(at=now, by=by.agent, outcome=outcome, why=why)]


def refuse_closed(ticket: Ticket) -> None:
    """Raises Refused for what is closed, and says what to do first."""
    refuse_merged(ticket)
    if ticket.status is Status.CLOSED:
        raise Refused(phrase("Ticket #{number} is closed. Reopen it first.", number=ticket.number))


def refuse_merged(ticket: Ticket) -> None:
    """Raises Refused for what goes on in another ticket: nothing is done here any more."""
    if ticket.merged_into is not None:
        raise Refused(
            phrase(
                "Ticket #{number} was merged and goes on in #{into}. Go on there, or take the merge back first.",
                number=ticket.number,
                into=ticket.merged_into,
            )
        )


def who_closed(ticket: Ticket, history: Sequence[e.Event], names: Names, now: datetime) -> Phrase:
    """Who closed a closed ticket, and when."""
    closed = next(event for event in reversed(history) if isinstance(event, e.Closed))
    ago = min(closed.at - now, -timedelta(seconds=1))
    if By(closed.by).is_requester:
        return phrase("The customer closed ticket #{number} {ago}.", number=ticket.number, ago=ago)
    if By(closed.by).is_rule:
        return phrase("The desk closed ticket #{number} by itself {ago}.", number=ticket.number, ago=ago)
    name = names.get(closed.by, closed.by)
    return phrase("{name} closed ticket #{number} {ago}.", name=name, number=ticket.number, ago=ago)


def reopen(ticket: Ticket, by: By, now: datetime) -> list[e.Event]:
    refuse_merged(ticket)
    if ticket.status is not Status.CLOSED:
        raise Refused(phrase("Ticket #{number} is open already.", number=ticket.number))
    return [e.Reopened(at=now, by=by.agent)]


Names = dict[str, str]
"""Agents' ids and the names to say."""

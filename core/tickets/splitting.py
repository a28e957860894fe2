"""Decisions about a ticket that tells two matters: some of what was said becomes a ticket of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from core.phrases import Refused, phrase
from core.tickets import events as e
from core.tickets.evolve import fold
from core.tickets.merging import facts_of
from core.tickets.model import By, Message, Part, Status, Ticket


def can_go(message: Message, opening: int) -> bool:
    """Whether a message may go into a ticket of its own: what somebody wrote to us, and not what the ticket is about
    from its first words on.
    """
    return message.part is Part.REQUESTER and message.id != opening and message.deleted_at is None


def check(ticket: Ticket, said: Sequence[Message], wanted: Collection[int], opening: int, writers: int) -> None:
    """Whether these messages may go. `writers`: how many people wrote them. Raises Refused."""
    if not wanted:
        raise Refused(phrase("Choose what goes into a ticket of its own."))
    if len(said) != len(set(wanted)) or not all(can_go(one, opening) for one in said):
        raise Refused(
            phrase(
                "Some of that is not in ticket #{number} any more, or stays with it. Look again, and choose anew.",
                number=ticket.number,
            )
        )
    if writers > 1:
        raise Refused(
            phrase(
                "These were written by several people, and a ticket is one person's: nobody else would read its "
                "answers. Split off what each of them wrote apart."
            )
        )


def split_off(
    ticket: Ticket, history: Sequence[e.Event], moved: Sequence[int], into: int, by: By, now: datetime
) -> list[e.Event]:
    """These messages are in another ticket now. Where it waited for us only because of them, it does not any more."""
    kept = [h for h in history if not (isinstance(h, e.RequesterWrote | e.Reopened) and h.message in moved)]
    without = fold(ticket.number, kept)
    facts = facts_of(without)
    if ticket.status not in (Status.NEW, Status.OPEN) or ticket.replied_at != without.replied_at:
        facts = facts_of(ticket)._replace(heard_at=without.heard_at)
    return [e.SplitOff(at=now, into=into, messages=tuple(moved), by=by.agent, **facts._asdict())]

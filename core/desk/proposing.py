"""What a ticket's words seem to ask of several queues at once: proposed to whoever splits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.desk.counting import organisation_of
from core.routing.conditions import Facts
from core.routing.parting import Part, propose
from core.storage import messages, people
from core.storage.database import Tx
from core.storage.tickets import Words
from core.tickets.model import Status, Ticket

if TYPE_CHECKING:
    from core.desk.house import House

MOST_READ = 5
"""Messages of the requester in which is looked for several things that they ask for."""


def proposed(house: House, tx: Tx, ticket: Ticket, words: Words) -> list[Part]:
    """By the rules, part for part."""
    book = house.book_in(tx)
    if len(book.queues) == 1 or not book.rules or ticket.part_of is not None:
        return []
    organisation = organisation_of(tx, book, ticket)
    facts = Facts(
        channel=ticket.thread.channel,
        door=ticket.door,
        sender=people.address_of(tx, ticket.requester, ticket.thread.channel),
        queue=ticket.queue,
        language=ticket.language,
        organisation=organisation.name if organisation else None,
        tier=organisation.tier if organisation else None,
        at=ticket.opened_at,
        zone=book.desk.zone,
    )
    said = messages.said_by_requester(tx, ticket.number, MOST_READ)
    text = "\n".join([words.subject, *(one.reply_text or one.text for one in said)])
    return [part for part in propose(facts, book.rules, text) if book.queue_named(part.queue) is not None]


def asked_of(house: House, tx: Tx, ticket: Ticket, words: Words) -> list[str]:
    """Titles of the queues of which it seems to ask something, where these are several and it is not split yet."""
    if ticket.tasks or ticket.status is Status.CLOSED:
        return []
    found = proposed(house, tx, ticket, words)
    return [house.book_in(tx).queue(part.queue).title for part in found] if len(found) > 1 else []

"""What a ticket has to do with others: for its card, and for the window of all that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.routing.clusters import Matter
from core.storage import circulars, gatherings, people, relations, rooms, tickets
from core.storage.database import Tx
from core.storage.gatherings import Gathering
from core.storage.rooms import Post
from core.tickets.model import Status, Ticket
from core.tickets.relating import Relation

MOST_COUNTED = 100
"""Tickets that a problem has caused, as far as they are counted."""

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Company:
    """What a card says of other tickets. `into` stands on the ticket itself.

    `incidents`: how many open tickets would be answered with it; `circular`: the last answer that others of the same
    matter got at once, and this one did not.
    """

    merged: Sequence[int] = ()  # those that go on in this one
    relations: Sequence[Relation] = ()
    incidents: int = 0
    circular: int | None = None


ALONE = Company()


class Neighbour(NamedTuple):
    """Another ticket, as it is listed."""

    number: int
    subject: str
    status: Status
    requester: str
    card: Post | None


@dataclass(frozen=True, slots=True)
class Companions:
    """Everything that the window shows. `others`: the customer's other open tickets, which could be merged."""

    ticket: Ticket
    subject: str
    customer: str
    answers_to: str
    company: Company
    into: int | None  # the ticket in which it goes on
    others: Sequence[Neighbour]
    known: dict[int, Neighbour]  # of all that are named


def company_of(tx: Tx, ticket: Ticket, gathered: Gathering | None) -> Company:
    """What a ticket has to do with others."""
    found = relations.of(tx, ticket.number)
    incidents = 0
    if any(one.kind.has_cause and one.other == ticket.number for one in found):
        incidents = len(relations.caused_by(tx, ticket.number, MOST_COUNTED))
    leads = [one.other for one in found if one.kind.has_cause and one.one == ticket.number]
    if gathered is not None and gathered.matter is Matter.INCIDENT:
        leads.append(gathered.lead)
        if gathered.lead == ticket.number:
            incidents += gatherings.open_of(tx, gathered.id, MOST_COUNTED)
    is_open = ticket.status is not Status.CLOSED
    missed = circulars.missed_by(tx, ticket.number, leads) if leads and is_open else None
    return Company(tickets.merged_beneath(tx, ticket.number), found, incidents, missed)


def companions_of(tx: Tx, number: int) -> Companions:
    """Raises NotFound."""
    ticket, words = tickets.look(tx, number)
    company = company_of(tx, ticket, gatherings.confirmed_of(tx, number))
    into = tickets.goes_on_in(tx, number)
    named = {*company.merged, into, *(one.beside(number) for one in company.relations)} - {number}
    known = {one: _neighbour(tx, one) for one in sorted(named)[:MOST_LISTED]}
    page = tickets.of_person(tx, ticket.requester, number, MOST_LISTED)
    mine = [line.ticket.number for line in page.lines if line.ticket.merged_into is None]
    return Companions(
        ticket=ticket,
        subject=words.subject,
        customer=people.person(tx, ticket.requester).name,
        answers_to=words.answer_to,
        company=company,
        into=into if into != number else None,
        others=[_neighbour(tx, one) for one in mine],
        known=known,
    )


def _neighbour(tx: Tx, number: int) -> Neighbour:
    ticket, words = tickets.look(tx, number)
    name = people.person(tx, ticket.requester).name
    return Neighbour(number, words.subject, ticket.status, name, rooms.post_of(tx, number))

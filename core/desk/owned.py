"""A ticket as a source sees it: its own, also while it goes on elsewhere; and of what is said in it, what was said by
the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.phrases import NotFound, phrase
from core.storage import messages, tickets, ways
from core.storage.database import Tx
from core.storage.tickets import Words
from core.storage.ways import Way
from core.tickets.model import Delivery, Message, Part, Ticket
from core.tickets.sources import CHANNEL, door, is_at, source_of


class Owned(NamedTuple):
    """A ticket of a source. `answer_to` is the source's conversation; `is_here`: the ticket goes on in it now."""

    ticket: Ticket
    thread: str
    answer_to: str
    subject: str
    is_here: bool
    others: frozenset[str] = frozenset()  # other sources that it has been at


def as_owned(source: str, ticket: Ticket, words: Words, known: Sequence[Way]) -> Owned | None:
    """`ticket` as it is seen by a source; None where it is none of its own. `known` are its threads, none where it
    never went over. What it is called is of whoever opened it: no other source reads it.
    """
    mine = [way for way in known if (way.thread.channel, way.door) == (CHANNEL, door(source))]
    is_here = is_at(ticket, source)
    place = next((way for way in mine if way.thread == ticket.thread), mine[0] if mine else None)
    if place is None:
        if not is_here:
            return None
        place = Way(ticket.thread, ticket.door, words.answer_to)
    is_opener = not known or any(way.person is None for way in mine)
    others = {source_of(way.door) for way in known if way.thread.channel == CHANNEL} - {source}
    subject = words.subject if is_opener else ""
    return Owned(ticket, place.thread.key, place.answer_to, subject, is_here, frozenset(others))


def owned(tx: Tx, source: str, number: int) -> Owned:
    """A source's ticket. Raises NotFound for everybody else's, too."""
    missing = NotFound(phrase("There is no ticket #{number} of yours.", number=number))
    try:
        ticket, words = tickets.look(tx, number)
    except NotFound:
        raise missing from None
    found = as_owned(source, ticket, words, ways.of(tx, number))
    if found is None:
        raise missing
    return found


def seen(tx: Tx, source: str, id: int) -> Message:
    """A message that a source may see. Raises NotFound."""
    missing = NotFound(phrase("There is no message {id} of yours.", id=id))
    try:
        said = messages.message(tx, id)
        ticket = owned(tx, source, said.ticket)
    except NotFound:
        raise missing from None
    if not is_seen(said, ticket.others):
        raise missing
    return said


def is_seen(said: Message, others: frozenset[str]) -> bool:
    """Whether a customer of a source may see a message: what can be taken back yet is nobody's but ours, and what was
    said to us elsewhere, on another channel or by `others`, while the ticket went on there, is none of the source's.
    """
    if said.channel not in (None, CHANNEL):
        return False
    if said.part is Part.REQUESTER:
        by_another = (said.external_id or "").partition(":")[0] in others  # a source's ids begin with its name
        return said.deleted_at is None and not by_another
    by_another = source_of(said.marks.get("door", "")) in others
    return said.part.goes_out and said.delivery not in (Delivery.HELD, Delivery.UNDONE) and not by_another

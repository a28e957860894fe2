"""Use cases of requesters who say how they found what we did."""

from __future__ import annotations

from typing import NamedTuple

from core.desk.house import House
from core.desk.writing import addressee, announce, asking_why, thanking
from core.storage import inbox, messages, people, tickets
from core.storage.database import Tx, question, use_case
from core.tickets import satisfaction
from core.tickets.model import Address, Part


class Asked(NamedTuple):
    """What somebody pressed: the question of which ticket, and who they are."""

    ticket: int
    message: int
    person: int


class Rating(House):
    """How it was."""

    @use_case
    def rate(self, tx: Tx, id: int, external_id: str, sender: Address, score: int) -> None:
        """Somebody chose, below a question of ours; `id` is what came in of that. Of whoever was not asked it counts
        nothing. Who chooses few is asked why, once.
        """
        if not inbox.settle(tx, id, "done", "somebody said how it was"):
            return
        asked = _asked(tx, external_id, sender)
        if asked is None:
            return
        with self.changing(tx, asked.ticket) as change:
            change.happen(satisfaction.rate(change.ticket, score, asked.person, sender.channel, tx.now))
            if satisfaction.asks_why(change.ticket):
                said = asking_why(self.book_in(tx), change, people.person(tx, change.ticket.requester).name)
                announce(self, tx, change, Part.RATING_WHY, said, addressee(tx, change))

    @question
    def rated(self, tx: Tx, external_id: str, sender: Address) -> str | None:
        """What the question says to whoever chose; None where it was not theirs to answer."""
        asked = _asked(tx, external_id, sender)
        if asked is None:
            return None
        said = messages.message(tx, asked.message)
        return f"{said.text}\n\n{thanking(self.book_in(tx), said.language).text}"


def _asked(tx: Tx, external_id: str, sender: Address) -> Asked | None:
    """The question that has this id, where it is one, and whoever presses is the requester who was asked."""
    person = people.person_at(tx, sender)
    found = messages.known(tx, sender.channel, [external_id])
    of = next(((ticket, message) for _, ticket, message, part in found if part == Part.RATING), None)
    if person is None or of is None:
        return None
    ticket, message = of
    requester = tickets.look(tx, ticket)[0].requester
    return Asked(ticket, message, person.id) if people.are_one(tx, person.id, requester) else None

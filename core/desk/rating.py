"""Use cases of requesters who say how they found what we did."""

from __future__ import annotations

from typing import NamedTuple

from core.desk.house import Change, House
from core.desk.writing import addressee, announce, asking_why, thanking
from core.storage import inbox, messages, people, tickets
from core.storage.database import Tx, question, use_case
from core.tickets import satisfaction
from core.tickets.channels import manner
from core.tickets.model import Address, Part
from core.tickets.written import CHANNEL, Written


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
            self._rated(tx, change, score, asked.person, sender.channel)

    @use_case
    def rate_at_page(self, tx: Tx, id: int, written: Written) -> None:
        """The requester chose on the page of their ticket; `id` is what came in of that. Where the ticket was opened
        again meanwhile, or its queue does not ask, it counts nothing.
        """
        if not inbox.settle(tx, id, "done", "somebody said how it was"):
            return
        with self.changing(tx, written.ticket) as change:
            is_theirs = change.ticket.requester == written.person
            if is_theirs and satisfaction.can_rate(change.ticket) and self.queue_of(tx, change.ticket).rating:
                self._rated(tx, change, written.score, written.person, CHANNEL)

    @question
    def rated(self, tx: Tx, external_id: str, sender: Address) -> str | None:
        """What the question says to whoever chose; None where it was not theirs to answer."""
        asked = _asked(tx, external_id, sender)
        if asked is None:
            return None
        said = messages.message(tx, asked.message)
        return f"{said.text}\n\n{thanking(self.book_in(tx), said.language).text}"

    def _rated(self, tx: Tx, change: Change, score: int, person: int, channel: str) -> None:
        """It counts. Who chose few is asked why where they chat; who writes letters has said what they wanted to."""
        change.happen(satisfaction.rate(change.ticket, score, person, channel, tx.now))
        if satisfaction.asks_why(change.ticket) and not manner(change.ticket.thread.channel).letters:
            said = asking_why(self.book_in(tx), change, people.person(tx, change.ticket.requester).name)
            announce(self, tx, change, Part.RATING_WHY, said, addressee(tx, change))


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

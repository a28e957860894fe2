"""How a ticket goes on in another thread, by an agent's wish or where the requester wrote: it stays one story."""

from __future__ import annotations

from core.desk.house import Change
from core.desk.suppressing import Suppressing
from core.effects import show_card
from core.phrases import Phrase, Refused, phrase
from core.storage import ledger, people, tickets, ways
from core.storage.database import Tx, question
from core.storage.people import Identity
from core.storage.schema import indexable
from core.storage.ways import Way
from core.tickets import events as e
from core.tickets.channels import can_be_written_to, manner
from core.tickets.evolve import evolve
from core.tickets.model import Inbound, Thread, Ticket

MOST_REDRAWN = 100
"""Cards that are drawn anew where somebody is found to be somebody else, too."""


class GoingOver(Suppressing):
    """From one thread to another."""

    def redraw(self, tx: Tx, *concerned: int) -> None:
        """What is known of these people is other than it was: the cards of their open tickets say so, each once."""
        for one in concerned:
            ledger.add(tx, [show_card(*ticket) for ticket in tickets.open_of(tx, people.members(one), MOST_REDRAWN)])

    @question
    def other_ways(self, tx: Tx, number: int) -> list[Identity]:
        """The addresses at which a ticket's requester can be answered, beside the one where answers go now."""
        return self.ways_beside(tx, *tickets.look(tx, number))

    def ways_beside(self, tx: Tx, ticket: Ticket, words: tickets.Words) -> list[Identity]:
        """As `other_ways`. Where nothing arrives, nobody is answered."""
        now = (ticket.thread.channel, people.folded(words.answer_to))
        found = [one for one in people.identities_of(tx, ticket.requester) if place_of(one)]
        beside = [one for one in found if (one.address.channel, people.folded(place_of(one))) != now]
        return [one for one in beside if not self.withheld_from(tx, one.address.channel, [place_of(one)])]

    def elsewhere(self, tx: Tx, ticket: Ticket, words: tickets.Words) -> Phrase | None:
        """That the requester can be answered in another way, where that is so, for a note."""
        found = self.ways_beside(tx, ticket, words)
        if not found:
            return None
        return phrase(
            "They can be answered in another way: {ways}. Choose it in the window of your answer.",
            ways=[f"{one.address.channel} ({one.address.address})" for one in found],
        )

    def to_answer_by(self, tx: Tx, ticket: Ticket, words: tickets.Words, person: int) -> Way:
        """How somebody is answered at the address that they have: one of the requester's. Raises Refused."""
        found = next((one for one in self.ways_beside(tx, ticket, words) if one.person == person), None)
        if found is None:
            raise Refused(phrase("The customer cannot be answered there any more. Choose another way, and send again."))
        return self._way_to(tx, ticket, found)

    def as_answered_by(self, tx: Tx, ticket: Ticket, words: tickets.Words, person: int) -> Ticket:
        """The ticket as it would be once it is answered there; 0: where it is."""
        if not person:
            return ticket
        way = self.to_answer_by(tx, ticket, words, person)
        return evolve(ticket, e.WentOver(at=tx.now, thread=way.thread, door=way.door))

    def go_over(self, tx: Tx, change: Change, way: Way, by: str | None = None) -> None:
        """Let a ticket go on there."""
        self.also_goes_on(tx, change, way)
        change.words = change.words._replace(answer_to=way.answer_to)
        tickets.set_words(tx, change.ticket.number, change.words)
        change.happen([e.WentOver(at=tx.now, thread=way.thread, door=way.door, by=by)])

    def also_goes_on(self, tx: Tx, change: Change, way: Way) -> None:
        """What is said there belongs to the ticket from now on."""
        number = change.ticket.number
        if not ways.of(tx, number):
            ways.keep(tx, number, Way(change.ticket.thread, change.ticket.door, change.words.answer_to))
        ways.keep(tx, number, way)

    def follow_over(self, tx: Tx, change: Change, inbound: Inbound, person: people.Person) -> None:
        """The requester wrote in another thread than the one where answers went: they go there from now on.

        Where nothing says whose mail it is, it moves nothing; and a mail moves answers to its sender's own address or
        to where they went before, whatever it asks for.
        """
        ticket = change.ticket
        here = Thread(inbound.channel, indexable(inbound.thread))
        is_letter = manner(inbound.channel).letters
        if inbound.channel == ticket.thread.channel and (is_letter or here == ticket.thread):
            return
        if inbound.vouched.failed or not inbound.heard_as.is_of_people:
            return
        if not people.are_one(tx, person.id, ticket.requester):
            return
        known = next((way for way in ways.of(tx, ticket.number) if way.thread == here), None)
        if known is None and is_letter and (theirs := people.identity(tx, person.id)) and place_of(theirs):
            known = self._way_to(tx, ticket, theirs)
        elif known is None and inbound.is_direct:
            known = Way(here, inbound.door, inbound.reply_to or inbound.sender.address, person.id)
        if known is not None:
            self.go_over(tx, change, known)

    def go_back(self, tx: Tx, number: int, gone: int, by: str) -> None:
        """A ticket went on in somebody's place who is not its requester, as was found since."""
        with self.changing(tx, number) as change:
            known = ways.of(tx, number)
            here = next((way for way in known if way.thread == change.ticket.thread), None)
            first = next((way for way in known if way.person is None), None)
            if here is not None and here.person == gone and first is not None:
                self.go_over(tx, change, first, by)
            ways.forget(tx, number, gone)

    def leave_thread(self, tx: Tx, change: Change, thread: Thread, by: str) -> None:
        """What is said there does not belong to a ticket any more; where it goes on there, it goes back."""
        first = next((way for way in ways.of(tx, change.ticket.number) if way.person is None), None)
        if change.ticket.thread == thread and first is not None:
            self.go_over(tx, change, first, by)
        ways.forget_thread(tx, change.ticket.number, thread)

    def _way_to(self, tx: Tx, ticket: Ticket, found: Identity) -> Way:
        channel, place = found.address.channel, place_of(found)
        known = [way for way in ways.of(tx, ticket.number) if way.thread.channel == channel]
        for way in known:
            if way.person == found.person or people.folded(way.answer_to) == people.folded(place):
                return way
        if manner(channel).letters:
            return Way(
                Thread(channel, f"ticket:{ticket.number}:{found.person}"), self._mailbox(tx, ticket), place
            )._replace(person=found.person)
        return Way(Thread(channel, found.thread or ""), found.door or "", place, found.person)

    def _mailbox(self, tx: Tx, ticket: Ticket) -> str:
        """The mailbox that a ticket's letters leave from: the one it came to, else one of its queue's."""
        book = self.book_in(tx)
        known = book.mailbox_for(ticket.door)
        mine = [mailbox for mailbox in book.mailboxes if mailbox.queue == ticket.queue]
        return (known or (mine or book.mailboxes)[0]).address


def place_of(one: Identity) -> str:
    """Where somebody is answered at an address; empty where they cannot be."""
    if not manner(one.address.channel).letters:
        return one.place or ""
    return one.address.address if can_be_written_to(one.address.channel, one.address.address) else ""

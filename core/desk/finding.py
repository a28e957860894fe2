"""Whose ticket a message is for: what its evidence points to, and whether whoever wrote it takes part there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from core.desk.house import House
from core.phrases import NotFound
from core.routing import signals
from core.storage import messages, people, strangers, tickets, ways
from core.storage.database import Tx
from core.storage.schema import indexable
from core.tickets.channels import manner
from core.tickets.follow_up import GOES_ON, Known, anchored, bearer_of, numbered
from core.tickets.joining import Standing
from core.tickets.model import Inbound, Thread, Ticket


class Finding(House):
    """What a message points to."""

    def candidates(self, tx: Tx, inbound: Inbound, person: people.Person | None) -> list[Known]:
        """The tickets that the evidence points to, the most trusted first. A report points to a message, or to none.

        The first one decides, so the others are not looked at.
        """
        if inbound.heard_as.reports_delivery:
            return []
        for number, evidence in self._pointed(tx, inbound):
            found = self._judged(tx, number, evidence, inbound, person)
            if found is not None:
                return [found]
        return []

    def also_answered(self, tx: Tx, inbound: Inbound, person: people.Person | None, number: int) -> list[int]:
        """Other tickets that this very message answers, and not only one that it came from, of those who take part.

        What is answered is named by a signed address or by In-Reply-To; older References are the way that led here.
        """
        pointed = [ticket for ticket, evidence in self._pointed(tx, inbound, direct=True) if evidence != "subject"]
        others = [other for other in dict.fromkeys(pointed) if other != number]
        known = [self._judged(tx, other, "token", inbound, person) for other in others]
        return [one.ticket.number for one in known if one and one.takes_part and one.ticket.number != number]

    def reopen_within(self, tx: Tx, candidates: list[Known]) -> timedelta:
        book = self.book_in(tx)
        queue = self.queue_of(tx, candidates[0].ticket) if candidates else book.queues[0]
        return queue.reopen_within

    def _pointed(self, tx: Tx, inbound: Inbound, direct: bool = False) -> Iterator[tuple[int, str]]:
        """Tickets by number, and how they are pointed to. Ids are looked up once, whatever they say of each other."""
        if inbound.goes_to is not None:
            if inbound.goes_to:
                yield inbound.goes_to, "chosen"
            return
        for said in inbound.reply_tokens:
            if bearer := bearer_of(self.keys_in(tx), said):
                yield bearer.ticket, "token"
        older = () if direct else reversed(inbound.references)
        wanted = list(dict.fromkeys([*filter(None, [inbound.in_reply_to]), *older]))
        found = {external: ticket for external, ticket, _, _ in reversed(messages.known(tx, inbound.channel, wanted))}
        for external in wanted:
            number = found.get(external) or anchored(self.keys_in(tx), external)
            if number is not None:
                yield number, "reference"
        if inbound.thread and (going_on := self._going_on(tx, inbound)) is not None:
            yield self._told_there(tx, inbound, going_on), "thread"
        named = numbered(inbound.subject)
        if named is not None:
            yield named, "subject"

    def _going_on(self, tx: Tx, inbound: Inbound) -> int | None:
        """The ticket that a message goes on with which names none: the one whose rating it explains, an open one of its
        thread, or one closed just now; where each matter has a thread of its own, the thread's last one.

        Thanks belong to the last one, however long ago it was closed.
        """
        thread = Thread(inbound.channel, indexable(inbound.thread))
        if (commented := tickets.to_comment_in(tx, thread)) is not None:
            return commented
        found = tickets.newest_in(tx, thread)
        if found is None:
            return None
        number, closed_at = found
        if closed_at is None or manner(inbound.channel).threads or tx.now - closed_at <= GOES_ON:
            return number
        is_thanks = not inbound.files and signals.thanks(inbound.reply_text, inbound.language, (inbound.sender.name,))
        return number if is_thanks else None

    @staticmethod
    def _told_there(tx: Tx, inbound: Inbound, going_on: int) -> int:
        """The ticket that was told in a thread, where another one goes on in it since both were merged; else that."""
        thread = Thread(inbound.channel, indexable(inbound.thread))
        here = next((way for way in ways.of(tx, going_on) if way.thread == thread), None)
        if here is None or here.person is None:
            return going_on
        told = tickets.merged_in(tx, thread)
        return told if told is not None and tickets.goes_on_in(tx, told) == going_on else going_on

    def _judged(
        self, tx: Tx, number: int, evidence: str, inbound: Inbound, person: people.Person | None
    ) -> Known | None:
        """The ticket, with whether the sender takes part; None where there is none. Of one that was merged, the one in
        which it goes on.
        """
        known = self._judged_there(tx, number, evidence, inbound, person)
        if known is None or known.ticket.merged_into is None or known.turned_away:
            return known
        there = tickets.goes_on_in(tx, known.ticket.number)
        target = self._judged_there(tx, there, evidence, inbound, person)
        if target is None or target.turned_away or target.ticket.number != there:
            return target
        # Who took part where it was told keeps that, as long as both are told by one person. That answers went where
        # somebody writes from says nothing of another ticket, whose answers go elsewhere.
        took_part = known.takes_part and not known.by_place
        is_theirs = took_part and people.are_one(tx, known.ticket.requester, target.ticket.requester)
        return target._replace(takes_part=target.takes_part or is_theirs, meant=known.ticket.number)

    def _judged_there(
        self, tx: Tx, number: int, evidence: str, inbound: Inbound, person: people.Person | None
    ) -> Known | None:
        """As `_judged`, of this ticket. Of whoever was turned away from it, the one that they have instead."""
        try:
            ticket, words = tickets.load_with_words(tx, number)
        except NotFound:
            return None
        if inbound.vouched.failed and evidence != "token":  # its domain says that it is not from whom it names
            return Known(ticket, evidence, False)
        if person is not None and people.are_one(tx, person.id, ticket.requester):
            return Known(ticket, evidence, True)
        if _reads_answers(words.answer_to, inbound):
            return Known(ticket, evidence, True, by_place=True)
        stranger = strangers.find(tx, number, person.id) if person else None
        standing = stranger.standing if stranger else Standing.UNDECIDED
        if stranger and standing is Standing.OUT:
            if stranger.own is None or evidence == "subject":
                return Known(ticket, evidence, False, turned_away=True)
            return Known(tickets.load(tx, stranger.own), evidence, True)
        takes_part = (
            standing is Standing.IN
            or messages.is_copied(tx, number, inbound.sender.address)
            or self._are_of_one_house(tx, ticket, inbound)
        )
        return Known(ticket, evidence, takes_part)

    def _are_of_one_house(self, tx: Tx, ticket: Ticket, inbound: Inbound) -> bool:
        """Whether the sender belongs to the requester's organisation, by what the rulebook says of their domains."""
        book = self.book_in(tx)
        theirs = book.organisation_of(inbound.sender.address)
        if theirs is None:
            return False
        known = people.addresses(tx, ticket.requester)
        return any(book.organisation_of(one.address) is theirs for one in known if one.channel == inbound.channel)


def _reads_answers(answer_to: str, inbound: Inbound) -> bool:
    """Whether the sender reads our answers: where these go was the requester's own wish. Where people chat, whoever
    speaks in a place is there.
    """
    if not manner(inbound.channel).letters and inbound.reply_to and inbound.reply_to == answer_to:
        return True
    sender = inbound.sender.address
    return bool(sender) and people.folded(sender) == people.folded(answer_to)

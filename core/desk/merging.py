"""Use cases of tickets that go on in others: merged, and taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.desk.going_over import GoingOver, place_of
from core.desk.house import Change
from core.desk.writing import remark
from core.phrases import DeskError, Phrase, Refused, phrase, phrases
from core.storage import merged, messages, people, tickets, ways
from core.storage.database import Tx, question, use_case
from core.storage.tickets import Words
from core.storage.ways import Way
from core.tickets import conversation, merging
from core.tickets.channels import manner
from core.tickets.model import By, Thread, Ticket
from core.tickets.sources import CHANNEL

MOST_AT_ONCE = 20
"""Tickets merged at once; a matter of more is an incident."""


@dataclass(frozen=True, slots=True)
class Merger:
    """What merging would come to, for whoever thinks of it. `against`: why it cannot be, of each that it cannot be."""

    into: Ticket
    subject: str
    answers_to: str
    numbers: Sequence[int]
    against: Sequence[Phrase]


class Merging(GoingOver):
    """Tickets that go on in others."""

    @use_case
    def merge(self, tx: Tx, numbers: Sequence[int], into: int, by: By) -> None:
        """These tickets of one person go on in another one of theirs. What is written to them arrives there; nothing is
        moved, and it can be taken back until that one is answered. Raises Refused.
        """
        if self.begin_act(tx, by):
            self.merge_in(tx, list(dict.fromkeys(numbers)), into, by)

    @use_case
    def unmerge(self, tx: Tx, number: int, by: By) -> None:
        """A merged ticket goes on by itself again, as it was, with what was written to it meanwhile. Raises Refused
        where it was answered since.
        """
        if self.begin_act(tx, by):
            self.take_out(tx, number, by)

    @question
    def would_merge(self, tx: Tx, numbers: Sequence[int], into: int) -> Merger:
        """What merging would come to. Raises NotFound."""
        there = tickets.goes_on_in(tx, into)
        target, words = tickets.look(tx, there)
        against: list[Phrase] = []
        for number in numbers:
            try:
                self._check_merge(tx, *tickets.look(tx, number), target, words)
            except DeskError as no:
                against.append(no.phrase)
        return Merger(target, words.subject, words.answer_to, tuple(numbers), tuple(against))

    # For other use cases

    def merge_in(self, tx: Tx, numbers: Sequence[int], into: int, by: By) -> None:
        """As `merge`, within an act."""
        if not numbers or len(numbers) > MOST_AT_ONCE:
            said = phrase("Merge up to {most} tickets at once: /desk merge 12 13 into 7", most=MOST_AT_ONCE)
            raise Refused(said)
        there = tickets.goes_on_in(tx, into)
        for one in sorted({*numbers, there}):  # locked in one order, whoever merges what
            tickets.load(tx, one)
        with self.changing(tx, there) as target:
            for number in numbers:
                with self.changing(tx, number) as change:
                    self._check_merge(tx, change.ticket, change.words, target.ticket, target.words)
                    heard, thread = messages.last_heard(tx, number), self._goes_on_where_told(tx, target, change)
                    target.happen(merging.take_in(target.ticket, change.ticket, heard, thread, by, tx.now))
                    change.happen(merging.go_on_in(change.ticket, there, by, tx.now))
            self._say(tx, target, numbers, by)

    def take_out(self, tx: Tx, number: int, by: By, *, answered: bool = False) -> None:
        """As `unmerge`, within an act. `answered`: also where it was answered since."""
        into = tickets.look(tx, number)[0].merged_into
        if into is None:
            raise Refused(phrase("Ticket #{number} goes on by itself already.", number=number))
        there = tickets.goes_on_in(tx, into)
        for one in sorted({number, into, there}):
            tickets.load(tx, one)
        names = people.names(tx)
        if not answered:
            self._refuse_answered(tx, number, names)
        group = [number, *tickets.merged_beneath(tx, number)]
        said = merged.meant_for(tx, group, there)
        moved = [one.id for one in said]
        merged.move(tx, moved, number)
        with self.changing(tx, number) as change:
            change.happen(merging.go_on_alone(change.ticket, tickets.history(tx, number), by, tx.now))
            for one in said:
                change.happen(conversation.hear(change.ticket, one.id, one.nature, False, tx.now))
        for holder in sorted({into, there} if moved else {into}):
            with self.changing(tx, holder) as change:
                history = tickets.history(tx, holder)
                change.happen(merging.let_go(change.ticket, history, number, moved, by, tx.now))
                thread = merging.thread_taken(history, number)
                if thread is not None:
                    self.leave_thread(tx, change, thread, by.agent)

    def part_merged(self, tx: Tx, those: Sequence[int], by: By) -> None:
        """Of these tickets those that go on in others of somebody else, as was found since, go on by themselves."""
        for number in those:
            ticket, _ = tickets.look(tx, number)
            if ticket.merged_into is None:
                continue
            into, _ = tickets.look(tx, ticket.merged_into)
            if not people.are_one(tx, ticket.requester, into.requester):
                self.take_out(tx, number, by, answered=True)

    # How it is done

    def _check_merge(self, tx: Tx, ticket: Ticket, words: Words, into: Ticket, into_words: Words) -> None:
        are_one = people.are_one(tx, ticket.requester, into.requester)
        merging.check(ticket, into, are_one, tickets.history(tx, into.number), people.names(tx), tx.now)
        if not self._may_be_answered_at(tx, ticket, words, into, into_words):
            raise Refused(
                phrase(
                    "Answers in #{into} go to {address}: that is not known to be the customer's own, and #{number} "
                    "was told elsewhere. Merge the other way round, or link them.",
                    into=into.number,
                    number=ticket.number,
                    address=into_words.answer_to or phrase("nobody"),
                )
            )

    @staticmethod
    def _may_be_answered_at(tx: Tx, ticket: Ticket, words: Words, into: Ticket, into_words: Words) -> bool:
        """Whether nobody reads answers to a ticket there who did not before: they go where they went, or to an address
        of the customer's own.
        """
        channels = (ticket.thread.channel, into.thread.channel)
        where = people.folded(into_words.answer_to)
        if channels[0] == channels[1] and (where == people.folded(words.answer_to)):
            return True
        if channels == (CHANNEL, CHANNEL) and ticket.door == into.door:
            return True  # a partner's conversations with one person
        known = people.identities_of(tx, into.requester)
        mine = {people.folded(place_of(one)) for one in known if one.address.channel == channels[1]}
        return bool(where) and where in mine

    def _goes_on_where_told(self, tx: Tx, target: Change, change: Change) -> Thread | None:
        """What is said in a chat with the customer alone belongs to the ticket in which theirs goes on; which thread
        that is, where it is another one than this goes on in already.
        """
        ticket, channel = change.ticket, change.ticket.thread.channel
        known = {target.ticket.thread, *(way.thread for way in ways.of(tx, target.ticket.number))}
        if manner(channel).letters or ticket.thread in known:
            return None
        direct = {one.thread for one in people.identities_of(tx, ticket.requester) if one.address.channel == channel}
        if channel != CHANNEL and ticket.thread.key not in direct:
            return None
        self.also_goes_on(tx, target, Way(ticket.thread, ticket.door, change.words.answer_to, ticket.requester))
        return ticket.thread

    def _say(self, tx: Tx, target: Change, numbers: Sequence[int], by: By) -> None:
        said = phrases(
            "{name} merged {tickets} into this ticket: it goes on here. What was said there stands below its card.",
            "{name} merged {tickets} into this ticket: they go on here. What was said there stands below their cards.",
            len(numbers),
            name=people.names(tx).get(by.agent, by.agent),
            tickets=tuple(f"#{number}" for number in numbers),
        )
        remark(self, tx, target, "merged", said)

    def _refuse_answered(self, tx: Tx, number: int, names: dict[str, str]) -> None:
        """Whether the customer got an answer since, in whichever ticket it goes on."""
        here, into = number, tickets.look(tx, number)[0].merged_into
        while into is not None:
            answered = merging.answered_since(tickets.history(tx, into), here)
            if answered is not None:
                raise merging.refuse_answered(number, into, answered, names, tx.now)
            here, into = into, tickets.look(tx, into)[0].merged_into

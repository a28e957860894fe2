"""Use cases of a ticket that tells two matters: some of its messages become a ticket of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.desk.going_over import place_of
from core.desk.house import Change
from core.desk.relating import Relating
from core.desk.writing import remark
from core.phrases import phrase, phrases
from core.storage import merged, messages, people, tickets
from core.storage.database import Tx, question, use_case
from core.storage.schema import indexable
from core.storage.tickets import Words
from core.tickets import conversation, lifecycle, splitting
from core.tickets import events as e
from core.tickets.channels import manner
from core.tickets.evolve import blank
from core.tickets.model import By, Message, Thread
from core.tickets.relating import Kinship, Relation

MOST_OFFERED = 10
"""Messages that can be chosen, the newest: what a window shows."""


class Where(NamedTuple):
    """Where a ticket of its own goes on: in which thread, by which door, and where answers go."""

    thread: Thread
    door: str
    answer_to: str


class SplittingOff(Relating):
    """What is told in one ticket and is two matters."""

    @question
    def splittable(self, tx: Tx, number: int) -> list[Message]:
        """What of a ticket may go into one of its own, oldest first. Raises NotFound, Refused."""
        ticket, _ = tickets.look(tx, number)
        lifecycle.refuse_merged(ticket)
        opening = messages.opening(tx, number)
        return [one for one in messages.conversation(tx, number) if splitting.can_go(one, opening)][-MOST_OFFERED:]

    @use_case
    def split_off(self, tx: Tx, number: int, those: Sequence[int], by: By) -> int | None:
        """Some of what somebody wrote becomes a ticket of theirs, in the same queue; both say so. An answer to any of
        it arrives there from now on. The new ticket's number; None where this act was done before. Raises Refused.
        """
        if not self.begin_act(tx, by):
            return None
        with self.changing(tx, number) as change:
            lifecycle.refuse_merged(change.ticket)
            said = [one for one in messages.conversation(tx, number) if one.id in those]
            writers = {min(people.people_of(tx, one.person or change.ticket.requester)) for one in said}
            splitting.check(change.ticket, said, those, messages.opening(tx, number), len(writers))
            own = self._opened_for(tx, change, said)
            moved = [one.id for one in said]
            merged.move(tx, moved, own.ticket.number)
            for one in said:
                own.happen(conversation.hear(own.ticket, one.id, one.nature, False, tx.now))
            self._tell_split(tx, change, own, len(said), by)
            self.save(own)
            history = tickets.history(tx, number)
            change.happen(splitting.split_off(change.ticket, history, moved, own.ticket.number, by, tx.now))
        self.keep_relation(tx, Relation(own.ticket.number, number, Kinship.SPLIT_FROM, by.agent, tx.now))
        return own.ticket.number

    def _opened_for(self, tx: Tx, change: Change, said: Sequence[Message]) -> Change:
        """The ticket of whoever wrote this."""
        ticket, first = change.ticket, said[0]
        person = first.person or ticket.requester
        where = self._where(tx, change, first, person)
        opened = e.Opened(
            at=tx.now,
            thread=where.thread,
            requester=person,
            door=where.door,
            queue=ticket.queue,
            urgency=ticket.urgency,
            language=first.language or ticket.language,
        )
        words = Words(messages.raw(tx, first.id).subject or change.words.subject, where.answer_to)
        own = Change(tx, tickets.begin(tx, blank(0, opened), words), words)
        own.happen([opened])
        return own

    @staticmethod
    def _where(tx: Tx, change: Change, first: Message, person: int) -> Where:
        """Whoever wrote it is answered where the ticket's answers go, if it is theirs and was told there; else at their
        own address.
        """
        ticket = change.ticket
        channel = first.channel or ticket.thread.channel
        letters = manner(channel).letters
        is_theirs = people.are_one(tx, person, ticket.requester)
        if channel == ticket.thread.channel and is_theirs:
            thread = Thread(channel, indexable(first.external_id or f"split:{first.id}")) if letters else ticket.thread
            return Where(thread, ticket.door, change.words.answer_to)
        known = people.identity(tx, person)
        place, door = (place_of(known), known.door) if known else ("", None)
        key = first.external_id if letters else (known.thread if known else None)
        return Where(Thread(channel, indexable(key or f"split:{first.id}")), door or ticket.door, place)

    def _tell_split(self, tx: Tx, change: Change, own: Change, count: int, by: By) -> None:
        name = people.names(tx).get(by.agent, by.agent)
        said = phrases(
            "{name} split off {count} message, which is in ticket #{own} now.",
            "{name} split off {count} messages, which are in ticket #{own} now.",
            count,
            name=name,
            own=own.ticket.number,
        )
        remark(self, tx, change, "split", said)
        here = phrase("{name} split this off ticket #{number}.", name=name, number=change.ticket.number)
        remark(self, tx, own, "split", here)

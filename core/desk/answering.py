"""Use cases of an agent at work: claim, release, reply, close, reopen, take back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from core.desk.handing import Handing
from core.desk.house import MOST_COPIED, Change
from core.desk.linking import Linking
from core.desk.tasking import refuse_blocked
from core.desk.writing import addressee, letterhead, sender_name, signed, write
from core.effects import delivery
from core.phrases import Refused, phrase
from core.storage import handed, ledger, messages, people, strangers, tickets, ways
from core.storage.database import Tx, question, use_case
from core.templates.render import blanks, leftovers, render
from core.tickets import conversation, lifecycle
from core.tickets import events as e
from core.tickets.joining import Standing
from core.tickets.model import Address, By, Delivery, Letterhead, Message, Part, Status, Ticket
from core.tickets.tasks import refuse_outside


class Then(StrEnum):
    """What becomes of a ticket when its answer has left."""

    WAIT = "wait"  # we wait for the requester
    CLOSE = "close"


class Taken(NamedTuple):
    """An answer that was taken back, as it was to go out: one can go on where it was."""

    ticket: int
    text: str
    then: Then
    template: str | None
    copied: tuple[Address, ...] = ()
    files: tuple[str, ...] = ()  # ids of those that were to go with it


class Letter(NamedTuple):
    """An answer as its reader gets it: by what name, and in what words."""

    sender: str
    text: str
    to: Address | None = None  # where that is another address than answers went to until now


class Along(NamedTuple):
    """Whom and what an answer takes along: addresses that the customer copied in, ids of files handed over. And which
    way it goes: to the address of which of those who are the requester; 0: where answers go already. `takes`: whoever
    answers what nobody has taken, takes it.
    """

    copied: Sequence[str] = ()
    files: Sequence[str] = ()
    way: int = 0
    takes: bool = True


class Copyable(NamedTuple):
    """Somebody who may get a copy of our answer: whom the customer copied in, or who was let in.

    `before`: they got one of the last, or were let in since.
    """

    address: Address
    before: bool


class Answering(Handing, Linking):
    """An agent at work."""

    @use_case
    def claim(self, tx: Tx, number: int, by: By) -> None:
        """Take a ticket. Of many who try at once one wins; the others are refused with who and when."""
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                change.happen(lifecycle.claim(change.ticket, by, tx.now, people.names(tx)))

    @use_case
    def release(self, tx: Tx, number: int, by: By) -> None:
        """Put a ticket back into its queue."""
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                change.happen(lifecycle.release(change.ticket, by, tx.now))

    @use_case
    def close(self, tx: Tx, number: int, by: By) -> None:
        """Settle a ticket. Raises Blocked where tasks of it are open that have to end first."""
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                refuse_blocked(self, tx, change.ticket)
                change.happen(lifecycle.close(change.ticket, by, tx.now))

    @use_case
    def reopen(self, tx: Tx, number: int, by: By) -> None:
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                change.happen(lifecycle.reopen(change.ticket, by, tx.now))

    @use_case
    def reply(  # noqa: PLR0913 (what stands in a window)
        self,
        tx: Tx,
        number: int,
        by: By,
        text: str,
        then: Then = Then.WAIT,
        seen: int = 0,
        template: str | None = None,
        *,
        copied: Sequence[str] = (),
        files: Sequence[str] = (),
        way: int = 0,
    ) -> int | None:
        """Answer the requester; it leaves when it can no longer be taken back. `way`: at the address of which of those
        who are one person with them; 0: where answers go already. The ticket goes on there.

        `seen` is the last message of the requester that the agent had before them (0: not known): what came after it
        must be read first. `copied` are addresses of those who may get copies, `files` ids of files handed over. Raises
        Shut where the ticket is closed. The message's id; None where this act was done before.
        """
        if not self.begin_act(tx, by):
            return None
        with self.changing(tx, number) as change:
            self._refuse_closed(tx, change.ticket)
            return self._answered(tx, change, by, text, then, seen, template, Along(copied, files, way))

    @use_case
    def reply_and_reopen(  # noqa: PLR0913
        self,
        tx: Tx,
        number: int,
        by: By,
        text: str,
        then: Then = Then.WAIT,
        seen: int = 0,
        template: str | None = None,
        *,
        copied: Sequence[str] = (),
        files: Sequence[str] = (),
        way: int = 0,
    ) -> int | None:
        """Answer all the same where the ticket is closed, which opens it again; else as `reply` does."""
        if not self.begin_act(tx, by):
            return None
        with self.changing(tx, number) as change:
            return self._answered(tx, change, by, text, then, seen, template, Along(copied, files, way))

    @use_case
    def undo(self, tx: Tx, message: int, by: By) -> Taken | None:
        """Take a reply back before it leaves. What it was; None where this act was done before."""
        if not self.begin_act(tx, by):
            return None
        said = messages.message(tx, message)
        with self.changing(tx, said.ticket) as change:
            kind, key = delivery(said.channel or change.ticket.thread.channel, message)
            if said.delivery is not Delivery.HELD or not ledger.drop_waiting(tx, kind, key):
                raise Refused(
                    phrase(
                        "This answer is on its way already and cannot be taken back. Send another that puts it right."
                    )
                )
            messages.set_message(tx, message, delivery=Delivery.UNDONE, send_at=None)
            history = tickets.history(tx, said.ticket)
            change.happen(conversation.undo(change.ticket, history, message, by, tx.now))
            self._come_back(tx, change)
        return _taken(tx, said, history)

    @question
    def may_answer(self, tx: Tx, number: int, seen: int, *, reopen: bool = False, way: int = 0) -> Ticket:
        """The ticket. Raises what `reply` (or `reply_and_reopen`) would, as far as that does not hang on the answer."""
        ticket, words = tickets.look(tx, number)
        refuse_outside(ticket)
        if not reopen:
            self._refuse_closed(tx, ticket)
        if not words.answer_to and not way:
            raise conversation.nobody_to_answer(ticket)
        self._refuse_unseen(tx, ticket, seen)
        return ticket

    @question
    def copyable(self, tx: Tx, number: int) -> list[Copyable]:
        """Who may get a copy of an answer: nobody but whom the customer copied in, and who was let in."""
        return self._copyable(tx, *tickets.look(tx, number))

    @question
    def draft(self, tx: Tx, number: int, agent: str, template: str) -> str:
        """A template's text for a ticket's customer, in their language. Raises NotFound, or Refused for a blank."""
        book = self.book_in(tx)
        ticket, words = tickets.look(tx, number)
        picked = book.library.pick(template, ticket.language)
        return render(
            picked.text,
            blanks(
                customer=people.person(tx, ticket.requester).name,
                agent=people.names(tx).get(agent, ""),
                number=number,
                subject=words.subject,
                desk=book.desk.name,
            ),
        )

    @question
    def taken_back(self, tx: Tx, number: int, agent: str) -> Taken | None:
        """The ticket's last answer, where it was taken back: for whoever wrote it, and for whoever took it back."""
        last = messages.last_reply(tx, number)
        if last is None or last.delivery is not Delivery.UNDONE:
            return None
        history = tickets.history(tx, number)
        mine = agent in (last.author, conversation.taken_back_by(history, last.id))
        return _taken(tx, last, history) if mine else None

    @question
    def preview(self, tx: Tx, number: int, text: str, agent: str, way: int = 0) -> Letter:
        """Exactly the words that the customer gets where this agent sends them, this way."""
        ticket = self.as_answered_by(tx, *tickets.look(tx, number), way)
        name = people.names(tx).get(agent, agent)
        words = signed(self, tx, ticket, text, name, language=ticket.language)
        there = people.identity(tx, way) if way else None
        return Letter(sender_name(self, tx, ticket, name), words, there.address if there else None)

    def _refuse_closed(self, tx: Tx, ticket: Ticket) -> None:
        if ticket.status is Status.CLOSED:
            history = tickets.history(tx, ticket.number)
            raise Shut(lifecycle.who_closed(ticket, history, people.names(tx), tx.now))

    def _refuse_unseen(self, tx: Tx, ticket: Ticket, seen: int) -> None:
        if seen and messages.last_heard(tx, ticket.number) > seen:
            raise Unseen(phrase("The customer wrote again meanwhile. Read it in the thread, then send again."))

    def _copyable(self, tx: Tx, ticket: Ticket, words: tickets.Words) -> list[Copyable]:
        """Who was let in comes first, and counts as having got the last answer until there is one since."""
        before = {people.folded(address) for address in messages.copied_last(tx, ticket.number)}
        let_in: list[Address] = []
        others = messages.copied_people(tx, ticket.number)
        left_out = {people.folded(words.answer_to)}
        for one, name in strangers.decided(tx, ticket.number):
            known = people.identity(tx, one.person)
            address = replace(known.address, name=name) if known else Address(ticket.thread.channel, "", name)
            if one.standing is Standing.OUT:
                left_out.add(people.folded(address.address))
                continue
            let_in.append(address)
            if one.decided_at and (ticket.replied_at is None or one.decided_at > ticket.replied_at):
                before.add(people.folded(address.address))
        let_in += self._took_part_elsewhere(tx, ticket.number, left_out)
        found = {people.folded(one.address): one for one in (*reversed(others), *reversed(let_in)) if one.address}
        offered = [Copyable(one, key in before) for key, one in reversed(found.items()) if key not in left_out]
        return offered[:MOST_COPIED]

    @staticmethod
    def _took_part_elsewhere(tx: Tx, number: int, left_out: set[str]) -> list[Address]:
        """Who took part in tickets that go on in this one; who was turned away there gets nothing here either."""
        found: list[Address] = []
        for other in tickets.merged_beneath(tx, number):
            found += messages.copied_people(tx, other)
            for one, name in strangers.decided(tx, other):
                known = people.identity(tx, one.person)
                if known is not None and one.standing is Standing.IN:
                    found.append(replace(known.address, name=name))
                elif known is not None:
                    left_out.add(people.folded(known.address.address))
        return found

    def _copies(self, tx: Tx, change: Change, wanted: Sequence[str]) -> list[Address] | None:
        """The people behind these addresses; whom nobody copied or let in gets nothing, whoever asks."""
        if not wanted:
            return None
        asked, channel = {people.folded(address) for address in wanted}, change.ticket.thread.channel
        known = [one.address for one in self._copyable(tx, change.ticket, change.words)]
        return [one for one in known if people.folded(one.address) in asked and one.channel == channel] or None

    def _come_back(self, tx: Tx, change: Change) -> None:
        """Where a ticket went over with an answer that was taken back, answers go where they went before."""
        if change.ticket.thread == change.before.thread:
            return
        before = next((way for way in ways.of(tx, change.ticket.number) if way.thread == change.ticket.thread), None)
        if before is not None:
            change.words = change.words._replace(answer_to=before.answer_to)
            tickets.set_words(tx, change.ticket.number, change.words)

    def _head(self, tx: Tx, change: Change, name: str, copies: Sequence[Address]) -> Letterhead:
        head = letterhead(self, tx, change, addressee(tx, change), name)
        to = [one.address for one in (head.to, *copies)]
        despite = [one.address for one in self.withheld_from(tx, change.ticket.thread.channel, to)]
        return replace(head, despite=tuple(despite))

    def _answered(
        self,
        tx: Tx,
        change: Change,
        by: By,
        text: str,
        then: Then,
        seen: int,
        template: str | None,
        along: Along,
    ) -> int:
        refuse_outside(change.ticket)
        if not change.words.answer_to and not along.way:
            raise conversation.nobody_to_answer(change.ticket)
        if then is Then.CLOSE:
            refuse_blocked(self, tx, change.ticket)
        if not text.strip():
            raise Refused(phrase("An answer needs words."))
        if unfilled := leftovers(text):
            raise Refused(
                phrase("There is still a blank in it: {blank}. Fill it in, or take it out.", blank=unfilled[0])
            )
        self._refuse_unseen(tx, change.ticket, seen)
        name = people.names(tx).get(by.agent, by.agent)
        if along.way:
            self.go_over(tx, change, self.to_answer_by(tx, change.ticket, change.words, along.way), by.agent)
        copies = self._copies(tx, change, along.copied)
        self.check_links(tx, change, text, copies or ())
        message = write(
            self,
            tx,
            change,
            self._head(tx, change, name, copies or []),
            self.taken_along(tx, change.ticket, along.files),
            part=Part.REPLY,
            text=signed(self, tx, change.ticket, text, name, language=change.ticket.language),
            reply_text=text.strip(),
            author=by.agent,
            author_name=name,
            language=change.ticket.language,
            template=template,
            delivery=Delivery.HELD,
            send_at=tx.now + (self.undo_for if change.undo_for is None else change.undo_for),
            act=by.act,
            copied=messages.as_kept(copies),
        )
        answer = conversation.reply if along.takes else conversation.answer_elsewhere
        change.happen(answer(change.ticket, message, by, tx.now))
        if then is Then.CLOSE:
            change.happen(lifecycle.close(change.ticket, by, tx.now))
        return message


class Unseen(Refused):
    """There is something that the agent has not read yet."""


class Shut(Refused):
    """The ticket was closed while the agent wrote."""


def _taken(tx: Tx, said: Message, history: Sequence[e.Event]) -> Taken:
    then = Then.CLOSE if conversation.closed_with(history, said.id) else Then.WAIT
    files = handed.attached_to(tx, said.ticket, said.id) if said.attachments else []
    return Taken(said.ticket, said.reply_text, then, said.template, said.copied, tuple(files))

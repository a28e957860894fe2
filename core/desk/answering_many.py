"""Use cases of one answer to many tickets: to those of an incident, and to those that a problem has caused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.desk.answering import Along, Answering, Then
from core.desk.house import Change
from core.effects import answer_one, show_card, show_circular
from core.phrases import DeskError, NotFound, Phrase, Refused, phrase
from core.routing.clusters import Matter
from core.storage import circulars, gatherings, ledger, messages, people, relations, rooms, tickets
from core.storage.circulars import Addressed, Circular
from core.storage.database import Tx, question, use_case
from core.storage.gatherings import Gathering
from core.storage.rooms import Post, Room
from core.storage.tickets import Words
from core.templates.render import blanks, faults, render
from core.tickets.model import By, Delivery, Status, Ticket

MOST = 2_000
"""Tickets that one answer goes to: each has a turn of its own, so more of them only take longer."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who would be answered. `last` is what they wrote last."""

    number: int
    name: str
    language: str | None
    channel: str
    last: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would be answered together with a ticket, and what they were told last."""

    lead: Ticket
    subject: str
    recipients: Sequence[Recipient]
    before: Circular | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a circular has come, now. `thread`: below what it stands."""

    circular: Circular
    by: str
    left: int
    failed: int
    waiting: int
    refused: Sequence[Addressed]
    locale: str
    room: Room | None
    thread: str | None

    @property
    def all(self) -> int:
        return self.left + self.failed + self.waiting + len(self.refused)


class AnsweringMany(Answering):
    """One answer to many."""

    @question
    def audience(self, tx: Tx, number: int) -> Audience:
        """Who would be answered with a ticket. Raises NotFound."""
        lead, gathering = self._lead(tx, number)
        ticket, words = tickets.look(tx, lead)
        found = [self._recipient(tx, one) for one in self._those(tx, lead, gathering)]
        missed = circulars.missed_by(tx, number, [lead])
        return Audience(ticket, words.subject, found, circulars.of(tx, missed) if missed else None)

    @use_case
    def answer_all(
        self, tx: Tx, number: int, by: By, text: str, template: str | None = None, then: Then = Then.WAIT
    ) -> int | None:
        """Answer every open ticket of one matter, each in its own customer's words: a template in their language, or
        this text with its blanks filled. They leave when it can no longer be taken back. Its number; None where this
        act was done before. Raises Refused.
        """
        if not self.begin_act(tx, by):
            return None
        lead, gathering = self._lead(tx, number)
        self._check_text(tx, text, template)
        those = self._those(tx, lead, gathering)
        if not those:
            raise Refused(phrase("There is no open ticket that would be answered with this one."))
        ticket, _ = tickets.look(tx, lead)
        row = {
            "lead": lead,
            "gathering": gathering.id if gathering else None,
            "queue": gathering.queue if gathering else ticket.queue,
            "text": text.strip(),
            "template": template,
            "closes": then is Then.CLOSE,
            "by": by.agent,
            "act": by.act,
            "leaves_at": tx.now + self.undo_for,
        }
        id = circulars.begin(tx, row, [(one, messages.last_heard(tx, one)) for one in those])
        ledger.add(tx, [show_circular(id, str(row["queue"]))])
        ledger.add(tx, [answer_one(id, one, self.undo_for) for one in those])
        return id

    @use_case
    def undo_all(self, tx: Tx, id: int, by: By) -> Circular | None:
        """Take an answer to many back before any of it leaves. What it was; None where this act was done before.
        Raises Refused where it is too late.
        """
        if not self.begin_act(tx, by):
            return None
        known = self._circular(tx, id)
        those = circulars.addressed_by(tx, id)
        if known.undone_by is not None:
            raise Refused(phrase("That was taken back already."))
        if tx.now >= known.leaves_at or any(one.message is not None for one in those):
            raise Refused(
                phrase("These answers are on their way already. Those that are not can be taken back in their threads.")
            )
        circulars.undo(tx, id, by.agent)
        for one in those:
            job = answer_one(id, one.ticket, timedelta(0))
            ledger.drop_waiting(tx, job.kind, job.key or "")
        ledger.add(tx, [show_circular(id, known.queue, stands=known.ts is not None)])
        return known

    @use_case
    def answer_one(self, tx: Tx, id: int, number: int) -> None:
        """Answer one of the tickets that a circular goes to, or say why not. Asked again it does nothing."""
        known = circulars.load(tx, id)
        mine = circulars.one_of(tx, id, number)
        if known is None or mine is None or known.undone_by or mine.message is not None or mine.refused is not None:
            return
        with self.changing(tx, number) as change:
            change.undo_for = timedelta(0)
            why = self._why_not(tx, change, known, mine)
            if why is None:
                circulars.answered(tx, id, number, self._answer(tx, change, known))
            else:
                circulars.refused(tx, id, number, why)
        lead = tickets.look(tx, known.lead)[0]  # its card says how many wait for an answer
        ledger.add(
            tx, [show_circular(id, known.queue, stands=known.ts is not None), show_card(lead.number, lead.queue)]
        )

    @use_case
    def not_answered(self, tx: Tx, id: int, number: int, reason: str) -> None:
        """One of the tickets that a circular goes to could not be answered, whatever was tried."""
        known, mine = circulars.load(tx, id), circulars.one_of(tx, id, number)
        if known is not None and mine is not None and mine.message is None:
            circulars.refused(tx, id, number, phrase("something went wrong: {reason}", reason=reason))
            ledger.add(tx, [show_circular(id, known.queue, stands=known.ts is not None)])

    @question
    def progress(self, tx: Tx, id: int) -> Progress:
        """How far a circular has come. Raises NotFound."""
        known = circulars.of(tx, id)
        if known is None:
            raise NotFound(phrase("There is no such answer."))
        those = circulars.addressed_by(tx, id)
        left = sum(one.delivery in (Delivery.SENT, Delivery.PARTLY) for one in those)
        failed = sum(one.delivery is Delivery.FAILED for one in those)
        refused = [one for one in those if one.refused is not None]
        room, thread = self._incident_thread(tx, known)
        return Progress(
            circular=known,
            by=people.names(tx).get(known.undone_by or known.by, known.by),
            left=left,
            failed=failed,
            waiting=len(those) - left - failed - len(refused),
            refused=refused,
            locale=self.book_in(tx).desk.locale,
            room=room,
            thread=thread,
        )

    @use_case
    def circular_posted(self, tx: Tx, id: int, team: str, room: str, ts: str) -> None:
        """It is told of there now."""
        circulars.keep_place(tx, id, team, room, ts)

    @question
    def as_others(self, tx: Tx, number: int, id: int) -> str:
        """What others of the same matter were answered, in the words of a ticket that came later. Raises NotFound."""
        known = circulars.of(tx, id)
        if known is None:
            raise NotFound(phrase("There is no such answer."))
        ticket, words = tickets.look(tx, number)
        return self._words_for(tx, ticket, words, known)

    # How it is done

    def _lead(self, tx: Tx, number: int) -> tuple[int, Gathering | None]:
        """The ticket under which those of one matter are, and what they were gathered as."""
        known = gatherings.confirmed_of(tx, number)
        if known is not None and known.matter is Matter.INCIDENT:
            return known.lead, known
        return number, None

    @staticmethod
    def _those(tx: Tx, lead: int, gathering: Gathering | None) -> list[int]:
        """The open tickets of one matter, by number."""
        found = set(relations.caused_by(tx, lead, MOST))
        if gathering is not None:
            found |= {one.ticket for one in gatherings.members_of(tx, gathering.id)}
        return [one for one in sorted(found) if tickets.look(tx, one)[0].status is not Status.CLOSED][:MOST]

    @staticmethod
    def _recipient(tx: Tx, number: int) -> Recipient:
        ticket, _ = tickets.look(tx, number)
        name = people.person(tx, ticket.requester).name
        return Recipient(number, name, ticket.language, ticket.thread.channel, messages.last_heard(tx, number))

    def _check_text(self, tx: Tx, text: str, template: str | None) -> None:
        if not text.strip() and template is None:
            raise Refused(phrase("An answer needs words: write some, or choose a template."))
        if text.strip() and template is not None:
            raise Refused(phrase("Write an answer or choose a template, not both: a template is in several languages."))
        if template is not None:
            self.book_in(tx).library.pick(template, None)
        if text.strip() and (wrong := faults(text)):
            raise Refused(phrase("The template has {placeholder}, which Deskbell does not know.", placeholder=wrong[0]))

    def _circular(self, tx: Tx, id: int) -> Circular:
        known = circulars.load(tx, id)
        if known is None:
            raise NotFound(phrase("There is no such answer."))
        return known

    def _why_not(self, tx: Tx, change: Change, known: Circular, mine: Addressed) -> Phrase | None:
        """Why a ticket is not answered; None where nothing speaks against it."""
        ticket = change.ticket
        if ticket.merged_into is not None:
            return phrase("merged into #{into}", into=ticket.merged_into)
        if ticket.status is Status.CLOSED:
            return phrase("closed meanwhile")
        if not change.words.answer_to:
            return phrase("no address that the desk can write to")
        if messages.last_heard(tx, ticket.number) > mine.seen:
            return phrase("the customer wrote again meanwhile")
        try:
            text = self._words_for(tx, ticket, change.words, known)
        except DeskError as no:
            return replace(no.phrase, values={name: str(value) for name, value in no.phrase.values.items()})
        return None if text.strip() else phrase("nothing would be said")

    def _answer(self, tx: Tx, change: Change, known: Circular) -> int:
        text = self._words_for(tx, change.ticket, change.words, known)
        then = Then.CLOSE if known.closes else Then.WAIT
        return self._answered(tx, change, By(known.by), text, then, 0, known.template, Along(takes=False))

    def _words_for(self, tx: Tx, ticket: Ticket, words: Words, known: Circular) -> str:
        """What a circular says to one customer: nothing of what anybody else wrote is in it."""
        book = self.book_in(tx)
        text = known.text if known.template is None else book.library.pick(known.template, ticket.language).text
        return render(
            text,
            blanks(
                customer=people.person(tx, ticket.requester).name,
                agent=people.names(tx).get(known.by, ""),
                number=ticket.number,
                subject=words.subject,
                desk=book.desk.name,
            ),
        )

    def _incident_thread(self, tx: Tx, known: Circular) -> tuple[Room | None, str | None]:
        """The incident's thread: below its proposal, or below the problem's card."""
        room = rooms.room_of(tx, known.queue)
        gathering = gatherings.of(tx, known.gathering) if known.gathering is not None else None
        card: Post | None = rooms.post_of(tx, known.lead)
        if gathering is not None and room is not None and gathering.room == room.room:
            return room, gathering.ts
        return room, card.ts if card is not None and room is not None and card.room == room.room else None

"""Use cases of what comes in: keep it, understand whose it is, hear it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.desk.braking import Braking
from core.desk.house import MOST_COPIED, Change
from core.desk.keeping_out import FROM_OURSELVES, NOT_FROM_THERE, OPENS_NOTHING
from core.desk.sending import Sending
from core.desk.writing import acknowledgement, announce, remark
from core.effects import receive, recover
from core.phrases import phrase, phrases
from core.routing import signals, triage
from core.rulebook import Rulebook
from core.storage import inbox, ledger, messages, people, tickets
from core.storage.blobs import digest_of
from core.storage.database import Tx, question, use_case
from core.tickets import conversation
from core.tickets import events as e
from core.tickets.brakes import ANSWERS_TOO_OFTEN
from core.tickets.evolve import blank
from core.tickets.follow_up import Known, Match, anchored, bearer_of, choose, message_of
from core.tickets.model import Address, Attachment, Inbound, Letterhead, Nature, Part, Status, Thread

RECOVER_AFTER = timedelta(seconds=15)
"""After this long an agent's act that nobody finished is done by somebody else."""


class Intake(Sending, Braking):
    """What comes in."""

    def shelve(self, content: bytes, digest: str | None = None) -> None:
        """Put large bytes on disk before the transaction that refers to them: it need not wait. Blocks."""
        self.db.blobs.put_ahead(content, digest)

    @use_case
    def accept(
        self,
        tx: Tx,
        channel: str,
        key: str,
        lane: str,
        envelope: Mapping[str, Any],
        raw: bytes,
        digest: str | None = None,
    ) -> int | None:
        """Keep what a customer's channel brought, and ask for it to be understood. None: it was here already."""
        return inbox.take_in(
            tx, channel, key, envelope, digest or digest_of(raw), raw, lambda id: receive(channel, id, lane)
        )

    @use_case
    def accept_act(self, tx: Tx, key: str, envelope: Mapping[str, Any], instead_of: str | None = None) -> int | None:
        """Keep what an agent did in Slack before Slack is told that we have it. None: it was here already.

        `instead_of` is how the keys begin of acts whose place this one takes: those that nobody has done yet are never
        done. Of those, one whose key differs in its last part only (after ":") asked for the same; where that has had
        its effect, this one was here already. One that was refused had none.
        """
        id = inbox.keep(tx, "act", key, envelope, None)
        if id is None:
            return None
        if instead_of is not None:
            for earlier in inbox.acts_like(tx, instead_of, id):
                if inbox.settle(tx, earlier.id, "done", "another took its place"):
                    self._recovered(tx, earlier.id)
                elif earlier.reason is None and earlier.key.rpartition(":")[0] == key.rpartition(":")[0]:
                    inbox.settle(tx, id, "done", "it was done already")
                    return None
        ledger.add(tx, [recover(id, RECOVER_AFTER)])
        return id

    @use_case
    def settle_act(self, tx: Tx, act: int) -> None:
        """The act was answered (also: refused) and changed nothing, else its effect had settled it."""
        if inbox.settle(tx, act, "done", "nothing was changed"):
            self._recovered(tx, act)

    def _recovered(self, tx: Tx, act: int) -> None:
        """Nobody needs to do it again."""
        job = recover(act, timedelta(0))
        ledger.drop_waiting(tx, job.kind, job.key or "")

    @question
    def piece(self, tx: Tx, id: int) -> tuple[inbox.Piece, bytes] | None:
        """What came in under this number, with its bytes; None where it is settled or gone."""
        found = inbox.get(tx, id)
        if found is None or found.state not in inbox.OPEN:
            return None
        return found, tx.blobs.get(tx, found.digest) if found.digest else b""

    @use_case
    def receive(self, tx: Tx, id: int, inbound: Inbound) -> int | None:
        """Hear one message from outside. The ticket's number, or None where it was kept out or heard already."""
        by_ourselves = self.book_in(tx).mailbox_for(inbound.sender.address) is not None
        round_again = FROM_OURSELVES if by_ourselves else self.goes_round(tx, inbound)
        inbound = self._as_admitted(tx, id, inbound, round_again is not None or inbound.vouched.keeps_out)
        if not inbox.settle(tx, id, "done"):
            return None
        if round_again is not None and not inbound.admitted and not inbound.nature.reports_delivery:
            self.stop(tx, inbound, id, round_again)
            return None
        if inbound.vouched.keeps_out and not inbound.admitted and not inbound.nature.reports_delivery:
            inbox.suspend(tx, id, NOT_FROM_THERE.text)
            return None
        person = people.person_at(tx, inbound.sender)
        reported = self._reported(tx, inbound)
        if reported is not None and inbound.heard_as is Nature.ARF:
            self._complained(tx, reported, inbound)
        if reported is not None:
            match = Match(messages.message(tx, reported).ticket, None, "report")
        else:
            candidates = self._candidates(tx, inbound, person)
            match = choose(inbound, candidates, self._reopen_within(tx, candidates), tx.now)
        if reported is not None and inbound.heard_as is Nature.BOUNCE:
            self.came_back(tx, reported, inbound)
        elif match.ticket is None and (reason := OPENS_NOTHING.get(inbound.heard_as)):
            inbox.suspend(tx, id, reason.text)
            return None
        elif match.ticket is not None and self.answers_too_often(tx, inbound, match.ticket):
            self.stop(tx, inbound, id, ANSWERS_TOO_OFTEN)
            return None
        return self._hear(tx, inbound, match, person, id)

    # How it is done

    def _as_admitted(self, tx: Tx, id: int, inbound: Inbound, stays_out: bool) -> Inbound:
        """The message, marked where somebody let it in. A customer's needs no looking after: it is let in anyway."""
        if inbound.nature is Nature.HUMAN and not stays_out:
            return inbound
        piece = inbox.get(tx, id)
        return replace(inbound, admitted=piece is not None and piece.state == "admitted")

    def _candidates(self, tx: Tx, inbound: Inbound, person: people.Person | None) -> list[Known]:
        """The tickets that the evidence points to, the most trusted first. A report points to a message, or to none."""
        if inbound.heard_as.reports_delivery:
            return []
        pointed: list[tuple[int, str]] = []
        for said in inbound.reply_tokens:
            if bearer := bearer_of(self.keys_in(tx), said):
                pointed.append((bearer.ticket, "token"))
        wanted = [*filter(None, [inbound.in_reply_to]), *reversed(inbound.references)]
        found = {external: ticket for external, ticket, _, _ in reversed(messages.known(tx, inbound.channel, wanted))}
        for external in wanted:
            number = found.get(external) or anchored(self.keys_in(tx), external)
            if number is not None:
                pointed.append((number, "reference"))
        known: list[Known] = []
        for number, evidence in dict.fromkeys(pointed):
            ticket = tickets.load(tx, number)
            is_requester = person is not None and person.id == ticket.requester
            takes_part = not inbound.vouched.failed and (
                is_requester or messages.is_copied(tx, number, inbound.sender.address)
            )
            known.append(Known(ticket, evidence, takes_part))
        return known

    def _reopen_within(self, tx: Tx, candidates: list[Known]) -> timedelta:
        book = self.book_in(tx)
        queue = self.queue_of(tx, candidates[0].ticket) if candidates else book.queues[0]
        return queue.reopen_within

    def _hear(self, tx: Tx, inbound: Inbound, match: Match, known: people.Person | None, id: int) -> int:
        language = inbound.language
        sender = inbound.sender if inbound.is_own_name else replace(inbound.sender, name="")
        person = people.meet(tx, known, sender, language)
        if person.suppressed and inbound.nature is Nature.HUMAN:
            self.reached(tx, inbound.channel, sender.address)
        if match.ticket is not None:
            with self.changing(tx, match.ticket) as change:
                message = self._said(tx, change, inbound, id)
                names = (person.name, *self._who_answers(tx, change))
                thanks = not inbound.files and signals.thanks(inbound.reply_text, language or person.language, names)
                closed = change.ticket.status is Status.CLOSED and not thanks
                in_vain = closed and self.opens_again_in_vain(tx, inbound, match.ticket)
                change.happen(conversation.hear(change.ticket, message, inbound.heard_as, thanks, tx.now, in_vain))
                if in_vain:
                    self.note_opens_in_vain(tx, change, inbound)
                self._note_what_is_left_out(tx, change, inbound, id)
            return match.ticket
        change = self._opened(tx, inbound, match, person, language)
        message = self._said(tx, change, inbound, id)
        change.happen(conversation.hear(change.ticket, message, inbound.heard_as, False, tx.now))
        self._note_what_is_left_out(tx, change, inbound, id)
        self._note_other_doors(tx, change, inbound)
        self._acknowledge(tx, change, inbound, person)
        self.save(change)
        return change.ticket.number

    def _who_answers(self, tx: Tx, change: Change) -> list[str]:
        """Whom a thank-you may name: the agent who has the ticket."""
        agent = change.ticket.assignee
        colleague = people.colleague(tx, agent) if agent else None
        return [colleague.name] if colleague else []

    def _opened(self, tx: Tx, inbound: Inbound, match: Match, person: people.Person, language: str | None) -> Change:
        book = self.book_in(tx)
        mailbox = book.mailbox_for(inbound.door)
        decision = triage.triage(
            triage.Facts(
                door=mailbox.address if mailbox else inbound.door,
                sender=inbound.sender.address,
                subject=inbound.subject,
                text=inbound.reply_text,
            ),
            book.rules,
        )
        opened = e.Opened(
            at=tx.now,
            thread=Thread(inbound.channel, inbound.external_id),
            requester=person.id,
            door=mailbox.address if mailbox else inbound.door,
            queue=decision.queue or book.queue_of(inbound.door).name,
            urgency=decision.urgency,
            language=language or person.language or (mailbox.locale if mailbox else None),
            follows=match.follows,
        )
        words = tickets.Words(inbound.subject, _answer_to(book, inbound))
        ticket = tickets.begin(tx, blank(0, opened), words)
        change = Change(tx, ticket, words)
        change.happen([opened])
        return change

    def _said(self, tx: Tx, change: Change, inbound: Inbound, id: int) -> int:
        """Keep the message's words and files, and the id that answers to it will carry."""
        files = [Attachment(f.name, f.type, len(f.content), tx.blobs.put(tx, f.content), f.cid) for f in inbound.files]
        return messages.say(
            tx,
            {
                "ticket": change.ticket.number,
                "part": Part.REQUESTER,
                "at": tx.now,
                "author_name": inbound.sender.name or inbound.sender.address,
                "text": inbound.text,
                "reply_text": inbound.reply_text,
                "nature": inbound.heard_as,
                "external_id": inbound.external_id,
                "in_reply_to": inbound.in_reply_to,
                "refs": list(inbound.references),
                "subject": inbound.subject,
                "inbox": id,
                "copied": messages.as_kept(self._copied(tx, inbound)),
                "vouched": messages.vouched_as_kept(inbound.vouched),
            },
            files,
            known_on=inbound.channel,
        )

    def _copied(self, tx: Tx, inbound: Inbound) -> list[Address] | None:
        """Who else it was sent to, and may be answered: neither we ourselves nor addresses that nobody reads."""
        book = self.book_in(tx)
        return [one for one in inbound.copied if book.mailbox_for(one.address) is None][:MOST_COPIED] or None

    def _note_what_is_left_out(self, tx: Tx, change: Change, inbound: Inbound, id: int) -> None:
        if inbound.left_out:
            said = phrases(
                "The customer's message has {kept} attachments here, and {count} more that is only in the mail as it "
                "came. Whoever runs the desk has it by: deskbell inbox raw {id}",
                "The customer's message has {kept} attachments here, and {count} more that are only in the mail as it "
                "came. Whoever runs the desk has them by: deskbell inbox raw {id}",
                inbound.left_out,
                kept=len(inbound.files),
                id=id,
            )
            remark(self, tx, change, "attachments", said)

    def _note_other_doors(self, tx: Tx, change: Change, inbound: Inbound) -> None:
        """One mail is one ticket, whichever of our mailboxes it was sent to: who answers has to know of the others."""
        book = self.book_in(tx)
        found = {box.address: box for address in inbound.also_to if (box := book.mailbox_for(address)) is not None}
        others = [address for address in found if address != change.ticket.door]
        if others:
            said = phrase("The customer sent this to {others} too. There is only this one ticket.", others=others)
            remark(self, tx, change, "mailboxes", said)

    def _acknowledge(self, tx: Tx, change: Change, inbound: Inbound, person: people.Person) -> None:
        """Say that we have it: to people who wrote to us by name, where the queue wants it, once a day and address."""
        book = self.book_in(tx)
        queue = self.queue_of(tx, change.ticket)
        ours = book.mailbox_for(inbound.sender.address) is not None
        if not queue.acknowledge or inbound.nature is not Nature.HUMAN or ours or inbound.vouched.failed:
            return
        if not inbound.sender.address or "@" not in change.words.answer_to:
            return
        if self._wants_none(tx, change, inbound, person):
            return
        by_name = inbound.by_name or any(book.mailbox_for(one.address) for one in inbound.copied)
        # Who is written to counts, not who says to have written: made-up senders could name one victim for all.
        if not by_name or not self.may_be_told(tx, change, inbound, Address(inbound.channel, change.words.answer_to)):
            return
        answering = tickets.answering_time(tx, queue.name) or queue.answers_within
        said = acknowledgement(book, change, person.name, answering)
        is_own = people.folded(change.words.answer_to) == people.folded(inbound.sender.address)
        name = person.name if is_own else ""
        to = Address(inbound.channel, change.words.answer_to, name)
        announce(self, tx, change, Part.ACKNOWLEDGEMENT, said, to)

    def _wants_none(self, tx: Tx, change: Change, inbound: Inbound, person: people.Person) -> bool:
        """Whether mail does not arrive there, or is not wanted; looked up only where that is not known already."""
        is_own = people.folded(change.words.answer_to) == people.folded(inbound.sender.address)
        if is_own and not person.suppressed:
            return False
        return self.withhold(tx, change, Part.ACKNOWLEDGEMENT) is not None

    def _reported(self, tx: Tx, inbound: Inbound) -> int | None:
        """The message of ours that a report of delivery is about: by its token, else by an id that only we give.

        An id of ours cannot be guessed: who names it has had the mail before them.
        """
        if inbound.report is None or not (inbound.heard_as.reports_delivery or inbound.heard_as is Nature.ARF):
            return None
        for said in inbound.report.tokens:
            message = message_of(self.keys_in(tx), said)
            if message is not None and messages.goes_out(tx, message):
                return message
        found = messages.known(tx, inbound.channel, inbound.report.about)
        ours = {external: message for external, _, message, part in found if part.goes_out}
        return next((ours[external] for external in inbound.report.about if external in ours), None)

    def _complained(self, tx: Tx, message: int, inbound: Inbound) -> None:
        """Somebody took a mail of ours for spam: whom the report names of those who got it, else whoever it was to."""
        said = messages.raw(tx, message)
        ticket, words = tickets.look(tx, said.ticket)
        to = Letterhead.as_said(said.head).to.address if said.head else words.answer_to
        got = [to, *(one.address for one in messages.as_said(said.copied))]
        named = {people.folded(o.address) for o in (inbound.report.failures if inbound.report else ())}
        these = [address for address in got if people.folded(address) in named] or [to]
        if self.complained(tx, ticket, message, these, inbound.subject):
            with self.changing(tx, ticket.number) as change:
                told = phrase(
                    "{address} reported our mail as spam: the desk writes nothing there by itself any more.",
                    address=these,
                )
                remark(self, tx, change, "complaint", told)


def _answer_to(book: Rulebook, inbound: Inbound) -> str:
    """Where answers go; empty where nobody can be written to. A mailbox of ours would hand them back to us."""
    if not inbound.answerable:
        return ""
    wanted = inbound.reply_to
    return wanted if wanted and not book.mailbox_for(wanted) else inbound.sender.address

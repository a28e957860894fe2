"""Use cases of what comes in: keep it, understand whose it is, hear it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.desk import counting
from core.desk.braking import Braking
from core.desk.finding import Finding
from core.desk.going_over import GoingOver
from core.desk.holding import CAME_AGAIN, FROM_OURSELVES, NOT_FROM_THERE, OPENS_NOTHING
from core.desk.house import MOST_COPIED, Change
from core.desk.judging import Judging
from core.desk.repeating import Repeating, note_other_doors
from core.desk.revising import Revising
from core.desk.sending import Sending
from core.desk.writing import acknowledgement, addressee, announce, link_to, note_of, remark, too_large
from core.effects import receive, recover
from core.phrases import Phrase, phrase, phrases
from core.routing import signals
from core.rulebook import Rulebook
from core.rulebook.kinds import is_zone
from core.storage import hints, inbox, ledger, merged, messages, people, strangers, tickets
from core.storage.blobs import digest_of
from core.storage.database import Tx, question, use_case
from core.storage.schema import indexable
from core.tickets import conversation, joining, satisfaction
from core.tickets import events as e
from core.tickets.brakes import ANSWERS_TOO_OFTEN
from core.tickets.channels import can_be_written_to, manner
from core.tickets.evolve import blank
from core.tickets.follow_up import Match, choose, message_of
from core.tickets.model import (
    NOTHING_CARRIED,
    UNVOUCHED,
    Address,
    Attachment,
    By,
    Inbound,
    Letterhead,
    Nature,
    Part,
    PassedOn,
    Status,
    Thread,
    Ticket,
    Vouch,
)
from core.tickets.passes import Purpose
from core.tickets.persons import PROFILE, Hint, Proof, hints_in, house_of, proof_of

RECOVER_AFTER = timedelta(seconds=15)
"""After this long an agent's act that nobody finished is done by somebody else."""

BY_FORM = phrase("This came by the contact form. Nobody has checked that the address belongs to whoever wrote it.")

LONGEST_CALLED = 60
"""Characters of a chat's first words by which its ticket is called."""


class Intake(Repeating, Revising, GoingOver, Sending, Braking, Finding, Judging):
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
        after: timedelta = timedelta(0),
    ) -> int | None:
        """Keep what a customer's channel brought, and ask for it to be understood, `after` so long. None: it was here
        already.
        """
        return inbox.take_in(
            tx, channel, key, envelope, digest or digest_of(raw), raw, lambda id: receive(channel, id, lane, after)
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
    def receive(self, tx: Tx, id: int, inbound: Inbound, parts: Sequence[int] = ()) -> int | None:
        """Hear one message from outside. The ticket's number, or None where it was kept out or heard already.

        `parts` are other pieces that came in and are part of this message.
        """
        for part in parts:
            inbox.settle(tx, part, "done", f"part of what came in as {id}")
        by_ourselves = self.book_in(tx).mailbox_for(inbound.sender.address) is not None
        round_again = FROM_OURSELVES if by_ourselves else self.goes_round(tx, inbound)
        inbound = self._as_admitted(tx, id, inbound, round_again is not None or inbound.vouched.keeps_out)
        settled = self.understood(tx, id, inbound)
        if settled is None:
            return None
        if inbound.edited and (number := self.revised(tx, inbound)) is not None:
            exchanged = self.exchanged(tx, inbound)
            return self._receive(tx, settled, exchanged, round_again, id) if exchanged else number
        if settled.first is not None:
            return self.hear_again(
                tx, inbound, id, settled.first, lambda: self._receive(tx, settled, inbound, round_again, id)
            )
        return self._receive(tx, settled, inbound, round_again, id)

    # How it is done

    def _receive(
        self, tx: Tx, settled: inbox.Settled, inbound: Inbound, round_again: Phrase | None, id: int
    ) -> int | None:
        if round_again is not None and not inbound.admitted and not inbound.nature.reports_delivery:
            self.stop(tx, inbound, id, round_again)
            return None
        if inbound.vouched.keeps_out and not inbound.admitted and not inbound.nature.reports_delivery:
            self.hold(tx, id, NOT_FROM_THERE, inbound)
            return None
        person = people.person_at(tx, inbound.sender)
        if (stub := _stub(settled, inbound)) is not None:
            return self._hear_at_last(tx, inbound, stub, person, id)
        reported = self._reported(tx, inbound)
        if reported is not None and inbound.heard_as is Nature.ARF:
            self._complained(tx, reported, inbound)
        if reported is not None:
            match = Match(messages.message(tx, reported).ticket, None, "report")
        else:
            candidates = self.candidates(tx, inbound, person)
            match = choose(inbound, candidates, self.reopen_within(tx, candidates), tx.now)
        if reported is not None and inbound.heard_as is Nature.BOUNCE:
            self.came_back(tx, reported, inbound)
        elif match.ticket is None and (reason := OPENS_NOTHING.get(inbound.heard_as)):
            self.hold(tx, id, reason, inbound)
            return None
        elif match.ticket is not None and self.answers_too_often(tx, inbound, match.ticket):
            self.stop(tx, inbound, id, ANSWERS_TOO_OFTEN)
            return None
        return self._take(tx, inbound, match, person, id)

    def _take(self, tx: Tx, inbound: Inbound, match: Match, person: people.Person | None, id: int) -> int | None:
        if match.held:
            return self._hold(tx, inbound, match, person, id)
        if match.ticket is None and (passed := self._customers_mail(tx, inbound)):
            return self._hear_passed_on(tx, inbound, *passed, id)
        return self._hear(tx, inbound, match, person, id)

    def _as_admitted(self, tx: Tx, id: int, inbound: Inbound, stays_out: bool) -> Inbound:
        """The message, marked where somebody let it in. A customer's needs no looking after: it is let in anyway."""
        if inbound.nature is Nature.HUMAN and not stays_out and not inbound.spam:
            return inbound
        piece = inbox.get(tx, id)
        return replace(inbound, admitted=piece is not None and piece.state == "admitted")

    def _hear(self, tx: Tx, inbound: Inbound, match: Match, known: people.Person | None, id: int) -> int:
        language = inbound.language
        person = self._met(tx, inbound, known)
        self._learn_where(tx, inbound, person)
        if person.suppressed and inbound.nature is Nature.HUMAN and not (inbound.vouched.failed or inbound.by_form):
            self.reached(tx, inbound.channel, inbound.sender.address)
        if inbound.reply_to and manner(inbound.channel).threads:  # where somebody speaks to us, we can answer
            self.reached(tx, inbound.channel, inbound.reply_to)
        if match.ticket is not None:
            with self.changing(tx, match.ticket) as change:
                message = self._said(tx, change, inbound, id, person, match)
                names = (person.name, *self.who_answers(tx, change))
                thanks = not inbound.brings_files and signals.thanks(
                    inbound.reply_text, language or person.language, names
                )
                comment = self._is_comment(tx, change.ticket, inbound)
                closed = change.ticket.status is Status.CLOSED and not (thanks or comment)
                in_vain = closed and self.opens_again_in_vain(tx, inbound, match.ticket)
                self.follow_over(tx, change, inbound, person)
                heard_as = inbound.heard_as
                change.happen(conversation.hear(change.ticket, message, heard_as, thanks, tx.now, in_vain, comment))
                if in_vain:
                    self.note_opens_in_vain(tx, change, inbound)
                self._note_what_is_left_out(tx, change, inbound, id)
                self._tell_too_large(tx, change, inbound, person)
            self._tell_others(tx, inbound, match.ticket, known, person.name)
            return match.ticket
        change = self.opened(tx, inbound, match, person, language)
        message = self._said(tx, change, inbound, id, person, match)
        change.happen(conversation.hear(change.ticket, message, inbound.heard_as, False, tx.now))
        self._note_what_is_left_out(tx, change, inbound, id)
        note_other_doors(self, tx, change, inbound.also_to)
        if inbound.by_form:
            remark(self, tx, change, "form", BY_FORM)
        self.acknowledge(tx, change, inbound, person)
        self._tell_too_large(tx, change, inbound, person)
        self.carry_out(tx, change)
        self.save(change)
        if match.follows is not None:
            strangers.follow(tx, person.id, match.follows, change.ticket.number)
        return change.ticket.number

    @staticmethod
    def _is_comment(tx: Tx, ticket: Ticket, inbound: Inbound) -> bool:
        """Whether it says why its writer rated us so. What answers something else that we said is about that."""
        if not satisfaction.is_comment(ticket, tx.now) or inbound.nature is not Nature.HUMAN:
            return False
        known = messages.known(tx, inbound.channel, [inbound.in_reply_to]) if inbound.in_reply_to else ()
        return all(part in (Part.RATING, Part.RATING_WHY) for *_, part in known)

    def _met(self, tx: Tx, inbound: Inbound, known: people.Person | None, proof: Proof | None = None) -> people.Person:
        sender = inbound.sender if inbound.is_own_name else replace(inbound.sender, name="")
        return people.meet(tx, known, sender, inbound.language, proof or proof_of(inbound))

    def _learn_where(self, tx: Tx, inbound: Inbound, person: people.Person) -> None:
        """What a message says of where else its writer may be known, and where they can be answered alone."""
        if inbound.nature is not Nature.HUMAN:
            return
        if inbound.is_direct and inbound.reply_to:
            people.spoken_with_at(tx, inbound.sender, inbound.door, inbound.thread, inbound.reply_to)
        if inbound.zone is not None and is_zone(inbound.zone):
            people.learn_zone(tx, person.id, inbound.zone)
        if inbound.profile_mail:
            hints.keep(tx, person.id, [Hint(PROFILE, inbound.profile_mail.casefold())])
        if found := hints_in(inbound.reply_text, manner(inbound.channel).letters):
            hints.keep(tx, person.id, found)

    def _hold(self, tx: Tx, inbound: Inbound, match: Match, known: people.Person | None, id: int) -> int | None:
        """Keep what somebody wrote who does not take part in the ticket: it changes nothing until that is decided.

        What a colleague wrote is an internal note.
        """
        assert match.ticket is not None
        if colleague := self._colleague_by_mail(tx, inbound):
            return self._note(tx, inbound, match, colleague, id)
        person = known or self._met(tx, inbound, None)  # of whom we know, nothing is learnt by this
        with self.changing(tx, match.ticket) as change:
            message = self._said(tx, change, inbound, id, person, match, Part.STRANGER)
            door, answer_to = self._door_of(tx, inbound), _answer_to(self.book_in(tx), inbound)
            may_ack = inbound.nature is Nature.HUMAN and self._is_by_name(tx, inbound)
            strangers.hold(tx, match.ticket, person.id, match.why, door, answer_to, may_ack)
            change.happen(joining.hold(message, person.id, tx.now))
        return match.ticket

    def _colleague_by_mail(self, tx: Tx, inbound: Inbound) -> people.Colleague | None:
        """The agent who wrote this, where the domain of their address vouches for it: names and addresses are
        anybody's to write. None for everybody else, and for what a machine or a list sent.
        """
        if inbound.vouched.verdict is not Vouch.PASSED or inbound.nature is not Nature.HUMAN:
            return None
        known = people.colleague_at(tx, inbound.sender.address)
        return known if known is not None and self.agent_in(tx, known.id) else None

    def _note(self, tx: Tx, inbound: Inbound, match: Match, colleague: people.Colleague, id: int) -> int | None:
        """Keep what a colleague wrote by mail where they answered: an internal note, which never goes out."""
        assert match.ticket is not None
        with self.changing(tx, match.ticket) as change:
            written = {"author": colleague.id, "author_name": colleague.name, "found": "colleague"}
            message = self._said(tx, change, inbound, id, None, match, Part.NOTE, **written)
            change.happen(conversation.note(message, By(colleague.id), tx.now))
        return match.ticket

    def _customers_mail(self, tx: Tx, inbound: Inbound) -> tuple[people.Colleague, PassedOn] | None:
        """The mail that a colleague says to be a customer's, and the colleague. Of whoever else says so, nothing."""
        passed = inbound.passed_on
        if passed is None or self.book_in(tx).mailbox_for(passed.sender.address) is not None:
            return None
        is_own = people.folded(passed.sender.address) == people.folded(inbound.sender.address)
        colleague = None if is_own else self._colleague_by_mail(tx, inbound)
        return (colleague, passed) if colleague else None

    def _hear_passed_on(self, tx: Tx, inbound: Inbound, colleague: people.Colleague, passed: PassedOn, id: int) -> int:
        """Open the customer's ticket, with what the colleague wrote above their mail as a note.

        The customer may never have written it: nothing is learnt of them by it, and nobody is acknowledged.
        """
        theirs = replace(
            inbound,
            sender=passed.sender,
            subject=passed.subject,
            text=passed.text,
            reply_text=passed.reply_text,
            language=passed.language,
            reply_to=None,
            answerable=True,
            copied=(),
            carried=NOTHING_CARRIED,
            vouched=UNVOUCHED,
        )
        person = people.person_at(tx, passed.sender) or self._met(tx, theirs, None, Proof.SAID)
        match = Match(None, None, "passed on")
        change = self.opened(tx, theirs, match, person, theirs.language or person.language)
        message = self._said(tx, change, theirs, id, person, match)
        change.happen(conversation.hear(change.ticket, message, theirs.nature, False, tx.now))
        said = phrase(
            "{name} forwarded this mail and says that it is from {address}. Nobody has checked that, and nothing was "
            "sent there yet.",
            name=colleague.name,
            address=passed.sender.address,
        )
        remark(self, tx, change, "passed on", said)
        if passed.above:
            note_of(self, tx, change, By(colleague.id), colleague.name, passed.above)
        self._note_what_is_left_out(tx, change, theirs, id)
        note_other_doors(self, tx, change, inbound.also_to)
        self.carry_out(tx, change)
        self.save(change)
        return change.ticket.number

    def _tell_others(self, tx: Tx, inbound: Inbound, number: int, known: people.Person | None, name: str) -> None:
        """One mail may answer several tickets: its words are in the first, and the others say where."""
        if not inbound.heard_as.is_of_people or not inbound.reply_tokens:
            return
        for other in self.also_answered(tx, inbound, known, number):
            with self.changing(tx, other) as change:
                said = phrase(
                    "{name} answered this ticket and #{number} in one message. Their words are in #{number}.",
                    name=name or inbound.sender.address,
                    number=number,
                )
                remark(self, tx, change, "several tickets", said)

    def _hear_at_last(self, tx: Tx, inbound: Inbound, stub: int, person: people.Person | None, id: int) -> int:
        """What could not be read can be read now: its words come into the ticket that says that it came.

        What came by other ways and could not be read either need nobody look after any more.
        """
        for other in inbox.unread(tx, inbound.external_id, people.folded(inbound.sender.address), id):
            inbox.repeat(tx, other.id, id, other.message, CAME_AGAIN.text)
        number = messages.message(tx, stub).ticket
        tickets.set_words(tx, number, tickets.Words(inbound.subject, _answer_to(self.book_in(tx), inbound)))
        return self._hear(tx, inbound, Match(number, None, "stub"), person, id)

    def who_answers(self, tx: Tx, change: Change) -> list[str]:
        """Whom a thank-you may name: the agent who has the ticket."""
        agent = change.ticket.assignee
        colleague = people.colleague(tx, agent) if agent else None
        return [colleague.name] if colleague else []

    def opened(self, tx: Tx, inbound: Inbound, match: Match, person: people.Person, language: str | None) -> Change:
        book = self.book_in(tx)
        door = self._door_of(tx, inbound)
        language = language or person.language or self._usual_language(tx, inbound)
        judged = self.judge_inbound(tx, inbound, door, language)
        opened = e.Opened(
            at=tx.now,
            thread=Thread(inbound.channel, indexable(inbound.thread) or inbound.external_id),
            requester=person.id,
            door=door,
            queue=judged.queue,
            urgency=judged.decision.urgency,
            language=language,
            follows=match.follows,
        )
        words = tickets.Words(inbound.subject or _called(inbound), _answer_to(book, inbound))
        ticket = tickets.begin(tx, blank(0, opened), words)
        change = Change(tx, ticket, words)
        change.happen([opened])
        change.judged = judged
        return change

    def _usual_language(self, tx: Tx, inbound: Inbound) -> str | None:
        """What is mostly spoken where somebody belongs, else where they wrote to."""
        book = self.book_in(tx)
        organisation = book.organisation_at(house_of(inbound.sender) or "")
        return (organisation.language if organisation else None) or book.locale_of(inbound.door)

    def _door_of(self, tx: Tx, inbound: Inbound) -> str:
        mailbox = self.book_in(tx).mailbox_for(inbound.door)
        return mailbox.address if mailbox else inbound.door

    def _said(
        self,
        tx: Tx,
        change: Change,
        inbound: Inbound,
        id: int,
        person: people.Person | None,
        match: Match,
        part: Part = Part.REQUESTER,
        **more: str,
    ) -> int:
        """Keep the message's words and files, and the id that answers to it will carry."""
        number, files = change.ticket.number, self._files(tx, change.ticket.number, inbound)
        message = messages.say(
            tx,
            {
                "ticket": number,
                "part": part,
                "at": tx.now,
                "person": person.id if person else None,
                "author_name": inbound.sender.name or inbound.sender.address,
                "text": inbound.text,
                "reply_text": inbound.reply_text,
                "nature": inbound.heard_as,
                "external_id": inbound.external_id,
                "edited_at": inbound.sent_at if inbound.edited else None,
                "in_reply_to": inbound.in_reply_to,
                "refs": list(inbound.references),
                "subject": inbound.subject,
                "head": messages.marks_as_kept(inbound, files),
                "inbox": id,
                "found": "held" if part is Part.STRANGER else match.why,
                "copied": messages.as_kept(self._copied(tx, inbound)),
                "vouched": inbound.vouched.as_kept,
                "channel": inbound.channel,
                **more,
            },
            files,
            known_on=inbound.channel,
        )
        messages.know(tx, inbound.channel, message, number, [id for id, _ in inbound.pieces[1:]])
        if match.meant is not None:
            merged.redirect(tx, message, match.meant)
        return message

    def _files(self, tx: Tx, number: int, inbound: Inbound) -> list[Attachment]:
        """What it brings, kept. A picture within the words that the ticket has already is a quotation's, or the same
        signature's.
        """
        files = [
            Attachment(f.name, f.type, len(f.content), tx.blobs.put(tx, f.content), f.cid, f.folded)
            for f in inbound.files
        ] + list(inbound.kept)
        shown = {f.digest for f in files if f.cid and not f.folded and f.type.startswith("image/")}
        known = messages.are_there(tx, number, shown) if shown else ()
        return [replace(f, folded=True) if f.cid and f.digest in known else f for f in files]

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

    def _tell_too_large(self, tx: Tx, change: Change, inbound: Inbound, person: people.Person) -> None:
        """Say on both sides that there are files which the channel does not give us."""
        if not inbound.not_had:
            return
        said = phrases(
            "The customer sent a file that is too large for the desk to fetch: {names}. They are asked to send it in "
            "another way.",
            "The customer sent {count} files that are too large for the desk to fetch: {names}. They are asked to send "
            "them in another way.",
            len(inbound.not_had),
            names=list(inbound.not_had),
        )
        remark(self, tx, change, "attachments", said)
        if can_be_written_to(inbound.channel, change.words.answer_to):
            link = link_to(self, tx, change.ticket, Purpose.UPLOAD)
            said = too_large(self.book_in(tx), change, person.name, link)
            announce(self, tx, change, Part.NOTICE, said, addressee(tx, change))

    def acknowledge(self, tx: Tx, change: Change, inbound: Inbound, person: people.Person) -> None:
        """Say that we have it: to people who wrote to us by name, where the queue wants it, once a day and address."""
        book = self.book_in(tx)
        queue = self.queue_of(tx, change.ticket)
        ours = book.mailbox_for(inbound.sender.address) is not None
        if not queue.acknowledge or inbound.nature is not Nature.HUMAN or ours or inbound.vouched.failed:
            return
        if not inbound.sender.address or not can_be_written_to(inbound.channel, change.words.answer_to):
            return
        if self._wants_none(tx, change, inbound, person) or _is_suppressed(change):
            return
        # Who is written to counts, not who says to have written: made-up senders could name one victim for all.
        if not self._is_by_name(tx, inbound) or not self.may_be_told(
            tx, change, inbound, Address(inbound.channel, change.words.answer_to)
        ):
            return
        answering = counting.answer_by(self, tx, change)
        if answering is None:
            answering = tickets.answering_time(tx, queue.name) or queue.answers_within
        is_own = people.folded(change.words.answer_to) == people.folded(inbound.sender.address)
        # Whoever has the link reads the conversation: it goes to the requester's own address only. And of what anybody
        # typed into a form, nothing goes to whose address they gave: no name, no subject, no way to the words.
        may_read = is_own and queue.page and not inbound.by_form
        link = link_to(self, tx, change.ticket, Purpose.READ) if may_read else ""
        said = acknowledgement(book, change, "" if inbound.by_form else person.name, answering, link)
        called = phrase("Your message to {desk}", desk=book.desk.name) if inbound.by_form else None
        name = person.name if is_own and not inbound.by_form else ""
        to = Address(inbound.channel, change.words.answer_to, name)
        announce(self, tx, change, Part.ACKNOWLEDGEMENT, said, to, called)

    def _wants_none(self, tx: Tx, change: Change, inbound: Inbound, person: people.Person) -> bool:
        """Whether mail does not arrive there, or is not wanted; looked up only where that is not known already."""
        is_own = people.folded(change.words.answer_to) == people.folded(inbound.sender.address)
        if is_own and not person.suppressed:
            return False
        return self.withhold(tx, change, Part.ACKNOWLEDGEMENT) is not None

    def _is_by_name(self, tx: Tx, inbound: Inbound) -> bool:
        book = self.book_in(tx)
        return inbound.by_name or any(book.mailbox_for(one.address) for one in inbound.copied)

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


def _stub(settled: inbox.Settled, inbound: Inbound) -> int | None:
    """What says in a ticket that this could not be read at first. Of a mail that came once more its id and sender tell,
    unless the sender's domain says that it is not from there.
    """
    return settled.message if settled.message is not None or inbound.vouched.failed else settled.stub


def _is_suppressed(change: Change) -> bool:
    """Whether a rule says that the desk does not write back by itself."""
    return change.judged is not None and change.judged.decision.suppress


def _called(inbound: Inbound) -> str:
    """What a chat that has no subject is called in lists: by its first words."""
    if manner(inbound.channel).letters:
        return ""
    first = " ".join(inbound.reply_text.split())
    if len(first) <= LONGEST_CALLED:
        return first
    return f"{first[:LONGEST_CALLED].rpartition(' ')[0] or first[:LONGEST_CALLED]} …"


def _answer_to(book: Rulebook, inbound: Inbound) -> str:
    """Where answers go; empty where nobody can be written to. A mailbox of ours would hand them back to us."""
    if not inbound.answerable:
        return ""
    wanted = inbound.reply_to
    return wanted if wanted and not book.mailbox_for(wanted) else inbound.sender.address

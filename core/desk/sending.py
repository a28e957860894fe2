"""Use cases of what goes out: what is to be sent, what the next hop said, what came back."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk.house import Change
from core.desk.suppressing import Suppressing
from core.desk.writing import addressee, letterhead, remark
from core.effects import chat_paces, show_circular, show_message, show_typing
from core.phrases import phrase
from core.storage import circulars, ledger, messages, paces, people, pieces, tickets
from core.storage.database import Tx, question, use_case
from core.templates.locales import translate
from core.tickets import events as e
from core.tickets.brakes import mark_of
from core.tickets.channels import manner
from core.tickets.follow_up import Bearer, report_token, token
from core.tickets.model import Delivery, Inbound, Letterhead, Message, Outcome, Outgoing, Part, Status
from core.tickets.refusals import IN_WORDS, Refusal

_LONGEST_REASON = 500


class Sending(Suppressing):
    """What goes out."""

    @question
    def outgoing(self, tx: Tx, message: int) -> Outgoing | None:
        """A message as it is to be sent; None where nothing of it is left to send."""
        said = messages.raw(tx, message)
        if said.delivery not in (Delivery.HELD, Delivery.QUEUED):
            return None
        ticket, words = tickets.look(tx, said.ticket)
        change = Change(tx, ticket, words)
        head = (
            Letterhead.as_said(said.head)
            if said.head  # what was written by an older desk has none
            else letterhead(self, tx, change, addressee(tx, change), said.author_name if said.author else "")
        )
        key = self.keys_in(tx)[head.generation]
        left = pieces.NONE if manner(head.to.channel).letters else pieces.of(tx, message)
        done = tuple(o.address for o in messages.outcomes(tx, message) if not 400 <= o.code < 500)
        return Outgoing(
            message=message,
            ticket=ticket.number,
            part=Part(said.part),
            external_id=said.external_id,
            at=said.at,
            door=head.door or ticket.door,
            door_name=head.door_name,
            to=(head.to,),
            copied=messages.as_said(said.copied),
            subject=said.subject or words.subject,
            text=said.text,
            reply_token=token(key, Bearer(ticket.number, ticket.requester), head.generation),
            report_token=report_token(key, message, head.generation),
            in_reply_to=said.in_reply_to,
            references=tuple(said.refs or ()),
            carried=head.carried,
            language=said.language,
            mark=mark_of(key),
            files=messages.files_of(tx, message) if said.part == Part.REPLY else (),
            recipients_done=done,
            sent=left.ids,
            begun=left.begun,
        )

    @use_case
    def begin_piece(self, tx: Tx, message: int, position: int) -> None:
        """A piece of a message is about to leave: from now on it cannot be taken back."""
        said = messages.message(tx, message)
        if said.delivery is Delivery.HELD:
            messages.set_message(tx, message, delivery=Delivery.QUEUED, send_at=None)
            self._show(tx, said.ticket, message)
        pieces.begin(tx, message, position)

    @use_case
    def piece_left(self, tx: Tx, message: int, position: int, ids: Sequence[str], again: bool = False) -> None:
        """A piece has left, and the outside knows it by these ids. Of several messages that are shown together each has
        one, and counts where there is a pace. `again`: it may be there twice.
        """
        pieces.left(tx, message, position, ids)
        said = messages.raw(tx, message)
        with self.changing(tx, said.ticket) as change:
            channel = said.channel or change.ticket.thread.channel
            messages.know(tx, channel, message, said.ticket, ids)
            if len(ids) > 1:
                paces.charge(tx, chat_paces(channel, Letterhead.as_said(said.head).to.address), len(ids) - 1)
            if again:
                told = phrase(
                    "The desk was interrupted while it sent a message, and sent it again: the customer may have it "
                    "twice."
                )
                remark(self, tx, change, "sending", told)

    @use_case
    def writes_on(self, tx: Tx, channel: str, address: str) -> None:
        """Somebody writes to this address; where it can be, that is shown there."""
        if manner(channel).typing:
            ledger.add(tx, [show_typing(channel, address)])

    @use_case
    def about_to_answer(self, tx: Tx, number: int) -> None:
        """An agent begins to answer a ticket."""
        ticket, words = tickets.look(tx, number)
        if words.answer_to and manner(ticket.thread.channel).typing:
            ledger.add(tx, [show_typing(ticket.thread.channel, words.answer_to)])

    @use_case
    def piece_refused(self, tx: Tx, message: int, reason: str) -> None:
        """The piece that was begun has certainly not left; it is tried again."""
        pieces.refused(tx, message)
        self.wait(tx, message, reason)

    @use_case
    def not_sent_again(self, tx: Tx, message: int) -> None:
        """Whether what the desk wrote by itself has left is not known, and it is not said twice."""
        self._settle(tx, message, 1, [])

    @use_case
    def refused(self, tx: Tx, message: int, outcome: Outcome, why: Refusal) -> None:
        """Nothing (more) of a message reaches its reader, for good."""
        pieces.refused(tx, message)
        messages.record_outcomes(tx, message, [outcome])
        said = IN_WORDS.get(why)
        reason = translate(said, self.book_in(tx).desk.locale) if said else outcome.text
        self._settle(tx, message, 1, [outcome], reason)

    @use_case
    def delivered(self, tx: Tx, message: int, outcomes: Sequence[Outcome]) -> None:
        """Record what the next hop said about each recipient. Those to be tried again (4xx) are not settled yet."""
        messages.record_outcomes(tx, message, outcomes)
        known = messages.outcomes(tx, message)
        refused = [o for o in known if o.code >= 500]
        waiting = [o for o in known if 400 <= o.code < 500]
        if waiting:
            self.wait(tx, message, "; ".join(f"{o.address}: {o.code} {o.text}" for o in waiting))
            return
        self._settle(tx, message, len(known), refused)

    @use_case
    def undeliverable(self, tx: Tx, message: int, reason: str) -> None:
        """It could not be sent, and is not tried any more."""
        self.fail(tx, message, reason, counts=True)

    @use_case
    def delayed(self, tx: Tx, message: int, reason: str) -> None:
        """It could not be sent yet, and is tried again."""
        self.wait(tx, message, reason)

    def expect_again(self, tx: Tx, message: int) -> None:
        """A message that was given up is to be sent after all."""
        said = messages.message(tx, message)
        if said.delivery in (Delivery.FAILED, Delivery.PARTLY):
            messages.expect_again(tx, message)
            self._show(tx, said.ticket, message)

    def fail(self, tx: Tx, message: int, reason: str, *, counts: bool = False) -> None:
        """It is not sent any more, and whoever wrote it is shown why. `counts`: that says something of its address."""
        tried = [o._replace(code=550) for o in messages.outcomes(tx, message) if 400 <= o.code < 500]
        messages.record_outcomes(tx, message, tried)
        known = messages.outcomes(tx, message)
        refused = [o for o in known if o.code >= 500] or [Outcome("", 550, reason)]
        self._settle(tx, message, len(known) or 1, refused, reason, fresh=refused if counts else ())

    def wait(self, tx: Tx, message: int, reason: str) -> None:
        """Queued, no longer held: it was tried, and can no longer be taken back."""
        said = messages.message(tx, message)
        if said.delivery not in (Delivery.HELD, Delivery.QUEUED) or (said.delivery, said.reason) == (
            Delivery.QUEUED,
            reason,
        ):
            return
        messages.set_message(tx, message, delivery=Delivery.QUEUED, reason=reason, send_at=None)
        self._show(tx, said.ticket, message)

    def _show(self, tx: Tx, number: int, message: int) -> None:
        ticket, _ = tickets.look(tx, number)
        ledger.add(tx, [show_message(number, ticket.queue, message)])

    def came_back(self, tx: Tx, message: int, inbound: Inbound) -> None:
        """A message that had left came back as undeliverable, from one of its recipients or all.

        A report may name another address than we wrote to, since mail is forwarded; then it is about all of them.
        """
        if messages.message(tx, message).delivery is Delivery.FAILED:
            return
        told = {people.folded(o.address): o for o in (inbound.report.failures if inbound.report else ())}
        known = messages.outcomes(tx, message)
        named = [o for o in known if people.folded(o.address) in told]
        failed = [o._replace(code=550, text=told[people.folded(o.address)].text) for o in named]
        if not failed:
            said = "; ".join(f"{o.address}: {o.text}" for o in told.values()) or inbound.reply_text
            failed = [o._replace(code=550, text=said[:_LONGEST_REASON]) for o in known]
        messages.record_outcomes(tx, message, failed)
        refused = [o for o in messages.outcomes(tx, message) if o.code >= 500]
        if refused:
            self._settle(tx, message, len(known), refused, fresh=failed)
        else:  # what the next hop said was never kept
            self._settle(tx, message, 1, [Outcome("", 550, "")], inbound.reply_text[:_LONGEST_REASON])

    def _settle(
        self,
        tx: Tx,
        message: int,
        recipients: int,
        refused: list[Outcome],
        reason: str | None = None,
        fresh: Sequence[Outcome] | None = None,
    ) -> None:
        """How it ended. `fresh` are those refusals that are heard now for the first time; None: all of them."""
        said = messages.message(tx, message)
        if said.delivery in (Delivery.UNDONE, Delivery.FAILED):
            return
        with self.changing(tx, said.ticket) as change:
            channel = said.channel or change.ticket.thread.channel
            self.learn_from(tx, change.ticket, message, refused if fresh is None else fresh, channel)
            self._reached(tx, channel, said, refused)
            self._tell_circular(tx, said)
            if not refused:
                messages.set_message(tx, message, delivery=Delivery.SENT, reason=None, send_at=None)
                change.happen([e.Delivered(at=tx.now, message=message, part=said.part)])
                return
            why = reason or "; ".join(f"{o.address}: {o.code} {o.text}" for o in refused)
            some = len(refused) < recipients
            messages.set_message(
                tx, message, delivery=Delivery.PARTLY if some else Delivery.FAILED, reason=why, send_at=None
            )
            failed = e.DeliveryFailed(
                at=tx.now,
                message=message,
                recipients=recipients,
                refused=len(refused),
                by=said.author or None,
                part=said.part,
            )
            change.happen([failed])
            waits = change.ticket.status in (Status.PENDING, Status.CLOSED)
            reached = some and people.folded(change.words.answer_to) not in {people.folded(o.address) for o in refused}
            if change.ticket.merged_into is not None:
                self._tell_where_it_goes_on(tx, change, said)
            elif waits and not reached and said.part in (Part.REPLY, Part.REMINDER):
                change.happen([e.Reopened(at=tx.now, message=message)])

    @staticmethod
    def _tell_circular(tx: Tx, said: Message) -> None:
        """Where it is one of many answers, agents see how far these have come."""
        if said.part is Part.REPLY and (known := circulars.that_says(tx, said.id)) is not None:
            ledger.add(tx, [show_circular(*known, stands=True)])

    def _tell_where_it_goes_on(self, tx: Tx, change: Change, said: Message) -> None:
        """What a merged ticket said last did not arrive: agents look at the one in which it goes on."""
        if said.part is not Part.REPLY:
            return
        with self.changing(tx, tickets.goes_on_in(tx, change.ticket.number)) as other:
            told = phrase(
                "An answer in ticket #{number}, which was merged into this one, did not arrive. See it there.",
                number=change.ticket.number,
            )
            remark(self, tx, other, "merged", told)

    def _reached(self, tx: Tx, channel: str, said: Message, refused: Sequence[Outcome]) -> None:
        """Who took an answer all the same, whom mail had not reached, is reached again."""
        failed = {people.folded(outcome.address) for outcome in refused}
        for address in said.marks.get("despite", ()):
            if people.folded(address) not in failed:
                self.reached(tx, channel, address)

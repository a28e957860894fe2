"""Use cases of answers that have left: give them other words, or take them from where the customer reads them."""

from __future__ import annotations

from typing import NamedTuple

from core.desk.linking import Linking
from core.desk.writing import remark
from core.effects import amend
from core.phrases import Phrase, Refused, phrase
from core.storage import ledger, messages, pieces, tickets
from core.storage.database import Tx, question, use_case
from core.templates.render import leftovers
from core.tickets import conversation
from core.tickets.channels import manner
from core.tickets.model import WITHDRAWN, By, Delivery, Letterhead, Message, Part

_THEIRS = "theirs"
"""The mark of a message whose copy at the customer's is being changed: the version that they have until then."""


class Amendment(NamedTuple):
    """What a message that has left says now, for whoever changes its copy: at which address, and by which ids its
    pieces are known there. `words` are those of its text; `files` the others; both are to go where it is withdrawn.
    """

    to: str
    text: str
    words: tuple[str, ...]
    files: tuple[str, ...]
    is_withdrawn: bool


class Amending(Linking):
    """Answers that have left. What cannot be changed where it is, is refused, or put back and said."""

    @use_case
    def amend(self, tx: Tx, message: int, by: By, text: str) -> None:
        """Give an answer that has left other words; the customer's copy follows. Raises Refused."""
        if not self.begin_act(tx, by):
            return
        said = self._changeable(tx, message)
        text = text.strip()
        if not text:
            raise Refused(phrase("An answer needs words. To take it back as a whole there is a button of its own."))
        if unfilled := leftovers(text):
            raise Refused(
                phrase("There is still a blank in it: {blank}. Fill it in, or take it out.", blank=unfilled[0])
            )
        self.refuse_links(tx, text)
        if text == said.text:
            return
        with self.changing(tx, said.ticket) as change:
            self._begin(tx, said, text=text, reply_text=text, edited_at=tx.now)
            change.happen(conversation.change_reply(message, by, tx.now))

    @use_case
    def withdraw(self, tx: Tx, message: int, by: By) -> None:
        """Take an answer that has left from where the customer reads it, with its files. Raises Refused."""
        if not self.begin_act(tx, by):
            return
        said = self._changeable(tx, message)
        with self.changing(tx, said.ticket) as change:
            self._begin(tx, said, text="", reply_text="", deleted_at=tx.now)
            messages.mark(tx, messages.message(tx, message), **{WITHDRAWN: True})
            change.happen(conversation.withdraw_reply(message, by, tx.now))

    @question
    def sent_answer(self, tx: Tx, message: int) -> Message:
        """An answer that can be changed, as it is now. Raises Refused where it cannot."""
        return self._changeable(tx, message)

    @question
    def amendment(self, tx: Tx, message: int) -> Amendment | None:
        """What the customer's copy is to say; None where it says that already."""
        said = messages.message(tx, message)
        if _THEIRS not in said.marks:
            return None
        left = pieces.of(tx, message).ids
        words = max(len(left) - len(said.attachments), 0)
        to = Letterhead.as_said(said.marks).to.address
        return Amendment(to, said.text, left[:words], left[words:], said.deleted_at is not None)

    @use_case
    def amended(self, tx: Tx, message: int, wanted: Amendment, gone: tuple[str, ...] = ()) -> None:
        """The customer's copy says it now; these of its pieces are gone. What was changed again since follows."""
        pieces.gone(tx, message, gone)
        said = messages.message(tx, message)
        if (said.text, said.deleted_at is not None) == (wanted.text, wanted.is_withdrawn):
            messages.mark(tx, said, **{_THEIRS: None})

    @use_case
    def not_amended(self, tx: Tx, message: int, why: Phrase | str) -> None:
        """The customer's copy cannot be changed: the message says again what they have, and agents are told."""
        said = messages.message(tx, message)
        if _THEIRS not in said.marks:
            return
        theirs = messages.version(tx, message, said.marks[_THEIRS])
        with self.changing(tx, said.ticket) as change:
            if said.text:
                messages.keep_version(tx, said)
            back = {"text": theirs, "reply_text": theirs, "deleted_at": None, "edited_at": None}
            messages.set_message(tx, message, **back)
            messages.mark(tx, said, **{_THEIRS: None, WITHDRAWN: None})
            change.happen(conversation.revise(message, tx.now))
            told = phrase(
                "An answer of {name} could not be changed where the customer reads it, and stands there as it was: "
                "{reason}",
                name=said.author_name,
                reason=why,
            )
            if said.text:
                told = phrase("{first}\n\nThese were the new words:\n\n{text}", first=told, text=said.text)
            remark(self, tx, change, "amending", told)

    def _begin(self, tx: Tx, said: Message, **values: object) -> None:
        """Other words, and what is to be done for them outside. Of what is being changed already it stays known what
        the customer has.
        """
        version = messages.keep_version(tx, said)
        messages.set_message(tx, said.id, **values)
        messages.mark(tx, said, **{_THEIRS: said.marks.get(_THEIRS, version)})
        channel, to = said.channel or "", Letterhead.as_said(said.marks).to.address
        ledger.add(tx, [amend(said.ticket, channel, said.id, to)])

    def _changeable(self, tx: Tx, message: int) -> Message:
        """The answer. Raises Refused with what speaks against changing it."""
        said = messages.message(tx, message)
        if (why := unchangeable(tx, said)) is not None:
            raise Refused(why)
        return said


def unchangeable(tx: Tx, said: Message) -> Phrase | None:
    """Why an answer cannot be changed or taken back now; None where it can."""
    if said.part is not Part.REPLY:
        return phrase("Only an agent's answer can be changed or taken back.")
    if said.deleted_at is not None or said.delivery in (Delivery.UNDONE, Delivery.FAILED):
        return phrase("The customer does not have this answer, so there is nothing to change.")
    channel = said.channel or tickets.look(tx, said.ticket)[0].thread.channel
    if not manner(channel).changes:
        return phrase(
            "What was sent this way stays as it left: mail cannot be changed or taken back. Send another answer "
            "that puts it right."
        )
    if said.delivery is not Delivery.SENT:
        return phrase("This answer is on its way. When it has arrived it can be changed or taken back.")
    if not pieces.of(tx, said.id).ids:
        return phrase(
            "{name} wrote this in the customer's thread. It can be changed there, by whoever wrote it.",
            name=said.author_name,
        )
    return None

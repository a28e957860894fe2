"""What somebody makes of a message of theirs that was heard already: other words, other files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.desk.house import House
from core.desk.writing import remark
from core.phrases import phrase
from core.storage import messages
from core.storage.blobs import digest_of
from core.storage.database import Tx
from core.tickets import conversation
from core.tickets.model import PIECES, Inbound, Message


class Revising(House):
    """Messages that are changed by who wrote them."""

    def revised(self, tx: Tx, inbound: Inbound) -> int | None:
        """Give a message that was heard the words that its writer gave it since. None: it was never heard."""
        said = self._heard_before(tx, inbound)
        if said is None:
            return None
        at = inbound.sent_at or tx.now
        if said.edited_at is not None and at < said.edited_at:
            return said.ticket
        pieces = _pieces(said, inbound)
        text = _joined(pieces) if pieces else inbound.text
        if text == said.text:  # it was heard with these words
            messages.set_message(tx, said.id, edited_at=at)
            return said.ticket
        with self.changing(tx, said.ticket) as change:
            messages.keep_version(tx, said)
            reply_text = text if pieces else inbound.reply_text
            messages.set_message(tx, said.id, text=text, reply_text=reply_text, edited_at=at)
            if pieces:
                messages.mark(tx, said, **{PIECES: pieces})
            change.happen(conversation.revise(said.id, tx.now))
            answered = change.ticket.replied_at
            if answered is not None and said.at < answered:  # an edit calls nobody, and they may rely on the old words
                told = phrase(
                    "{name} has changed a message that was answered already. Its new words stand where it stood.",
                    name=said.author_name or inbound.sender.address,
                )
                remark(self, tx, change, "revised", told)
        return said.ticket

    def exchanged(self, tx: Tx, inbound: Inbound) -> Inbound | None:
        """The files that its writer put in the place of others, as a message of their own: what was heard stays as it
        is, and what is new is something to look at. None where there are none.
        """
        said = self._heard_before(tx, inbound)
        if said is None or not inbound.files:
            return None
        digests = {digest_of(file.content): file for file in inbound.files}
        known = messages.are_there(tx, said.ticket, digests.keys())
        new = tuple(file for digest, file in digests.items() if digest not in known)
        if not new:
            return None
        with self.changing(tx, said.ticket) as change:
            told = phrase(
                "{name} has exchanged a file of an earlier message. The new one follows; the one before stands where "
                "it stood.",
                name=said.author_name or inbound.sender.address,
            )
            remark(self, tx, change, "exchanged", told)
        at = int((inbound.sent_at or tx.now).timestamp())
        id = f"{inbound.external_id}/{at}"
        same = {"text": "", "reply_text": "", "in_reply_to": inbound.external_id, "edited": False, "not_had": ()}
        return replace(inbound, files=new, external_id=id, **same)

    @staticmethod
    def _heard_before(tx: Tx, inbound: Inbound) -> Message | None:
        """The message that has these words now, or had others."""
        found = messages.known(tx, inbound.channel, [inbound.external_id])
        mine = next((id for _, _, id, part in found if not part.goes_out), None)
        return None if mine is None else messages.message(tx, mine)


def _pieces(said: Message, inbound: Inbound) -> list[list[str]]:
    """What each piece of a message says now, where it came in pieces; nothing where it did not."""
    kept: Sequence[Sequence[str]] = said.marks.get(PIECES) or ()
    return [[id, inbound.text if id == inbound.external_id else text] for id, text in kept]


def _joined(pieces: Sequence[Sequence[str]]) -> str:
    return "\n".join(text for _, text in pieces if text)

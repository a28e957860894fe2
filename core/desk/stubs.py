"""Use cases of mail that cannot be read: an agent sees that it came, from whom and with its bytes, and can answer."""

from __future__ import annotations

from dataclasses import replace

from core.desk.holding import BLOCKED
from core.desk.intake import Intake
from core.phrases import phrase
from core.storage import blocked, inbox, people, tallies
from core.storage.database import Tx, use_case
from core.storage.troubles import Trouble
from core.templates.locales import translate
from core.tickets.blocking import patterns_of
from core.tickets.follow_up import Match
from core.tickets.model import File, Inbound, Nature
from core.tickets.tallies import Tally


class Stubs(Intake):
    """What comes in, and cannot be read."""

    @use_case
    def keep_out(self, tx: Tx, id: int, state: str, reason: str, head: Inbound | None = None) -> int | None:
        """What came in could not be understood ("unreadable") or is not let in ("suspended"); it is kept.

        `head` is what can be told of it all the same: then it opens a ticket, whose number is returned, with the mail
        as a file; nobody is acknowledged. Read again with success, its words come into that ticket, and so they do
        where the same mail comes again and can be read then. Where it comes again and cannot, there is that one ticket.
        """
        if not inbox.settle(tx, id, state, reason) or state != "unreadable":
            return None
        tallies.count(tx, Tally.UNREADABLE)
        piece = inbox.get(tx, id)
        assert piece is not None
        if head is not None and blocked.first_of(tx, patterns_of(people.folded(head.sender.address))):
            self.hold(tx, id, BLOCKED, head, "blocked")
            return None
        said = phrase("A mail could not be read, and is kept out: {reason}", reason=reason)
        self.alarm(tx, Trouble(said, command=f"deskbell inbox replay {id}"))
        book = self.book_in(tx)
        if head is None or piece.message is not None or book.mailbox_for(head.sender.address) is not None:
            return None
        sender = people.folded(head.sender.address)
        stub = next((one.message for one in inbox.unread(tx, head.external_id, sender, id) if one.message), None)
        who = {"name": head.sender.name, "address": head.sender.address, "subject": head.subject}
        inbox.describe(tx, id, external_id=head.external_id, sender=sender, facts=who, message=stub)
        if stub is not None:
            return None
        words = translate(
            phrase(
                "The desk could not read this mail ({reason}). It is attached as it came. Whoever runs the desk can "
                "have it read again: deskbell inbox replay {id}",
                reason=reason,
                id=id,
            ),
            book.desk.locale,
        )
        raw = File("message.eml", "message/rfc822", tx.blobs.get(tx, piece.digest) if piece.digest else b"")
        # A machine's, as far as the desk can say: so nobody is acknowledged, and nothing goes round.
        stub = replace(head, text=words, reply_text=words, nature=Nature.AUTO_GENERATED, files=(raw,))
        return self._hear(tx, stub, Match(None, None, "stub"), people.person_at(tx, head.sender), id)

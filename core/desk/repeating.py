"""One message that came by several ways: it is heard once, and which of our mailboxes it came to is known."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from core.desk.holding import CAME_AGAIN
from core.desk.house import Change, House
from core.desk.writing import remark
from core.phrases import phrase
from core.storage import inbox, messages
from core.storage.database import Tx
from core.templates.locales import translate
from core.tickets.model import Inbound

WITHIN = timedelta(days=30)
"""What says the same after so long was meant to be said again."""


class Repeating(House):
    """What comes again."""

    def hear_again(self, tx: Tx, inbound: Inbound, id: int, first: int, hear: Callable[[], int | None]) -> int | None:
        """Take a delivery for the repeat that it is, or `hear` it: where the first one was long ago, or was kept out.

        What is kept out by one way may be let in by another, and then there is nothing to look after any more.
        """
        earlier = inbox.get(tx, first)
        assert earlier is not None
        if earlier.state != "suspended" and tx.now - earlier.at <= WITHIN:
            inbox.repeat(tx, id, first, earlier.message, CAME_AGAIN.text)
            if earlier.message is not None:
                self._note_doors_of(tx, inbound, earlier.message)
            return None
        inbox.take_place(tx, id, first, inbound.likeness)
        number = hear()
        if earlier.state != "suspended":
            return number
        if number is not None:
            inbox.repeat(tx, first, id, None, CAME_AGAIN.text)
        else:
            inbox.take_place(tx, first, id, inbound.likeness)
            inbox.repeat(tx, id, first, None, CAME_AGAIN.text)
        return number

    def _note_doors_of(self, tx: Tx, inbound: Inbound, message: int) -> None:
        """Say that a message came to others of our mailboxes, too, where it opened its ticket."""
        number = messages.message(tx, message).ticket
        if messages.opening(tx, number) == message:
            with self.changing(tx, number) as change:
                note_other_doors(self, tx, change, (inbound.door, *inbound.also_to))


def note_other_doors(house: House, tx: Tx, change: Change, doors: Collection[str]) -> None:
    """One mail is one ticket, whichever of our mailboxes it came to: who answers has to know of the others, once."""
    book = house.book_in(tx)
    found = {box.address: box for address in doors if (box := book.mailbox_for(address)) is not None}
    others = [address for address in found if address != change.ticket.door]
    if not others:
        return
    said = phrase("The customer sent this to {others} too. There is only this one ticket.", others=others)
    if not messages.is_noted(tx, change.ticket.number, translate(said, book.desk.locale)):
        remark(house, tx, change, "mailboxes", said)

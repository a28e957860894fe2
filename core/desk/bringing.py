"""Use cases of what a partner brings and sees: its own tickets, and of these what its customers may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from core.desk import tasking
from core.desk.house import House
from core.desk.owned import Owned, as_owned, is_seen, owned, seen
from core.effects import receive
from core.pacing import may_at, rate_of, took
from core.phrases import DeskError, NotFound, phrase
from core.storage import inbox, messages, paces, sources, tickets, ways
from core.storage.blobs import digest_of
from core.storage.database import Tx, question, use_case
from core.storage.inbox import Piece
from core.storage.schema import indexable
from core.tickets import lifecycle
from core.tickets.model import Attachment, By, Message, Status
from core.tickets.sources import CHANNEL, address, door


class TooFast(DeskError):
    """A source asks for more at once than is good for the others."""

    def __init__(self, after: timedelta):
        super().__init__(phrase("That is too much at once. Try again in {seconds} s.", seconds=seconds_of(after)))
        self.after = after


class OtherWords(DeskError):
    """The same key came with something else before."""

    def __init__(self) -> None:
        super().__init__(
            phrase(
                "This Idempotency-Key came before with another body. Give each message a key of its own, and repeat a "
                "message with the same bytes."
            )
        )


class GoesOnElsewhere(DeskError):
    """A source wants to change a ticket whose customer is not spoken with by it any more."""

    def __init__(self, number: int) -> None:
        super().__init__(
            phrase(
                "Ticket #{number} goes on elsewhere: its customer is answered on another channel now. Once they write "
                "by you again, it is yours to change.",
                number=number,
            )
        )


class Brought(NamedTuple):
    """A message that a source brought, by its number in the inbox. `again`: it was here already."""

    id: int
    again: bool


class Came(NamedTuple):
    """What became of something that was brought: its message and ticket, where it has them by now."""

    piece: Piece
    message: Message | None


class Place(NamedTuple):
    """Where a message of a source goes: a conversation, and the ticket or the message that it names."""

    thread: str
    answer_to: str
    ticket: int | None = None
    answers: str | None = None  # the channel's id of the message
    queue: str | None = None  # where the source's new tickets go


class Bringing(House):
    """What partners do."""

    @use_case
    def bring(self, tx: Tx, source: str, key: str, lane: str, envelope: Mapping[str, Any], raw: bytes) -> Brought:
        """Keep what a source brought, and ask for it to be understood. The same `key` is the same message.

        Raises OtherWords where that came with other bytes, TooFast where there is too much.
        """
        named, digest = f"{source}:{key}", digest_of(raw)
        known = inbox.by_key(tx, CHANNEL, named)
        if known is None:
            self._keep_pace(tx, source)
            id = inbox.take_in(tx, CHANNEL, named, envelope, digest, raw, lambda id: receive(CHANNEL, id, lane))
            if id is not None:
                return Brought(id, False)
            known = inbox.by_key(tx, CHANNEL, named)  # somebody was quicker
        assert known is not None
        if known.digest != digest:
            raise OtherWords
        return Brought(known.id, True)

    @question
    def came(self, tx: Tx, source: str, id: int) -> Came:
        """What became of what a source brought under this number. Raises NotFound."""
        piece = inbox.get(tx, id)
        if piece is None or piece.channel != CHANNEL or piece.envelope.get("source") != source:
            raise NotFound(phrase("There is no message {id} of yours.", id=id))
        return Came(piece, messages.message(tx, piece.message) if piece.message is not None else None)

    @question
    def place_of(self, tx: Tx, source: str, ticket: int, answers: int, thread: str) -> Place:
        """Where a message goes that names a ticket or a message of ours, or neither (0). Raises NotFound."""
        external: str | None = None
        if answers:
            said = seen(tx, source, answers)
            ticket, external = (ticket or said.ticket), said.external_id
        if not ticket:
            where, known = address(source, thread), sources.find(tx, source)
            return Place(where, where, queue=known.queue if known else None)
        found = owned(tx, source, ticket)
        return Place(found.thread, found.answer_to, ticket, external)

    @question
    def own_ticket(self, tx: Tx, source: str, number: int) -> Owned:
        """A ticket of a source, also while it goes on elsewhere. Raises NotFound for everybody else's, too."""
        return owned(tx, source, number)

    @question
    def own_tickets(
        self, tx: Tx, source: str, thread: str, status: Status | None, after: int, most: int
    ) -> list[Owned]:
        """A source's tickets by number, from behind `after`; of one thread, of one status."""
        key = indexable(address(source, thread)) if thread else None
        found = tickets.of_door(tx, CHANNEL, door(source), key, status, after, most)
        known = ways.of_each(tx, [ticket.number for ticket, _ in found])
        seen_as = (as_owned(source, ticket, words, known.get(ticket.number, ())) for ticket, words in found)
        return [one for one in seen_as if one is not None]

    @question
    def own_messages(self, tx: Tx, source: str, number: int) -> list[Message]:
        """What was said in a ticket that its customer has seen, or may see. Raises NotFound."""
        others = owned(tx, source, number).others
        return [one for one in messages.conversation(tx, number) if is_seen(one, others)]

    @question
    def own_file(self, tx: Tx, source: str, message: int, position: int) -> Attachment:
        """A file of such a message. Raises NotFound."""
        files = seen(tx, source, message).attachments
        if position >= len(files):
            raise NotFound(phrase("There is no such file."))
        return files[position]

    @use_case
    def set_own_status(self, tx: Tx, source: str, number: int, status: Status) -> Owned:
        """Close a ticket of a source, or open it again; where it is so already, nothing happens. Raises NotFound,
        GoesOnElsewhere.
        """
        found = owned(tx, source, number)
        if not found.is_here:
            raise GoesOnElsewhere(number)
        by = By(door(source))
        self._keep_pace(tx, source)
        with self.changing(tx, number) as change:
            is_closed = change.ticket.status is Status.CLOSED
            if status is Status.CLOSED and not is_closed:
                change.happen(lifecycle.close(change.ticket, by, tx.now))
                tasking.note_go_on(self, tx, change)
            elif status is not Status.CLOSED and is_closed:
                change.happen(lifecycle.reopen(change.ticket, by, tx.now))
        return found._replace(ticket=change.ticket)

    def _keep_pace(self, tx: Tx, source: str) -> None:
        name = f"{CHANNEL}-in:{source}"
        rate, known = rate_of(name), paces.hold(tx, {name}).get(name)
        free = may_at(known, rate, tx.now)
        if free > tx.now:
            raise TooFast(free - tx.now)
        paces.keep(tx, {name: took(known, rate, tx.now)})


def seconds_of(span: timedelta) -> int:
    """Whole seconds, at least one: as Retry-After says it."""
    return max(1, -(-span // timedelta(seconds=1)))

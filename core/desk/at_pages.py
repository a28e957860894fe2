"""Use cases of requesters at pages of ours: what they see of their ticket, and what they write and do there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from core.desk import tasking
from core.desk.house import House
from core.desk.keeping_out import OPERATOR, ago, who
from core.desk.writing import link_to, remark
from core.effects import receive
from core.phrases import DeskError, NotFound, Phrase, phrase
from core.rulebook.kinds import is_zone
from core.storage import inbox, keys, ledger, links, messages, paces, people, tickets
from core.storage.blobs import Draft, digest_of
from core.storage.database import Tx, question, use_case
from core.tickets import lifecycle, passes, satisfaction
from core.tickets.channels import manner
from core.tickets.follow_up import Bearer, token
from core.tickets.model import REQUESTER, Address, Attachment, By, Inbound, Letterhead, Message, Part, Status, Ticket
from core.tickets.passes import Pass, Purpose
from core.tickets.seen import is_seen
from core.tickets.written import CHANNEL, Act, Written, lane_of

MOST_UNHEARD = 20
"""Of what was written and is not understood yet, so much is shown."""


class Words(NamedTuple):
    """Something said in a ticket, as its requester sees it. `message` 0: it is kept, and not understood yet."""

    message: int
    by_us: bool
    by_itself: bool  # the desk wrote it, and no person
    name: str
    text: str
    at: datetime
    files: tuple[Attachment, ...] = ()
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A ticket as its requester sees it."""

    bearer: Pass
    subject: str
    desk: str
    status: Status
    language: str | None
    time_zone: str
    said: Sequence[Words]
    can_rate: bool = False
    rating: int | None = None

    @property
    def is_closed(self) -> bool:
        return self.status is Status.CLOSED


class TooMuch(DeskError):
    """A page is written on more often than people write."""

    def __init__(self) -> None:
        super().__init__(
            phrase("That was very much in a short time. This was not taken: please send it again in a minute.")
        )


class TakenBack(NamedTuple):
    """That a ticket's links were taken back: by whom, and how long ago (negative)."""

    by: str | Phrase
    ago: timedelta


class AtPages(House):
    """Requesters at pages of ours."""

    def drafting(self) -> AbstractContextManager[Draft]:
        """A draft of a file that comes piece by piece."""
        return self.db.blobs.drafting()

    def shelve_draft(self, draft: Draft) -> None:
        """Put a large file on disk before the transaction that refers to it. Blocks."""
        self.db.blobs.shelve(draft)

    @question
    def bearer(self, tx: Tx, purpose: Purpose, said: str) -> Pass | None:
        """Whom a link was made for that holds; None for every other, whatever is wrong with it."""
        found = self._bearer(tx, purpose, said)
        return found[0] if found else None

    @question
    def visit(self, tx: Tx, said: str) -> Visit | None:
        """What whoever has this link sees; None as for `bearer`."""
        found = self._bearer(tx, Purpose.READ, said)
        if found is None:
            return None
        bearer, ticket = found
        book, person = self.book_in(tx), people.person(tx, bearer.person)
        _, words = tickets.look(tx, ticket.number)
        now = self._goes_on(tx, ticket)
        zone = people.zone_of(tx, person.id)
        return Visit(
            bearer=bearer,
            subject=words.subject,
            desk=book.desk.name,
            status=now.status,
            language=ticket.language or person.language,
            time_zone=zone if zone and is_zone(zone) else book.desk.time_zone,
            can_rate=now is ticket and satisfaction.can_rate(ticket) and self.queue_of(tx, ticket).rating,
            rating=ticket.rating,
            said=[
                *(self._as_seen(one) for one in self._seen(tx, ticket)),
                *self._unheard(tx, ticket.number, person.name),
            ],
        )

    @question
    def file_seen(self, tx: Tx, said: str, message: int, position: int) -> Attachment | None:
        """A file of what whoever has this link sees."""
        found = self._bearer(tx, Purpose.READ, said)
        if found is None:
            return None
        shown = next((one for one in self._seen(tx, found[1]) if one.id == message), None)
        return shown.files[position] if shown is not None and position < len(shown.files) else None

    @question
    def blob_part(self, tx: Tx, digest: str, position: int) -> bytes:
        """A part of a file's bytes; empty behind the last one."""
        return tx.blobs.part(tx, digest, position)

    async def parts(self, digest: str) -> AsyncGenerator[bytes]:
        """A file's bytes, part by part: however large it is, no more than one is in memory."""
        position = 0
        while part := await self.blob_part.soon(digest, position):
            yield part
            position += 1

    @use_case
    def write_down(self, tx: Tx, key: str, written: Written, drafts: Sequence[Draft] = ()) -> int | None:
        """Keep what was written on a page, with its files, and ask for it to be heard. None: it was here already.

        Raises TooMuch where one link brings more than a person writes: it may be in wrong hands.
        """
        if inbox.by_key(tx, CHANNEL, key) is not None:
            return None
        if not paces.take(tx, f"page:{written.ticket}"):
            raise TooMuch
        for draft in drafts:
            tx.blobs.put_draft(tx, draft)
        raw = written.as_kept()
        envelope = {"act": written.act.value, "ticket": written.ticket}
        lane = lane_of(written.ticket)
        return inbox.take_in(tx, CHANNEL, key, envelope, digest_of(raw), raw, lambda id: receive(CHANNEL, id, lane))

    @question
    def is_heard(self, tx: Tx, id: int) -> bool:
        """Whether something became of what was written down."""
        piece = inbox.get(tx, id)
        return piece is None or piece.state not in inbox.OPEN

    @question
    def as_inbound(self, tx: Tx, id: int, written: Written) -> Inbound:
        """What was written into a ticket, as if it had come by the ticket's own channel. Raises NotFound."""
        known = tickets.look(tx, written.ticket)[0]
        ticket, words = tickets.look(tx, self._goes_on(tx, known).number)
        channel, person = ticket.thread.channel, people.person(tx, written.person)
        letters = manner(channel).letters
        generation, key = max(self.keys_in(tx).items())
        domain = ticket.door.rpartition("@")[2] or "deskbell.invalid"
        last = messages.last_sent(tx, ticket.number) if letters else None
        return Inbound(
            channel=channel,
            sender=Address(channel, people.address_of(tx, person.id, channel), person.name),
            door=ticket.door,
            external_id=f"<page.{id}@{domain}>" if letters else f"page:{id}",
            text=written.text,
            reply_text=written.text,
            subject=words.subject if letters else "",
            reply_to=words.answer_to or None,
            answerable=bool(words.answer_to),
            in_reply_to=last,
            reply_tokens=(token(key, Bearer(known.number, person.id), generation),),
            thread="" if letters else ticket.thread.key,
            kept=written.files,
        )

    @use_case
    def close_at_page(self, tx: Tx, id: int, written: Written) -> None:
        """The requester says that their ticket is settled; `id` is what came in of that."""
        if not inbox.settle(tx, id, "done", "the requester says that it is settled"):
            return
        now = self._goes_on(tx, tickets.look(tx, written.ticket)[0])
        with self.changing(tx, now.number) as change:
            if change.ticket.status is not Status.CLOSED and change.ticket.requester == written.person:
                change.happen(lifecycle.close(change.ticket, REQUESTER, tx.now))
                tasking.note_go_on(self, tx, change)

    @question
    def link(self, tx: Tx, number: int, purpose: Purpose) -> str:
        """A link for a ticket's requester; empty where the installation has no pages. Raises NotFound."""
        return link_to(self, tx, tickets.look(tx, number)[0], purpose)

    @use_case
    def take_links_back(self, tx: Tx, number: int | None = None, by: By = OPERATOR) -> None:
        """No link of this ticket (None: of any) leads anywhere any more; those that are given from now on do. The
        ticket says which agent wanted that.
        """
        if not self.begin_act(tx, by):
            return
        if number is None:
            keys.renew(tx, "page")
            return
        if by == OPERATOR:  # nobody whom colleagues could ask; the window in which one does so says it
            tickets.look(tx, number)
            links.take_back(tx, number, by.agent)
            return
        with self.changing(tx, number) as change:
            links.take_back(tx, number, by.agent)
            said = phrase(
                "{name} took back the links to the customer's page: none that was given until now leads anywhere.",
                name=who(by.agent, people.names(tx)),
            )
            remark(self, tx, change, "links", said)

    @question
    def links_taken_back(self, tx: Tx, number: int) -> TakenBack | None:
        """When that was done last for a ticket, and by whom."""
        last = links.taken_back(tx, number)
        if last is None:
            return None
        return TakenBack(who(last.by or OPERATOR.agent, people.names(tx)), ago(last.at, tx.now))

    # How it is done

    def _bearer(self, tx: Tx, purpose: Purpose, said: str) -> tuple[Pass, Ticket] | None:
        bearer = passes.read(keys.generations(tx, "page"), purpose, said)
        if bearer is None or not bearer.holds(tx.now, links.seed_of(tx, bearer.ticket)):
            return None
        try:
            ticket, _ = tickets.look(tx, bearer.ticket)
        except NotFound:
            return None
        return (bearer, ticket) if ticket.requester == bearer.person else None

    @staticmethod
    def _goes_on(tx: Tx, ticket: Ticket) -> Ticket:
        """The ticket that one goes on in, where the same requester has that; else itself. Somebody else's words are
        seen by nobody, whoever was found to be one person with whom.
        """
        there = tickets.goes_on_in(tx, ticket.number)
        now = tickets.look(tx, there)[0] if there != ticket.number else ticket
        return now if now.requester == ticket.requester else ticket

    def _seen(self, tx: Tx, ticket: Ticket) -> list[Message]:
        """What its requester sees of a ticket; of one that goes on in another of theirs, of that one, too."""
        now = self._goes_on(tx, ticket)
        said = self._seen_in(tx, ticket)
        return sorted([*said, *self._seen_in(tx, now)], key=lambda one: one.at) if now is not ticket else said

    def _seen_in(self, tx: Tx, ticket: Ticket) -> list[Message]:
        theirs = {one.address.casefold() for one in people.addresses(tx, ticket.requester)}
        in_one_room = not manner(ticket.thread.channel).letters
        said = messages.conversation(tx, ticket.number)
        return [one for one in said if is_seen(one, ticket.requester, theirs, in_one_room)]

    @staticmethod
    def _as_seen(message: Message) -> Words:
        head = Letterhead.as_said(message.marks) if "from" in message.marks else None
        return Words(
            message=message.id,
            by_us=message.part.goes_out,
            by_itself=message.part not in (Part.REQUESTER, Part.REPLY),
            name=head.door_name if head else message.author_name,
            text=message.reply_text or message.text,
            at=message.at,
            files=message.files,
            is_edited=message.edited_at is not None,
        )

    def _unheard(self, tx: Tx, number: int, name: str) -> list[Words]:
        """What they wrote just now."""
        found: list[Words] = []
        for id in ledger.unheard_in(tx, receive(CHANNEL, 0, lane_of(number)).lane, MOST_UNHEARD):
            piece = inbox.get(tx, id)
            if piece is None or piece.state not in inbox.OPEN or piece.digest is None:
                continue
            written = Written.as_said(tx.blobs.get(tx, piece.digest))
            if written.act not in (Act.CLOSE, Act.RATE):
                found.append(Words(0, False, False, name, written.text, piece.at, written.files))
        return found

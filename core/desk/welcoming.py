"""Use cases of the contact form: what anybody may write of whom nothing is known, and what becomes of it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from core.desk.house import House
from core.effects import hash_of, receive
from core.storage import inbox, keys, paces, people
from core.storage.blobs import Draft, digest_of
from core.storage.database import Tx, question, use_case
from core.tickets import brakes, passes
from core.tickets.model import Address, Inbound, Trail
from core.tickets.written import CHANNEL, Written

MANY_FORMS = "contact form: many messages in the name of this address"


class Contact(NamedTuple):
    """Where one may write to: the queue's name in addresses of pages, what customers read, and the mailbox."""

    queue: str
    title: str
    door: str


class Welcome(NamedTuple):
    """What a contact form shows. `stamp` says when it was shown."""

    desk: str
    locale: str
    time_zone: str
    contacts: tuple[Contact, ...]
    stamp: str


class Welcoming(House):
    """Whoever writes for the first time."""

    @question
    def welcome(self, tx: Tx, queue: str | None = None) -> Welcome:
        """The form; with one of the queues only where that is named. Without contacts where there is none."""
        book = self.book_in(tx)
        open_to = [one for one in book.queues if one.contact and queue in (None, one.name)]
        found = [(one, book.mailbox_of(one.name)) for one in open_to]
        return Welcome(
            book.desk.name,
            book.desk.locale,
            book.desk.time_zone,
            tuple(Contact(one.name, box.name, box.address) for one, box in found if box is not None),
            passes.stamped(keys.generations(tx, "page"), tx.now, secrets.randbits(32)),
        )

    @question
    def open_since(self, tx: Tx, stamp: str) -> timedelta | None:
        """For how long a form has been open; None where we showed no such one."""
        found = passes.stamp(keys.generations(tx, "page"), stamp)
        return found.age(tx.now) if found else None

    @use_case
    def may_write(self, tx: Tx, network: str) -> bool:
        """Whether a form is taken from this network now."""
        return paces.take(tx, f"form-network:{network}")

    @use_case
    def write_first(self, tx: Tx, key: str, written: Written, drafts: Sequence[Draft] = ()) -> int | None:
        """Keep what somebody wrote for the first time, as `write_down` does. Many in the name of one address are held;
        of very many in all nobody is told that we have them.
        """
        for draft in drafts:
            tx.blobs.put_draft(tx, draft)
        who = people.folded(written.address)
        if not paces.take(tx, f"form-address:{hash_of(who):08x}"):
            written = replace(written, signs=(*written.signs, MANY_FORMS))
        if not paces.take(tx, "form:all"):
            written = replace(written, quiet=True)
        raw = written.as_kept()
        envelope = {"act": written.act.value, "mail_from": written.address}
        lane = f"from:{who}"
        return inbox.take_in(tx, CHANNEL, key, envelope, digest_of(raw), raw, lambda id: receive(CHANNEL, id, lane))

    @question
    def as_first(self, tx: Tx, id: int, written: Written) -> Inbound:
        """What somebody wrote for the first time, as if they had sent a mail; but nobody vouches for their address.

        It never goes into a ticket that there is: whose address somebody types says nothing of who they are.
        """
        sender = Address("email", written.address, written.name)
        domain = written.door.rpartition("@")[2]
        return Inbound(
            channel="email",
            sender=sender,
            is_own_name=people.person_at(tx, sender) is None,
            door=written.door,
            external_id=f"<page.{id}@{domain}>",
            text=written.text,
            reply_text=written.text,
            subject=written.subject,
            goes_to=0,
            kept=written.files,
            spam=written.signs,
            by_form=True,
            by_name=not written.quiet,
            trail=Trail(gist=brakes.gist(written.subject, written.text)),
        )

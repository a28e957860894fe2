"""Mail at the door: which addresses are ours, and that a mail is kept before its sender is told 250."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from core.desk import Desk
from core.rulebook import Rulebook
from gateways.email.envelope import Envelope

LARGE = 64 * 1024
"""Bytes from which a mail is dealt with in a thread: it would keep the event loop from others."""

BOOK_KEPT = timedelta(seconds=1)
"""How long the rulebook that recipients are looked up in may be out of date: a question for each would cost more than
the rest of the session."""

_FORGET = timedelta(minutes=1)


class Arrivals:
    """What an SMTP door asks of the desk.

    `at_hand`: bytes of mails to remember for whoever understands them next, where that is this very process.
    """

    def __init__(self, desk: Desk, at_hand: int = 0, clock: Callable[[], float] = time.monotonic):
        self.desk = desk
        self._clock = clock
        self._book: tuple[float, Rulebook] | None = None
        self._room = at_hand
        self._at_hand: dict[int, tuple[float, Envelope, bytes]] = {}

    async def serves(self, address: str) -> bool:
        """Whether an address is one of our mailboxes."""
        return (await self._rulebook()).mailbox_for(address) is not None

    async def serves_domain(self, domain: str) -> bool:
        """Whether any mailbox of ours is at this domain: then its postmaster and abuse are ours too."""
        wanted = domain.casefold()
        return any(m.address.rpartition("@")[2].casefold() == wanted for m in (await self._rulebook()).mailboxes)

    async def keep(self, raw: bytes, envelope: Envelope) -> None:
        """Commit a mail as it came, with the job to understand it."""
        digest = sha256(raw).hexdigest()
        if len(raw) > LARGE:
            await asyncio.to_thread(self.desk.shelve, raw, digest)
        # Our 250 may be lost: then the same server sends the same bytes to the same people once more.
        key = sha256("\0".join([digest, *envelope.rcpt_tos]).encode()).hexdigest()
        lane = envelope.mail_from.casefold()
        id = await self.desk.accept.soon("email", key, lane, envelope.to_json(), raw, digest)
        if id is not None:
            self._remember(id, envelope, raw)

    def take(self, id: int) -> tuple[Envelope, bytes] | None:
        """A mail that came in here a moment ago, once; the store has it in any case."""
        found = self._at_hand.pop(id, None)
        if found is None:
            return None
        _, envelope, raw = found
        self._room += len(raw)
        return envelope, raw

    def _remember(self, id: int, envelope: Envelope, raw: bytes) -> None:
        now = self._clock()
        while self._at_hand and len(raw) > self._room:  # what nobody has taken for so long was done by somebody else
            oldest, (since, _, _) = next(iter(self._at_hand.items()))
            if now - since < _FORGET.total_seconds():
                return
            self.take(oldest)
        if len(raw) <= self._room:
            self._room -= len(raw)
            self._at_hand[id] = now, envelope, raw

    async def _rulebook(self) -> Rulebook:
        now = self._clock()
        if self._book is None or now - self._book[0] > BOOK_KEPT.total_seconds():
            self._book = now, await self.desk.book.soon()
        return self._book[1]

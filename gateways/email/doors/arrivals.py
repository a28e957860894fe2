"""Mail at the door: which addresses are ours, and that a mail is kept before its sender is told 250."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from core.desk import Desk
from core.rulebook import Rulebook
from gateways.email.envelope import Envelope
from gateways.email.rewritten import as_it_was, own_form

LARGE = 64 * 1024
"""Bytes from which a mail is dealt with in a thread: it would keep the event loop from others."""

BOOK_KEPT = timedelta(seconds=1)
"""How long the rulebook that recipients are looked up in may be out of date: a question for each would cost more than
the rest of the session."""

_FORGET = timedelta(minutes=1)

LULL = timedelta(milliseconds=5)
"""So long after a mail has come, no other is on its way."""
FLOOD = timedelta(milliseconds=500)
"""How long understanding is held at most while mails keep coming; then it has a TURN, and is held again."""
TURN = timedelta(milliseconds=20)
LOOK = timedelta(milliseconds=20)
"""How seldom one looks at most whether a flood is over."""

STILL = timedelta(seconds=1)
STEADY = timedelta(seconds=10)
"""How long no mail has come when nothing is coming any more, and how long they have come when that is usual."""

_MOST_HEAD = 256 * 1024
_DATED = re.compile(rb"\n(?:message-id|date)[ \t]*:(?:[ \t]|\r\n[ \t])*[^ \t\r\n]", re.IGNORECASE)


def delivery(raw: bytes, envelope: Envelope, digest: str) -> str:
    """What tells one delivery from another. `digest` is that of the raw mail.

    Our 250 may be lost: then the same server sends the same bytes, from the same sender to the same people, once more
    (RFC 5321 §4.5.4.1). But only a mail with a Message-ID or a Date differs from the next one that says the same: a
    scanner or a web form without them may well send the same bytes twice and mean it, and a message too many is better
    than one that is gone after its 250.
    """
    facts = [digest, envelope.mail_from or "", *envelope.rcpt_tos]
    if not _DATED.search(b"\n" + _head(raw)):
        facts += [envelope.received_at.isoformat(), secrets.token_hex(16)]
    return sha256("\0".join(facts).encode()).hexdigest()


class Books:
    """The rulebook, which may be a second old: a question for each mail would cost more than the rest."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic):
        self.desk = desk
        self._clock = clock
        self._book: tuple[float, Rulebook] | None = None

    async def at_hand(self) -> Rulebook:
        now = self._clock()
        if self._book is None or now - self._book[0] > BOOK_KEPT.total_seconds():
            self._book = now, await self.desk.book.soon()
        return self._book[1]


class Arrivals:
    """What an SMTP door asks of the desk.

    `at_hand`: bytes of small mails to remember for whoever understands them next, where that is this very process.

    While mails come in, servers wait for our 250, and what has come can wait: `hold` says so to whoever understands
    mails in this process. Together they are also understood sooner, in one commit where each had its own.
    """

    def __init__(self, desk: Desk, at_hand: int = 0, clock: Callable[[], float] = time.monotonic):
        self.desk = desk
        self._clock = clock
        self.books = Books(desk, clock)
        self._room = at_hand
        self._at_hand: dict[int, tuple[float, Envelope, bytes]] = {}
        self._coming = 0  # mails that are being kept now
        self._taken = -STILL.total_seconds()  # when somebody last began to read one
        self._last = self._since = self._begun = -STEADY.total_seconds()  # a mail came; the first after a lull, a pause

    async def serves(self, address: str) -> bool:
        """Whether an address is one of our mailboxes."""
        return (await self.books.at_hand()).mailbox_for(own_form(address)) is not None

    async def serves_domain(self, domain: str) -> bool:
        """Whether any mailbox of ours is at this domain: then its postmaster and abuse are ours too."""
        wanted = domain.casefold()
        return any(m.address.rpartition("@")[2].casefold() == wanted for m in (await self.books.at_hand()).mailboxes)

    async def keep(self, raw: bytes, envelope: Envelope) -> None:
        """Commit a mail as it came, with the job to understand it."""
        self._comes()
        try:
            await self._kept(raw, envelope)
        finally:
            self._came()

    async def _kept(self, raw: bytes, envelope: Envelope) -> None:
        digest = sha256(raw).hexdigest()
        if len(raw) > LARGE:
            await asyncio.to_thread(self.desk.shelve, raw, digest)
        key = delivery(raw, envelope, digest)
        lane = as_it_was(envelope.mail_from or "").casefold()  # what servers add to it differs from day to day
        id = await self.desk.accept.soon("email", key, lane, envelope.to_json(), raw, digest)
        if id is not None:
            self._remember(id, envelope, raw)

    def hold(self, destination: str) -> timedelta:
        """How long the jobs of a destination should rather wait, now."""
        now = self._clock()
        quiet = LULL.total_seconds() - (0.0 if self._coming else now - self._last)
        if quiet <= 0 or not destination.startswith("in:"):
            return timedelta(0)
        lasts = now - self._since  # the longer it has lasted, the longer until it is worth a look
        into = lasts % (FLOOD + TURN).total_seconds()
        rest = max(quiet, min(lasts / 8, LOOK.total_seconds()))
        return timedelta(seconds=max(0.0, min(rest, FLOOD.total_seconds() - into)))

    def still(self) -> timedelta:
        """How long something should wait for which nobody does: until for a second no mail has come and none was taken
        up, or for ten seconds mails have been coming.
        """
        now = self._clock()
        quiet = STILL.total_seconds() - (0.0 if self._coming else now - max(self._last, self._taken))
        is_steady = now - self._begun > STEADY.total_seconds()
        return timedelta(0) if quiet <= 0 or is_steady else timedelta(seconds=quiet)

    def _comes(self) -> None:
        now = self._clock()
        if not self._coming and now - self._last > STILL.total_seconds():
            self._begun = now
        if not self._coming and now - self._last > LULL.total_seconds():
            self._since = now
        self._coming += 1

    def _came(self) -> None:
        self._coming -= 1
        self._last = self._clock()

    def take(self, id: int) -> tuple[Envelope, bytes] | None:
        """A mail that came in here a moment ago, once; the store has it in any case."""
        self._taken = self._clock()
        return self._forget(id)

    def _forget(self, id: int) -> tuple[Envelope, bytes] | None:
        found = self._at_hand.pop(id, None)
        if found is None:
            return None
        _, envelope, raw = found
        self._room += len(raw)
        return envelope, raw

    def _remember(self, id: int, envelope: Envelope, raw: bytes) -> None:
        if len(raw) > LARGE:  # those are read when it is their turn: only so many are in memory at once
            return
        now = self._clock()
        while self._at_hand and len(raw) > self._room:  # what nobody has taken for so long was done by somebody else
            oldest, (since, _, _) = next(iter(self._at_hand.items()))
            if now - since < _FORGET.total_seconds():
                return
            self._forget(oldest)
        if len(raw) <= self._room:
            self._room -= len(raw)
            self._at_hand[id] = now, envelope, raw


def _head(raw: bytes) -> bytes:
    """The header lines as they came; the door lets in nothing but CRLF."""
    end = raw.find(b"\r\n\r\n", 0, _MOST_HEAD)
    return raw[: end if end >= 0 else _MOST_HEAD]

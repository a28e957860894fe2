"""The jobs done here: understand a mail that came in, send one that is to go out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from core.desk import Desk
from core.effects import domain_paces, way_out
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Backoff, GiveUp, Hand, Hands, Later, Record
from core.phrases import DeskError, phrase
from core.storage.database import Tx
from core.storage.ledger import Lease
from core.tickets.model import UNVOUCHED, Inbound, Outcome, Outgoing, Vouch, Vouched
from gateways.email.doors.arrivals import LARGE, Arrivals, Books
from gateways.email.envelope import Envelope
from gateways.email.outgoing.compose import compose
from gateways.email.outgoing.resting import resting_domain
from gateways.email.outgoing.send import AuthFailed, DomainResting, Relay, Resting, Sender, Unreachable, ids_given
from gateways.email.outgoing.signing import SigningKey, keys_for, sign
from gateways.email.parts.addresses import needs_utf8
from gateways.email.reading.filters import HEAD, spam_signs
from gateways.email.reading.parse import head_of, heard
from gateways.email.tags import return_path
from gateways.email.vouching.asking import COME_BACK, NotYet, Vouching
from gateways.email.vouching.verdict import heard_as_found

log = logging.getLogger(__name__)

PATIENCE = Backoff(first=timedelta(minutes=1), most=timedelta(hours=4), tries=24)
"""RFC 5321 §4.5.4.1 asks for four to five days of retries; people want to know sooner: about three days."""

DOWN = 6
"""Attempts, of half an hour together, after which supervisors hear that a relay does not take our mail."""

READINGS = 5
"""How often a mail is read over which our reader fails."""

TRIES = 2
"""How often a mail may take longer than a mail may take: once the machine may have been to blame."""

LARGE_AT_ONCE = 2
"""How many large mails are in memory at once to be understood: each is there several times over meanwhile."""


class _Came(NamedTuple):
    """A mail as it came, and when the desk took it. `vouched`: what was found of one that somebody has let in since."""

    envelope: Envelope
    raw: bytes
    taken_at: datetime
    vouched: Vouched = UNVOUCHED


class Mail:
    """The hands of the mail gateway. Without a relay, what is to go out waits and says why.

    Mails are understood in the process `apart`. `arrivals` is the door of this one, where it has one: what came in
    there is not read again from the store. `vouching` says who vouches for them, where anybody is to be asked.
    `signing`: the keys that sign what is sent.
    """

    def __init__(
        self,
        desk: Desk,
        relays: Mapping[str, Relay],
        apart: Apart,
        arrivals: Arrivals | None = None,
        vouching: Vouching | None = None,
        signing: Sequence[SigningKey] = (),
    ):
        self.desk = desk
        self._apart = apart
        self._arrivals = arrivals
        self._books = arrivals.books if arrivals else Books(desk)
        self._vouching = vouching
        self._signing = signing
        self._senders = {name: Sender(relay) for name, relay in relays.items()}
        self._said: dict[str, int | None] = {}  # how large a mail each takes, as far as that is written down
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    @property
    def hands(self) -> Hands:
        return {
            "receive:email": Hand(self.receive, self._unreadable, Backoff(tries=READINGS), at_once=16, refill=4),
            "deliver:email": Hand(self.deliver, self._undeliverable, PATIENCE, at_once=4),
        }

    async def close(self) -> None:
        if self._vouching:
            await self._vouching.close()
        for sender in self._senders.values():
            await sender.close()

    async def receive(self, lease: Lease) -> Record | None:
        id = lease.facts["inbox"]
        if self._vouching and self._vouching.waits_for(id):
            raise _not_yet()
        at_hand = self._arrivals.take(id) if self._arrivals else None
        if at_hand is not None:
            return await self._understood(lease, _Came(*at_hand, at_hand[0].received_at))
        async with self._large:  # how large it is shows when it has been read
            came = await self._stored(id)
            if came is None:
                return None
            if len(came.raw) > LARGE:
                return await self._understood(lease, came)
        return await self._understood(lease, came)

    async def _stored(self, id: int) -> _Came | None:
        """A mail as it came."""
        piece = await self.desk.piece.soon(id)
        if piece is None:
            return None
        kept, raw = piece
        known = kept.vouched if kept.state == "admitted" else UNVOUCHED
        return _Came(Envelope.from_json(dict(kept.envelope)), raw, kept.at, known)

    async def _understood(self, lease: Lease, came: _Came) -> Record:
        id, envelope, raw = lease.facts["inbox"], came.envelope, came.raw
        try:
            message = await self._message(id, came)
        except GaveOutError as error:
            if lease.attempts < TRIES:
                raise Later(str(error), timedelta(seconds=30)) from error
            return await self._unread(id, raw, envelope, str(error))
        except Later:
            raise
        except Exception as error:  # a fault of ours over these bytes: the ledger tries again, a few times
            if lease.attempts < READINGS:
                raise
            log.exception("mail %s cannot be read", id)
            return await self._unread(id, raw, envelope, f"{type(error).__name__}: {error}")
        message = await self._judged(message, envelope, raw)
        if large := [file.content for file in message.files if len(file.content) > LARGE]:
            await asyncio.to_thread(self._shelve, large)
        return self.desk.receive.step(id, message)

    async def _unread(self, id: int, raw: bytes, envelope: Envelope, reason: str) -> Record:
        """It cannot be read: agents see what its head says, and have the mail as a file."""
        try:
            head = await self._apart.call(head_of, raw[:HEAD], envelope)
        except Exception as error:  # not even that: what the other server said is all there is
            log.warning("the head of mail %s cannot be read: %s", id, error)
            head = head_of(b"", envelope)
        return self.desk.keep_out.step(id, "unreadable", reason, head)

    async def _judged(self, message: Inbound, envelope: Envelope, raw: bytes) -> Inbound:
        """The message, with what a filter says of it that the desk believes."""
        rules = (await self._books.at_hand()).mail
        signs = spam_signs(raw, rules.signs, rules.spam_headers_above) if rules.signs else ()
        if envelope.junk:
            signs = (*signs, envelope.junk)
        return replace(message, spam=signs) if signs else message

    async def _message(self, id: int, came: _Came) -> Inbound:
        """What a mail says, and who vouches for it: as it was found when it came. Raises GaveOutError, Later."""
        if came.vouched.verdict is not Vouch.UNKNOWN:
            return await self._apart.call(heard_as_found, came.raw, came.envelope, came.vouched)
        if self._vouching is None:
            return await self._apart.call(heard, came.raw, came.envelope)
        try:
            return await self._vouching.message(id, came.raw, came.envelope, came.taken_at)
        except NotYet as error:
            raise _not_yet() from error

    def _shelve(self, large: Iterable[bytes]) -> None:
        """Large files are on disk before a transaction refers to them."""
        for content in large:
            self.desk.shelve(content)

    async def deliver(self, lease: Lease) -> Record | None:
        message = lease.facts["message"]
        out = await self.desk.outgoing.soon(message)
        if out is None:
            return None
        outlet = self.desk.outlets.of(out.door).name
        try:
            outcomes = await self._send(out, outlet)
        except AuthFailed as error:
            record = self.desk.relay_refuses.step(message, outlet, str(error))
            pace = f"relay:{way_out('email', outlet)}"
            raise Later(str(error), timedelta(minutes=5), pace=pace, counts=False, record=record) from error
        except Unreachable as error:
            is_down = lease.attempts >= DOWN and not isinstance(error, DomainResting)
            wait = (
                self.desk.relay_refuses.step(message, outlet, str(error)) if is_down else self._delayed(message, error)
            )
            raise Later(str(error), pace=_resting(error, outlet), record=wait) from error
        except Later as later:
            later.record = self._delayed(message, later)
            raise
        record = self._delivered(out, outlet, outcomes)
        waiting = [o for o in outcomes if 400 <= o.code < 500]
        if waiting:
            host = self._senders[outlet].host
            domain = next((found for o in waiting if (found := resting_domain(o, host))), "")
            pace = next(iter(domain_paces(way_out("email", outlet), domain)), None)
            raise Later("; ".join(f"{o.address}: {o.code} {o.text}" for o in waiting), pace=pace, record=record)
        return record

    def _delayed(self, message: int, why: Exception) -> Record:
        return self.desk.delayed.step(message, str(why))

    def _delivered(self, out: Outgoing, outlet: str, outcomes: list[Outcome]) -> Record:
        """What the relay said of each recipient, of the id that it gave the mail, and of itself where that is new."""
        steps: list[Record] = [self.desk.delivered.step(out.message, outcomes)]
        if given := ids_given(outcomes, self._senders[outlet].host):
            steps.append(self.desk.known_as.step(out.message, given))
        largest = self._senders[outlet].largest
        if outlet not in self._said or self._said[outlet] != largest:
            self._said[outlet] = largest
            steps.append(self.desk.relay_says.step(outlet, largest))

        def record(tx: Tx) -> None:
            for step in steps:
                step(tx)

        return record

    async def _send(self, out: Outgoing, outlet: str) -> list[Outcome]:
        """Raises AuthFailed, Unreachable; Later where there is nobody to send it, GiveUp where it cannot be sent."""
        sender = self._senders.get(outlet)
        if sender is None:
            raise Later("no mail relay is configured (RELAY_HOST)", timedelta(minutes=1), counts=False)
        try:
            contents = [await self.desk.blob.soon(file.digest) for file in out.files]
            raw = await asyncio.to_thread(self._written, out, contents) if contents else self._written(out)
        except DeskError as error:
            raise GiveUp(str(error)) from error
        to = [address for address in out.recipients if address not in out.recipients_done]
        path = return_path(out.door, out.report_token)
        return await sender.send(raw, path, to, lambda: self._written(_for_any_server(out), contents))

    async def send_plainly(self, out: Outgoing, outlet: str) -> list[Outcome]:
        """Send what is no message of a ticket's. Raises AuthFailed, Unreachable; DeskError where it cannot be sent."""
        sender = self._senders.get(outlet)
        if sender is None:
            raise DeskError(phrase("No mail relay is configured. Set RELAY_HOST."))
        return await sender.send(self._written(out), return_path(out.door, None), list(out.recipients))

    def _written(self, out: Outgoing, contents: Sequence[bytes] = ()) -> bytes:
        """The mail as it leaves. Raises DeskError where it cannot be written safely."""
        return sign(compose(out, contents), keys_for(self._signing, out.door), out.at)

    def _undeliverable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.undeliverable.step(lease.facts["message"], reason)

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)


def _for_any_server(out: Outgoing) -> Outgoing:
    """The mail without those in To and Cc whom the relay cannot be told: it does not go to them."""
    to, copied = ([one for one in these if not needs_utf8(one.address)] for these in (out.to, out.copied))
    return replace(out, to=tuple(to or copied), copied=tuple(copied if to else ()))


def _resting(error: Unreachable, outlet: str) -> str | None:
    """The pace that is to rest: of one domain, or of the whole relay."""
    way = way_out("email", outlet)
    if isinstance(error, DomainResting):
        return next(iter(domain_paces(way, error.domain)), None)
    return f"relay:{way}" if isinstance(error, Resting) else None


def _not_yet() -> Later:
    return Later("DNS has not answered yet", COME_BACK, counts=False)

"""The jobs done here: understand a mail that came in, send one that is to go out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from core.desk import Desk
from core.effects import way_out
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Backoff, GiveUp, Hand, Hands, Later, Record
from core.phrases import DeskError
from core.storage.database import Tx
from core.storage.ledger import Lease
from core.tickets.model import Inbound, Outcome, Outgoing
from gateways.email.arrivals import LARGE, Arrivals
from gateways.email.asking import COME_BACK, NotYet, Vouching
from gateways.email.compose import compose
from gateways.email.envelope import Envelope
from gateways.email.parse import heard
from gateways.email.send import AuthFailed, Relay, Resting, Sender, Unreachable, ids_given
from gateways.email.signing import SigningKey, keys_for, sign
from gateways.email.tags import return_path

PATIENCE = Backoff(first=timedelta(minutes=1), most=timedelta(hours=4), tries=24)
"""RFC 5321 §4.5.4.1 asks for four to five days of retries; people want to know sooner: about three days."""

DOWN = 6
"""Attempts, of half an hour together, after which supervisors hear that a relay does not take our mail."""

TRIES = 2
"""How often a mail may take longer than a mail may take: once the machine may have been to blame."""

LARGE_AT_ONCE = 2
"""How many large mails are in memory at once to be understood: each is there several times over meanwhile."""


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
        self._vouching = vouching
        self._signing = signing
        self._senders = {name: Sender(relay) for name, relay in relays.items()}
        self._said: dict[str, int | None] = {}  # how large a mail each takes, as far as that is written down
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    @property
    def hands(self) -> Hands:
        return {
            "receive:email": Hand(self.receive, self._unreadable, Backoff(tries=5), at_once=16, refill=4),
            "deliver:email": Hand(self.deliver, self._undeliverable, PATIENCE, at_once=4),
        }

    async def close(self) -> None:
        if self._vouching:
            await self._vouching.close()
        for sender in self._senders.values():
            await sender.close()

    async def receive(self, lease: Lease) -> Record | None:
        id = lease.facts["inbox"]
        came = self._arrivals.take(id) if self._arrivals else None
        if came is None:
            async with self._large:  # how large it is shows when it has been read
                came = await self._stored(id)
                if came is None:
                    return None
                if len(came[1]) > LARGE:
                    return await self._understood(lease, *came)
        return await self._understood(lease, *came)

    async def _stored(self, id: int) -> tuple[Envelope, bytes] | None:
        piece = await self.desk.piece.soon(id)
        if piece is None:
            return None
        kept, raw = piece
        return Envelope.from_json(dict(kept.envelope)), raw

    async def _understood(self, lease: Lease, envelope: Envelope, raw: bytes) -> Record:
        id = lease.facts["inbox"]
        try:
            message = await self._message(id, raw, envelope)
        except GaveOutError as error:
            if lease.attempts < TRIES:
                raise Later(str(error), timedelta(seconds=30)) from error
            return self.desk.keep_out.step(id, "unreadable", str(error))
        if large := [file.content for file in message.files if len(file.content) > LARGE]:
            await asyncio.to_thread(self._shelve, large)
        return self.desk.receive.step(id, message)

    async def _message(self, id: int, raw: bytes, envelope: Envelope) -> Inbound:
        """What a mail says, and who vouches for it. Raises GaveOutError, Later."""
        if self._vouching is None:
            return await self._apart.call(heard, raw, envelope)
        try:
            return await self._vouching.message(id, raw, envelope)
        except NotYet as error:
            raise Later("DNS has not answered yet", COME_BACK, counts=False) from error

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
            is_down = lease.attempts >= DOWN
            wait = (
                self.desk.relay_refuses.step(message, outlet, str(error)) if is_down else self._delayed(message, error)
            )
            pace = f"relay:{way_out('email', outlet)}" if isinstance(error, Resting) else None
            raise Later(str(error), pace=pace, record=wait) from error
        except Later as later:
            later.record = self._delayed(message, later)
            raise
        record = self._delivered(out, outlet, outcomes)
        waiting = [o for o in outcomes if 400 <= o.code < 500]
        if waiting:
            raise Later("; ".join(f"{o.address}: {o.code} {o.text}" for o in waiting), record=record)
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
        return await sender.send(raw, return_path(out.door, out.report_token), to)

    def _written(self, out: Outgoing, contents: Sequence[bytes] = ()) -> bytes:
        """The mail as it leaves. Raises DeskError where it cannot be written safely."""
        return sign(compose(out, contents), keys_for(self._signing, out.door), out.at)

    def _undeliverable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.undeliverable.step(lease.facts["message"], reason)

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)

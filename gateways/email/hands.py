"""The jobs done here: keep a mail that comes in, understand it, send one that is to go out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from hashlib import sha256

from core.desk import Desk
from core.engine.hands import Backoff, GiveUp, Hand, Hands, Later, Record
from core.phrases import DeskError, Unreadable
from core.storage.ledger import Lease
from core.tickets.model import Inbound, Outcome, Outgoing
from gateways.email.compose import compose
from gateways.email.envelope import Envelope
from gateways.email.parse import inbound, understand
from gateways.email.send import AuthFailed, Relay, Sender, Unreachable

LARGE = 64 * 1024
"""Bytes from which a mail is understood in a thread: it would keep the event loop from others."""

PATIENCE = Backoff(first=timedelta(minutes=1), most=timedelta(hours=4), tries=24)
"""RFC 5321 §4.5.4.1 asks for four to five days of retries; people want to know sooner: about three days."""

PACE = "relay:email"


class Mail:
    """The hands of the mail gateway. Without a relay, what is to go out waits and says why."""

    def __init__(self, desk: Desk, relay: Relay | None):
        self.desk = desk
        self._sender = Sender(relay) if relay else None

    @property
    def hands(self) -> Hands:
        return {
            "receive:email": Hand(self.receive, self._unreadable, Backoff(tries=5), at_once=16),
            "deliver:email": Hand(self.deliver, self._undeliverable, PATIENCE, at_once=4),
        }

    async def close(self) -> None:
        if self._sender:
            await self._sender.close()

    async def keep(self, raw: bytes, envelope: Envelope) -> None:
        """What the SMTP door calls before it says 250: the mail as it came, and the job to understand it, committed."""
        # Our 250 may be lost: then the same server sends the same bytes to the same people once more.
        key = sha256(raw)
        for address in envelope.rcpt_tos:
            key.update(b"\0" + address.encode())
        lane = envelope.mail_from.casefold()
        await self.desk.accept.soon("email", key.hexdigest(), lane, envelope.to_json(), raw)

    async def receive(self, lease: Lease) -> Record | None:
        piece = await self.desk.piece.soon(lease.facts["inbox"])
        if piece is None:
            return None
        kept, raw = piece
        envelope = Envelope.from_json(dict(kept.envelope))
        try:
            heard = _heard(raw, envelope) if len(raw) < LARGE else await asyncio.to_thread(_heard, raw, envelope)
        except Unreadable as error:
            return self.desk.keep_out.step(kept.id, "unreadable", str(error))
        return self.desk.receive.step(kept.id, heard)

    async def deliver(self, lease: Lease) -> Record | None:
        message = lease.facts["message"]
        out = await self.desk.outgoing.soon(message)
        if out is None:
            return None
        outcomes = await self._send(out)
        record = self.desk.delivered.step(message, outcomes)
        waiting = [o for o in outcomes if 400 <= o.code < 500]
        if waiting:
            raise Later("; ".join(f"{o.address}: {o.code} {o.text}" for o in waiting), record=record)
        return record

    async def _send(self, out: Outgoing) -> list[Outcome]:
        if self._sender is None:
            raise Later("no mail relay is configured (RELAY_HOST)", timedelta(minutes=1), counts=False)
        try:
            raw = compose(out)
        except DeskError as error:
            raise GiveUp(str(error)) from error
        to = [a.address for a in out.to if a.address not in out.recipients_done]
        try:
            return await self._sender.send(raw, out.door, to)
        except AuthFailed as error:
            raise Later(str(error), timedelta(minutes=5), pace=PACE, counts=False) from error
        except Unreachable as error:
            raise Later(str(error)) from error

    def _undeliverable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.undeliverable.step(lease.facts["message"], reason)

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)


def _heard(raw: bytes, envelope: Envelope) -> Inbound:
    return inbound(understand(raw), envelope)

"""The jobs done here: understand what partners brought, bring them what is for their customers, tell them of events."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pydantic import ValidationError

from core.desk import Desk
from core.desk.bringing import Place
from core.desk.sourcing import Happened
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Backoff, GiveUp, Hand, Hands, Later, Record, both
from core.routing import signals
from core.storage.inbox import Piece
from core.storage.ledger import Lease
from core.tickets.model import Address, File, Inbound, Nature, Outcome
from core.tickets.refusals import Refusal
from core.tickets.sources import CHANNEL, Source, address, door, key_of, source_of
from gateways.web import signing
from gateways.web.bodies import Data, MessageNow, NewMessage, OtherText, TicketWaits, Waiting, WaitingTicket, Webhook
from gateways.web.posting import Answered, Network, NotReachedError, Poster
from gateways.web.showing import message_now, ticket_now

log = logging.getLogger(__name__)

PATIENCE = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=15), tries=60)
"""Half a day: a shop's server that fell over at night is up again by noon."""

_NATURES = {"person": Nature.HUMAN, "machine": Nature.AUTO_GENERATED, "autoresponder": Nature.AUTO_REPLY}
_NEVER = {400, 413, 422}
_LONGEST_REASON = 200


class Web:
    """The hands of the web gateway. `allowed` are networks that webhooks may go to beside the outside."""

    def __init__(self, desk: Desk, apart: Apart, allowed: Sequence[Network] = (), patience: Backoff = PATIENCE):
        self.desk, self._patience = desk, patience
        self.poster = Poster(allowed)
        self._apart = apart

    @property
    def hands(self) -> Hands:
        return {
            f"receive:{CHANNEL}": Hand(self.receive, self._unreadable, Backoff(tries=8), at_once=8, refill=2),
            f"deliver:{CHANNEL}": Hand(self.deliver, self._undeliverable, self._patience, at_once=8),
            f"notify:{CHANNEL}": Hand(self.notify, backoff=self._patience, at_once=8),
            f"ping:{CHANNEL}": Hand(self.call, self._nobody_called, Backoff(tries=12), at_once=8),
        }

    async def close(self) -> None:
        await self.poster.close()

    # What came

    async def receive(self, lease: Lease) -> Record | None:
        id = lease.facts["inbox"]
        came = await self.desk.piece.soon(id)
        if came is None:
            return None
        kept, raw = came
        try:
            inbound = await (self._text(kept, raw) if kept.envelope["what"] == "text" else self._message(kept, raw))
        except ValidationError as error:  # kept by a newer desk, whose form this one does not know
            raise GiveUp(f"{error.error_count()} things in it are not in a form that this desk knows") from error
        return self.desk.receive.step(id, inbound)

    async def _message(self, kept: Piece, raw: bytes) -> Inbound:
        said, source = NewMessage.model_validate_json(raw), kept.envelope["source"]
        place = await self.desk.place_of.soon(source, said.ticket, said.in_reply_to, said.thread)
        inbound = Inbound(
            channel=CHANNEL,
            sender=_sender(source, said, place),
            door=door(source),
            external_id=kept.key,
            text=said.text,
            reply_text=said.text,
            subject=said.subject,
            nature=_NATURES[said.written_by],
            reply_to=place.answer_to,
            in_reply_to=place.answers,
            thread=place.thread,
            goes_to=place.ticket if place.answers is None else None,
            queue=place.queue,
            urgency=said.urgency,
            zone=said.person.time_zone or None,
            sent_at=kept.at,
            files=tuple(File(one.name, one.type, one.bytes()) for one in said.files),
        )
        return replace(inbound, language=await self._language(said.text, said.language, kept.key))

    async def _text(self, kept: Piece, raw: bytes) -> Inbound:
        """Other words of what came before."""
        said, source = OtherText.model_validate_json(raw), kept.envelope["source"]
        first = (await self.desk.came.soon(source, kept.envelope["of"])).piece
        content = await self.desk.raw_of.soon(first.id)
        assert content is not None
        inbound = await self._message(first, content)
        return replace(inbound, text=said.text, reply_text=said.text, sent_at=kept.at, edited=True, files=())

    async def _language(self, text: str, hint: str, key: str) -> str | None:
        """What the words are in, and what the partner says where these are too few to tell."""
        try:
            guess = await self._apart.call(signals.language, text, hint or None)
        except GaveOutError as error:
            log.warning("the language of %s cannot be told: %s", key, error)
            guess = None
        return guess.language if guess else hint or None

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)

    # What leaves

    async def deliver(self, lease: Lease) -> Record | None:
        """Bring a message to its customer's source. Where that has no URL, it asks for what there is by itself."""
        message, number = lease.facts["message"], lease.facts["ticket"]
        out = await self.desk.outgoing.soon(message)
        if out is None:
            return None
        to = out.to[0].address
        source = await self.desk.source_named.soon(source_of(out.door))
        if source is None:
            return self._refused(message, to, "5.1.1 the source was revoked", Refusal.REVOKED)
        done = self.desk.delivered.step(message, [Outcome(to, 250, "sent")])
        if source.url is None:
            return done
        owned = await self.desk.own_ticket.soon(source.name, number)
        await self.desk.begin_piece.soon(message, 0)  # whoever is told of it may ask for its files
        said = message_now((await self.desk.spoken.soon(message)).message)
        body = Webhook(
            type="message.created",
            timestamp=out.at,
            data=Data(ticket=ticket_now(owned._replace(answer_to=to)), message=said),
        )
        try:
            answer = await self._post(source, f"msg_{message}", body)
        except NotReachedError as error:
            raise Later(str(error), record=self._delayed(message, source, str(error))) from error
        if answer.status == 410:
            return self._refused(message, to, f"5.1.1 {_reason(answer)}", Refusal.OVER)
        if answer.status in _NEVER:
            kind = Refusal.TOO_LARGE if answer.status == 413 else Refusal.OTHER
            return self._refused(message, to, _reason(answer), kind)
        if not 200 <= answer.status < 300:
            why = _reason(answer)
            self._wait(answer, lease, self._delayed(message, source, why))
        return both(done, self.desk.hook_worked.step(source.name))

    async def notify(self, lease: Lease) -> Record | None:
        """Tell a source what happened to a ticket of its own, as far as it asked for that."""
        number, seq = lease.facts["ticket"], lease.facts["seq"]
        # A job of an older desk names no source: its ticket was at one only.
        name = lease.facts.get("source") or source_of((await self.desk.card.soon(number)).ticket.door)
        source = await self.desk.source_named.soon(name)
        if source is None:
            return None
        happened = await self.desk.happened.soon(number, seq, name)
        wanted = [one for one in happened if one.notice.what in source.hears]
        for one in wanted:
            await self._tell(source, f"evt_{number}_{seq}_{one.notice.what}", one, lease)
        return self.desk.hook_worked.step(source.name) if wanted else None

    async def call(self, lease: Lease) -> Record | None:
        """Tell a source's server that a ticket waits; of the ticket itself only what whoever is on call needs."""
        id = lease.facts["ping"]
        pinged = await self.desk.pinged.soon(id)
        if pinged is None:
            return None
        if not pinged.stands:
            return self.desk.ping_moot.step(id)
        name = pinged.ping.target.partition(":")[2]
        source = await self.desk.source_named.soon(name)
        if source is None or source.url is None:
            raise GiveUp(f"there is no source {name} with an address for webhooks: deskbell sources list")
        ticket = (await self.desk.card.soon(pinged.ping.ticket)).ticket
        waits = TicketWaits(
            timestamp=pinged.ping.due,
            data=Waiting(
                ticket=WaitingTicket(number=ticket.number, queue=ticket.queue, urgency=ticket.urgency),
                step=pinged.rung,
                important=pinged.ping.important,
                late=pinged.ping.late,
            ),
        )
        await self.desk.begin_ping.soon(id, CHANNEL)
        try:
            answer = await self._post(source, f"ping_{id}", waits)
        except NotReachedError as error:
            raise Later(str(error), record=self.desk.ping_failed.step(id, CHANNEL, str(error))) from error
        if answer.status == 410 or answer.status in _NEVER:
            raise GiveUp(_reason(answer))
        if not 200 <= answer.status < 300:
            raise Later(_reason(answer), record=self.desk.ping_failed.step(id, CHANNEL, _reason(answer)))
        return self.desk.ping_sent.step(id, CHANNEL, lease.uncertain)

    def _nobody_called(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.ping_lost.step(lease.facts["ping"], reason)

    async def _tell(self, source: Source, id: str, happened: Happened, lease: Lease) -> None:
        shown = ticket_now(happened.ticket)
        message = _shown(happened)
        body = Webhook(type=happened.notice.what, timestamp=happened.at, data=Data(ticket=shown, message=message))
        try:
            answer = await self._post(source, id, body)
        except NotReachedError as error:
            raise Later(str(error), record=self.desk.hook_failed.step(source.name, str(error))) from error
        if answer.status == 410 or answer.status in _NEVER:
            log.info("source %s does not want %s: %s", source.name, id, answer.status)
        elif not 200 <= answer.status < 300:
            self._wait(answer, lease, self.desk.hook_failed.step(source.name, _reason(answer)))

    async def _post(self, source: Source, id: str, body: Webhook | TicketWaits) -> Answered:
        assert source.url is not None
        raw = body.model_dump_json().encode()
        now = self.desk.db.clock()
        return await self.poster.post(source.url, signing.headers(source.secrets, id, now, raw), raw, now)

    def _wait(self, answer: Answered, lease: Lease, record: Record) -> None:
        """Raises Later: at the time that the other side says, where it says one."""
        if answer.status in (429, 503) and answer.rest is not None:
            raise Later(_reason(answer), answer.rest, pace=lease.paces[0], counts=False, record=record)
        raise Later(_reason(answer), record=record)

    def _delayed(self, message: int, source: Source, why: str) -> Record:
        return both(self.desk.delayed.step(message, why), self.desk.hook_failed.step(source.name, why))

    def _refused(self, message: int, to: str, why: str, kind: Refusal) -> Record:
        return self.desk.refused.step(message, Outcome(to, 550, why), kind)

    def _undeliverable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.undeliverable.step(lease.facts["message"], reason)


def _sender(source: str, said: NewMessage, place: Place) -> Address:
    """Who wrote; where that is not said, whoever the conversation is with."""
    if not said.person.id:
        return Address(CHANNEL, place.answer_to, key_of(place.answer_to))
    return Address(CHANNEL, address(source, said.person.id), said.person.name or said.person.id)


def _shown(happened: Happened) -> MessageNow | None:
    return message_now(happened.message) if happened.message is not None else None


def _reason(answer: Answered) -> str:
    """What the other side says, in its words where it has some for people (RFC 9457), else by its number."""
    try:
        said = json.loads(answer.text)
        detail = said.get("detail") if isinstance(said, dict) else None
    except (ValueError, RecursionError):
        detail = None
    words = " ".join(detail.split())[:_LONGEST_REASON] if isinstance(detail, str) else ""
    return f"{answer.status} {words}".strip()

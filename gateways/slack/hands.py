"""The jobs done here: understand what customers said in Slack, put answers into their threads."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from core.desk import Desk
from core.effects import thread_paces
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Backoff, Hand, Hands, Later, Record
from core.routing import signals
from core.rulebook import Agent, CustomersRoom
from core.storage.customers_rooms import Seat
from core.storage.database import Tx
from core.storage.ledger import Lease
from core.storage.people import Colleague
from core.tickets.model import Address, By, File, Inbound, Outcome, Outgoing
from core.tickets.refusals import Refusal
from gateways.slack.reading import CHANNEL, Deleted, Nothing, Said, deleted, external_id, read, thread_key
from gateways.slack.wire import (
    Gone,
    RateLimited,
    Refused,
    Slack,
    SlackError,
    TokenWrong,
    TooLate,
    Unreachable,
    Upload,
)
from gateways.slack.wire.people import ask, is_stale
from gateways.slack.wire.plain import mentioned, spoken
from gateways.slack.writing import Piece, Place, pieces, place, shown

log = logging.getLogger(__name__)

READINGS = 8
"""How often something is read over which our reader fails, or whose files cannot be fetched."""

PATIENCE = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=15), tries=60)
"""Half a day: people who chat want to know sooner than those who write letters."""

WITHOUT_FILES = 6
"""After so many attempts words come into their ticket without a file that Slack does not give."""

LARGEST = 50 * 1024 * 1024
"""Bytes of a file that is fetched."""

LOOK_BACK = timedelta(minutes=5)
"""How much earlier than it was written an answer may stand there, by another clock."""

TOKEN = timedelta(minutes=5)
USUAL_GROUP = timedelta(minutes=10)


class Speaker(NamedTuple):
    """Whoever said something: as the workspace has them, and the agent they are."""

    known: Colleague | None
    agent: Agent | None
    room: CustomersRoom | None
    """The room as the rulebook has it; None: customers open nothing there any more."""


class Customers:
    """The hands of Slack as customers' channel."""

    def __init__(self, desk: Desk, slack: Slack, apart: Apart):
        self.desk, self.slack = desk, slack
        self._apart = apart
        self._large = asyncio.Semaphore(2)  # how many messages with files are in memory at once

    @property
    def hands(self) -> Hands:
        return {
            f"receive:{CHANNEL}": Hand(self.receive, self._unreadable, Backoff(tries=READINGS), at_once=8, refill=2),
            f"deliver:{CHANNEL}": Hand(self.deliver, self._undeliverable, PATIENCE, at_once=8),
        }

    # What came

    async def receive(self, lease: Lease) -> Record | None:
        id = lease.facts["inbox"]
        came = await self.desk.piece.soon(id)
        if came is None:
            return None
        body = json.loads(came[1])
        seat = await self.desk.seat_of.soon(body["seat"])
        assert seat is not None
        heard = read(body)
        match heard:
            case Said():
                return await self._said(lease, seat, heard)
            case Deleted(ts=ts):
                return self.desk.retract.step(id, CHANNEL, external_id(seat.number, ts))
            case Nothing(reason=reason):
                return self.desk.set_aside.step(id, reason)

    async def _said(self, lease: Lease, seat: Seat, heard: Said) -> Record:
        """Words: of a customer, of an agent, or of a colleague who is none."""
        id = lease.facts["inbox"]
        own = external_id(seat.number, heard.ts)
        if await self.desk.has_come.soon(CHANNEL, deleted(seat.number, heard.ts)):
            return self.desk.set_aside.step(id, "it was deleted before it was understood")
        if heard.edited is None and await self.desk.was_said.soon(CHANNEL, own):
            return self.desk.set_aside.step(id, "it was heard with later words already")
        speaker = await self._speaker(seat, heard)
        going = await self._thread_of(seat, heard, speaker)
        if speaker.agent is not None and going is None:
            return self.desk.set_aside.step(id, "an agent said it, about no ticket")
        inbound = await self._inbound(lease, seat, heard, speaker, going)
        if speaker.agent is not None and inbound.edited:
            return self.desk.revise_there.step(id, inbound)
        if speaker.agent is not None:
            return self.desk.answer_there.step(id, By(heard.person), inbound)
        if seat.shared and speaker.known is not None and not speaker.known.outside:
            if going is None:
                return self.desk.set_aside.step(id, "a colleague said it, about no ticket")
            return self.desk.note_there.step(id, By(heard.person), inbound)
        if going is None and (reason := self._opens_nothing(speaker, inbound)):
            return self.desk.set_aside.step(id, reason)
        return self.desk.receive.step(id, inbound)

    def _opens_nothing(self, speaker: Speaker, inbound: Inbound) -> str | None:
        """Why something that is about no ticket opens none; None where it does."""
        if speaker.room is None:
            return "customers are not heard in this room any more"
        if not inbound.text and not inbound.brings_files and not inbound.not_had:
            return "it says nothing"
        names = (inbound.sender.name,)
        if not inbound.brings_files and signals.pleasantry(inbound.text, names):
            return "it is a greeting or thanks, and about no ticket"
        return None

    async def _speaker(self, seat: Seat, heard: Said) -> Speaker:
        colleague, agent, book = await self.desk.who.soon(heard.person)
        if is_stale(colleague, self.desk.db.clock()):
            try:
                await ask(self.desk, self.slack, heard.person, colleague)
            except SlackError as error:
                raise self._later(error) from error
            colleague, agent, book = await self.desk.who.soon(heard.person)
        return Speaker(colleague, agent, book.customers_room(seat.name) if seat.name else None)

    async def _thread_of(self, seat: Seat, heard: Said, speaker: Speaker) -> str | None:
        """The thread of the ticket that it is about."""
        groups = heard.thread is None and speaker.agent is None
        sender = Address(CHANNEL, heard.person) if groups else None
        within = speaker.room.group_within if speaker.room else USUAL_GROUP
        root = external_id(seat.number, heard.root)
        return await self.desk.thread_of.soon(CHANNEL, thread_key(seat.number, heard.root), root, sender, within)

    async def _inbound(self, lease: Lease, seat: Seat, heard: Said, speaker: Speaker, going: str | None) -> Inbound:
        thread = going or thread_key(seat.number, heard.root)
        text = await self._words(heard)
        files, too_large, elsewhere = await self._files(heard, lease.attempts)
        text = "\n".join([*filter(None, [text]), *(f"[{name}]" for name in elsewhere)])
        name = speaker.known.name if speaker.known else ""
        inbound = Inbound(
            channel=CHANNEL,
            sender=Address(CHANNEL, heard.person, name),
            door=f"#{seat.name}" if seat.name else f"@{(await self._me())[1]}",
            external_id=external_id(seat.number, heard.ts),
            text=text,
            reply_text=text,
            reply_to=thread,
            thread=thread,
            sent_at=heard.at,
            edited=heard.edited is not None,
            files=tuple(files),
            not_had=tuple(too_large),
        )
        return replace(inbound, language=await self._language(inbound, speaker))

    async def _words(self, heard: Said) -> str:
        """What was typed, with people's names where they are mentioned; ours is left out where it begins with it."""
        user, name = await self._me()
        theirs = heard.person.partition(":")[0]
        names = {user: name}
        for id in mentioned(heard.message) - {user}:
            known = await self.desk.colleague.soon(f"{theirs}:{id}")
            names[id] = known.name if known else id
        said = spoken({**heard.message, "files": ()}, lambda id: names.get(id, id)).strip()
        called = f"@{name}"
        return said.removeprefix(called).lstrip(" ,:") if said.startswith(called) else said

    async def _files(self, heard: Said, attempts: int) -> tuple[list[File], list[str], list[str]]:
        """The files that came along; the names of those that are too large, and of those that cannot be had.

        Words do not wait for ever for a file that Slack does not give.
        """
        if not heard.files or heard.edited:
            return [], [], []
        files: list[File] = []
        too_large: list[str] = []
        elsewhere: list[str] = []
        async with self._large:
            for one in heard.files:
                name = str(one.get("name") or one.get("title") or "file")
                try:
                    stored = await self.slack.file(str(one["id"]))
                    name = stored.name or name
                    if stored.size > LARGEST:
                        too_large.append(name)
                    elif stored.url:
                        files.append(File(name, stored.type, await self.slack.download(stored, LARGEST)))
                    else:
                        elsewhere.append(name)
                except RateLimited as often:
                    raise self._later(often) from often
                except SlackError as error:
                    if isinstance(error, Unreachable) and attempts < WITHOUT_FILES:
                        raise Later(str(error)) from error
                    log.warning("a file cannot be had: %s", error)
                    elsewhere.append(name)
        return files, too_large, elsewhere

    async def _language(self, inbound: Inbound, speaker: Speaker) -> str | None:
        """What the words are in; where these are too few to tell, what their writer's Slack is in, if it says so."""
        hint = speaker.known.locale if speaker.known else None
        hint = hint or (speaker.room.locale if speaker.room else None)
        try:
            guess = await self._apart.call(signals.language, inbound.text, hint)
        except GaveOutError as error:
            log.warning("the language of %s cannot be told: %s", inbound.external_id, error)
            guess = None
        return guess.language if guess else hint

    async def _me(self) -> tuple[str, str]:
        """Our user's id and name."""
        try:
            me = await self.slack.me()
        except SlackError as error:
            raise self._later(error) from error
        return me.user, me.name

    @staticmethod
    def _later(error: SlackError) -> Later:
        """What came waits until Slack can be asked; however long that is, it is not given up."""
        match error:
            case RateLimited():
                return Later(str(error), error.retry_after, counts=False)
            case TokenWrong():
                return Later(str(error), TOKEN, counts=False)
            case _:
                return Later(str(error), timedelta(seconds=10), counts=not isinstance(error, Unreachable))

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)

    # What leaves

    async def deliver(self, lease: Lease) -> Record | None:
        message = lease.facts["message"]
        out = await self.desk.outgoing.soon(message)
        if out is None:
            return None
        address = out.to[0].address
        plan, at = pieces(out.text, out.files), len(out.sent)
        done = self.desk.delivered.step(message, [Outcome(address, 250, "sent")])
        if at >= len(plan):
            return done
        where = place(address)
        seat = await self.desk.seat_of.soon(where.seat) if where else None
        if where is None or seat is None:
            return self._refuse(message, address, f"there is no thread {address}", Refusal.NO_THREAD)
        await self.desk.begin_piece.soon(message, at)
        try:
            id = await self._put(seat, where, out, plan[at], at)
        except SlackError as error:
            return self._failed(message, address, error)
        left = self.desk.piece_left.step(message, at, [id])
        if at + 1 < len(plan):
            raise Later("more of it is to come", timedelta(0), counts=False, record=left)
        return _both(left, done)

    async def _put(self, seat: Seat, where: Place, out: Outgoing, piece: Piece, at: int) -> str:
        """Into the thread; where we are not in a public room any more, we come in again."""
        try:
            return await self._send(seat, where, out, piece, at)
        except Gone as gone:
            if gone.code != "not_in_channel":
                raise
            try:
                await self.slack.join(seat.room)
            except (Refused, TokenWrong) as no:
                raise gone from no
            return await self._send(seat, where, out, piece, at)

    async def _send(self, seat: Seat, where: Place, out: Outgoing, piece: Piece, at: int) -> str:
        """The id by which it is known. Where it was begun before, it is looked for first: it may stand there."""
        if piece.file is not None:
            upload = Upload(piece.file.name, await self.desk.blob.soon(piece.file.digest))
            before = {id.rpartition(":")[2] for id in out.sent}
            found = await self.slack.find_file(seat.room, where.thread, upload, before) if out.begun else None
            if found is None:
                [found] = await self.slack.upload(seat.room, where.thread, [upload])
            return f"{seat.number}:file:{found}"
        key, since = f"answer:{out.message}:{at}", (out.at - LOOK_BACK).timestamp()
        ts = await self.slack.find(seat.room, key, since, where.thread) if out.begun else None
        if ts is None:
            text, blocks = shown(piece.text)
            ts = await self.slack.post(seat.room, text, blocks, key, where.thread, username=out.door_name)
        return external_id(seat.number, ts)

    def _failed(self, message: int, address: str, error: SlackError) -> Record:
        """What to record of a piece that was not sent, or of which that is not known. Raises Later."""
        why = str(error)
        told = self.desk.piece_refused.step(message, why)
        *_, pace = thread_paces(CHANNEL, address)
        match error:
            case RateLimited():
                raise Later(why, error.retry_after, pace=pace, counts=False, record=told) from error
            case TokenWrong():
                raise Later(why, TOKEN, pace=pace, counts=False, record=told) from error
            case Gone() if error.is_room:
                return self._refuse(message, address, why, Refusal.NOT_IN_ROOM)
            case Gone():
                return self._refuse(message, address, why, Refusal.NO_THREAD)
            case Refused() | TooLate():
                return self._refuse(message, address, why, Refusal.OTHER)
            case _:  # it may be there: it is looked for the next time
                raise Later(why, record=self.desk.delayed.step(message, why)) from error

    def _refuse(self, message: int, address: str, why: str, kind: Refusal) -> Record:
        status = "" if kind is Refusal.OTHER else "5.1.1 "
        return self.desk.refused.step(message, Outcome(address, 550, f"{status}{why}"), kind)

    def _undeliverable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.undeliverable.step(lease.facts["message"], reason)


def _both(first: Record, second: Record) -> Record:
    def record(tx: Tx) -> None:
        first(tx)
        second(tx)

    return record

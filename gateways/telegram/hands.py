"""The jobs done here: understand what came from Telegram, send what is to go there."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from telegram import BusinessConnection, Message, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from core.desk import Desk
from core.desk.greeting import Chat
from core.effects import chat_paces
from core.engine.amending import Amending, NotChanged
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Backoff, Hand, Hands, Later, Record, both
from core.routing import signals
from core.storage.accounts import Account
from core.storage.inbox import Piece as Kept
from core.storage.ledger import Lease
from core.tickets.model import Address, File, Inbound, Outcome, Outgoing, Part, Thread
from core.tickets.refusals import IN_WORDS, Refusal
from gateways.telegram.amending import Copies
from gateways.telegram.client import (
    LARGEST_OUT,
    Client,
    Me,
    Sent,
    To,
    external_id,
    ids_of,
    never_left,
    read_update,
    said,
    span_of,
)
from gateways.telegram.reading import (
    Chose,
    Connected,
    Deleted,
    Groups,
    Moved,
    Nothing,
    Pressed,
    Said,
    ShutOff,
    Started,
    Wanted,
    choice,
    connection_of,
    read,
    scores,
)
from gateways.telegram.writing import Piece, Place, kind, pieces, place, split

log = logging.getLogger(__name__)

CHANNEL = "telegram"
READINGS = 8
"""How often something is read over which our reader fails, or whose files cannot be fetched."""

PATIENCE = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=15), tries=60)
"""Half a day: people who chat want to know sooner than those who write letters."""

TOGETHER = timedelta(milliseconds=1500)
"""So long the pieces of an album are waited for: each comes as a message of its own."""

LOOK_AGAIN = timedelta(seconds=2)
"""So often one looks whether somebody has chosen what they mean."""

TYPED_FOR = timedelta(seconds=5)
"""So long Telegram shows that somebody writes; after that it is not true any more."""

_REFUSED = (
    ("blocked by the user", Refusal.BLOCKED),
    ("deactivated", Refusal.DELETED),
    ("initiate conversation", Refusal.NEVER_STARTED),
    ("kicked", Refusal.REMOVED),
    ("not a member", Refusal.REMOVED),
    ("chat not found", Refusal.NO_SUCH_CHAT),
    ("too large", Refusal.TOO_LARGE),
    ("too big", Refusal.TOO_LARGE),
    ("business connection not found", Refusal.NOT_CONNECTED),
    ("business_connection_invalid", Refusal.NOT_CONNECTED),
    ("business_connection_not_allowed", Refusal.NO_RIGHT),
    ("not enough rights", Refusal.NO_RIGHT),
    ("business_peer", Refusal.SILENT),
)


class Owned(NamedTuple):
    """Somebody's account by which something came, and how Telegram calls that we may speak for it."""

    owner_id: int
    connection: str


class _MayNotError(Exception):
    """Nothing of ours may be said there."""

    def __init__(self, why: Refusal):
        super().__init__(why.value)
        self.why = why


class Telegram:
    """The hands of the Telegram gateway, for one bot."""

    def __init__(self, desk: Desk, client: Client, apart: Apart, groups: Groups = "addressed"):
        self.desk, self.client = desk, client
        self._apart = apart
        self._groups: Groups = groups
        self._large = asyncio.Semaphore(2)  # how many messages with files are in memory at once

    @property
    def hands(self) -> Hands:
        amending = Amending(self.desk, Copies(self.client, self._changed_at), split)
        return {
            f"receive:{CHANNEL}": Hand(self.receive, self._unreadable, Backoff(tries=READINGS), at_once=8, refill=2),
            f"deliver:{CHANNEL}": Hand(self.deliver, self._undeliverable, PATIENCE, at_once=8),
            f"typing:{CHANNEL}": Hand(self.type, backoff=Backoff(tries=1), at_once=2),
            f"amend:{CHANNEL}": Hand(amending.amend, amending.lost, PATIENCE),
            f"greet:{CHANNEL}": Hand(self.greet, backoff=Backoff(tries=3)),
        }

    async def close(self) -> None:
        await self.client.close()

    # What came

    async def receive(self, lease: Lease) -> Record | None:
        client = self.client
        id = lease.facts["inbox"]
        came = await self.desk.piece.soon(id)
        if came is None:
            return None
        me = await self._me(client)
        kept, raw = came
        update = read_update(raw)
        account = await self._account(update)
        heard = read(update, me, self._groups, account.owner_id if account else None)
        match heard:
            case Said():
                return await self._heard(client, me, lease, kept, heard)
            case Pressed():
                await self._settle(client, heard)
                return self.desk.choose.step(id, str(heard.chat), heard.piece, heard.ticket)
            case Chose():
                return await self._rated(client, me, id, heard, account)
            case _:
                return self._taken_in(me, id, heard)

    def _taken_in(self, me: Me, id: int, heard: Connected | Deleted | Started | ShutOff | Moved | Nothing) -> Record:
        """What is only written down."""
        match heard:
            case Connected():
                return self.desk.know_account.step(account_of(heard.connection), id)
            case Deleted():
                return self.desk.retract_all.step(id, CHANNEL, list(heard.external_ids))
            case Started():
                sender = Address(CHANNEL, str(heard.sender.id), heard.sender.full_name)
                chat = Chat(me.door, f"{me.id}:{heard.chat}", str(heard.chat), heard.payload)
                return self.desk.greet.step(id, sender, chat, heard.sender.language_code)
            case ShutOff():
                gone = Refusal.REMOVED if heard.is_group else Refusal.BLOCKED
                return self.desk.shut_off.step(id, CHANNEL, str(heard.chat), None if heard.may_write else gone)
            case Moved():
                return self._moved_in(id, heard)
            case Nothing():
                return self.desk.set_aside.step(id, heard.reason)

    async def _heard(self, client: Client, me: Me, lease: Lease, kept: Kept, heard: Said) -> Record:
        """A message, with those that are part of it. Raises Later while more of it, or a choice, is waited for."""
        if heard.is_owners:
            return await self._owner_said(client, me, kept.id, heard)
        is_album = heard.album is not None and not heard.is_edited
        if is_album:
            self._wait_for_the_rest(kept)
        chosen = await self._chosen(client, kept, heard)
        parts: list[int] = []
        if is_album:
            heard, parts = await self._whole(me, lease, heard)
        inbound = replace(await self._inbound(client, me, heard), goes_to=chosen)
        return self.desk.receive.step(kept.id, inbound, parts)

    async def _owner_said(self, client: Client, me: Me, id: int, heard: Said) -> Record:
        """What the owner of an account says to a customer there is an answer."""
        inbound = await self._inbound(client, me, heard)
        if heard.is_edited:
            return self.desk.revise_there.step(id, inbound)
        return self.desk.owner_said.step(id, inbound)

    async def _account(self, update: Update) -> Owned | None:
        """The account by which something came; asked for where nobody told us of it. Raises Later."""
        connection = connection_of(update)
        if connection is None:
            return None
        account = await self.desk.account_by.soon(CHANNEL, connection)
        if account is None:
            try:
                account = account_of(await self.client.connection(connection))
            except TelegramError as error:
                raise Later(f"whose account it is cannot be told: {said(error)}") from error
            await self.desk.know_account.soon(account)
        return Owned(int(account.owner), connection)

    async def _to(self, where: Place) -> To:
        """Where something goes now. Raises _MayNotError where it is in an account in which we may say nothing."""
        if where.owner is None:
            return To(where.chat, where.topic)
        account = await self.desk.account.soon(CHANNEL, str(where.owner))
        if account is None or not account.is_on:
            raise _MayNotError(Refusal.NOT_CONNECTED)
        if not account.may_reply:
            raise _MayNotError(Refusal.NO_RIGHT)
        return To(where.chat, by=account.connection)

    async def _changed_at(self, address: str) -> To:
        """Where something that was said is changed. Raises NotChanged."""
        try:
            return await self._to(place(address))
        except _MayNotError as error:
            raise NotChanged(IN_WORDS[error.why]) from error

    async def _chosen(self, client: Client, kept: Kept, heard: Said) -> int | None:
        """The ticket that the writer says it is about; None where that is clear, or they do not say it in time."""
        where = place(heard.place)
        if heard.answers is not None or heard.is_edited or where.chat < 0:
            return None
        which = await self.desk.which.soon(kept.id, Thread(CHANNEL, heard.thread), heard.text, heard.language)
        if which is None or which.is_over or which.chosen is not None:
            return which.chosen if which else None
        if which.is_asked:
            raise Later("what it is about is asked", LOOK_AGAIN, counts=False)
        options = [[(choice(kept.id, number), words)] for number, words in which.options]
        try:
            await client.say(await self._to(where), which.text, buttons=options)
        except _MayNotError:
            return None
        except RetryAfter as error:
            raise Later(said(error), span_of(error), counts=False) from error
        except TelegramError as error:
            log.warning("nobody could be asked what they mean: %s", said(error))
            return None
        asked = self.desk.asked_which.step(kept.id, str(where.chat), which)
        raise Later("what it is about is asked", LOOK_AGAIN, counts=False, record=asked)

    async def _rated(self, client: Client, me: Me, id: int, heard: Chose, account: Owned | None) -> Record:
        """Somebody said how it was: they see what they chose, and can still change it."""
        sender = Address(CHANNEL, str(heard.sender.id), heard.sender.full_name)
        owner, by = account or (None, None)
        question = external_id(me.id, heard.chat, heard.message, owner)
        shown = await self.desk.rated.soon(question, sender)
        try:
            await client.took_press(heard.query)
            if shown is not None:
                await client.settle(To(heard.chat, by=by), heard.message, shown, [scores(heard.score)])
        except TelegramError as error:
            log.info("a rating could not be shown: %s", said(error))
        return self.desk.rate.step(id, question, sender, heard.score)

    async def _settle(self, client: Client, heard: Pressed) -> None:
        """Show what was chosen. That it is shown is a courtesy: what was chosen counts without it."""
        try:
            await client.took_press(heard.query)
            await client.settle(To(heard.chat), heard.message, heard.said)
        except TelegramError as error:
            log.info("a press could not be shown: %s", said(error))

    def _wait_for_the_rest(self, kept: Kept) -> None:
        """Raises Later where more of an album may be on its way."""
        left = TOGETHER - (self.desk.db.clock() - kept.at)
        if left > timedelta(0):
            raise Later("an album may have more pieces", left, counts=False)

    async def _whole(self, me: Me, lease: Lease, first: Said) -> tuple[Said, list[int]]:
        """The pieces of an album as one message, with its words and the files of all; and what came of it."""
        parts: list[int] = []
        pieces, files = [(first.external_id, first.text)], list(first.files)
        for kept, raw in await self.desk.behind.soon(lease.lane):
            other = read(read_update(raw), me, self._groups, place(first.place).owner)
            if isinstance(other, Said) and other.album == first.album and not other.is_edited:
                parts.append(kept.id)
                pieces.append((other.external_id, other.text))
                files += other.files
        text = "\n".join(words for _, words in pieces if words)
        return first._replace(text=text, files=tuple(files), pieces=tuple(pieces)), parts

    async def _inbound(self, client: Client, me: Me, heard: Said) -> Inbound:
        small = [one for one in heard.files if not one.is_too_large]
        files: list[File] = []
        missed = [one.name for one in heard.files if one.is_too_large]
        if small:
            async with self._large:
                for one in small:
                    found = await self._fetched(client, one)
                    if found is None:
                        missed.append(one.name)
                    else:
                        files.append(found)
        words = heard.text
        inbound = Inbound(
            channel=CHANNEL,
            sender=Address(CHANNEL, str(heard.sender.id), heard.name),
            door=me.door,
            external_id=heard.external_id,
            text=words,
            reply_text=words,
            reply_to=heard.place,
            in_reply_to=heard.answers,
            thread=heard.thread,
            sent_at=heard.at,
            edited=heard.is_edited,
            files=tuple(files),
            not_had=tuple(missed),
            is_direct=heard.is_direct,
            pieces=heard.pieces,
        )
        return replace(inbound, language=await self._language(heard))

    async def _fetched(self, client: Client, wanted: Wanted) -> File | None:
        """A file; None where it is larger than it said. Raises Later where it cannot be had now."""
        try:
            return File(wanted.name, wanted.type, await client.file(wanted.id))
        except BadRequest as error:
            if "too big" in error.message.casefold():
                return None
            raise Later(f"{wanted.name}: {said(error)}") from error
        except TelegramError as error:
            raise Later(f"{wanted.name}: {said(error)}") from error

    async def _language(self, heard: Said) -> str | None:
        """What the words are in, and what their writer's Telegram is in where these are too few to tell."""
        try:
            guess = await self._apart.call(signals.language, heard.text, heard.language)
        except GaveOutError as error:
            log.warning("the language of %s cannot be told: %s", heard.external_id, error)
            guess = None
        return guess.language if guess else heard.language

    def _moved_in(self, id: int, heard: Moved) -> Record:
        moved = self.desk.moved.step(CHANNEL, str(heard.before), str(heard.after))
        aside = self.desk.set_aside.step(id, "the group has another address now")
        return both(moved, aside)

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)

    # What leaves

    async def deliver(self, lease: Lease) -> Record | None:
        client = self.client
        message = lease.facts["message"]
        out = await self.desk.outgoing.soon(message)
        if out is None:
            return None
        address = out.to[0].address
        at = len(out.sent)
        piece, *more = pieces(out.text, out.files, at) or [None]
        done = self.desk.delivered.step(message, [Outcome(address, 250, "sent")])
        if piece is None:
            return done
        if out.begun and out.part is not Part.REPLY:  # whether it is there is not known; it is not said twice
            return done
        try:
            where = place(address)
        except ValueError:
            return self._refuse(message, address, f"no chat has the address {address}", Refusal.NO_SUCH_CHAT)
        try:
            to = await self._to(where)
        except _MayNotError as error:
            return self._refuse(message, address, error.why.value, error.why)
        await self.desk.begin_piece.soon(message, at)
        try:
            ids = ids_of(client.id, await self._send(client, out, piece, to), where.owner)
        except ChatMigrated as error:
            after = str(error.new_chat_id)
            moved = self.desk.moved.step(CHANNEL, address, after, message)
            told = self.desk.piece_refused.step(message, said(error))
            raise Later(said(error), timedelta(0), counts=False, record=both(moved, told)) from error
        except TelegramError as error:
            return self._failed(message, address, error)
        left = self.desk.piece_left.step(message, at, ids, out.begun)
        if more:
            writes_on = self.desk.writes_on.step(CHANNEL, address)
            raise Later("more of it is to come", timedelta(0), counts=False, record=both(left, writes_on))
        return both(left, done)

    async def greet(self, lease: Lease) -> None:
        """Say hello, at most once: nobody misses a greeting that they did not get."""
        client = self.client
        hello = await self.desk.hello.soon(lease.facts["person"], lease.facts.get("ticket", 0))
        where = place(lease.facts["to"])
        try:
            await client.say(To(where.chat, where.topic), hello.text)
        except RetryAfter as error:
            raise Later(said(error), span_of(error), pace=CHANNEL, counts=False) from error
        except TelegramError as error:
            log.warning("nobody was greeted in %s: %s", where.chat, said(error))

    async def _send(self, client: Client, out: Outgoing, piece: Piece, to: To) -> list[Message]:
        if not piece.files:
            answers = _numbered(out.in_reply_to) if to.chat < 0 and not out.sent else None
            buttons = [scores()] if out.part is Part.RATING else []
            return [await client.say(to, piece.text, answers, buttons)]
        if sum(file.size for file in piece.files) > LARGEST_OUT:
            raise BadRequest("file is too large")
        files = [Sent(one.name, kind(one), await self.desk.blob.soon(one.digest)) for one in piece.files]
        return await client.send_files(to, files)

    async def type(self, lease: Lease) -> None:
        """Let it be seen that somebody writes, at most once: it says something of now only."""
        if self.desk.db.clock() - lease.created_at > TYPED_FOR:
            return
        try:
            await self.client.type(await self._to(place(lease.facts["to"])))
        except (ValueError, _MayNotError, TelegramError) as error:
            log.info("that somebody writes could not be shown: %s", type(error).__name__)

    def _failed(self, message: int, address: str, error: TelegramError) -> Record:
        """What to record of a piece that was not sent, or of which that is not known. Raises Later."""
        why = said(error)
        if isinstance(error, RetryAfter):
            told = self.desk.piece_refused.step(message, why)
            *_, group = chat_paces(CHANNEL, address)
            pace = group if address.startswith("-") else CHANNEL  # who cannot be told from the rest stops the rest
            raise Later(why, span_of(error), pace=pace, counts=False, record=told) from error
        if isinstance(error, InvalidToken):
            told = self.desk.piece_refused.step(message, why)
            raise Later(why, timedelta(minutes=1), pace=CHANNEL, counts=False, record=told) from error
        if isinstance(error, Forbidden | BadRequest):
            kind = next((known for words, known in _REFUSED if words in error.message.casefold()), Refusal.OTHER)
            return self._refuse(message, address, why, kind)
        if isinstance(error, NetworkError) and not never_left(error):
            raise Later(why, record=self.desk.delayed.step(message, why)) from error  # it may be there
        raise Later(why, record=self.desk.piece_refused.step(message, why)) from error

    def _refuse(self, message: int, address: str, why: str, kind: Refusal) -> Record:
        status = "5.1.1 " if kind in (Refusal.BLOCKED, Refusal.DELETED, Refusal.REMOVED, Refusal.NO_SUCH_CHAT) else ""
        return self.desk.refused.step(message, Outcome(address, 550, f"{status}{why}"), kind)

    def _undeliverable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.undeliverable.step(lease.facts["message"], reason)

    async def _me(self, client: Client) -> Me:
        try:
            return await client.me()
        except TelegramError as error:
            raise Later(said(error), timedelta(seconds=10), counts=False) from error


def account_of(connection: BusinessConnection) -> Account:
    """An account as the desk knows it."""
    rights, user = connection.rights, connection.user
    may_reply = bool(rights and rights.can_reply) or bool(connection.api_kwargs.get("can_reply"))
    return Account(CHANNEL, str(user.id), user.full_name, connection.id, may_reply, connection.is_enabled)


def _numbered(external: str | None) -> int | None:
    """The number in its chat of a message that came in."""
    last = (external or "").rpartition(":")[2]
    return int(last) if last.isdigit() else None

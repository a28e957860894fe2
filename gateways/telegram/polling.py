"""What comes is asked for here: each batch is committed before Telegram hears that we have it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from core.desk import Desk
from core.desk.following import Arrived, Follower
from core.phrases import Phrase, phrase
from core.storage.database import Fenced, StoreDown
from gateways.telegram.client import WAIT, Client, said, span_of

log = logging.getLogger(__name__)

HELD = timedelta(seconds=WAIT * 2 + 10)
"""How long a bot is ours without our saying so again: a poll is shorter, and whoever comes after one of us who died
waits no longer."""

REST = 5.0
"""Seconds until we look again whether nobody reads a bot any more."""

_LONGEST_REST = 60.0


class Polling:
    """Asks for what comes to one bot, where nobody else does: of all processes one does, by a lease."""

    def __init__(self, desk: Desk, client: Client, owner: str, rest: float = REST):
        self._desk, self._client, self._owner, self._rest = desk, client, owner, rest
        self._stream = f"telegram:{client.id}"
        self._task: asyncio.Task[None] | None = None
        self._stopping = self._is_told = False
        self._confirms = 0  # everything below this is kept; 0: all that was, is confirmed

    async def start(self, alone: bool) -> None:
        """`alone`: no other process can be reading it."""
        if alone:
            await self._desk.free_streams.soon()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is None:
            return
        self._stopping = True
        while not self._task.done():  # a connection that is being closed may swallow it
            self._task.cancel()
            await asyncio.wait([self._task], timeout=1)
        try:
            await self._desk.let_stream_go.soon(self._stream, self._owner)
        except StoreDown as error:
            log.warning("the bot's lease runs out by itself: %s", error)

    async def _run(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                follower = await self._desk.follow.soon(self._stream, self._owner, HELD)
                if follower is None:
                    await asyncio.sleep(self._rest)
                    continue
                await self.tell_who_we_are()
                await self.ask(follower)
                failures = 0
            except Fenced:
                log.warning("somebody else reads Telegram now")
            except RetryAfter as error:
                await asyncio.sleep(span_of(error).total_seconds())
            except (TelegramError, StoreDown) as error:
                failures += 1
                await self._complain(error, failures)
                await asyncio.sleep(min(self._rest * 2 ** min(failures - 1, 8), _LONGEST_REST))
            except Exception:
                failures += 1
                log.exception("reading Telegram failed")
                await asyncio.sleep(min(self._rest * 2 ** min(failures - 1, 8), _LONGEST_REST))

    async def ask(self, follower: Follower, wait: int = WAIT) -> None:
        """One question, and what it brings. What is asked next confirms it, so that comes after the commit.

        Only what has just been kept is ever confirmed. A number from before says nothing: after a week of silence
        Telegram goes on with any other (Bot API, Update), and all that is lower would be forgotten unheard. What was
        kept and not confirmed comes again, and is known by its number.
        """
        found = await self._client.updates(self._confirms, wait)
        self._confirms = 0
        if not found:
            return
        found = sorted(found, key=_number)  # in the order in which it happened, however it is told
        await self._desk.take.soon(follower, "telegram", [self._arrived(update) for update in found])
        self._confirms = _number(found[-1]) + 1

    async def tell_who_we_are(self) -> None:
        """Let the desk know our name there, once, so that customers can be invited."""
        if not self._is_told:
            me = await self._client.me()
            await self._desk.open_door.soon("telegram", me.door, f"https://t.me/{me.username}?start={{token}}")
            self._is_told = True

    def _arrived(self, update: Mapping[str, Any]) -> Arrived:
        number = update["update_id"]
        raw = json.dumps(update, ensure_ascii=True, separators=(",", ":")).encode()
        return Arrived(f"{self._client.id}:{number}", lane_of(self._client.id, update), {"update": number}, raw)

    async def _complain(self, error: Exception, failures: int) -> None:
        why = said(error) if isinstance(error, TelegramError) else str(error)
        log.warning("Telegram cannot be read (%s times now): %s", failures, why)
        told = _for_supervisors(error)
        if told is None:
            return
        try:
            await self._desk.cannot_hear.soon("telegram", told)
        except StoreDown as down:
            log.warning("nobody could be told: %s", down)


def _number(update: Mapping[str, Any]) -> int:
    return int(update["update_id"])


def lane_of(bot: int, update: Mapping[str, Any]) -> str:
    """What is said in one chat is heard in order."""
    for kind in ("message", "edited_message", "my_chat_member"):
        if kind in update:
            return f"{bot}:{update[kind]['chat']['id']}"
    pressed = update.get("callback_query", {}).get("message", {}).get("chat", {}).get("id", 0)
    return f"{bot}:{pressed}:pressed"  # what was said waits for it


def _for_supervisors(error: Exception) -> Phrase | None:
    """What only a person can mend."""
    if isinstance(error, InvalidToken):
        return phrase(
            "Telegram does not know our bot: the token is wrong, or was revoked. Nothing that customers write there "
            "reaches the desk. Put the right one into .env as TELEGRAM_BOT_TOKEN, and start the desk again."
        )
    if isinstance(error, Conflict):
        return phrase(
            "Another program reads our Telegram bot's messages, or has them sent to it. Stop it, or give the desk a "
            "bot of its own: deskbell doctor"
        )
    return None

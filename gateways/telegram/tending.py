"""That what comes to a bot reaches us is seen to by one process of all, by a lease."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from datetime import timedelta

from telegram.error import RetryAfter, TelegramError

from core.desk import Desk
from core.desk.following import Follower
from core.phrases import Phrase
from core.storage.database import Fenced, StoreDown
from gateways.telegram.arriving import CHANNEL, for_supervisors, stream_of
from gateways.telegram.client import WAIT, Client, said, span_of

log = logging.getLogger(__name__)

HELD = timedelta(seconds=WAIT * 2 + 10)
"""How long a bot is ours without our saying so again: a poll is shorter, and whoever comes after one of us who died
waits no longer."""

REST = 5.0
"""Seconds until we look again whether nobody sees to a bot any more."""

_LONGEST_REST = 60.0


class Tending(ABC):
    """Sees to one bot where nobody else does."""

    def __init__(self, desk: Desk, client: Client, owner: str, rest: float = REST):
        self._desk, self._client, self._owner, self._rest = desk, client, owner, rest
        self._stream = stream_of(client.id)
        self._task: asyncio.Task[None] | None = None
        self._stopping = self._is_told = False
        self._fence: int | None = None  # with which we began; None: we have to begin

    @abstractmethod
    async def begin(self) -> None:
        """It is ours now, and was not before. Raises TelegramError."""

    @abstractmethod
    async def tend(self, follower: Follower) -> None:
        """Once, for at most half as long as it stays ours. Raises TelegramError, StoreDown, Fenced."""

    async def start(self, alone: bool) -> None:
        """`alone`: no other process can be seeing to it."""
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
                if follower.fence != self._fence:
                    await self._tell_who_we_are()
                    await self.begin()
                    self._fence = follower.fence
                await self.tend(follower)
                failures = 0
            except Fenced:
                log.warning("somebody else sees to Telegram now")
            except RetryAfter as error:
                await asyncio.sleep(span_of(error).total_seconds())
            except (TelegramError, StoreDown) as error:
                failures += 1
                self._fence = None  # who else has a say in it may have changed
                await self._complain(error, failures)
                await asyncio.sleep(min(self._rest * 2 ** min(failures - 1, 8), _LONGEST_REST))
            except Exception:
                failures += 1
                log.exception("seeing to Telegram failed")
                await asyncio.sleep(min(self._rest * 2 ** min(failures - 1, 8), _LONGEST_REST))

    async def _tell_who_we_are(self) -> None:
        """Let the desk know our name there, once, so that customers can be invited."""
        if not self._is_told:
            me = await self._client.me()
            await self._desk.open_door.soon(CHANNEL, me.door, f"https://t.me/{me.username}?start={{token}}")
            self._is_told = True

    async def _complain(self, error: Exception, failures: int) -> None:
        why = said(error) if isinstance(error, TelegramError) else str(error)
        log.warning("Telegram cannot be read (%s times now): %s", failures, why)
        if (told := for_supervisors(error)) is not None:
            await self._tell(told)

    async def _tell(self, told: Phrase) -> None:
        """What only a person can mend."""
        try:
            await self._desk.cannot_hear.soon(CHANNEL, told)
        except StoreDown as down:
            log.warning("nobody could be told: %s", down)

"""Telegram brings what comes here: each update is committed before it is taken, and comes again where it is not."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import BadRequest

from core.desk import Desk
from core.desk.following import Follower
from core.phrases import Phrase, phrase
from core.storage.database import StoreDown
from gateways.telegram.arriving import CHANNEL, arrived, is_ours, path_of
from gateways.telegram.client import HEARD, Client, Hook, said
from gateways.telegram.tending import REST, Tending

log = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"

LOOK_AGAIN = 10.0
"""Seconds after which we look again whether Telegram still brings it here, and whether it can."""


class Webhook(Tending):
    """Every process that serves it takes what is brought; one of all tells Telegram where to."""

    def __init__(self, desk: Desk, client: Client, owner: str, url: str, rest: float = REST):
        super().__init__(desk, client, owner, rest)
        self.url = address(url, client.id)
        self._look_again = min(LOOK_AGAIN, rest * 2)
        self._is_set = self._was_troubled = False
        self._since: datetime = desk.db.clock()

    def add_to(self, app: web.Application) -> None:
        """Serve it there."""
        app.router.add_post(path_of(self._client.id), self.take)

    async def take(self, request: web.Request) -> web.Response:
        """One update: 200 once it is kept; anything else, and Telegram brings it again."""
        told = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(told, self._client.secret.encode()):
            return web.Response(status=403)
        try:
            one = arrived(self._client.id, json.loads(await request.read()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("Telegram brought what is no update: %r", error)
            return web.Response(status=400)
        try:
            await self._desk.accept.soon(CHANNEL, one.key, one.lane, one.envelope, one.raw)
        except StoreDown as error:
            log.warning("what Telegram brought could not be kept, and will come again: %s", error)
            return web.Response(status=503)
        return web.Response()

    async def begin(self) -> None:
        """Telegram is told where to bring it, whatever it knew: our secret cannot be seen there."""
        self._is_set = False

    async def tend(self, follower: Follower) -> None:
        await self.look()
        await asyncio.sleep(self._look_again)

    async def look(self) -> None:
        """Whether what comes is brought to us. What can be done about it is done, and of the rest supervisors hear.

        Raises TelegramError.
        """
        hook = await self._client.hook()
        if hook.url and not is_ours(self._client.id, hook.url):
            await self._tell(brought_elsewhere(hook))
        elif not self._is_set or hook.url != self.url or hook.kinds != frozenset(HEARD):
            await self._set()
        else:
            is_troubled = bool(hook.waiting and hook.troubled_at and hook.troubled_at > self._since)
            if is_troubled and self._was_troubled:
                await self._tell(not_brought(hook))
            self._was_troubled = is_troubled

    async def _set(self) -> None:
        try:
            await self._client.bring_to(self.url)
        except BadRequest as error:
            told = phrase(
                "Telegram does not bring what customers write to {url}: {reason}. Set WEB_URL to an https address that "
                "the world reaches, or TELEGRAM_MODE=polling.",
                url=self.url,
                reason=said(error),
            )
            await self._tell(told)
        else:
            self._is_set = True
            log.info("Telegram brings what comes to %s", self.url)


def address(url: str, bot: int) -> str:
    """Where Telegram is to bring what comes; `url` is under what the world reaches us."""
    return url.rstrip("/") + path_of(bot)


def brought_elsewhere(hook: Hook) -> Phrase:
    """Somebody else has it."""
    return phrase(
        "What customers write to our Telegram bot is sent to {host}, which is no desk. Take that back where it was set "
        "(deleteWebhook), or give the desk a bot of its own.",
        host=urlsplit(hook.url).hostname or "?",
    )


def not_brought(hook: Hook) -> Phrase:
    """Telegram cannot bring it."""
    return phrase(
        "Telegram cannot bring us what customers write, and keeps it for a day ({number} waiting): {reason}. Let your "
        "web server hand {path} on to WEB_PORT.",
        number=hook.waiting,
        reason=hook.trouble,
        path=urlsplit(hook.url).path,
    )

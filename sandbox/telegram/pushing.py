"""Updates that are brought to a webhook: in order within a chat, so many at once, each again until it is taken."""

import asyncio
import json
import re
import time
from urllib.parse import urlsplit

import aiohttp

from sandbox.errors import Json
from sandbox.telegram.answers import bad
from sandbox.telegram.chats import Chats

CONNECTIONS, MOST_CONNECTIONS = 40, 100
PATIENCE = aiohttp.ClientTimeout(total=10)
RETRIES = (0.5, 1.0, 2.0, 5.0)
"""Seconds after which an update comes again that was not taken; the last of them from then on."""

USUAL = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post", "edited_channel_post",
         "business_connection", "business_message", "edited_business_message", "deleted_business_messages")  # fmt: skip
"""What comes where a bot names nothing; reactions and members must be named."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HERE = ("127.0.0.1", "localhost", "::1")


class Pushing:
    """Brings to the webhook what the bot is to hear, while there is one."""

    def __init__(self, chats: Chats, retries: tuple[float, ...] = RETRIES) -> None:
        self._chats, self.retries = chats, retries
        self._task: asyncio.Task[None] | None = None
        self._under_way: dict[str, asyncio.Task[None]] = {}  # by chat: what is said there comes in order
        self._trouble: Json = {}

    def begin(self) -> None:
        """Also after a restart: a webhook stays until somebody takes it back."""
        if self._chats.webhook is not None and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        for task in filter(None, (self._task, *self._under_way.values())):
            task.cancel()

    def set(self, given: Json) -> None:
        """As setWebhook says; an empty address takes it back. Raises BotApiError."""
        url = given.get("url", "")
        if url:
            _check(url, given.get("secret_token", ""))
        kinds = json.loads(given["allowed_updates"]) if given.get("allowed_updates") else []
        connections = min(max(int(given.get("max_connections", CONNECTIONS)), 1), MOST_CONNECTIONS)
        hook = {"url": url, "secret": given.get("secret_token", ""), "kinds": kinds, "connections": connections}
        self._trouble = {}
        self._chats.set_webhook(hook if url else None)
        self.begin()

    def info(self) -> Json:
        """As getWebhookInfo says."""
        hook = self._chats.webhook or {}
        said = {
            "url": hook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self._chats.updates),
        }
        if not hook:
            return said
        kinds = {"allowed_updates": hook["kinds"]} if hook.get("kinds") else {}
        return {**said, "max_connections": hook.get("connections", CONNECTIONS), **kinds, **self._trouble}

    async def _run(self) -> None:
        async with aiohttp.ClientSession(timeout=PATIENCE) as http:
            while (hook := self._chats.webhook) is not None:
                self._chats.came.clear()
                at_once = asyncio.Semaphore(hook.get("connections", CONNECTIONS))
                while self._chats.webhook == hook:
                    self._begin_what_waits(http, hook, at_once)
                    await self._chats.came.wait()
                    self._chats.came.clear()

    def _begin_what_waits(self, http: aiohttp.ClientSession, hook: Json, at_once: asyncio.Semaphore) -> None:
        wanted = set(hook.get("kinds") or USUAL)
        for key, update in list(self._chats.updates.items()):
            if not wanted & update.keys():
                self._chats.forget(key)
            elif (chat := _chat_of(update)) not in self._under_way:
                task = asyncio.create_task(self._bring(http, hook, at_once, key, update))
                self._under_way[chat] = task
                task.add_done_callback(lambda _, chat=chat: self._is_over(chat))

    def _is_over(self, chat: str) -> None:
        self._under_way.pop(chat, None)
        self._chats.came.set()

    async def _bring(
        self, http: aiohttp.ClientSession, hook: Json, at_once: asyncio.Semaphore, key: str, update: Json
    ) -> None:
        tries = 0
        while self._chats.webhook == hook and key in self._chats.updates:
            async with at_once:
                problem = await _refusal(http, hook, update)
            if problem is None:
                self._chats.forget(key)
                return
            self._trouble = {"last_error_date": int(time.time()), "last_error_message": problem}
            await asyncio.sleep(self.retries[min(tries, len(self.retries) - 1)])
            tries += 1


def _check(url: str, secret: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")


def _chat_of(update: Json) -> str:
    """Whose order an update is in."""
    said: Json = next((value for name, value in update.items() if name != "update_id"), {})
    chat = said.get("chat") or said.get("user") or said.get("message", {}).get("chat") or {}
    return str(chat.get("id", "other"))


async def _refusal(http: aiohttp.ClientSession, hook: Json, update: Json) -> str | None:
    """What is wrong with whoever was to take it; None where they have."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
    try:
        async with http.post(hook["url"], json=update, headers=headers) as answer:
            if 200 <= answer.status < 300:
                return None
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except TimeoutError:
        return "Read timeout expired"
    except aiohttp.ClientError:
        return "Connection refused"

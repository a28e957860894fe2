"""The Bot API through python-telegram-bot: its types and calls, without its rate limiter and its Updater."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from telegram import (
    Bot,
    BusinessConnection,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

HEARD = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
)
"""The kinds of updates that are asked for."""

WAIT = 10
"""Seconds that a long poll waits for something to come."""

LARGEST_IN = 20 * 1024 * 1024
"""Bytes of a file that a bot may download."""

LARGEST_OUT = 50 * 1024 * 1024
"""Bytes of a file that a bot may send."""

AT_ONCE = 1
"""Connections by which Telegram brings what comes, where it does: one keeps the order, and brings more in a second than
a bot may answer."""

_TOKEN = re.compile(r"\d{5,}:[\w-]{20,}")
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


Buttons = Sequence[Sequence[tuple[str, str]]]
"""Rows of buttons, each as (what is told when it is pressed, what it says)."""


class Me(NamedTuple):
    """The bot itself; `door` is how the desk calls it."""

    id: int
    username: str

    @property
    def door(self) -> str:
        return f"@{self.username}"


class Hook(NamedTuple):
    """Where Telegram brings what comes to the bot; `url` is empty where it is asked for. `trouble` is what was wrong
    when it could not bring something last.
    """

    url: str
    kinds: frozenset[str]
    waiting: int
    trouble: str = ""
    troubled_at: datetime | None = None


class To(NamedTuple):
    """Where something goes: a chat, a topic in it; `by`: the connection with somebody's account that says it."""

    chat: int
    topic: int | None = None
    by: str | None = None


class Sent(NamedTuple):
    """A file that leaves, and as what: photo, video, document."""

    name: str
    kind: str
    content: bytes


@cache
def _believed() -> ssl.SSLContext:
    """Who is believed to be Telegram, as httpx has it by itself. To read the list takes longer than a message."""
    return httpx.create_ssl_context()


class Client:
    """One bot's calls. The token is in every address that is asked, so what fails is told without addresses."""

    def __init__(self, token: str, url: str = "https://api.telegram.org"):
        os.environ.setdefault("PTB_TIMEDELTA", "true")  # spans as such; without it the library warns
        self.id = int(token.partition(":")[0])
        self.secret = hmac.new(token.encode(), b"deskbell: who brings what comes", hashlib.sha256).hexdigest()
        """What whoever brings something says, so that we know it is Telegram: the same in every process of ours."""
        self._base = f"{url.rstrip('/')}/bot{token}"
        whom: dict[str, Any] = {"httpx_kwargs": {"verify": _believed()}}
        self._polling = HTTPXRequest(connection_pool_size=2, read_timeout=WAIT + 10, **whom)
        calls = HTTPXRequest(connection_pool_size=16, pool_timeout=10, read_timeout=30, media_write_timeout=120, **whom)
        never = HTTPXRequest(**whom)  # what comes is asked for by the first
        self._bot = Bot(
            token,
            base_url=f"{url.rstrip('/')}/bot",
            base_file_url=f"{url.rstrip('/')}/file/bot",
            request=calls,
            get_updates_request=never,
        )
        self._lines = (self._polling, calls, never)
        self._me: Me | None = None
        self._is_open = False

    async def close(self) -> None:
        self._is_open = False
        for line in self._lines:  # also where opening them all was refused
            await line.shutdown()

    async def me(self) -> Me:
        """Who we are there; asked once. Raises TelegramError."""
        await self._open()
        assert self._me is not None
        return self._me

    async def hook(self) -> Hook:
        """Whether Telegram brings what comes to the bot, and where. Raises TelegramError."""
        await self._open()
        info = await self._bot.get_webhook_info()
        kinds = frozenset(info.allowed_updates or ())
        return Hook(
            info.url or "", kinds, info.pending_update_count, info.last_error_message or "", info.last_error_date
        )

    async def bring_to(self, url: str) -> None:
        """Let Telegram bring what comes from now on, with our secret. Raises TelegramError."""
        await self._open()
        await self._bot.set_webhook(url, secret_token=self.secret, allowed_updates=HEARD, max_connections=AT_ONCE)

    async def bring_no_more(self) -> None:
        """It is asked for again; what waits, waits. Raises TelegramError."""
        await self._open()
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def updates(self, offset: int, wait: int = WAIT) -> list[Mapping[str, Any]]:
        """What came from number `offset` on, as it came; everything before is confirmed. 0: all that is not confirmed.

        Raises TelegramError.
        """
        await self._open()
        asked = {"offset": offset, "timeout": wait, "limit": 100, "allowed_updates": json.dumps(HEARD)}
        found: Any = await self._polling.post(f"{self._base}/getUpdates?{urlencode(asked)}")
        return found if isinstance(found, list) else []

    async def file(self, id: str) -> bytes:
        """A file's bytes. Raises TelegramError."""
        await self._open()
        known = await self._bot.get_file(id)
        return bytes(await known.download_as_bytearray())

    async def say(self, to: To, text: str, answers: int | None = None, buttons: Buttons = ()) -> Message:
        """Plain words: nothing in them is markup. With buttons below them, or none. Raises TelegramError."""
        await self._open()
        return await self._bot.send_message(
            to.chat,
            text,
            message_thread_id=to.topic,
            business_connection_id=to.by,
            reply_parameters=_answering(answers),
            reply_markup=_keyboard(buttons),
            disable_notification=False,
        )

    async def delete(self, to: To, message: int) -> None:
        """Take a message of ours away; where it is gone already, all is well. Raises TelegramError."""
        await self._open()
        try:
            if to.by is None:
                await self._bot.delete_message(to.chat, message)
            else:
                await self._bot.delete_business_messages(to.by, [message])
        except BadRequest as error:
            if "not found" not in error.message.casefold():
                raise

    async def settle(self, to: To, message: int, text: str, buttons: Buttons = ()) -> None:
        """Let a message of ours say this, with these buttons or none. Raises TelegramError."""
        await self._open()
        try:
            await self._bot.edit_message_text(
                text, to.chat, message, business_connection_id=to.by, reply_markup=_keyboard(buttons)
            )
        except BadRequest as error:
            if "not modified" not in error.message.casefold():
                raise

    async def send_files(self, to: To, files: Sequence[Sent]) -> list[Message]:
        """Files, several shown together: pictures and films as such where Telegram takes them, else as documents.

        Raises TelegramError.
        """
        await self._open()
        try:
            return await self._send_files(to, files)
        except TelegramError as error:
            if all(one.kind == "document" for one in files) or not _is_not_shown(error):
                raise
        return await self._send_files(to, [one._replace(kind="document") for one in files])

    async def _send_files(self, to: To, files: Sequence[Sent]) -> list[Message]:
        bot, where = self._bot, {"message_thread_id": to.topic, "business_connection_id": to.by}
        if len(files) > 1:
            media = [_IN_ALBUM[one.kind](one) for one in files]
            return list(await bot.send_media_group(to.chat, media, **where))
        [one] = files
        file = InputFile(one.content, filename=one.name)
        if one.kind == "photo":
            return [await bot.send_photo(to.chat, file, **where)]
        if one.kind == "video":
            return [await bot.send_video(to.chat, file, supports_streaming=True, **where)]
        return [await bot.send_document(to.chat, file, disable_content_type_detection=True, **where)]

    async def type(self, to: To) -> None:
        """Let it be seen there, for a few seconds, that somebody writes. Raises TelegramError."""
        await self._open()
        await self._bot.send_chat_action(
            to.chat, ChatAction.TYPING, message_thread_id=to.topic, business_connection_id=to.by
        )

    async def connection(self, id: str) -> BusinessConnection:
        """Whose account it is that we may speak for. Raises TelegramError."""
        await self._open()
        return await self._bot.get_business_connection(id)

    async def took_press(self, id: str) -> None:
        """Let the button's clock stop."""
        await self._open()
        await self._bot.answer_callback_query(id)

    async def _open(self) -> None:
        if self._is_open:
            return
        await self._polling.initialize()
        await self._bot.initialize()
        self._is_open = True
        me = self._bot.bot
        self._me = Me(me.id, me.username or str(me.id))


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(said, callback_data=data) for data, said in row] for row in buttons]
    return InlineKeyboardMarkup(rows) if rows else None


def read_update(raw: bytes) -> Update:
    """An update as the library understands it; what a newer Telegram adds is kept aside."""
    update = Update.de_json(json.loads(raw), None)
    assert update is not None
    return update


def said(error: TelegramError) -> str:
    """What went wrong, without the token."""
    if isinstance(error, InvalidToken):
        return "Telegram does not know this bot: the token is wrong, or was revoked"
    return _TOKEN.sub("…", error.message)


def span_of(error: RetryAfter) -> timedelta:
    """How long we are to rest."""
    after = error.retry_after
    return after if isinstance(after, timedelta) else timedelta(seconds=after)


def never_left(error: NetworkError) -> bool:
    """Whether a call certainly did not reach Telegram."""
    return isinstance(error.__cause__, _NEVER_LEFT)


def _answering(message: int | None) -> ReplyParameters | None:
    return None if message is None else ReplyParameters(message, allow_sending_without_reply=True)


def _is_not_shown(error: TelegramError) -> bool:
    """Whether a file is no picture or film to Telegram, whatever it says of itself."""
    words = ("IMAGE_PROCESS", "PHOTO_INVALID", "PHOTO_EXT", "DIMENSIONS", "VIDEO_CONTENT_TYPE", "VIDEO_FILE_INVALID")
    return any(word in error.message.upper() for word in words)


def _document(one: Sent) -> InputMediaDocument:
    return InputMediaDocument(one.content, filename=one.name, disable_content_type_detection=True)


_IN_ALBUM: Mapping[str, Callable[[Sent], InputMediaPhoto | InputMediaVideo | InputMediaDocument]] = {
    "photo": lambda one: InputMediaPhoto(one.content, filename=one.name),
    "video": lambda one: InputMediaVideo(one.content, filename=one.name, supports_streaming=True),
    "document": _document,
}


def ids_of(bot: int, messages: Sequence[Message], owner: int | None = None) -> list[str]:
    """How the desk calls messages of a chat, our own or in somebody's account."""
    return [external_id(bot, one.chat.id, one.message_id, owner) for one in messages]


def external_id(bot: int, chat: int, message: int, owner: int | None = None) -> str:
    """Messages are numbered by each bot and chat, and by each account that a bot speaks for."""
    return f"{bot}:{chat}:{message}" if owner is None else f"{bot}:b{owner}:{chat}:{message}"

"""Answers that have left, changed or taken away in chats. What is too old for Telegram to take it away stays."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from core.engine.amending import NotChanged
from core.engine.hands import Later
from gateways.telegram.client import Client, said, span_of


class Copies:
    """What our bot said in chats."""

    def __init__(self, client: Client):
        self.client = client

    async def change(self, to: str, id: str, text: str) -> None:
        with _sorted():
            await self.client.settle(*_name(id), text)

    async def take_away(self, to: str, id: str, is_file: bool) -> None:
        with _sorted():
            await self.client.delete(*_name(id))


def _name(id: str) -> tuple[int, int]:
    """The chat of a message, and its number there."""
    _, chat, message = id.split(":")
    return int(chat), int(message)


@contextmanager
def _sorted() -> Generator[None]:
    """What Telegram says as whoever changes it has to know it."""
    try:
        yield
    except RetryAfter as often:
        raise Later(said(often), span_of(often), pace="telegram", counts=False) from often
    except InvalidToken as wrong:
        raise Later(said(wrong), timedelta(minutes=1), pace="telegram", counts=False) from wrong
    except (BadRequest, Forbidden, ChatMigrated) as no:
        raise NotChanged(said(no)) from no
    except TelegramError as error:
        raise Later(said(error)) from error

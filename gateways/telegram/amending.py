"""Answers that have left, changed or taken away in chats. What is too old for Telegram to take it away stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from core.engine.amending import NotChanged
from core.engine.hands import Later
from gateways.telegram.client import Client, To, said, span_of


class Copies:
    """What our bot said in chats. `where`: where an address leads now; raises NotChanged where we may say nothing."""

    def __init__(self, client: Client, where: Callable[[str], Awaitable[To]]):
        self.client, self._where = client, where

    async def change(self, to: str, id: str, text: str) -> None:
        there = await self._where(to)
        with _sorted():
            await self.client.settle(there, _number(id), text)

    async def take_away(self, to: str, id: str, is_file: bool) -> None:
        there = await self._where(to)
        with _sorted():
            await self.client.delete(there, _number(id))


def _number(id: str) -> int:
    """Of a message, in its chat."""
    return int(id.rpartition(":")[2])


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

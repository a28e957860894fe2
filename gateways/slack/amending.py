"""Answers that have left, changed or taken away in customers' threads."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from core.desk import Desk
from core.engine.amending import NOT_THERE, NotChanged
from core.engine.hands import Later
from core.storage.customers_rooms import Seat
from gateways.slack.keeping import TOKEN
from gateways.slack.wire import Gone, RateLimited, Refused, Slack, SlackError, TokenWrong
from gateways.slack.writing import place, shown


class Copies:
    """What we said in customers' threads: messages by their time, files by their id."""

    def __init__(self, desk: Desk, slack: Slack):
        self.desk, self.slack = desk, slack

    async def change(self, to: str, id: str, text: str) -> None:
        seat = await self._seat(to)
        with _sorted():
            await self.slack.update(seat.room, _name(id), *shown(text))

    async def take_away(self, to: str, id: str, is_file: bool) -> None:
        seat = await self._seat(to)
        with _sorted():
            try:
                await (self.slack.delete_file(_name(id)) if is_file else self.slack.delete(seat.room, _name(id)))
            except Gone as gone:
                if gone.is_room:
                    raise

    async def _seat(self, to: str) -> Seat:
        where = place(to)
        seat = await self.desk.seat_of.soon(where.seat) if where else None
        if seat is None:
            raise NotChanged(NOT_THERE)
        return seat


def _name(id: str) -> str:
    return id.rpartition(":")[2]


@contextmanager
def _sorted() -> Generator[None]:
    """What Slack says as whoever changes it has to know it."""
    try:
        yield
    except RateLimited as often:
        raise Later(str(often), often.retry_after, pace="slack-update", counts=False) from often
    except TokenWrong as wrong:
        raise Later(str(wrong), TOKEN, counts=False) from wrong
    except (Gone, Refused) as no:
        raise NotChanged(NOT_THERE if no.code == "message_not_found" else str(no)) from no
    except SlackError as error:
        raise Later(str(error), timedelta(seconds=10)) from error

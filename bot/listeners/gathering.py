"""Saying of tickets whether they are about one matter, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.views import gathering


async def put_together(act: Act) -> Answer:
    await act.agent()
    await act.desk.put_together.soon(number_in(act.payload.value), act.by)
    return None


async def keep_separate(act: Act) -> Answer:
    await act.agent()
    await act.desk.keep_separate.soon(number_in(act.payload.value), act.by)
    return None


async def take_apart(act: Act) -> Answer:
    await act.agent()
    await act.desk.take_apart.soon(number_in(act.payload.value), act.by)
    return None


ACTIONS: Mapping[str, Listener] = {
    gathering.GATHER: put_together,
    gathering.SEPARATE: keep_separate,
    gathering.PART: take_apart,
}

"""Buttons on strangers' cards: let them in, or give them a ticket of their own."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener
from bot.views.stranger import chosen


async def let_in(act: Act) -> Answer:
    await act.agent()
    meant, person = chosen(act.payload.value)
    await act.desk.let_in.soon(act.number, person, act.by, meant)


async def turn_away(act: Act) -> Answer:
    """Their words become a ticket of their own; of two who decide at once the second is told who did."""
    await act.agent()
    meant, person = chosen(act.payload.value)
    await act.desk.turn_away.soon(act.number, person, act.by, meant)


ACTIONS: Mapping[str, Listener] = {"stranger-in": let_in, "stranger-out": turn_away}

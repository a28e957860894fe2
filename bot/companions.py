"""What is looked up to put the window up that says what a ticket has to do with others."""

from __future__ import annotations

import re

from bot.acts import Act, Answer, number_in
from bot.posting import place_of
from bot.views import together
from core.phrases import Phrase
from gateways.slack.wire.blocks import Block

_BETWEEN = re.compile(r"[\s,;#]+")

MOST_SAID = 50
"""Numbers that somebody writes at once."""


def numbers_in(said: str) -> list[int]:
    """Tickets' numbers as people write several. Raises Refused."""
    return [number_in(one) for one in _BETWEEN.split(said.strip())[: MOST_SAID + 1] if one]


async def show_companions(act: Act) -> Answer:
    """What a ticket has to do with others, and what can be done about it."""
    await act.agent()
    await act.open(await window(act, act.number))


async def window(act: Act, number: int, warning: Phrase | None = None) -> Block:
    """The window as it is now."""
    agent = await act.agent()
    workspace = (await act.slack.me()).url
    found = await act.desk.companions.soon(number)
    return together.show(found, lambda post: place_of(workspace, post), agent.reader, warning)

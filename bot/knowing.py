"""What is looked up to put the window up that says who a customer is."""

from __future__ import annotations

from bot.acts import Act
from bot.posting import place_of
from bot.views import person
from core.phrases import Phrase
from gateways.slack.wire.blocks import Block


async def known(act: Act, number: int, warning: Phrase | None = None) -> Block:
    """The window as it is now."""
    agent = await act.agent()
    card = await act.desk.card.soon(number)
    workspace = (await act.slack.me()).url
    found = await act.desk.person.soon(number)
    return person.show(card, found, lambda post: place_of(workspace, post), agent.reader, warning)

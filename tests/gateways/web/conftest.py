"""A desk beside a partner: messages are brought, the desk works, webhooks come; its clock stands still in between."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.engine.hands import Backoff
from core.tickets.model import Message
from core.tickets.sources import Told
from gateways.web.hands import Web
from tests.apart import Lent
from tests.gateways.web.partner import HERE, Partner, partner_of
from tests.world import ANN, World

SOON = Backoff(first=timedelta(seconds=2), most=timedelta(seconds=8), tries=5)


class Partnered:
    """The desk of `world`, drained by hand, and partners of it."""

    def __init__(self, world: World, apart: Apart):
        self.world, self.desk = world, world.desk
        self.web = Web(world.desk, apart, HERE, SOON)
        self.drainer = Drainer(world.desk, {**world.drainer.hands, **self.web.hands}, "the-test")
        self.around = AsyncExitStack()
        self.shop: Partner

    async def partner(self, name: str, **more: Any) -> Partner:
        return await self.around.enter_async_context(partner_of(self.desk, name, **more))

    async def works(self, seconds: int = 0) -> None:
        """Everything that is due is done, while time passes in steps that nothing is missed by."""
        await self._drains()
        while seconds > 0:
            step = min(seconds, 10)
            self.world.now += timedelta(seconds=step)
            seconds -= step
            await self._drains()

    async def _drains(self) -> None:
        for _ in range(20):
            due = await self.desk.waiting_destinations.soon(self.drainer.kinds)
            ready = [destination for destination, at in due.items() if at <= self.world.now]
            back = [await self.drainer.drain(destination) for destination in ready]
            if all(at is not None and at > self.world.now for at in back):  # what is due stands behind what is not
                return

    async def replies(self, number: int, text: str, **more: Any) -> int:
        """Ann answers, and it has left, unless something keeps it."""
        message = await self.desk.reply.soon(number, ANN, text, **more)
        assert message is not None
        await self.works(20)
        return message

    async def said(self, number: int) -> list[Message]:
        return list(await self.desk.conversation.soon(number))


@pytest.fixture
async def partnered(world: World) -> AsyncGenerator[Partnered]:
    apart = Lent()
    made = Partnered(world, apart)
    async with made.around:
        made.shop = await made.partner("shop", told=tuple(Told))
        yield made
    await made.web.close()
    await apart.close()

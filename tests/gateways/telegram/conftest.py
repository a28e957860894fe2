"""A desk with a bot beside the Bot API's stand-in: phones write, the desk hears and answers, step by step."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.storage.ledger import Entry
from core.tickets.model import Message
from gateways.telegram.client import Client
from gateways.telegram.hands import Telegram
from gateways.telegram.polling import Polling
from sandbox import Sandbox
from tests.apart import Lent
from tests.world import ANN, World

CARLA, MAX, PRIYA = 20000001, 20000002, 20000003


class Chatting:
    """The desk of `world`, which is asked and drained by hand; its clock stands still in between."""

    def __init__(self, world: World, box: Sandbox, apart: Apart):
        self.world, self.desk, self.box = world, world.desk, box
        self.client = Client(box.telegram_token, box.telegram_api_url)
        self.telegram = Telegram(world.desk, self.client, apart)
        self.polling = Polling(world.desk, self.client, "the-test")
        self.drainer = Drainer(world.desk, {**world.drainer.hands, **self.telegram.hands}, "the-chat")

    async def hears(self) -> int:
        """What came is kept, then confirmed by the next question. How many updates were not confirmed before."""
        follower = await self.desk.follow.soon(f"telegram:{self.client.id}", "the-test", timedelta(minutes=5))
        assert follower is not None
        waited = len(self.box.telegram.updates)
        while self.box.telegram.updates:
            await self.polling.ask(follower, wait=0)
        return waited

    async def works(self, seconds: float = 30) -> None:
        """Hear what came, and do everything that is due, while time passes: from one due time to the next, and by
        seconds, at most thirty, where something waits for its turn."""
        await self.hears()
        end = self.world.now + timedelta(seconds=seconds)
        step = timedelta(seconds=max(1.0, seconds / 30))
        while await self.drains() or self.world.now < end:
            dues = [job.due for job in await self.desk.jobs.soon()]
            waits = any(due <= self.world.now for due in dues)
            following = self.world.now + step if waits else min(dues, default=end)
            self.world.now = min(following, end)

    async def drains(self) -> None:
        """Everything that is due now. What is due and stands behind something that is not stays where it is."""
        stood: list[Entry] = []
        while stood != (stands := await self.desk.jobs.soon()):
            stood = stands
            due = await self.desk.waiting_destinations.soon(self.drainer.kinds)
            ready = [destination for destination, at in due.items() if at <= self.world.now]
            for destination in ready:
                await self.drainer.drain(destination)

    async def replies(self, number: int, text: str, **more: Any) -> None:
        """Ann answers; it has left, unless something keeps it."""
        await self.desk.reply.soon(number, ANN, text, **more)
        await self.works()

    def shown(self, chat: int = CARLA) -> list[str]:
        """What the bot said in a chat."""
        bot = self.box.telegram.bot["id"]
        said = [one for one in self.box.telegram.of(chat) if one["from"]["id"] == bot]
        return [one.get("text") or one.get("caption") or one["document"]["file_name"] for one in said]

    async def heard(self, number: int) -> list[str]:
        """What customers said in a ticket."""
        return [one.text for one in await self.said(number) if one.part.value == "requester"]

    async def notes(self, number: int) -> list[str]:
        return [one.text for one in await self.said(number) if one.part.value == "note"]

    async def said(self, number: int) -> list[Message]:
        return list(await self.desk.conversation.soon(number))


@pytest.fixture
async def chatting(world: World) -> AsyncGenerator[Chatting]:
    async with Sandbox(tiers=False) as box:
        apart = Lent()
        made = Chatting(world, box, apart)
        try:
            yield made
        finally:
            await made.client.close()
            await apart.close()

"""Customers in Slack beside a desk that is worked by hand: they speak, the desk hears and answers, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.rulebook import CustomersRoom
from core.templates.locales import translate
from core.tickets.model import Message, Part
from gateways.slack.arriving import Arriving
from gateways.slack.hands import Customers
from gateways.slack.wire import Slack
from gateways.slack.wire.plain import spoken
from gateways.slack.wire.text import escape
from sandbox import Sandbox
from sandbox.errors import Json
from tests.world import ANN, World

P = ParamSpec("P")
R = TypeVar("R")

ACME = "T0ACME"
ROOM = "acme-help"


class Here(Apart):
    """Not apart: what is understood in a child is understood in this process, which is quicker to begin."""

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)


class Rooms:
    """The desk of `world`, with a room that is shared with another company; its clock stands still in between."""

    def __init__(self, world: World, box: Sandbox, apart: Apart):
        self.world, self.desk, self.box = world, world.desk, box
        self.slack = Slack(box.bot_token, box.slack_api_url)
        self.arriving = Arriving(world.desk, self.slack)
        self.customers = Customers(world.desk, self.slack, apart)
        self.drainer = Drainer(world.desk, {**world.drainer.hands, **self.customers.hands}, "the-room")
        self.people: dict[str, str] = {}
        self._heard = 0

    async def open(self, name: str = ROOM) -> None:
        """A room, with a customer of another company in it."""
        await self.rules(room=name)
        await self.box.new_room("U0SAM", name)
        await self.box.join("U0ANN", name)
        await self.comes("Carla Gómez", name)
        await self.moves_in()

    async def rules(self, **room: Any) -> None:
        """The rulebook says this of the room from now on."""
        book = await self.desk.book.soon()
        one = CustomersRoom(**{"room": ROOM, "queue": "support", **room})
        await self.desk.apply.soon(book.model_copy(update={"customers_rooms": (one,)}), "test")

    async def comes(self, name: str, room: str = ROOM, team: str = ACME, **more: Any) -> str:
        """Somebody joins a room; their id."""
        made = await self.box.new_person(name, team_id=team, **more)
        self.people[name.split()[0].lower()] = made["user"]
        await self.box.join(made["user"], room)
        return made["user"]

    async def moves_in(self) -> list[str]:
        """Be where the rulebook says; what a person must do."""
        listed = [one async for one in self.slack.channels()]
        return [translate(said) for said in await self.arriving.move_in(await self.desk.book.soon(), listed)]

    async def says(self, text: str, *, who: str = "carla", thread: str | None = None, **more: Any) -> str:
        """Somebody says something; its time, which is its name."""
        user = self.people.get(who, who)
        said = await self.box.say(user, more.pop("room", ROOM), text, thread_ts=thread, **more)
        return said["ts"]

    async def types(self, text: str, who: str, thread: str | None = None) -> str:
        """The same, with every letter as it is: what would be markup was taken back by whoever typed it."""
        user = self.people[who]
        run = {"type": "text", "text": text}
        block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [run]}]}
        team = self.box.slack.people.find(user)["team_id"]
        message = {"user": user, "team": team, "text": escape(text), "blocks": [block], "thread_ts": thread or ""}
        return self.box.slack.messages.post(self.box.room(ROOM), message)["ts"]

    async def hears(self) -> None:
        """What Slack tells is kept."""
        for one in self.told():
            await self.arriving.takes(one)

    def told(self) -> list[Json]:
        """What Slack has told since it was asked last."""
        log = [one.payload for one in self.box.slack.deliveries.log]
        fresh, self._heard = log[self._heard :], len(log)
        return fresh

    async def works(self, seconds: float = 15) -> None:
        """Hear what was said, and do everything that is due, while time passes."""
        await self.hears()
        end = self.world.now + timedelta(seconds=seconds)
        while (again := await self.drains()) is not None and again <= end:
            self.world.now = max(self.world.now, again)
        self.world.now = end
        await self.hears()  # what we said ourselves

    async def drains(self) -> datetime | None:
        """Everything that is due; when something is due next."""
        due: dict[str, datetime] = {}
        for _ in range(20):
            due = dict(await self.desk.waiting_destinations.soon(self.drainer.kinds))
            ready = [destination for destination, at in due.items() if at <= self.world.now]
            if not ready:
                break
            for destination in ready:
                await self.drainer.drain(destination)
        return min((at for at in due.values() if at > self.world.now), default=None)

    async def replies(self, number: int, text: str, **more: Any) -> None:
        """Ann answers; it has left, unless something keeps it."""
        await self.desk.reply.soon(number, ANN, text, **more)
        await self.works()

    def shown(self, thread: str, room: str = ROOM) -> list[str]:
        """What the desk said in a thread."""
        return [words(one) for one in self.ours(room) if one.get("thread_ts") == thread]

    def ours(self, room: str = ROOM) -> Sequence[Json]:
        """Everything that the desk said in a room."""
        return [one for one in self.box.spoken(room) if one.get("bot_id") == "B0DESKBELL"]

    async def said(self, number: int, part: Part | None = None) -> list[Message]:
        return [one for one in await self.desk.conversation.soon(number) if part in (None, one.part)]

    async def heard(self, number: int) -> list[str]:
        return [one.text for one in await self.said(number, Part.REQUESTER)]

    async def notes(self, number: int) -> list[str]:
        return [one.text for one in await self.said(number, Part.NOTE)]

    async def close(self) -> None:
        await self.slack.close()


def words(message: Json) -> str:
    """A message as people read it."""
    return spoken({**message, "files": ()}) or " ".join(file["name"] for file in message.get("files", ()))

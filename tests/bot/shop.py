"""An office whose customers are in Slack, too: in a room that another company shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

from bot.app import Bot
from core.engine.hands import Hands
from gateways.slack.arriving import Arriving
from gateways.slack.hands import Customers
from sandbox.errors import Json
from tests.bot.office import Office
from tests.gateways.slack.rooms import Here, words
from tests.world import RULEBOOK

NOOR, ACME = "U0NOOR", "acme-help"
RULES = f'{RULEBOOK}\n[[customers_rooms]]\nroom = "{ACME}"\nqueue = "support"\n'


class Shop(Office):
    """`async with Shop(url, folder) as shop`, then `open` it."""

    def __init__(self, url: str, folder: Path, rulebook: str = RULES, **more: Any):
        super().__init__(url, folder, rulebook, **{"undo_for": 1.0, "shares_a_room": True, **more})

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.bot = Bot(self.desk, self.slack, self.settings, self.look, Arriving(self.desk, self.slack))
        return self

    def hands(self) -> Hands:
        return {**super().hands(), **Customers(self.desk, self.slack, Here()).hands}

    async def asks(self, text: str, thread: str | None = None) -> str:
        """The customer says something."""
        return (await self.sandbox.say(NOOR, ACME, text, thread_ts=thread))["ts"]

    def shown(self, thread: str) -> list[str]:
        """What the desk said in the customer's thread."""
        return [
            words(one)
            for one in self.sandbox.spoken(ACME)
            if one.get("thread_ts") == thread and one.get("bot_id") == "B0DESKBELL"
        ]

    def seen_by_customer(self) -> str:
        """Everything that the customer can see: rooms they are in, with files; what is for their eyes; windows."""
        box = self.sandbox.slack
        rooms = [room["id"] for room in self.sandbox.rooms if NOOR in room["members"]]
        said: list[Any] = [self.sandbox.messages(room) for room in rooms]
        files = [file for room in said for one in room for file in one.get("files", ())]
        said += [[box.files.data(file["id"]).decode("latin-1") for file in files]]
        said += [[one for one in self.sandbox.ephemeral if one["user"] == NOOR], box.views.homes.get(NOOR)]
        said += [self.sandbox.views.get(NOOR)]
        return json.dumps(said, ensure_ascii=False)

    def heard_by_others(self, user: str) -> list[Json]:
        return [one for one in self.sandbox.ephemeral if one["user"] == user]

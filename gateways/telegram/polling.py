"""What comes is asked for here: each batch is committed before Telegram hears that we have it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from core.desk import Desk
from core.desk.following import Follower
from gateways.telegram.arriving import CHANNEL, arrived, is_ours
from gateways.telegram.client import WAIT, Client
from gateways.telegram.tending import REST, Tending

log = logging.getLogger(__name__)


class Polling(Tending):
    """Asks for what comes to one bot."""

    def __init__(self, desk: Desk, client: Client, owner: str, rest: float = REST):
        super().__init__(desk, client, owner, rest)
        self._confirms = 0  # everything below this is kept; 0: all that was, is confirmed

    async def begin(self) -> None:
        """Where it was brought to us before, it is asked for from now on; what others have set is theirs."""
        if is_ours(self._client.id, (await self._client.hook()).url):
            await self._client.bring_no_more()
            log.info("Telegram brings nothing any more: it is asked")

    async def tend(self, follower: Follower) -> None:
        await self.ask(follower)

    async def ask(self, follower: Follower, wait: int = WAIT) -> None:
        """One question, and what it brings. What is asked next confirms it, so that comes after the commit.

        Only what has just been kept is ever confirmed. A number from before says nothing: after a week of silence
        Telegram goes on with any other (Bot API, Update), and all that is lower would be forgotten unheard. What was
        kept and not confirmed comes again, and is known by its number.
        """
        found = await self._client.updates(self._confirms, wait)
        self._confirms = 0
        if not found:
            return
        found = sorted(found, key=_number)  # in the order in which it happened, however it is told
        await self._desk.take.soon(follower, CHANNEL, [arrived(self._client.id, update) for update in found])
        self._confirms = _number(found[-1]) + 1


def _number(update: Mapping[str, Any]) -> int:
    return int(update["update_id"])

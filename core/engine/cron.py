"""Work that comes round: named, once per round for the whole desk however many processes there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.desk import Desk
from core.storage.database import StoreDown

log = logging.getLogger("deskbell.engine")


@dataclass(frozen=True, slots=True)
class Round:
    """Something to be done every so often. `do` is harmless when done twice."""

    every: timedelta
    do: Callable[[], Awaitable[object]]


class Cron:
    """Calls each round when it is due, unless another process has called it."""

    def __init__(self, desk: Desk, rounds: Mapping[str, Round]):
        self.desk, self.rounds = desk, rounds

    async def run(self) -> None:
        while True:
            for name, round in self.rounds.items():
                try:
                    if await self.desk.take_turn.soon(name, round.every):
                        await round.do()
                except StoreDown as down:
                    log.error("%s has to wait: %s", name, down)
            await asyncio.sleep(self._until_next())

    def _until_next(self) -> float:
        now = self.desk.db.clock()
        return min(((_next(now, r.every) - now).total_seconds() for r in self.rounds.values()), default=3600.0) + 0.01


def _next(now: datetime, every: timedelta) -> datetime:
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + every * ((now - start) // every + 1)

"""Work that comes round: named, once per round for the whole desk however many processes there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.desk import Desk
from core.engine.turns import go_on
from core.engine.virtual import seconds_until


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
                await go_on(f"the round {name}", self._turn(name, round))
            await asyncio.sleep(self._until_next())

    async def _turn(self, name: str, round: Round) -> None:
        if await self.desk.take_turn.soon(name, round.every):
            await round.do()

    def _until_next(self) -> float:
        clock = self.desk.db.clock
        now = clock()
        return min((seconds_until(next_round(now, r.every), clock) for r in self.rounds.values()), default=3600) + 0.01


def next_round(now: datetime, every: timedelta) -> datetime:
    """When the next round begins. They are counted from midnight UTC, which always begins one."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return min(midnight + every * ((now - midnight) // every + 1), midnight + timedelta(days=1))

"""How much memory the whole desk in one process takes while nothing happens."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from bench.corpus import corpus, tagged
from bench.figures import Figure, at_most
from bench.latency import ROOMS
from bench.load import send
from bench.processes import desk, folder, slack
from bench.room import rooms
from bench.scale import Scale
from bench.watch import watching

REST = 3.0
"""Seconds after which what a start needed is given back."""


async def measure(scale: Scale) -> list[Figure]:
    idle: list[float] = []
    after: list[float] = []
    for _ in range(scale.rounds):
        with ExitStack() as stack:
            where = stack.enter_context(folder())
            room = stack.enter_context(slack(where))
            one = stack.enter_context(desk(where, room.settings))
            process = one.processes["run"]
            async with rooms(room.url, ROOMS):
                await asyncio.sleep(REST)
            idle.append(process.rss() / 1e6)
            mails = tagged(corpus(scale.mails), "MEMORY00")
            await send(one.smtp_port, mails, 10)
            with watching(one.database) as watch:
                await watch.until_worked_off()
            after.append(process.rss() / 1e6)
    group = "memory, the whole desk in one process, SQLite"
    return [
        Figure(group, "idle, connected to Slack", "MB", idle, goal=at_most(110)),
        Figure(group, f"after {scale.mails} mails", "MB", after),
    ]

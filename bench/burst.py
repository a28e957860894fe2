"""A burst: a thousand customers' words, told one to three times in any order, while the desk is killed twice."""

from __future__ import annotations

import time
from contextlib import ExitStack

from bench.figures import Figure, at_most
from bench.processes import folder
from bench.scale import Scale
from tests.burst import BOX, PACE, Conversations, InSlack, OnPhones
from tests.databases import fresh_database, postgres_server
from tests.running import running

EACH = 20
"""Words of each customer, in one conversation."""

PARTS = ("serve work", "serve mail", "serve bot", "serve web")
KILLS = 2


async def measure(scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    people = scale.burst // EACH
    for customers in (InSlack, OnPhones):
        with folder() as where:
            async with running(where, box={**BOX}, **PACE) as desk:
                figures += await _came(customers(desk, people, EACH), "SQLite, one process")
        with ExitStack() as stack:
            where = stack.enter_context(folder())
            database = stack.enter_context(fresh_database(stack.enter_context(postgres_server())))
            async with running(where, database, PARTS, box={**BOX}, **PACE) as desk:
                figures += await _came(customers(desk, people, EACH), "PostgreSQL, four processes")
    return figures


async def _came(conversations: Conversations, how: str) -> list[Figure]:
    began = time.perf_counter()
    came = await conversations.burst(KILLS)
    took = time.perf_counter() - began
    group = f"{conversations.channel}, {conversations.count} messages, {KILLS} times kill -9, {how}"
    none = at_most(0)
    return [
        Figure(group, "told, each one to three times", "times", [came.told]),
        Figure(group, "lost, of the desk's", "", [came.kept.lost], goal=none),
        Figure(group, "doubled, of the desk's", "", [came.kept.doubled], goal=none),
        Figure(group, "conversations that are not one ticket in order", "", [came.kept.disordered], goal=none),
        Figure(group, "lost, of what agents see", "", [came.seen.lost], goal=none),
        Figure(group, "doubled, of what agents see", "", [came.seen.doubled], goal=none),
        Figure(group, "conversations out of order there", "", [came.seen.disordered], goal=none),
        Figure(group, "customers with more than one acknowledgement", "", [came.answered], goal=none),
        Figure(group, "from the first word until nothing is left to do", "s", [took]),
    ]

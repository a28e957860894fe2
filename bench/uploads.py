"""How much memory the desk takes while a large file comes by a customer's page and goes on into Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import aiohttp

from bench.corpus import corpus
from bench.figures import Figure, at_most
from bench.load import send
from bench.memory import REST
from bench.processes import Process, desk, folder, slack
from bench.room import rooms
from bench.scale import Scale
from bench.watch import watching
from core.desk.opening import open_desk
from core.desk.pages import Pages
from core.tickets.passes import Purpose

HELP = "https://help.example"
EVERY = 0.02
"""Seconds between two looks at the memory."""


async def measure(scale: Scale) -> list[Figure]:
    above: list[float] = []
    for _ in range(scale.rounds):
        with ExitStack() as stack:
            where = stack.enter_context(folder())
            room = stack.enter_context(slack(where))
            settings = {**room.settings, "WEB_URL": HELP, "WEB_UPLOAD_MAX": "1000000000"}
            one = stack.enter_context(desk(where, settings))
            async with rooms(room.url, 2) as seen:
                await send(one.smtp_port, corpus(30), 1)
                with watching(one.database) as watch:
                    await watch.until_worked_off()
                opened = await asyncio.to_thread(open_desk, one.database, where, pages=Pages(HELP))
                page = urlsplit(await opened.link.soon(1, Purpose.READ)).path
                opened.db.close()
                await asyncio.sleep(REST)
                process = one.processes["run"]
                rest, most = process.rss(), asyncio.create_task(_most(process))
                await _upload(f"http://127.0.0.1:{one.web_port}{page}", scale.upload)
                await seen.until(lambda said: any(file["name"].endswith("film.mp4") for file in said.get("files", ())))
                most.cancel()
                above.append((await most - rest) / 1e6)
    group = f"a file of {scale.upload // 1_000_000} MB by a customer's page, and into Slack"
    return [Figure(group, "memory above rest at most", "MB", above, goal=at_most(40))]


async def _most(process: Process) -> int:
    most = 0
    try:
        while True:
            most = max(most, process.rss())
            await asyncio.sleep(EVERY)
    except asyncio.CancelledError:
        return most


async def _upload(page: str, size: int) -> None:
    async def film() -> AsyncIterator[bytes]:
        piece = bytes(range(256)) * 256
        for n in range(-(-size // len(piece))):
            yield piece[: size - n * len(piece)]

    form = aiohttp.FormData()
    form.add_field("do", "answer")
    form.add_field("text", "Look at this.")
    form.add_field("files", film(), filename="film.mp4", content_type="video/mp4")
    async with aiohttp.ClientSession() as http, http.post(page, data=form, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()

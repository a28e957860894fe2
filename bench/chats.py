"""Chats: what an update of Telegram costs to keep, and how long many answers to many chats take to leave in order."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from bench.figures import Figure, at_most
from bench.processes import RULEBOOK, folder
from bench.scale import Scale
from core.desk import Desk
from core.desk.following import Follower
from core.desk.opening import open_desk
from core.engine.apart import Apart
from core.engine.cron import Cron
from core.engine.drain import Drainer
from core.engine.embedded import Embedded
from core.engine.hands import Hands
from core.pacing import RATES, grant
from core.rulebook import parse_toml
from core.storage.people import Colleague
from core.tickets.model import By
from gateways.telegram.client import Client
from gateways.telegram.hands import Telegram
from gateways.telegram.polling import Polling
from sandbox import Sandbox
from sandbox.telegram.flood import IN_ALL

AT_ONCE = 100
"""Updates that Telegram gives at most for one question."""

EACH = 10
"""Answers to a chat. Telegram takes one a second there, so that the bot's own limit is what all wait for where there
are more chats than it takes in a second, ten times."""

KEPT = "Telegram, an update kept (without Telegram's library), SQLite"
PATIENCE = 3600.0
ANN = By("T1:ANN")


async def measure(scale: Scale) -> list[Figure]:
    with folder() as where:
        kept = [await _kept(where / "kept", scale, together) for together in (1, AT_ONCE)]
        figures = _without_the_disk(kept[0], _committed(where / "bare.db", scale)) + kept[1:]
    with folder() as where:
        return figures + await _left(where, scale.chats, scale.rate)


# What comes


class _Told:
    """A bot's client that has been told already: nothing of Telegram's library, and no network, is measured."""

    id = 7

    def __init__(self, updates: Sequence[Mapping[str, Any]]):
        self._updates = updates

    async def updates(self, offset: int, wait: int) -> Sequence[Mapping[str, Any]]:
        return self._updates


async def _kept(where: Path, scale: Scale, together: int) -> Figure:
    """Processor time, of all threads, from an update in memory to its committed row and job."""
    desk = _desk(where / str(together))
    rounds: list[float] = []
    number = 0
    for n in range(scale.rounds + 1):
        batches: list[list[Mapping[str, Any]]] = []
        for _ in range(max(1, scale.mails // together)):
            batches.append([_update(number + one) for one in range(together)])
            number += together
        stream = await desk.follow.soon("telegram:7", "bench", timedelta(minutes=5))
        assert stream is not None
        began = time.process_time()
        for batch in batches:
            await _ask(desk, batch, stream)
        if n:  # the first one loads and compiles
            rounds.append(1000 * (time.process_time() - began) / sum(map(len, batches)))
    await asyncio.to_thread(desk.db.close)
    return Figure(KEPT, f"{together} at once", "ms of processor time", rounds, goal=at_most(0.3))


def _committed(where: Path, scale: Scale) -> list[float]:
    """What SQLite and the disk take for as many bytes, a commit each, where nobody else does anything about them."""
    rounds: list[float] = []
    with closing(sqlite3.connect(where, isolation_level=None)) as bare:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000"):
            bare.execute(f"PRAGMA {pragma}")
        bare.execute("create table bytes (id integer primary key, content blob)")
        for _ in range(scale.rounds):
            updates = [json.dumps(_update(n)).encode() for n in range(scale.mails)]
            began = time.process_time()
            for update in updates:
                bare.execute("begin immediate")
                bare.execute("insert into bytes (content) values (?)", [update])
                bare.execute("commit")
            rounds.append(1000 * (time.process_time() - began) / len(updates))
    return rounds


def _without_the_disk(alone: Figure, bare: list[float]) -> list[Figure]:
    """An update that comes alone waits for the disk alone: what of its time is the disk's, and what is ours."""
    ours = [max(0.0, one - disk) for one, disk in zip(alone.rounds, bare, strict=True)]
    return [
        replace(alone, name="alone, with its commit", goal=None),
        Figure(KEPT, "a bare commit of its bytes, by SQLite alone", alone.unit, bare),
        Figure(KEPT, "alone, beside the bare commit", alone.unit, ours, goal=at_most(0.3)),
    ]


async def _ask(desk: Desk, batch: Sequence[Mapping[str, Any]], stream: Follower) -> None:
    await Polling(desk, cast("Client", _Told(batch)), "bench").ask(stream, wait=0)


def _update(number: int) -> Mapping[str, Any]:
    chat = {"id": 30_000_000 + number % 500, "type": "private", "first_name": "Carla", "last_name": "Gómez"}
    said = f"My order {number} has not come yet, and I leave on Friday. What can be done?"
    message = {"message_id": number + 1, "date": 1_795_000_000 + number, "chat": chat, "text": said}
    return {"update_id": number + 1, "message": {**message, "from": {**chat, "is_bot": False, "language_code": "en"}}}


# What leaves


async def _left(where: Path, chats: int, rate: int) -> list[Figure]:
    """From the first answer that may leave to the last that has, against what Telegram's limits allow at best.

    Another `rate` is that of both sides: the sandbox refuses what is more, and the desk keeps a little below it.
    """
    with _allowed(rate):
        async with Sandbox(telegram_rate=rate) as box, _chatting(where, box) as (desk, hands):
            return await _answered(desk, hands, box, chats, rate)


@contextmanager
def _allowed(rate: int) -> Generator[None]:
    """Telegram allows so many messages a second, and the desk knows."""
    usual = timedelta(seconds=1) / RATES["telegram"].interval
    grant("telegram", usual * rate / IN_ALL)
    try:
        yield
    finally:
        grant("telegram", usual)


async def _answered(desk: Desk, hands: Hands, box: Sandbox, chats: int, rate: int) -> list[Figure]:
    phones = [int((await box.new_phone(f"Customer {n}"))["user"]["id"]) for n in range(chats)]
    for phone in phones:
        await box.phone_write(phone, "Where is my order? It was to come last week.")
    await _hear(desk, hands, box)
    for n in range(EACH):
        await asyncio.gather(*(desk.reply.soon(number, ANN, f"answer {n}") for number in range(1, chats + 1)))
    refused, count, before = box.telegram.flood.refusals, chats * EACH, len(box.telegram.messages)
    began = time.perf_counter()
    async with _working(desk, hands):
        await _until(lambda: len(box.telegram.messages) >= before + count)
    took = time.perf_counter() - began
    there = _answers(box)
    wrong = sum(there[phone] != [f"answer {n}" for n in range(EACH)] for phone in phones)
    refused = box.telegram.flood.refusals - refused
    least = max(count / rate, EACH - 1.0)
    group = f"Telegram, {count} answers to {chats} chats, {rate} a second allowed, SQLite"
    return [
        Figure(group, "until the last has left", "s", [took], ratios=[took / least], goal=at_most(1.1)),
        Figure(group, "chats whose answers are not all there once, in order", "", [wrong], goal=at_most(0)),
        Figure(group, "429s per 1,000 answers", "", [1000 * refused / count], goal=at_most(1)),
    ]


@asynccontextmanager
async def _chatting(where: Path, box: Sandbox) -> AsyncGenerator[tuple[Desk, Hands]]:
    desk, apart = _desk(where), Apart()
    telegram = Telegram(desk, Client(box.telegram_token, box.telegram_api_url), apart)
    try:
        yield desk, telegram.hands
    finally:
        await telegram.close()
        await apart.close()
        await asyncio.to_thread(desk.db.close)


@asynccontextmanager
async def _working(desk: Desk, hands: Hands) -> AsyncGenerator[None]:
    runner = Embedded(desk, Drainer(desk, hands, "bench"), Cron(desk, {}))
    await runner.start()
    try:
        yield
    finally:
        await runner.stop()


async def _hear(desk: Desk, hands: Hands, box: Sandbox) -> None:
    """What all phones wrote becomes tickets."""
    client = Client(box.telegram_token, box.telegram_api_url)
    polling = Polling(desk, client, "bench")
    try:
        await polling.start(alone=True)
        async with _working(desk, hands):
            await _until(lambda: not box.telegram.updates)
            await _until(lambda: not desk.waiting_destinations(["receive:telegram"]))
        await polling.stop()
    finally:
        await client.close()


def _answers(box: Sandbox) -> dict[int, list[str]]:
    """What the bot said, by chat."""
    said: dict[int, list[str]] = defaultdict(list)
    for one in box.telegram.messages.values():
        if one["from"]["id"] == box.telegram.bot["id"]:
            said[one["chat"]["id"]].append(one["text"])
    return said


async def _until(happens: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happens():  # noqa: ASYNC110 - what happens is in the sandbox and in the database
            await asyncio.sleep(0.05)


def _desk(where: Path) -> Desk:
    desk = open_desk(f"sqlite:///{where}/deskbell.db", where, undo_for=timedelta(0))
    rulebook = parse_toml(RULEBOOK.read_text(encoding="utf-8"), RULEBOOK.name)
    desk.apply(rulebook, "bench")
    ann = Colleague("T1", "ANN", "Ann Walker", "ann@desk.example", "en-GB", "Europe/London", False, desk.db.clock())
    desk.remember_colleague(ann)
    return desk

"""Slack's events: what one costs to keep, and how soon Slack has our word for it, measured where Slack stands."""

from __future__ import annotations

import asyncio
import copy
import itertools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bench.figures import Figure, at_most
from bench.processes import folder
from bench.scale import Scale
from bot.app import Ingress
from bot.dispatch import Dispatcher
from bot.payloads import Payload
from core.desk.opening import open_desk
from core.tickets.inspected import Inspected
from gateways.slack.arriving import Arriving
from gateways.slack.wire import Slack
from sandbox.delivery import Delivery
from tests.databases import fresh_database, postgres_server
from tests.e2e.play import ANN, Play
from tests.running import RunningDesk, running, soon

RATE = 100.0
"""Events a second."""

CUSTOMERS = 10
AT_ONCE = 20
ROOM, THEIRS = "acme-help", "T0ACME"
PARTS = ("serve work", "serve mail", "serve bot", "serve web")
Json = dict[str, Any]


async def measure(scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    with ExitStack() as stack:
        where = stack.enter_context(folder())
        async with running(where, box={"tiers": False}) as desk:
            templates, acknowledged = await _acknowledged(desk, scale, "SQLite, one process")
            await desk.stop()
            figures += await _kept(desk, templates, scale) + acknowledged
    with ExitStack() as stack:
        where = stack.enter_context(folder())
        database = stack.enter_context(fresh_database(stack.enter_context(postgres_server())))
        async with running(where, database, PARTS, box={"tiers": False}) as desk:
            figures += (await _acknowledged(desk, scale, "PostgreSQL, four processes"))[1]
    return figures


# How soon Slack has our word


class _Hall:
    """A room with customers who have a ticket each, and the agents' room with a card for each."""

    def __init__(self, play: Play):
        self.play, self.box = play, play.box
        self.threads: list[tuple[str, str]] = []  # who, and the first message of their thread

    async def open(self) -> None:
        for n in range(CUSTOMERS):
            made = await self.box.new_person(f"Customer{n} Acme", team_id=THEIRS)
            await self.box.join(made["user"], ROOM)
            said = await self.box.say(made["user"], ROOM, f"Our printer {n} is on fire, and nobody knows why.")
            self.threads.append((made["user"], said["ts"]))
        for number in range(1, CUSTOMERS + 1):
            await self.play.sees(number)

    async def customers(self, n: int) -> str:
        """One of them says something more; its time."""
        user, thread = self.threads[n % CUSTOMERS]
        return (await self.box.say(user, ROOM, f"And this is number {n} of what we know.", thread_ts=thread))["ts"]

    async def agents(self, n: int) -> str:
        """Ann writes a note below a card; its time."""
        card = self.play.cards(1 + n % CUSTOMERS)[0]["ts"]
        return (await self.box.say(ANN, self.play.room, f"Note {n}: ask the printers' people.", thread_ts=card))["ts"]

    def told(self, ts: str) -> Delivery:
        """What the desk was told of a message."""
        return next(one for one in reversed(self.box.slack.deliveries.log) if _ts(one.payload) == ts)


async def _acknowledged(desk: RunningDesk, scale: Scale, how: str) -> tuple[dict[str, Json], list[Figure]]:
    """An event of each sort, and from when it is sent until it is acknowledged, by the sandbox's clock."""
    hall = _Hall(Play(desk))
    await hall.open()
    templates: dict[str, Json] = {}
    figures: list[Figure] = []
    group = f"Slack, {RATE:g} events/s, {how}"
    for name, say in (("a customer's words", hall.customers), ("an agent's note", hall.agents)):
        waits = await _at(RATE, int(RATE * scale.seconds), say, hall)
        templates[name] = hall.told(await say(0)).payload
        figures += [
            Figure(group, f"{name}, sent to acknowledged, p50", "ms", [_share(0.5, waits)]),
            Figure(group, f"{name}, sent to acknowledged, p99", "ms", [_share(0.99, waits)], goal=at_most(25)),
        ]
    card = hall.play.cards(1)[0]
    await hall.box.click(ANN, "claim", room=hall.play.room, ts=card["ts"])
    templates["a click"] = next(
        one.payload for one in reversed(hall.box.slack.deliveries.log) if one.kind == "interactive"
    )
    return templates, figures


async def _at(rate: float, count: int, say: Callable[[int], Awaitable[str]], hall: _Hall) -> list[float]:
    """Milliseconds that each of so many took, which do not wait for each other."""
    began, told = time.perf_counter(), list[Delivery]()
    for n in range(count):
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        told.append(hall.told(await say(n)))
    await soon(lambda: all(one.took is not None for one in told), "the last acknowledgement")
    return sorted(1000 * (one.took or 0) for one in told)


def _ts(payload: Mapping[str, Any]) -> str | None:
    return payload.get("event", {}).get("ts")


def _share(share: float, ordered: Sequence[float]) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# What keeping one costs


class _Bare(Ingress):
    """Bolt alone: what comes is acknowledged, and nothing of ours is done."""

    async def _keep(self, body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200)


class _Keeping(Ingress):
    """What comes is kept and acknowledged; doing it is left to the job that would do it after a crash."""

    async def _done(self, payload: Payload, act: int | None) -> None:
        return


async def _kept(desk: RunningDesk, templates: dict[str, Json], scale: Scale) -> list[Figure]:
    """Processor time, of all threads, from an envelope in memory to its committed row and its acknowledgement."""
    opened = open_desk(f"sqlite:///{desk.folder}/desk.db", desk.folder)
    slack = Slack(desk.box.bot_token, desk.box.slack_api_url)
    dispatcher = Dispatcher(opened, slack, _look)
    customers = Arriving(opened, slack)
    figures: list[Figure] = []
    try:
        for name in ("a customer's words", "an agent's note", "a click"):
            ours = _Keeping(dispatcher, customers=customers)
            for together in (1, AT_ONCE):
                alone = await _rounds(_Bare(dispatcher), templates[name], scale, together)
                whole = await _rounds(ours, templates[name], scale, together)
                group = f"Slack, an event kept and acknowledged, SQLite, {together} at once"
                spent = [max(0.0, one - bolt) for one, bolt in zip(whole, alone, strict=True)]
                figures.append(
                    Figure(group, f"{name}, beside Bolt's own", "ms of processor time", spent, goal=at_most(1))
                )
                figures.append(Figure(group, f"{name}, Bolt's own", "ms of processor time", alone))
    finally:
        await dispatcher.finish()
        await slack.close()
        await asyncio.to_thread(opened.db.close)
    return figures


_NUMBERS = itertools.count(1)


async def _rounds(ingress: Ingress, template: Json, scale: Scale, together: int) -> list[float]:
    """Milliseconds an event, of each round but the first, which loads and compiles."""
    spent: list[float] = []
    for _ in range(scale.rounds + 1):
        bodies = [_another(template, next(_NUMBERS)) for _ in range(scale.mails)]
        requests = [AsyncBoltRequest(mode="socket_mode", body=body) for body in bodies]
        began = time.process_time()
        for first in range(0, len(requests), together):
            some = requests[first : first + together]
            said = await asyncio.gather(*(ingress.app.async_dispatch(one) for one in some))
            assert all(one.status == 200 for one in said)
        spent.append(1000 * (time.process_time() - began) / len(requests))
    await ingress.dispatcher.finish()
    return spent[1:]


def _another(template: Json, n: int) -> Json:
    """The same, said at another time."""
    body = copy.deepcopy(template)
    if "event" in body:
        body["event_id"] = f"Ev{n:010}"
        body["event"] |= {"ts": f"1795000000.{n:06}", "event_ts": f"1795000000.{n:06}"}
    else:
        body["trigger_id"] = f"{n}.1795000000.bench"
    return body


async def _look(raw: bytes, problem: str = "") -> Inspected:
    raise NotImplementedError("nobody looks at a mail here")

"""Timers: what a look costs that finds nothing due, how late they fire, how many at once are worked off beside intake.

Beside it the same timers in APScheduler 3 with its SQL store, as it comes. What it does when a timer fires is nothing;
ours takes a step of a ladder, which is a transaction with its history and whom it tells.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from bench.apscheduled import Scheduled
from bench.corpus import TAG, corpus, tagged
from bench.figures import Figure, at_most
from bench.growth import AGAINST, seed
from bench.load import Sent, send
from bench.processes import RULEBOOK, desk, folder, postgres, slack
from bench.scale import Scale
from core.desk import Desk
from core.desk.opening import open_desk
from core.engine.clock import watch_the_clock
from core.rulebook import parse_toml
from core.storage import schema, tickets
from core.storage.database import Tx

AT_ONCE = 1000
"""Timers that are moved in one transaction."""
TIMES = 10
"""So often all of them are moved before anything is measured."""
RATE = 20.0
"""Mails a second while timers are worked off."""
OTHERS = "APScheduler"
LADDER = '\n[[ladders]]\nname = "bench"\nsteps = [{ after = "1m", notify = ["supervisors"] }]\n'
POLICY = '\n[[policies]]\nname = "bench"\ncalendar = "always"\nfirst_response = "90d"\nresolution = "300d"\n'
TICK = {"SQLite": 0.1, "PostgreSQL": 0.3}
"""Milliseconds that a look may take which finds nothing due."""
FLAT = 1.5
"""How many times as long it may take with a million tickets as with ten thousand."""


async def measure(scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        for name in ("SQLite", "PostgreSQL"):
            where = stack.enter_context(folder())
            url = server.url if name == "PostgreSQL" else f"sqlite:///{where}/desk.db"
            theirs = Scheduled(f"sqlite:///{where}/theirs.db" if name == "SQLite" else url)
            stack.callback(theirs.close)
            with _opened(url, where) as made:
                figures += await asyncio.to_thread(_ticks, made, theirs, name, scale)
                figures += await _firing(made, theirs, name, scale)
        figures += await _beside_intake(scale)
    return figures


@contextmanager
def _opened(url: str, where: Path) -> Generator[Desk]:
    made = open_desk(url, where)
    try:
        made.apply(parse_toml(_rulebook()), "bench")
        yield made
    finally:
        made.db.close()


def _rulebook() -> str:
    """The one that is measured everywhere, whose tickets do not wait alone here."""
    told = RULEBOOK.read_text(encoding="utf-8")
    return told.replace('title = "Support"', 'title = "Support"\nladder = "bench"', 1) + LADDER


# A look that finds nothing due


def _ticks(made: Desk, theirs: Scheduled, name: str, scale: Scale) -> list[Figure]:
    """With more and more tickets, of which as many as can be have a timer; each of these moved ten times before."""
    ours: dict[int, list[float]] = {}
    others: dict[int, list[float]] = {}
    moved: dict[str, float] = {}
    there = 4
    for size in (size for size in scale.sizes if size >= AGAINST):
        seed(made, there + 1, size)
        timers = min(size, scale.timers)
        numbers = range(size - timers + 5, size + 1)
        moved["ours"] = _move_ours(made, numbers)
        moved["theirs"] = theirs.hold(len(numbers), TIMES)
        ours[size] = [_tick(made) for _ in range(scale.repeats)]
        others[size] = [theirs.tick() for _ in range(scale.repeats)]
        there = size
    group = f"timers, {name}"
    figures: list[Figure] = []
    for size, spans in ours.items():
        span, other = statistics.median(spans), statistics.median(others[size])
        goal = at_most(TICK[name])
        figures.append(Figure(group, f"a look with nothing due, {size:,} tickets", "ms", [span], goal=goal))
        figures.append(Figure(group, f"{OTHERS}: the same", "ms", [other]))
        if size > AGAINST:
            flat = [span / statistics.median(ours[AGAINST])]
            figures.append(
                Figure(group, f"the same, {size:,} tickets", "ms", [span], flat, f"{AGAINST:,}", at_most(FLAT))
            )
    figures.append(Figure(group, "moving a timer, a thousand in a transaction", "µs", [moved["ours"]]))
    figures.append(Figure(group, f"{OTHERS}: the same", "µs", [moved["theirs"]]))
    return figures


def _tick(made: Desk) -> float:
    """Milliseconds inside the transaction of what the clock asks: what is due, and when something is."""
    spans: list[float] = []

    def timed(tx: Tx) -> None:
        began = time.perf_counter()
        found = made.coming.step()(tx)
        spans.append(1000 * (time.perf_counter() - began))
        assert found.due == []

    made.db.run(timed)
    return spans[0]


def _move_ours(made: Desk, numbers: Sequence[int]) -> float:
    """Give each a time that lies ahead, ten times over; microseconds for each time."""
    ahead = made.db.clock() + timedelta(days=2)
    began = time.perf_counter()
    for again in range(TIMES):
        for place in range(0, len(numbers), AT_ONCE):

            def move(tx: Tx, those: Sequence[int] = numbers[place : place + AT_ONCE], n: int = again) -> None:
                for number in those:
                    tickets.set_due(tx, number, ahead + timedelta(seconds=number % 86_400, days=n))

            made.db.run(move)
    return (time.perf_counter() - began) / (TIMES * len(numbers)) * 1e6


# How late they fire


class Timed:
    """A desk as the clock sees it, which notes when each ticket was looked at."""

    def __init__(self, made: Desk, many: int):
        self.db, self.coming, self.look_later = made.db, made.coming, made.look_later
        self.look_at = self
        self._desk = made
        self.at: dict[int, datetime] = {}
        self.all = asyncio.Event()
        self._many = many

    async def soon(self, number: int) -> None:
        await self._desk.look_at.soon(number)
        self.at[number] = self.db.clock()
        if len(self.at) >= self._many:
            self.all.set()


async def _firing(made: Desk, theirs: Scheduled, name: str, scale: Scale) -> list[Figure]:
    """One after the other on an idle machine, and then all at once."""
    timers, spread = scale.due_at_once // 10, float(scale.seconds)
    begin = made.db.clock() + timedelta(seconds=1)
    dues = {n + 5: begin + timedelta(seconds=spread * n / timers) for n in range(timers)}
    await asyncio.to_thread(_arm, made, dues)
    timed = Timed(made, len(dues))
    await _watched(timed)
    late = sorted((timed.at[number] - due).total_seconds() for number, due in dues.items())
    offsets = [spread * n / timers for n in range(timers)]
    others = await asyncio.to_thread(theirs.fired, offsets, spread)
    group = f"timers, {name}"
    ours, other = late[round(0.99 * (len(late) - 1))], others[round(0.99 * (len(others) - 1))]
    figures = [
        Figure(group, f"firing after it was due, p99 of {timers:,}", "s", [ours], goal=at_most(1)),
        Figure(group, f"{OTHERS}: the same", "s", [other]),
    ]
    at_once = {n + 5: made.db.clock() for n in range(timers, timers + scale.due_at_once)}
    await asyncio.to_thread(_arm, made, at_once)
    timed = Timed(made, len(at_once))
    began = time.perf_counter()
    await _watched(timed)
    figures.append(Figure(group, f"{len(at_once):,} due at once", "s", [time.perf_counter() - began]))
    others = await asyncio.to_thread(theirs.fired, [0.0] * len(at_once), 1800.0)
    figures.append(Figure(group, f"{OTHERS}: the same", "s", [others[-1]]))
    return figures


async def _watched(timed: Timed) -> None:
    """Let the clock run until all were looked at."""
    watching = asyncio.create_task(watch_the_clock(timed, asyncio.Event(), 1.0))  # pyright: ignore[reportArgumentType]
    await timed.all.wait()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


def _arm(made: Desk, dues: dict[int, datetime]) -> None:
    """These tickets are on a ladder, whose step is due then; about all others time has nothing to say for long."""
    edition = made.edition()
    assert edition is not None

    def arm(tx: Tx) -> None:
        table = schema.tickets
        climbs = {"status": "open", "ladder": "bench", "ladder_of": edition.version, "rung": 0}
        tx.sql.execute(table.update().where(table.c.number.between(min(dues), max(dues))).values(**climbs))
        when = table.update().where(table.c.number == sa.bindparam("one"))
        when = when.values(due=sa.bindparam("at", type_=table.c.due.type), rung_at=sa.bindparam("at"))
        tx.sql.execute(when, [{"one": number, "at": at} for number, at in dues.items()])

    made.db.run(arm)


# Beside intake


async def _beside_intake(scale: Scale) -> list[Figure]:
    """Real processes: mails at a steady rate, on an idle desk and while thousands of timers are due at once."""
    figures: list[Figure] = []
    tags = (f"{n:0{len(TAG)}}" for n in count())
    mails = corpus(scale.mails)
    with ExitStack() as stack:
        box = stack.enter_context(slack(stack.enter_context(folder())))
        for name, commands in (("SQLite", ("run",)), ("PostgreSQL", ("serve work", "serve mail", "serve web"))):
            where = stack.enter_context(folder())
            url = stack.enter_context(postgres()).url if name == "PostgreSQL" else f"sqlite:///{where}/deskbell.db"
            with _opened(url, where) as made:
                await asyncio.to_thread(seed, made, 5, scale.timers + 4)
                await asyncio.to_thread(_all_open, made)
            with desk(where, box.settings, commands, url) as running, _opened(url, where) as made:
                await send(running.smtp_port, tagged(mails, next(tags)), 10, RATE)  # what is loaded is loaded
                idle = await send(running.smtp_port, tagged(mails, next(tags)), 10, RATE)
                now = made.db.clock()
                await asyncio.to_thread(_arm, made, dict.fromkeys(range(5, scale.due_at_once + 5), now))
                began = time.perf_counter()
                working = asyncio.create_task(_worked_off(made))
                sents = [await send(running.smtp_port, tagged(mails, next(tags)), 10, RATE)]
                while not working.done():
                    sents.append(await send(running.smtp_port, tagged(mails, next(tags)), 10, RATE))
                span = (await working) - began
                group = f"timers beside {RATE:g} mails/s, {name}"
                usual = _p99(idle.kept)
                figures += [
                    Figure(group, "accepting a mail on an idle desk, p99", "ms", [usual]),
                    Figure(group, f"{scale.due_at_once:,} due at once: worked off", "s", [span]),
                    _meanwhile(group, "accepting a mail meanwhile, p99", sents, usual),
                ]
                figures += await _promised(made, running.smtp_port, group, usual, scale, tags)
    return figures


async def _promised(made: Desk, port: int, group: str, usual: float, scale: Scale, tags: Iterator[str]) -> list[Figure]:
    """A policy comes into force, by which every open ticket is to be counted anew."""
    began = time.perf_counter()
    await asyncio.to_thread(made.apply, parse_toml(_rulebook() + POLICY), "bench")
    took = 1000 * (time.perf_counter() - began)
    sents: list[Sent] = []
    while not sents or (sum(len(sent.kept) for sent in sents) < 4 * scale.mails and _counted(made) < scale.timers):
        sents.append(await send(port, tagged(corpus(scale.mails), next(tags)), 10, RATE))
    rate = _counted(made) / (time.perf_counter() - began)
    return [
        Figure(group, f"a policy for {scale.timers:,} open tickets: put in force", "ms", [took]),
        Figure(group, "tickets counted anew", "a second", [rate]),
        _meanwhile(group, "accepting a mail while they are, p99", sents, usual),
    ]


def _meanwhile(group: str, name: str, sents: Sequence[Sent], usual: float) -> Figure:
    ours = _p99([took for sent in sents for took in sent.kept])
    return Figure(group, name, "ms", [ours], [ours / usual], "idle", at_most(2))


def _all_open(made: Desk) -> None:
    """Years from now time has something to say about each."""
    later = made.db.clock() + timedelta(days=1000)
    made.db.run(lambda tx: tx.sql.execute(schema.tickets.update().values(status="open", due=later)))


def _counted(made: Desk) -> int:
    """Tickets for which something is promised."""
    return made.db.run(lambda tx: tx.sql.execute(sa.select(sa.func.count()).select_from(schema.promises)).scalar_one())


def _p99(spans: Sequence[float]) -> float:
    return 1000 * sorted(spans)[round(0.99 * (len(spans) - 1))]


async def _worked_off(made: Desk) -> float:
    """When nothing was due any more."""
    while await made.due_now.soon():  # noqa: ASYNC110 - the store rings no bell for onlookers
        await asyncio.sleep(0.1)
    return time.perf_counter()

"""How fast mail is taken and worked off, beside the stock server that keeps nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count

from bench.corpus import Mail, corpus, tagged
from bench.figures import Figure, Goal, at_least
from bench.load import Sent, send
from bench.processes import Desk, Server, Stock, desk, folder, postgres, slack, stock
from bench.scale import Scale
from bench.watch import Watch, watching

NOTHING = "stock no-op"
GOALS: dict[tuple[str, str, int], Goal] = {
    ("SQLite", "accepted", 1): at_least(0.6),
    ("SQLite", "accepted", 10): at_least(1.2),
    ("SQLite", "accepted", 50): at_least(1.6),
    ("SQLite", "worked off", 1): at_least(0.6),
    ("SQLite", "worked off", 10): at_least(0.6),
    ("SQLite", "worked off", 50): at_least(0.6),
    ("PostgreSQL", "accepted", 1): at_least(0.6),
    ("PostgreSQL", "accepted", 10): at_least(0.6),
    ("PostgreSQL", "accepted", 50): at_least(0.6),
}
ELSEWHERE = "PostgreSQL, workers elsewhere"
"""Parts that share two cores with the client and the server wait for each other; on other machines they do not."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one contestant: mails a second, processor milliseconds a mail. `cpu_after`: to understand
    what its writer wants, which begins when no mail comes any more.
    """

    accepted: float
    accepted_cpu: float
    worked_off: float
    cpu: float
    database_cpu: float
    cpu_after: float


@dataclass(frozen=True, slots=True)
class Contestant:
    """A desk that is measured. `server` is its PostgreSQL; `works` says whether what it takes in is worked off."""

    name: str
    desk: Desk
    watch: Watch
    server: Server | None
    works: bool = True

    async def round(self, mails: Sequence[Mail], connections: int) -> Round:
        began, database_began = self.desk.cpu(), self.server.cpu() if self.server else 0.0
        sent = await send(self.desk.smtp_port, mails, connections)
        accepted = self.desk.cpu()
        ended = await self.watch.until_worked_off() if self.works else sent.ended
        _all_taken(sent, mails)
        worked_off, database = self.desk.cpu(), self.server.cpu() if self.server else 0.0
        if self.works:
            await self.watch.until_at_rest()
        n = len(mails)
        return Round(
            accepted=sent.rate,
            accepted_cpu=1000 * (accepted - began) / n,
            worked_off=n / (ended - sent.began),
            cpu=1000 * (worked_off - began) / n,
            database_cpu=1000 * (database - database_began) / n,
            cpu_after=1000 * (self.desk.cpu() - worked_off) / n,
        )


async def measure(scale: Scale) -> list[Figure]:
    mails = corpus(scale.mails)
    with ExitStack() as stack:
        nothing = stack.enter_context(stock(stack.enter_context(folder())))
        contestants = [_on_sqlite(stack), _on_postgresql(stack), _on_postgresql_alone(stack)]
        figures: list[Figure] = []
        tag = _tags()
        for contestant in contestants:  # the first mails load code, compile statements and fill caches
            await contestant.round(tagged(mails[:100], next(tag)), 10)
        for connections in (1, 10, 50):
            figures += await _compare(scale, mails, connections, nothing, contestants, tag)
        for contestant in contestants:
            states = contestant.watch.states()
            if contestant.works and states.keys() - {"done", "suspended"}:
                raise RuntimeError(f"{contestant.name}: not every mail was understood: {states}")
    return figures


async def _compare(
    scale: Scale,
    mails: Sequence[Mail],
    connections: int,
    nothing: Stock,
    contestants: Sequence[Contestant],
    tag: Iterator[str],
) -> list[Figure]:
    stocks: list[float] = []
    stock_cpu: list[float] = []
    rounds: dict[str, list[Round]] = defaultdict(list)
    for _ in range(scale.rounds):
        began = nothing.process.cpu()
        sent = await send(nothing.smtp_port, mails, connections)
        _all_taken(sent, mails)
        stocks.append(sent.rate)
        stock_cpu.append(1000 * (nothing.process.cpu() - began) / len(mails))
        for contestant in contestants:
            rounds[contestant.name].append(await contestant.round(tagged(mails, next(tag)), connections))
    group = f"intake, {connections} connection{'s' if connections > 1 else ''}"
    figures = [
        Figure(group, NOTHING, "mails/s", stocks),
        Figure(group, f"{NOTHING}: processor", "ms a mail", stock_cpu),
    ]
    for name, measured in rounds.items():
        if name == ELSEWHERE:
            ratios = [r.accepted / theirs for r, theirs in zip(measured, stocks, strict=True)]
            rates = [r.accepted for r in measured]
            figures.append(Figure(group, f"{name}: accepted", "mails/s", rates, ratios, NOTHING))
            continue
        for what, rates in (
            ("accepted", [r.accepted for r in measured]),
            ("worked off", [r.worked_off for r in measured]),
        ):
            ratios = [ours / theirs for ours, theirs in zip(rates, stocks, strict=True)]
            goal = GOALS.get((name, what, connections))
            figures.append(Figure(group, f"{name}: {what}", "mails/s", rates, ratios, NOTHING, goal))
        figures.append(Figure(group, f"{name}: processor, worked off", "ms a mail", [r.cpu for r in measured]))
        after = [r.cpu_after for r in measured]
        figures.append(Figure(group, f"{name}: processor, then understood", "ms a mail", after))
        if any(r.database_cpu for r in measured):
            figures.append(
                Figure(group, f"{name}: processor of the database", "ms a mail", [r.database_cpu for r in measured])
            )
    return figures


def _on_sqlite(stack: ExitStack) -> Contestant:
    where = stack.enter_context(folder())
    room = stack.enter_context(slack(where))
    one = stack.enter_context(desk(where, room.settings))
    return Contestant("SQLite", one, stack.enter_context(watching(one.database)), None)


def _on_postgresql(stack: ExitStack) -> Contestant:
    server = stack.enter_context(postgres())
    where = stack.enter_context(folder())
    room = stack.enter_context(slack(where))
    parts = stack.enter_context(desk(where, room.settings, ("serve mail", "serve work"), server.url))
    return Contestant("PostgreSQL", parts, stack.enter_context(watching(server.url)), server)


def _on_postgresql_alone(stack: ExitStack) -> Contestant:
    server = stack.enter_context(postgres())
    where = stack.enter_context(folder())
    door = stack.enter_context(desk(where, {}, ("serve mail",), server.url))
    return Contestant(ELSEWHERE, door, stack.enter_context(watching(server.url)), server, works=False)


def _all_taken(sent: Sent, mails: Sequence[Mail]) -> None:
    if len(sent.at) != len(mails):
        raise RuntimeError(f"{len(mails) - len(sent.at)} mails were turned away: {dict(sent.refused)}")


def _tags() -> Iterator[str]:
    """Tags that no run has used: the corpus is new to the desk each time."""
    return (f"R{n:07}" for n in count(1))

"""Whether what is asked all the time stays as fast with a million tickets as with ten thousand."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import sqlalchemy as sa

from bench.figures import Figure, at_most
from bench.processes import RULEBOOK, folder, postgres
from bench.scale import Scale
from core.desk import Desk
from core.desk.opening import open_desk
from core.rulebook import parse_toml
from core.storage.database import Step, Tx
from core.tickets.model import By

AGAINST = 10_000
"""Tickets with which the others are compared."""

OPEN = 50
"""One ticket in so many is open, as in a desk that has been at it for years."""

AGENT = By("T1:U1")
GOALS = {"queue page", "due scan", "ticket by number"}

# The same words for both databases, but for how a time is written. {a} and {b} are the first and the last number.
_NUMBERS = "with recursive n(i) as (select {a} union all select i + 1 from n where i < {b})"
_SEED = (
    "insert into people (id, name, created_at) {n} select i, 'Customer ' || i, {at} from n where i % 5 = 0",
    "insert into identities (channel, address, person, shown) {n}"
    " select 'email', 'customer' || i || '@example.com', i, 'customer' || i || '@example.com' from n where i % 5 = 0",
    "insert into tickets (number, channel, thread, requester, door, queue, status, urgency, language, opened_at,"
    " heard_at, version, subject, answer_to, due) {n} select i, 'email', '<' || i || '@example.com>', i - i % 5,"
    " 'support@desk.example', case when i % 3 = 0 then 'billing' else 'support' end,"
    " case when i % {open} > 0 then 'closed' when i % (2 * {open}) = 0 then 'pending' else 'open' end, 0, 'en', {at},"
    " {at}, 2, 'Where is order ' || i || '?', 'customer' || (i - i % 5) || '@example.com',"
    " case when i % (2 * {open}) = 0 then {later} end from n",
    "insert into messages (id, ticket, part, at, author, author_name, text, reply_text, nature, external_id, refs,"
    " subject) {n} select i, i, 'requester', {at}, '', 'Customer', 'It has not arrived. ' || i,"
    " 'It has not arrived. ' || i, 'human', '<' || i || '@example.com>', '[]', 'Where is order ' || i || '?' from n",
    "insert into known_ids (channel, external_id, message, ticket) {n}"
    " select 'email', '<' || i || '@example.com>', i, i from n",
    "insert into events (ticket, seq, kind, v, at, facts) {n} select i, 1, 'RequesterWrote', 1, {at}, '{{}}' from n",
)


async def measure(scale: Scale) -> list[Figure]:
    return await asyncio.to_thread(_measure, scale)


def _measure(scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        for name in ("SQLite", "PostgreSQL"):
            where = stack.enter_context(folder())
            desk = open_desk(server.url if name == "PostgreSQL" else f"sqlite:///{where}/desk.db", where)
            stack.callback(desk.db.close)
            desk.apply(parse_toml(RULEBOOK.read_text(encoding="utf-8")), "bench")
            figures += _grow(desk, name, scale)
    return figures


def _grow(desk: Desk, name: str, scale: Scale) -> list[Figure]:
    spans: dict[str, dict[int, float]] = {}
    there = 4  # numbers begin at five, so that every requester is there
    for size in scale.sizes:
        seed(desk, there + 1, size)
        for what, step in _questions(size).items():
            repeats = min(scale.repeats, size // (4 * OPEN)) if what == "claim" else scale.repeats
            spans.setdefault(what, {})[size] = _median(desk, step, repeats)
        there = size
    figures: list[Figure] = []
    for what, by_size in spans.items():
        for size, span in by_size.items():
            goal = at_most(1.5) if what in GOALS and size == 1_000_000 else None
            ratios = [span / by_size[AGAINST]] if size > AGAINST else []
            figures.append(
                Figure(f"growth, {name}", f"{what}, {size:,} tickets", "ms", [span], ratios, f"{AGAINST:,}", goal)
            )
    return figures


def _questions(size: int) -> dict[str, Callable[[Desk, int], Step[object]]]:
    """What is asked, by name: the n-th time."""
    taken = [number for number in range(size, 0, -1) if number % OPEN == 0 and number % (2 * OPEN)]
    return {
        "queue page": lambda desk, n: desk.overview.step(AGENT.agent, ("support", "billing"), 25),
        "due scan": lambda desk, n: lambda tx: (desk.due_now.step()(tx), desk.next_due.step()(tx)),
        "ticket by number": lambda desk, n: desk.card.step(5 + (n * 7919) % (size - 5)),
        "claim": lambda desk, n: desk.claim.step(taken[n % len(taken)], By(f"T1:U{n}")),
    }


def _median(desk: Desk, ask: Callable[[Desk, int], Step[object]], repeats: int) -> float:
    """Milliseconds inside the transaction: hops between threads and the disk are the same for all sizes."""
    spans: list[float] = []
    for n in range(repeats):
        step = ask(desk, n)

        def timed(tx: Tx, step: Step[object] = step) -> None:
            began = time.perf_counter()
            step(tx)
            spans.append(1000 * (time.perf_counter() - began))

        desk.db.run(timed)
    return statistics.median(spans)


def seed(desk: Desk, a: int, b: int) -> None:
    """Tickets from `a` to `b`, as years of work leave them."""
    pg = desk.db.engine.dialect.name == "postgresql"
    now = desk.db.clock()
    micro = int((now - timedelta(days=1000)).timestamp() * 1_000_000)
    at = f"to_timestamp({micro} / 1000000.0 + i)" if pg else f"({micro} + i * 1000000)"
    later = f"({at} + interval '2000 days')" if pg else f"({at} + 172800000000000)"
    numbers = _NUMBERS.format(a=a, b=b)

    def write(tx: Tx) -> None:
        for words in _SEED:
            tx.sql.execute(sa.text(_escaped(words.format(n=numbers, at=at, later=later, open=OPEN))))
        if pg:
            for table in ("tickets_number", "messages_id", "people_id"):
                tx.sql.execute(sa.text(f"select setval('{table}_seq', {b})"))

    desk.db.run(write)
    with desk.db.engine.connect() as sql:
        sql.execute(sa.text("analyze"))
        sql.commit()


def _escaped(words: str) -> str:
    return words.replace(":", "\\:")

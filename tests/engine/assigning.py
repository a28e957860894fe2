"""Many workers on one desk at once, on PostgreSQL: tickets come, are given, claimed by hand, put back and closed."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from core.desk import Desk
from core.desk.opening import open_desk, wall_clock
from core.phrases import DeskError
from core.rulebook import parse_toml
from core.storage import schema, tickets
from core.storage.database import StoreDown, Tx
from core.storage.people import Colleague
from core.tickets import events as e
from core.tickets.model import Address, By, Inbound, Nature, Status

_BOOK = """
[desk]
name = "Load"

[[mailboxes]]
address = "support@desk.example"
name = "Load"
queue = "support"

[[queues]]
name = "support"
title = "Support"
mode = "push"
answers_within = "4h"
acknowledge = false
"""
_AGENT = """
[[agents]]
name = "Agent {n}"
email = "agent{n}@desk.example"
slack = "T1:U{n}"
capacity = {capacity}
languages = {{ en = 5 }}
"""


DESKS = 5
"""Desks with a door of their own to the database, as processes have; the workers are spread over them."""


@dataclass(slots=True)
class Load:
    """What came of it. `idle`: the longest that somebody had room while a ticket waited, as seen twice a second."""

    workers: int
    tickets: int
    given: int = 0
    by_hand: int = 0
    seconds: float = 0.0
    doubled: list[int] = field(default_factory=list[int])
    left: int = 0
    idle: float = 0.0
    down: int = 0
    failed: list[str] = field(default_factory=list[str])


class Rush:
    """So many workers, each an agent, who are given tickets, take some themselves, put some back and close the rest."""

    def __init__(self, url: str, var: Path, workers: int, count: int, capacity: int = 4, seed: int = 1):
        self.desks: list[Desk] = [open_desk(url, var) for _ in range(DESKS)]
        self.workers, self.count, self.capacity, self.seed = workers, count, capacity, seed
        self.found = Load(workers, count)
        self.over = threading.Event()
        self._fed = 0

    def run(self) -> Load:
        """All of it, until every ticket is closed."""
        desk = self.desks[0]
        agents = (_AGENT.format(n=n, capacity=self.capacity) for n in range(self.workers))
        desk.apply(parse_toml(_BOOK + "".join(agents), "desk.toml"), "load")
        for n in range(self.workers):
            mail = f"agent{n}@desk.example"
            desk.remember_colleague(Colleague("T1", f"U{n}", f"Agent {n}", mail, "en", "UTC", False, wall_clock()))
        began = time.monotonic()
        jobs = [self._feed, self._watch, *(partial(self._work, n) for n in range(self.workers)), *[self._match] * DESKS]
        threads = [threading.Thread(target=self._kept, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.found.seconds = time.monotonic() - began
        self._judge()
        for one in self.desks:
            one.db.close()
        return self.found

    def _kept(self, job: Callable[[], None]) -> None:
        """A job, begun again where the store was away for a moment: that is what the desk's own processes do."""
        try:
            while True:
                try:
                    return job()
                except StoreDown:
                    self.found.down += 1
        except Exception as error:  # said at the end: a worker that falls over is a fault
            self.found.failed.append(f"{type(error).__name__}: {error}"[:300])
            self.over.set()

    def _feed(self) -> None:
        desk = self.desks[0]
        while self._fed < self.count and not self.over.is_set():
            n = self._fed
            inbound = Inbound(
                channel="email",
                sender=Address("email", f"c{n}@example.com", ""),
                door="support@desk.example",
                external_id=f"<{n}@example.com>",
                text="Where is my order?",
                reply_text="Where is my order?",
                subject=f"Order {n}",
                nature=Nature.HUMAN,
            )
            piece = desk.accept("email", f"k{n}", f"c{n}@example.com", {}, b"x")
            if piece is not None:
                desk.receive(piece, inbound)
            self._fed += 1
        while desk.db.run(_open) and not self.over.is_set():
            time.sleep(0.2)
        self.over.set()

    def _match(self) -> None:
        """As the job does whenever something has changed; several at once, where a desk has one."""
        desk = self.desks[threading.get_native_id() % DESKS]
        while not self.over.wait(0.05):
            desk.match()

    def _work(self, n: int) -> None:
        desk, by, chance = self.desks[n % DESKS], By(f"T1:U{n}"), random.Random(self.seed * 1000 + n)
        while not self.over.is_set():
            mine = desk.db.run(partial(_held, agent=by.agent))
            with suppress(DeskError):
                if chance.random() < 0.05:
                    waiting = desk.db.run(_waiting)
                    if waiting:
                        desk.claim(chance.choice(waiting), by)
                        self.found.by_hand += 1
                elif mine and chance.random() < 0.05:
                    desk.release(mine[0], by)
                elif mine:
                    desk.close(mine[0], by)
            self.over.wait(chance.uniform(0.1, 0.4))

    def _watch(self) -> None:
        since: float | None = None
        while not self.over.wait(0.5):
            idle = self.desks[-1].db.run(self._is_somebody_idle)
            since = (since or time.monotonic()) if idle else None
            if since is not None:
                self.found.idle = max(self.found.idle, time.monotonic() - since)

    def _is_somebody_idle(self, tx: Tx) -> bool:
        """Whether anybody who could have one more has not got it while one waits."""
        held = Counter(tx.sql.execute(sa.select(schema.tickets.c.assignee).where(_STANDS)).scalars())
        room = any(held[f"T1:U{n}"] < self.capacity for n in range(self.workers))
        return room and held[None] > 0

    def _judge(self) -> None:
        desk, found = self.desks[0], self.found
        found.left = desk.db.run(_open)
        for number in range(1, self.count + 1):
            holder: str | None = None
            for event in desk.db.run(partial(tickets.history, number=number)):
                if isinstance(event, e.Claimed):
                    found.given += event.given_by is not None
                    if holder is not None:
                        found.doubled.append(number)
                    holder = event.by
                elif isinstance(event, e.Released):
                    holder = None


_STANDS = schema.tickets.c.status != Status.CLOSED.value


def _open(tx: Tx) -> int:
    return tx.sql.execute(sa.select(sa.func.count()).select_from(schema.tickets).where(_STANDS)).scalar() or 0


def _held(tx: Tx, agent: str) -> list[int]:
    mine = sa.select(schema.tickets.c.number).where(_STANDS, schema.tickets.c.assignee == agent)
    return list(tx.sql.execute(mine.limit(5)).scalars())


def _waiting(tx: Tx) -> list[int]:
    free = sa.select(schema.tickets.c.number).where(_STANDS, schema.tickets.c.assignee.is_(None))
    return list(tx.sql.execute(free.limit(10)).scalars())

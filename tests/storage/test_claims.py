"""Claims against a plain list of what should be claimed, and by many workers at once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.effects import Priority
from core.storage import ledger
from core.storage.database import Fenced
from core.storage.ledger import Lease, State
from tests.storage.conftest import ALREADY_OVER, Books, job

LANES = ("a", "b", "c")
KEYS = (None, None, "k1", "k2")


@dataclass
class Row:
    """A job as the plain list has it."""

    id: int
    lane: str
    key: str | None
    priority: int
    due: datetime
    state: State = State.WAITING
    attempts: int = 0
    lease: Lease | None = None
    dead: bool = False


@dataclass
class PlainList:
    """What a ledger is, said as simply as it can be."""

    rows: list[Row] = field(default_factory=list[Row])

    def ask(self, id: int, lane: str, key: str | None, priority: int, due: datetime) -> None:
        for row in self.rows:
            if key is not None and row.key == key and row.state is State.WAITING:
                row.due = min(row.due, due)
                return
        self.rows.append(Row(id, lane, key, priority, due))

    def claimable(self, now: datetime) -> list[Row]:
        heads: dict[str, Row] = {}
        for row in self.rows:
            if row.state is not State.GIVEN_UP:
                heads.setdefault(row.lane, row)
        free = [
            row
            for row in heads.values()
            if (row.state is State.WAITING and row.due <= now) or (row.state is State.RUNNING and row.dead)
        ]
        return sorted(free, key=lambda row: (row.priority, row.id))

    def running(self) -> list[Row]:
        return [row for row in self.rows if row.state is State.RUNNING]

    def back(self, row: Row, due: datetime, counts: bool) -> None:
        self.rows = [r for r in self.rows if r is row or not (r.key and r.key == row.key and r.state is State.WAITING)]
        row.state, row.due, row.dead = State.WAITING, due, False
        row.attempts -= not counts


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("ask"), st.sampled_from(LANES), st.sampled_from(KEYS), st.sampled_from(Priority), st.integers(0, 2)
        ),
        st.tuples(st.just("claim"), st.integers(1, 3), st.booleans()),
        st.tuples(st.just("finish"), st.integers(0, 5)),
        st.tuples(st.just("back"), st.integers(0, 5), st.integers(0, 2), st.booleans()),
        st.tuples(st.just("give up"), st.integers(0, 5)),
        st.tuples(st.just("later"), st.integers(1, 2)),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_happens_a_claim_gets_what_a_plain_list_would_give(books: Books, steps: list[Any]) -> None:
    books.empty()
    plain = PlainList()
    for step in steps:
        _happen(books, plain, *step)
        assert [(e.id, e.state, e.attempts) for e in books.entries()] == [
            (row.id, row.state, row.attempts) for row in plain.rows
        ]


def _happen(books: Books, plain: PlainList, what: str, *how: Any) -> None:
    match what:
        case "ask":
            lane, key, priority, minutes = how
            after = timedelta(minutes=minutes)
            # A key belongs to a lane, as a card belongs to its ticket.
            asked = job(LANES[0] if key else lane, key=key, priority=priority, after=after)
            books.ask(asked)
            plain.ask(max(e.id for e in books.entries()), asked.lane, key, int(priority), books.now + after)
        case "later":
            books.later(minutes=how[0])
        case "claim":
            most, dies = how
            wanted = plain.claimable(books.now)[:most]
            lease = ALREADY_OVER if dies else timedelta(days=1)
            taken = books.claimed(most, lease=lease)
            assert [lease.id for lease in taken] == [row.id for row in wanted]
            for row, held in zip(wanted, taken, strict=True):
                assert held.uncertain == (row.state is State.RUNNING)
                row.state, row.lease, row.dead = State.RUNNING, held, dies
                row.attempts += 1
        case _:
            running = plain.running()
            if running:
                _end(books, plain, running[how[0] % len(running)], what, how)


def _end(books: Books, plain: PlainList, row: Row, what: str, how: tuple[Any, ...]) -> None:
    assert row.lease is not None
    match what:
        case "finish":
            books.finish(row.lease)
            plain.rows.remove(row)
        case "back":
            books.put_back(row.lease, minutes=how[1], counts=how[2])
            plain.back(row, books.now + timedelta(minutes=how[1]), how[2])
        case _:
            books.give_up(row.lease)
            row.state = State.GIVEN_UP


@pytest.mark.parametrize("workers", [8])
def test_of_many_workers_each_job_is_one_workers_and_every_lane_keeps_its_order(
    books: Books, tmp_path: Path, workers: int
) -> None:
    destinations = ("x", "y")
    books.ask(*(job(f"lane {n % 12}", to=destinations[n % 2]) for n in range(240)))
    begun: list[Lease] = []
    held: Counter[int] = Counter()
    lock = threading.Lock()
    desks = [Books(books.db.url, tmp_path) for _ in range(1 if books.db.embedded else workers)]

    def work(number: int) -> None:
        chance = random.Random(number)
        mine = desks[number % len(desks)]
        owner = f"worker {number}"
        while mine.db.run(lambda tx: ledger.entries(tx, most=1)):
            taken = mine.claimed(chance.randint(1, 4), at=chance.choice(destinations), owner=owner)
            with lock:
                begun.extend(taken)
                held.update(lease.id for lease in taken)
                assert held.most_common(1)[0][1] == 1 if held else True
            for lease in chance.sample(taken, len(taken)):
                with lock:
                    del held[lease.id]
                if chance.random() < 0.2 and lease.attempts < 3:
                    mine.put_back(lease)
                else:
                    mine.finish(lease)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    for each in desks:
        each.db.close()
    first: dict[str, list[int]] = {}
    for lease in begun:
        if lease.attempts == 1:
            first.setdefault(lease.lane, []).append(lease.id)
    assert all(ids == sorted(ids) for ids in first.values())
    assert sorted(id for ids in first.values() for id in ids) == sorted({lease.id for lease in begun})
    assert len({(lease.id, lease.fence) for lease in begun}) == len(begun)


def test_a_dead_worker_comes_back_to_life_and_finds_its_job_taken_once(books: Books) -> None:
    books.ask(*(job(f"lane {n}") for n in range(8)))
    stale = books.claimed(lease=ALREADY_OVER)
    fresh: list[Lease] = []
    ends: list[str] = []
    gate = threading.Barrier(2)

    def come_back() -> None:
        gate.wait()
        for lease in stale:
            try:
                books.finish(lease)
                ends.append("by the dead one")
            except Fenced:
                ends.append("fenced")

    def take_over() -> None:
        gate.wait()
        for _ in range(4):
            fresh.extend(books.claimed(2, owner="other"))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(come_back), pool.submit(take_over)]:
            done.result()
    for lease in fresh:
        books.finish(lease)
    assert ends.count("by the dead one") + len(fresh) == len(stale)
    assert books.entries() == []

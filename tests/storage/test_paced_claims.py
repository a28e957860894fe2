"""Claims by pace, against a plain list of what should be claimed and when to look again; and what they read."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.effects import Job, Priority
from core.pacing import Pace, Rate, may_at, took
from core.storage import claims, ledger, paces
from core.storage.claims import Claimed
from core.storage.database import Tx
from core.storage.ledger import Lease
from tests.storage.conftest import Books, job

KINDS = ("do", "show")
PLACES = ("x", "x", "x", "y")
LANES = tuple("abcdefgh")
RATES = {
    "room": Rate(timedelta(seconds=1), 2),
    "relay": Rate(timedelta(seconds=20), 3),
    "team": Rate(timedelta(seconds=60)),
}
Story = tuple[list[Any], list[Any]]
PACE_SETS = ((), ("room",), ("relay",), ("team",), ("room", "team"), ("relay", "room"))
A_DAY = timedelta(days=1)
"""Longer than anything that happens in a test: the lease of whoever lives."""


@dataclass
class Row:
    """A job as the plain list has it."""

    id: int
    kind: str
    place: str
    lane: str
    paces: tuple[str, ...]
    priority: int
    due: datetime
    lease: Lease | None = None
    left: bool = False  # by a worker that died

    def is_free(self, at: datetime) -> bool:
        return self.left if self.lease else self.due <= at


@dataclass
class PlainList:
    """What claims by pace are, said as simply as it can be."""

    rows: list[Row] = field(default_factory=list[Row])
    buckets: dict[str, Pace] = field(default_factory=dict[str, Pace])

    def may(self, row: Row, at: datetime) -> bool:
        return all(may_at(self.buckets.get(name), RATES[name], at) <= at for name in row.paces)

    def heads(self, place: str, kinds: Collection[str], busy: Collection[str], at: datetime) -> list[Row]:
        first: dict[str, Row] = {}
        for row in self.rows:
            first.setdefault(row.lane, row)
        wanted = [r for r in first.values() if r.place == place and r.kind in kinds and r.lane not in busy]
        return sorted((row for row in wanted if row.is_free(at)), key=lambda row: (row.priority, row.id))

    def claim(self, place: str, room: Mapping[str, int], busy: Collection[str], at: datetime) -> list[Row]:
        taken: list[Row] = []
        left = dict(room)
        for row in self.heads(place, room, busy, at):
            if left[row.kind] > 0 and self.may(row, at):
                left[row.kind] -= 1
                self.buckets |= {name: took(self.buckets.get(name), RATES[name], at) for name in row.paces}
                taken.append(row)
        return taken

    def moments(self, now: datetime) -> list[datetime]:
        """When something happens by itself: a job comes due, a pace is free."""
        free = (may_at(pace, RATES[name], now) for name, pace in self.buckets.items())
        return sorted({at for at in (*free, *(row.due for row in self.rows)) if at > now})


asks = st.tuples(
    st.just("ask"),
    st.sampled_from(KINDS),
    st.sampled_from(PLACES),
    st.sampled_from(LANES),
    st.sampled_from(PACE_SETS),
    st.sampled_from(Priority),
    st.sampled_from((0, 0, 0, 5, 60)),
)
steps = st.one_of(
    asks,
    st.tuples(
        st.just("claim"),
        st.sampled_from(PLACES),
        st.fixed_dictionaries({kind: st.integers(0, 4) for kind in KINDS}),
        st.sets(st.sampled_from(LANES), max_size=2),
    ),
    st.tuples(st.just("finish"), st.integers(0, 5)),
    st.tuples(st.just("die"), st.integers(0, 5)),
    st.tuples(st.just("rest"), st.sampled_from(sorted(RATES)), st.sampled_from((1, 30, 90))),
    st.tuples(st.just("later"), st.sampled_from((1, 7, 20, 60))),
)
stories = st.tuples(
    st.lists(asks, min_size=8, max_size=24),  # something to choose from
    st.lists(steps, min_size=4, max_size=30),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories)
def test_whatever_paces_jobs_keep_to_a_claim_gets_what_a_plain_list_would_give(
    books: Books, story: tuple[list[Any], list[Any]]
) -> None:
    books.empty()
    plain = PlainList()
    for step in (*story[0], *story[1]):
        _happen(books, plain, *step)


def _happen(books: Books, plain: PlainList, what: str, *how: Any) -> None:
    running = [row for row in plain.rows if row.lease and not row.left]
    match what:
        case "ask":
            kind, place, lane, names, priority, seconds = how
            after = timedelta(seconds=seconds)
            books.ask(job(lane, kind=kind, to=place, paces=names, priority=priority, after=after))
            id = max(entry.id for entry in books.entries())
            plain.rows.append(Row(id, kind, place, lane, names, int(priority), books.now + after))
        case "claim":
            _claim(books, plain, *how)
        case "later":
            books.later(seconds=how[0])
        case "rest":
            name, seconds = how
            until = books.now + timedelta(seconds=seconds)
            books.db.run(lambda tx: paces.pause(tx, name, until))
            known = plain.buckets.get(name) or Pace(books.now)
            plain.buckets[name] = Pace(known.tat, max(until, known.paused_until or until))
        case _ if not running:
            pass
        case "finish":
            row = running[how[0] % len(running)]
            assert row.lease is not None
            books.finish(row.lease)
            plain.rows.remove(row)
        case _:
            row = running[how[0] % len(running)]
            assert row.lease is not None
            owner = row.lease.owner
            books.db.run(lambda tx: ledger.forget_owner(tx, owner))
            for other in running:
                assert other.lease is not None
                other.left = other.lease.owner == owner


def _claim(books: Books, plain: PlainList, place: str, room: dict[str, int], busy: set[str]) -> None:
    owner = f"worker {len(books.woken)} {books.now:%H%M%S} {len(plain.rows)}."
    wanted = plain.claim(place, room, busy, books.now)
    got = books.db.run(lambda tx: claims.claim(tx, place, room, owner, A_DAY, RATES.__getitem__, busy))
    assert sorted(lease.id for lease in got.leases) == sorted(row.id for row in wanted)
    leases = {lease.id: lease for lease in got.leases}
    for row in wanted:
        assert leases[row.id].uncertain == row.left
        row.lease, row.left = leases[row.id], False
    taken = [row.kind for row in wanted]
    assert got.short_of == {kind for kind, n in room.items() if taken.count(kind) == n}
    if len(got.short_of) < len(room):
        _comes_again_in_time(books, plain, place, busy, got)


def _comes_again_in_time(books: Books, plain: PlainList, place: str, busy: set[str], got: Claimed) -> None:
    """Told to come again before the plain list would give anything more, and not before anything happens at all."""
    moments = plain.moments(books.now)
    kinds = {kind for kind in KINDS if kind not in got.short_of}
    gives = (at for at in moments if any(plain.may(row, at) for row in plain.heads(place, kinds, busy, at)))
    first = next(gives, None)
    if first is not None:
        assert got.again_at is not None
        assert got.again_at <= first
    if got.again_at is not None:
        assert got.again_at > books.now
        assert got.again_at in moments or got.again_at > books.now + A_DAY / 2  # else a lease's end


def test_a_claim_reads_no_more_however_many_wait_for_a_full_pace(books: Books) -> None:
    assert _work_with_waiting(books, 3_000) <= 2 * _work_with_waiting(books, 30)


def test_of_mail_for_very_many_domains_each_is_claimed_once_and_a_domain_that_rests_keeps_only_its_own(
    books: Books,
) -> None:
    books.empty()
    domains = [f"team:{n:03}.example" for n in range(300)]
    ids = books.ask(*(job(f"lane {n}", to="x", paces=("relay:r", name)) for n, name in enumerate(domains)))
    books.db.run(lambda tx: paces.pause(tx, domains[7], books.now + A_DAY))
    claimed: list[Claimed] = []
    for _ in range(60):
        claimed.append(books.db.run(lambda tx: claims.claim(tx, "x", {"do": 6}, "worker", 2 * A_DAY, _generous)))
    assert sorted(lease.id for one in claimed for lease in one.leases) == [id for id in ids if id != ids[7]]
    assert claimed[-1].again_at == books.now + A_DAY


def test_where_the_pace_that_all_share_rests_nothing_else_is_asked_for(books: Books) -> None:
    books.empty()
    books.ask(*(job(f"lane {n}", to="x", paces=("relay:r", f"team:{n}")) for n in range(200)))
    books.db.run(lambda tx: paces.pause(tx, "relay:r", books.now + A_DAY))
    claimed = books.db.run(lambda tx: claims.claim(tx, "x", {"do": 6}, "worker", A_DAY, _generous))
    assert (claimed.leases, claimed.again_at) == ([], books.now + A_DAY)
    held = books.db.run(lambda tx: tx.sql.exec_driver_sql("select name from paces").scalars().all())
    assert held == ["relay:r"]


def test_what_is_full_for_a_moment_is_looked_at_again_when_a_few_are_free(books: Books) -> None:
    """A hundred a second: a claim for each would cost more than what it claims."""
    _chats(books)

    def fast(name: str) -> Rate:
        return Rate(timedelta(milliseconds=10), 7) if name == "bot" else Rate(timedelta(seconds=1))

    def claim() -> Claimed:
        return books.db.run(lambda tx: claims.claim(tx, "x", {"do": 20}, "worker", A_DAY, fast))

    first = claim()
    assert (len(first.leases), first.is_full) == (7, True)
    assert first.again_at == books.now + timedelta(milliseconds=30)
    books.later(seconds=0.03)
    assert len(claim().leases) == 3


def test_of_very_many_domains_no_claim_serves_always_the_same_ones_first(books: Books) -> None:
    first: set[int] = set()
    for _ in range(12):
        books.empty()
        ids = books.ask(*(job(f"lane {n}", to="x", paces=("relay:r", f"team:{n:03}")) for n in range(260)))
        claimed = books.db.run(lambda tx: claims.claim(tx, "x", {"do": 1}, "worker", A_DAY, _generous))
        first.add(claimed.leases[0].id - ids[0])
    assert len(first) > 1


def _chats(books: Books, *more: Job) -> None:
    """Three hundred chats, each at its own pace and at that of one bot, and something to send to each."""
    books.empty()
    books.ask(*(job(f"lane {n}", to="x", paces=("bot", f"chat:{n:03}")) for n in range(300)), *more)
    if not books.db.embedded:
        books.db.run(lambda tx: tx.sql.exec_driver_sql("analyze jobs"))


def test_for_kinds_that_are_not_here_nothing_is_looked_through(books: Books) -> None:
    cost: list[int] = []
    for room in ({"do": 4}, {"do": 4, "greet": 4}, {"greet": 4}):
        _chats(books)
        spent: list[int] = []
        claimed = books.db.run(lambda tx, room=room, spent=spent: _counted(tx, room, spent))
        assert len(claimed.leases) == room.get("do", 0)
        cost.append(sum(spent))
    alone, with_others, others = cost
    assert with_others < 1.5 * alone
    assert others < 1.5 * alone


def test_what_there_is_of_another_kind_is_found_wherever_it_stands(books: Books) -> None:
    _chats(books, job("z", to="x", kind="greet", paces=("bot", "chat:150")))
    claimed = books.db.run(lambda tx: claims.claim(tx, "x", {"do": 4, "greet": 4}, "worker", A_DAY, _generous))
    assert sorted(lease.kind for lease in claimed.leases) == ["do"] * 4 + ["greet"]
    books.db.run(lambda tx: ledger.forget_owner(tx, "worker"))
    books.later(seconds=1)
    left = books.db.run(lambda tx: claims.claim(tx, "x", {"greet": 4}, "heir", A_DAY, _generous))
    assert [lease.kind for lease in left.leases] == ["greet"], "what a dead worker had of it, too"


def _counted(tx: Tx, room: Mapping[str, int], cost: list[int]) -> Claimed:
    """A claim, and what it costs the database."""
    before = _rows_read(tx) if tx.pg else _count_steps(tx, cost)
    done = claims.claim(tx, "x", room, "worker", A_DAY, _generous)
    if tx.pg:
        cost.append(_rows_read(tx) - before)
    else:
        cast(sqlite3.Connection, tx.sql.connection.driver_connection).set_progress_handler(None, 0)
    return done


def _generous(name: str) -> Rate:
    return Rate(timedelta(seconds=1), 1000)


def _work_with_waiting(books: Books, many: int) -> int:
    """What a claim costs the database where so many wait for a pace that rests, and one may run."""
    books.empty()
    books.db.run(lambda tx: paces.pause(tx, "room", books.now + A_DAY))
    books.ask(*(job(f"lane {n}", to="x", paces=("room",)) for n in range(many)), job("a", to="x"))
    if not books.db.embedded:
        books.db.run(lambda tx: tx.sql.exec_driver_sql("analyze jobs"))
    cost: list[int] = []

    def claim(tx: Tx) -> Claimed:
        before = _rows_read(tx) if tx.pg else _count_steps(tx, cost)
        done = claims.claim(tx, "x", {"do": 9}, "worker", A_DAY, RATES.__getitem__)
        cost.append(_rows_read(tx) - before if tx.pg else 0)
        return done

    assert len(books.db.run(claim).leases) == 1
    return sum(cost)


def _rows_read(tx: Tx) -> int:
    read = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'jobs'"
    return tx.sql.execute(sa.text(read)).scalar_one()


def _count_steps(tx: Tx, into: list[int]) -> int:
    """SQLite says how far it has come after each ten steps of its own."""
    raw = cast(sqlite3.Connection, tx.sql.connection.driver_connection)
    raw.set_progress_handler(lambda: into.append(10), 10)
    return 0

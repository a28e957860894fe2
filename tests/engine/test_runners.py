"""What runs beside the draining: alarms, rounds, the clock, the sweep, and stopping; with a server that goes away."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import procrastinate
import pytest
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.connector import BaseAsyncConnector, Notify
from procrastinate.jobs import Notification

from core.desk.opening import wall_clock
from core.engine.alarms import Alarms
from core.engine.clock import watch_the_clock
from core.engine.cron import Cron, Round, next_round
from core.engine.distributed import Attentive, Distributed, wake_from_outside
from core.engine.embedded import Embedded, begin_all, end_all
from core.engine.hands import Hand, Record
from core.phrases import NotFound, phrase
from core.storage.ledger import Lease, State
from tests.databases import Stock
from tests.engine.conftest import Yard, job, running, until
from tests.patience import PATIENCE
from tests.storage.conftest import Power
from tests.world import World

MS = timedelta(milliseconds=1)
FAR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_an_alarm_rings_once_at_the_earliest_time_it_was_set_to() -> None:
    rung: list[tuple[str, datetime]] = []
    alarms = Alarms(lambda to, due: rung.append((to, due)), wall_clock)
    start = wall_clock()
    for after in (FAR, 30 * MS, 10 * MS, 20 * MS):
        alarms.set("there", start + after)
    alarms.set("elsewhere", start + 40 * MS)
    await until(lambda: len(rung) == 2)
    alarms.set("stopped", wall_clock() + 10 * MS)
    alarms.stop()
    await asyncio.sleep(0.03)
    assert [to for to, _ in rung] == ["there", "elsewhere"]
    assert all(due <= wall_clock() for _, due in rung)


@given(
    st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda since: START + since),
    st.timedeltas(timedelta(seconds=1), timedelta(days=1)),
)
def test_the_next_round_is_ahead_no_further_than_one_and_midnight_begins_one(now: datetime, every: timedelta) -> None:
    following = next_round(now, every)
    assert now < following <= now + every
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert following <= midnight
    assert next_round(midnight - timedelta(microseconds=1), every) == midnight


async def test_a_round_that_fails_keeps_no_other_from_coming(yard: Yard) -> None:
    came: list[str] = []

    async def bad() -> None:
        came.append("bad")
        raise NotFound(phrase("There is no such message."))

    async def good() -> None:
        came.append("good")

    cron = Cron(yard.desk, {"bad": Round(100 * MS, bad), "good": Round(100 * MS, good)})
    loops = begin_all(cron.run())
    await until(lambda: came.count("good") >= 3 and came.count("bad") >= 3)
    await end_all(loops)


async def test_a_ticket_that_cannot_be_looked_at_does_not_stop_the_clock(sqlite_url: str, tmp_path: Path) -> None:
    world = World(sqlite_url, tmp_path)
    number = await asyncio.to_thread(world.mail)
    await asyncio.to_thread(_spoil, world, "status = 'no such status', due = 1")
    woken = asyncio.Event()
    loops = begin_all(watch_the_clock(world.desk, woken, longest=0.02))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(_spoil, world, "status = 'new', due = 1")
    await until(lambda: world.desk.next_due() is None)
    await end_all(loops)
    assert number is not None
    world.desk.db.close()


def _spoil(world: World, values: str) -> None:
    world.desk.db.run(lambda tx: tx.sql.exec_driver_sql(f"update tickets set {values}"))


# Embedded


@pytest.fixture
async def home(yard: Yard) -> AsyncGenerator[Yard]:
    """An embedded desk at work."""
    async with running(Embedded(yard.desk, yard.drainer(), Cron(yard.desk, {}))):
        yield yard


async def test_an_embedded_desk_does_what_is_asked_for_now_and_later(home: Yard) -> None:
    await home.ask(job("later", after=50 * MS), job("now"), job("elsewhere", to="elsewhere"))
    await until(lambda: home.entries() == [])
    assert sorted(home.recorded) == ["elsewhere", "later", "now"]


async def test_what_nobody_woke_anybody_for_is_found(home: Yard) -> None:
    outside = sqlite3.connect(home.url.removeprefix("sqlite:///"))
    with outside:
        outside.execute(
            "insert into jobs"
            " (kind, destination, lane, paces, priority, facts, due, state, attempts, fence, created_at)"
            " values ('do', 'there', 'unheard of', '', 1, '{}', 0, 0, 0, 0, 0)"
        )
    outside.close()
    await until(lambda: home.recorded == ["unheard of"])


async def test_what_a_dead_embedded_desk_was_doing_is_done_at_once_and_known_to_be_uncertain(yard: Yard) -> None:
    await yard.ask(job("a"), job("b"))
    await yard.desk.claim_jobs.soon("there", {"do": 9}, "the dead one", FAR)
    uncertain: list[bool] = []

    async def do(lease: Lease) -> Record | None:
        uncertain.append(lease.uncertain)
        return await yard.do(lease)

    async with running(Embedded(yard.desk, yard.drainer(do), Cron(yard.desk, {}))):
        await until(lambda: len(yard.recorded) == 2)
    assert uncertain == [True, True]


async def test_a_desk_that_is_alive_keeps_its_jobs_however_long_they_take(yard: Yard) -> None:
    drainer = yard.drainer()
    drainer.lease = 150 * MS
    taken: list[object] = []

    async def slow(lease: Lease) -> Record | None:
        for _ in range(8):
            await asyncio.sleep(0.05)
            other = await yard.desk.claim_jobs.soon("there", {"do": 9}, "somebody else", FAR)
            taken.extend(other.leases)
        return await yard.do(lease)

    drainer.hands = {"do": Hand(slow)}
    async with running(Embedded(yard.desk, drainer, Cron(yard.desk, {}))):
        await yard.ask(job())
        await until(lambda: yard.recorded)
    assert taken == []


async def test_stopping_finishes_what_runs(yard: Yard) -> None:
    async def slow(lease: Lease) -> Record | None:
        await asyncio.sleep(0.1)
        return await yard.do(lease)

    async with running(Embedded(yard.desk, drainer := yard.drainer(slow, at_once=1), Cron(yard.desk, {}))):
        await yard.ask(job("a"), job("b"))
        await until(lambda: drainer.held)
    assert yard.recorded == ["a"]
    assert [entry.lane for entry in yard.entries(State.WAITING)] == ["b"]


# Distributed

Office = Callable[[Yard], Distributed]


@pytest.fixture
async def office(stock: Stock, tmp_path: Path) -> AsyncGenerator[Yard]:
    """A desk on PostgreSQL."""
    with stock.borrow() as url:
        yard = Yard(url, tmp_path)
        yield yard
        await asyncio.to_thread(yard.desk.db.close)


def worker(yard: Yard, **hand: object) -> Distributed:
    return Distributed(yard.desk, yard.drainer(**hand), Cron(yard.desk, {}), yard.url)  # pyright: ignore[reportArgumentType]


async def test_a_distributed_desk_does_what_is_asked_for_now_and_later(office: Yard) -> None:
    async with running(worker(office)):
        await office.ask(job("later", after=50 * MS), job("now"), job("elsewhere", to="elsewhere"))
        await until(lambda: len(office.recorded) == 3)
    assert office.entries() == []


async def test_whoever_has_no_hands_wakes_those_who_have(office: Yard, tmp_path: Path) -> None:
    asking = Yard(office.url, tmp_path)
    asking_drainer = asking.drainer()
    asking_drainer.hands, asking_drainer.kinds = {}, ()
    door = Distributed(asking.desk, asking_drainer, Cron(asking.desk, {}), office.url)
    async with running(worker(office)), running(door):
        for n in range(5):
            await asking.ask(job(f"{n}"))
            await until(lambda n=n: len(office.recorded) == n + 1)
    await asyncio.to_thread(asking.desk.db.close)


async def test_a_slow_one_at_one_worker_keeps_nobody_else_from_the_destination(office: Yard, tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def slow(lease: Lease) -> Record | None:
        await go_on.wait()
        return await office.do(lease)

    other = Yard(office.url, tmp_path)
    async with running(worker(office, do=slow, at_once=1)):
        await office.ask(job("slow"))
        await until(lambda: office.entries(State.RUNNING))
        async with running(worker(other)):
            for n in range(6):
                await office.ask(job(f"{n}"))
                await until(lambda n=n: len(other.recorded) == n + 1)
        go_on.set()
        await until(lambda: office.recorded == ["slow"])
    await asyncio.to_thread(other.desk.db.close)


class Ledgerless(BaseAsyncConnector):
    """A server that tells of a new job while it is being asked for one."""

    def __init__(self) -> None:
        self.asked = 0
        self.tell: Notify | None = None

    async def execute_query_one_async(self, query: str, **arguments: Any) -> dict[str, Any]:
        self.asked += 1
        if self.asked == 1:
            assert self.tell is not None
            await self.tell(channel="work", payload='{"type": "job_inserted", "job_id": 1}')
        return {"id": None}

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        self.tell = on_notification


async def test_a_wake_that_is_told_of_during_a_look_makes_it_look_again() -> None:
    server = Ledgerless()
    manager = Attentive(server)

    async def forget(*, channel: str, notification: Notification) -> None:
        """What Procrastinate's worker makes of it at that moment."""

    await manager.listen_for_jobs(on_notification=forget)
    assert await manager.fetch_job(["work"], 1) is None
    assert server.asked == 2


async def test_a_command_line_wakes_workers(office: Yard) -> None:
    async with running(worker(office)):
        woken, office.desk.db.on_wake = office.desk.db.on_wake, lambda to, due: None
        await office.ask(job())
        office.desk.db.on_wake = woken
        await asyncio.to_thread(wake_from_outside, office.url, ["there", "there", "elsewhere"])
        await until(lambda: office.recorded == ["lane"])


async def test_what_is_asked_for_while_a_worker_stops_is_handed_on(office: Yard, tmp_path: Path) -> None:
    other = Yard(office.url, tmp_path)

    async def slow(lease: Lease) -> Record | None:
        await asyncio.sleep(0.2)
        return await office.do(lease)

    async with running(worker(office, do=slow, at_once=1)):
        await office.ask(*(job("a") for _ in range(3)))
        await until(lambda: office.entries(State.RUNNING))
    assert office.recorded == ["a"]
    assert await asyncio.to_thread(_waiting_wakes, office.url) == ["there"]
    async with running(worker(other)):
        await until(lambda: other.recorded == ["a", "a"])
    await asyncio.to_thread(other.desk.db.close)


def _waiting_wakes(url: str) -> list[str]:
    connector = procrastinate.SyncPsycopgConnector(conninfo=url, min_size=1, max_size=1)
    with procrastinate.App(connector=connector).open() as app:
        return [str(wake.queueing_lock) for wake in app.job_manager.list_jobs(status="todo")]


async def test_wakes_of_a_dead_worker_are_cleared_away(office: Yard) -> None:
    connector = procrastinate.PsycopgConnector(conninfo=office.url, min_size=1, max_size=1)
    async with procrastinate.App(connector=connector).open_async() as app:
        dead = await app.job_manager.register_worker()
        await app.configure_task("deskbell.drain", queueing_lock="there", queue="work").defer_async(destination="there")
        assert await app.job_manager.fetch_job(["work"], dead)
        await connector.execute_query_async(
            "update procrastinate_workers set last_heartbeat = now() - interval '1 day'"
        )
        async with running(worker(office)):
            async with asyncio.timeout(PATIENCE):
                while list(await app.job_manager.list_jobs_async()):  # noqa: ASYNC110 - it happens in the server
                    await asyncio.sleep(0.05)


async def test_a_server_that_was_away_is_worked_with_again_and_loses_nothing(office: Yard, power: Power) -> None:
    began = asyncio.Event()

    async def slow(lease: Lease) -> Record | None:
        began.set()
        await asyncio.sleep(0.5)  # the server goes away over it
        return await office.do(lease)

    async with running(worker(office, do=slow)):
        await office.ask(job("before"))
        await began.wait()
        await asyncio.to_thread(power.off)
        await asyncio.sleep(1.0)
        await asyncio.to_thread(power.on)
        await until(lambda: office.recorded == ["before"])
        await office.ask(job("after"))
        await until(lambda: office.recorded == ["before", "after"])
    assert office.done == ["before", "after"]  # nothing was done twice for want of a row


async def test_a_desk_can_be_stopped_while_the_server_is_away(office: Yard, power: Power) -> None:
    async with running(worker(office)):
        await office.ask(job())
        await until(lambda: office.recorded)
        await asyncio.to_thread(power.off)
        await asyncio.sleep(0.5)
    await asyncio.to_thread(power.on)

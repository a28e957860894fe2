"""Draining one destination: what is done and written down, and what becomes of pokes, paces and hands meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import timedelta

import pytest

from core.engine.hands import Backoff, GiveUp, Hand, Later, Record
from core.phrases import NotFound, phrase
from core.storage import ledger
from core.storage.database import Tx
from core.storage.ledger import Lease, State
from tests.engine.conftest import Yard, job, until
from tests.patience import PATIENCE

NOW = Backoff(first=timedelta(0), tries=3)


async def test_what_is_due_is_done_and_its_effect_recorded(yard: Yard) -> None:
    await yard.ask(job("a"), job("a"), job("b"))
    assert await yard.drainer().drain("there") is None
    assert sorted(yard.done) == sorted(yard.recorded) == ["a", "a", "b"]
    assert yard.entries() == []


async def test_what_is_due_later_is_told(yard: Yard) -> None:
    await yard.ask(job(after=timedelta(hours=1)))
    assert await yard.drainer().drain("there") == yard.entries()[0].due
    assert yard.done == []


async def test_what_nobody_here_has_hands_for_is_left(yard: Yard) -> None:
    await yard.ask(job(kind="something else"))
    assert await yard.drainer().drain("there") is None
    assert len(yard.entries(State.WAITING)) == 1


async def test_a_poke_that_comes_while_claiming_is_heard(yard: Yard) -> None:
    """The claim sees nothing; work is committed together with it, and its wake arrives before the claim's answer."""
    drainer = yard.drainer()
    loop = asyncio.get_running_loop()
    again: list[asyncio.Task[object]] = []

    def wake(to: str) -> None:  # as a runner does
        if not drainer.poke(to):
            again.append(asyncio.create_task(drainer.drain(to)))

    yard.desk.db.on_wake = lambda to, due: loop.call_soon_threadsafe(wake, to) and None
    begun, go_on = threading.Event(), threading.Event()
    blocked = yard.desk.db.submit(lambda tx: (begun.set(), go_on.wait()))
    await asyncio.to_thread(begun.wait)
    draining = asyncio.create_task(drainer.drain("there"))
    await asyncio.sleep(0.05)  # its claim waits behind what blocks the writer
    asked = yard.desk.db.submit(lambda tx: ledger.add(tx, [job()]))
    go_on.set()
    await asyncio.wait_for(draining, PATIENCE)
    await until(lambda: yard.done == ["lane"])
    await asyncio.gather(*again)
    assert (blocked.done(), asked.done()) == (True, True)


async def test_a_pace_that_opens_while_something_runs_is_used(yard: Yard) -> None:
    last = asyncio.Event()

    async def do(lease: Lease) -> Record | None:
        if lease.lane == "first":
            await last.wait()  # until one that had to wait for the pace is done
        if lease.lane == "10":
            last.set()
        return await yard.do(lease)

    await yard.ask(job("first", paces=("slack-post",)), *(job(f"{n}", paces=("slack-post",)) for n in range(1, 11)))
    await asyncio.wait_for(yard.drainer(do, at_once=12).drain("there"), PATIENCE)
    assert yard.done[-2:] == ["10", "first"]


async def test_what_comes_while_something_slow_runs_is_done_beside_it(yard: Yard) -> None:
    last = asyncio.Event()

    async def do(lease: Lease) -> Record | None:
        if lease.lane == "slow":
            await last.wait()
        if lease.lane == "late":
            last.set()
        return await yard.do(lease)

    drainer = yard.drainer(do)
    await yard.ask(job("slow"))
    draining = asyncio.create_task(drainer.drain("there"))
    await until(lambda: drainer.held)
    await yard.ask(job("late"))
    assert drainer.poke("there")
    await asyncio.wait_for(draining, PATIENCE)
    assert yard.done == ["late", "slow"]


async def test_each_kind_has_its_own_hands(yard: Yard) -> None:
    drainer = yard.drainer(at_once=16)
    busy: dict[str, int] = {"do": 0, "send": 0}
    most = dict(busy)

    async def do(lease: Lease) -> None:
        busy[lease.kind] += 1
        most[lease.kind] = max(most[lease.kind], busy[lease.kind])
        await asyncio.sleep(0.01)
        busy[lease.kind] -= 1

    drainer.hands = {"do": Hand(do, at_once=5), "send": Hand(do, at_once=2)}
    await yard.ask(*(job(f"{kind} {n}", kind=kind) for n in range(20) for kind in ("do", "send")))
    await drainer.drain("there")
    assert most == {"do": 5, "send": 2}


async def test_a_lane_is_done_in_its_order_by_one_hand(yard: Yard) -> None:
    at_work: set[str] = set()

    async def do(lease: Lease) -> Record | None:
        assert lease.lane not in at_work
        at_work.add(lease.lane)
        await asyncio.sleep(0.001)
        at_work.remove(lease.lane)
        return yard.record(f"{lease.lane} {lease.facts['n']}")

    await yard.ask(*(job(lane, facts={"n": n}) for n in range(20) for lane in ("a", "b")))
    await yard.drainer(do, at_once=8, refill=8).drain("there")
    for lane in ("a", "b"):
        assert [said for said in yard.recorded if said.startswith(lane)] == [f"{lane} {n}" for n in range(20)]


async def test_a_lane_does_not_go_on_while_the_machine_is_wanted_for_something_else(yard: Yard) -> None:
    drainer = yard.drainer()
    await yard.ask(job(), job())

    async def do(lease: Lease) -> Record | None:
        drainer.hold = lambda destination: timedelta(hours=1)
        return await yard.do(lease)

    drainer.hands = {"do": Hand(do)}
    again_at = await drainer.drain("there")
    assert yard.done == ["lane"]
    assert again_at is not None
    assert again_at > yard.desk.db.clock() + timedelta(minutes=50)


async def test_hands_are_filled_again_when_enough_of_them_are_free(yard: Yard) -> None:
    go_on = {f"{n}": asyncio.Event() for n in range(6)}

    async def do(lease: Lease) -> Record | None:
        await go_on[lease.lane].wait()
        return await yard.do(lease)

    drainer = yard.drainer(do, at_once=4, refill=2)
    await yard.ask(*(job(lane) for lane in go_on))
    draining = asyncio.create_task(drainer.drain("there"))
    await until(lambda: len(drainer.held) == 4)
    go_on["0"].set()
    await until(lambda: len(drainer.held) == 3)
    assert drainer.is_full("there")
    go_on["1"].set()
    await until(lambda: set(go_on) - {"0", "1"} == {lease.lane for lease in drainer.held.values()})
    for event in go_on.values():
        event.set()
    await asyncio.wait_for(draining, PATIENCE)
    assert sorted(yard.done) == sorted(go_on)


async def test_whoever_has_no_hand_free_lets_others_be_woken(yard: Yard) -> None:
    go_on = asyncio.Event()

    async def do(lease: Lease) -> None:
        await go_on.wait()

    drainer = yard.drainer(do, at_once=1)
    assert not drainer.poke("there")
    await yard.ask(job("a"), job("b"))
    draining = asyncio.create_task(drainer.drain("there"))
    await until(lambda: drainer.held)
    assert not drainer.poke("there")
    assert await drainer.drain("there") is None  # a second drain of the same destination leaves it to the first
    go_on.set()
    await draining
    assert yard.entries() == []


# How a job ends


async def test_later_is_later_with_what_was_done_of_it_and_the_pace_that_was_asked_to_rest(yard: Yard) -> None:
    async def do(lease: Lease) -> None:
        rest = timedelta(hours=1)
        raise Later("429 slow down", rest, pace="room:a", counts=False, record=yard.record("half of it"))

    await yard.ask(job("a", paces=("room:a",)), job("b", paces=("room:a",), after=timedelta(milliseconds=1)))
    await yard.drainer(do, at_once=1).drain("there")
    assert yard.recorded == ["half of it"]
    put_back = next(entry for entry in yard.entries() if entry.error)
    assert (put_back.attempts, put_back.error, put_back.state) == (0, "429 slow down", State.WAITING)
    await yard.drainer().drain("there")
    assert yard.done == []  # the pace rests for everybody


@pytest.mark.parametrize("raised", [Later("421 try later", timedelta(0)), ValueError("what a hand should not raise")])
async def test_what_fails_is_tried_so_often_and_then_given_up_with_its_reason(yard: Yard, raised: Exception) -> None:
    tries: list[int] = []

    async def do(lease: Lease) -> None:
        tries.append(lease.attempts)
        raise raised

    await yard.ask(job("a"), job("a"))
    drainer = yard.drainer(do, lost=lambda lease, reason: yard.record(reason), backoff=NOW)
    await drainer.drain("there")
    assert tries == [1, 2, 3, 1, 2, 3]
    assert [str(raised) in reason for reason in yard.recorded] == [True, True]
    assert all(str(raised) in str(entry.error) for entry in yard.entries(State.GIVEN_UP))
    assert len(yard.entries(State.GIVEN_UP)) == 2


async def test_what_can_never_work_is_given_up_at_once(yard: Yard) -> None:
    async def do(lease: Lease) -> None:
        raise GiveUp("550 no such person")

    await yard.ask(job("a"), job("a"))
    await yard.drainer(do, lost=lambda lease, reason: yard.record(reason)).drain("there")
    assert yard.recorded == ["550 no such person"] * 2
    assert [entry.error for entry in yard.entries(State.GIVEN_UP)] == ["550 no such person"] * 2


async def test_what_cannot_be_recorded_is_a_failure_of_that_job_and_of_no_other(yard: Yard) -> None:
    def spoilt(tx: Tx) -> None:
        raise NotFound(phrase("There is no such message."))

    async def do(lease: Lease) -> Record | None:
        await yard.do(lease)
        return spoilt if lease.lane == "spoilt" else yard.record(lease.lane)

    await yard.ask(job("spoilt"), job("fine"))
    await yard.drainer(do, backoff=NOW, lost=lambda lease, reason: spoilt).drain("there")
    assert yard.done.count("spoilt") == 3
    assert yard.recorded == ["fine"]
    (kept,) = yard.entries()
    assert (kept.state, kept.error) == (State.GIVEN_UP, "NotFound: There is no such message.")


async def test_what_cannot_be_recorded_is_given_up_with_what_its_hand_says_of_its_loss(yard: Yard) -> None:
    def spoilt(tx: Tx) -> None:
        raise NotFound(phrase("There is no such message."))

    async def do(lease: Lease) -> Record | None:
        return spoilt

    await yard.ask(job())
    await yard.drainer(do, backoff=NOW, lost=lambda lease, reason: yard.record(reason)).drain("there")
    assert yard.recorded == ["NotFound: There is no such message."]
    assert [entry.state for entry in yard.entries()] == [State.GIVEN_UP]


async def test_what_was_done_is_written_down_when_the_store_is_back_and_not_done_again(yard: Yard) -> None:
    other = sqlite3.connect(yard.url.removeprefix("sqlite:///"), isolation_level=None)

    async def do(lease: Lease) -> Record | None:
        other.execute("begin immediate")  # another process holds the file for longer than we are ready to wait
        asyncio.get_running_loop().call_later(0.5, other.rollback)
        return await yard.do(lease)

    await yard.ask(job())
    await yard.drainer(do).drain("there")
    other.close()
    assert (yard.done, yard.recorded) == (["lane"], ["lane"])
    assert yard.entries() == []


async def test_a_desk_that_stops_while_the_store_is_away_does_not_wait_for_it(yard: Yard) -> None:
    other = sqlite3.connect(yard.url.removeprefix("sqlite:///"), isolation_level=None)
    drainer = yard.drainer()

    async def do(lease: Lease) -> Record | None:
        other.execute("begin immediate")
        drainer.stop()
        return await yard.do(lease)

    drainer.hands = {"do": Hand(do)}
    await yard.ask(job())
    await asyncio.wait_for(drainer.drain("there"), PATIENCE)
    other.rollback()
    other.close()
    assert [entry.state for entry in yard.entries()] == [State.RUNNING]  # its lease runs out


async def test_a_lease_of_ours_that_ran_out_under_us_is_still_ours_where_nobody_took_over(yard: Yard) -> None:
    """After the computer slept: every lease is over, and nobody else was there."""
    go_on, looked = asyncio.Event(), asyncio.Event()

    async def do(lease: Lease) -> Record | None:
        if lease.lane == "beside":
            looked.set()
        else:
            await go_on.wait()
        return await yard.do(lease)

    drainer = yard.drainer(do)
    await yard.ask(job())
    draining = asyncio.create_task(drainer.drain("there"))
    await until(lambda: drainer.held)
    yard.desk.forget_owner("the-test")
    await yard.ask(job("beside"))
    drainer.poke("there")
    await looked.wait()
    go_on.set()
    await draining
    assert (yard.recorded, yard.entries()) == (["beside", "lane"], [])


async def test_what_somebody_else_took_over_is_not_recorded_here(yard: Yard) -> None:
    async def do(lease: Lease) -> Record | None:
        await yard.desk.forget_owner.soon("the-test")
        other = await yard.desk.claim_jobs.soon("there", {"do": 1}, "other", timedelta(seconds=60))
        assert [taken.id for taken in other.leases] == [lease.id]
        return await yard.do(lease)

    await yard.ask(job())
    await asyncio.wait_for(yard.drainer(do).drain("there"), PATIENCE)
    assert (yard.done, yard.recorded) == (["lane"], [])
    assert [entry.state for entry in yard.entries()] == [State.RUNNING]


async def test_stopping_finishes_what_runs_and_begins_nothing(yard: Yard) -> None:
    drainer = yard.drainer(at_once=1)

    async def do(lease: Lease) -> Record | None:
        drainer.stop()
        await asyncio.sleep(0.02)
        return await yard.do(lease)

    drainer.hands = {"do": Hand(do, at_once=1)}
    await yard.ask(job("a"), job("b"))
    assert await drainer.drain("there") is None
    assert yard.recorded == ["a"]
    assert [entry.lane for entry in yard.entries(State.WAITING)] == ["b"]

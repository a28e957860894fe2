"""The ledger's laws: order within a lane, keys, fences, paces, giving up."""

from __future__ import annotations

import random
import string
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.desk.opening import wall_clock
from core.effects import Job, Priority
from core.storage import claims, ledger, paces
from core.storage.database import Database, Fenced, Step, Tx
from core.storage.ledger import Lease, State
from tests.storage.conftest import ALREADY_OVER, SLOW, Books, job

# Order


def test_a_lane_gives_one_job_at_a_time_in_the_order_of_asking(books: Books) -> None:
    first, second, third = books.ask(job(), job(), job())
    done = []
    while claimed := books.claimed():
        assert len(claimed) == 1
        done.append(claimed[0].id)
        books.finish(claimed[0])
    assert done == [first, second, third]


def test_other_lanes_go_on_beside_a_busy_one(books: Books) -> None:
    books.ask(job("a"), job("a"), job("b"), job("c"))
    assert [lease.lane for lease in books.claimed()] == ["a", "b", "c"]
    assert books.claimed() == []


def test_nothing_is_claimed_of_lanes_that_the_asker_is_busy_with(books: Books) -> None:
    books.ask(job("a"), job("b"))
    wanted = books.db.run(lambda tx: claims.claim(tx, "there", {"do": 9}, "me", ALREADY_OVER, lambda name: SLOW, ["a"]))
    assert [lease.lane for lease in wanted.leases] == ["b"]


def test_a_head_that_is_tried_again_later_holds_up_its_own_lane_and_no_other(books: Books) -> None:
    head, *_ = books.ask(job("a"), job("a"), job("b"))
    books.put_back(books.one(), minutes=5)
    assert [lease.lane for lease in books.claimed()] == ["b"]
    books.later(minutes=5)
    assert books.one().id == head


def test_a_job_asked_for_later_waits_for_an_earlier_one_that_is_not_due_yet(books: Books) -> None:
    head, behind = books.ask(job(after=timedelta(minutes=1)), job())
    found = books.claim()
    assert found.leases == []
    assert found.again_at == books.now + timedelta(minutes=1)
    books.later(minutes=1)
    lease = books.one()
    assert lease.id == head
    books.finish(lease)
    assert books.one().id == behind


def test_priority_decides_between_lanes_and_never_within_one(books: Books) -> None:
    books.ask(
        job("slow", priority=Priority.LATER),
        job("slow", priority=Priority.CUSTOMER),
        job("quick", priority=Priority.CUSTOMER),
        job("card", priority=Priority.CARD),
    )
    assert [(lease.lane, lease.facts) for lease in books.claimed()] == [("quick", {}), ("card", {}), ("slow", {})]


def test_a_job_given_up_frees_its_lane_and_keeps_its_reason(books: Books) -> None:
    head, behind = books.ask(job(), job())
    books.give_up(books.one(), "550 no such person")
    assert books.one().id == behind
    (kept,) = books.entries(State.GIVEN_UP)
    assert (kept.id, kept.error) == (head, "550 no such person")


def test_what_waits_in_a_freed_lane_is_woken_where_it_belongs(books: Books) -> None:
    for end in (books.finish, books.give_up, lambda lease: books.put_back(lease) or drop(books, lease.id)):
        books.empty()
        books.ask(job(to="old room"), job(to="new room"))
        lease = books.one(at="old room")
        assert books.claimed(at="new room") == []
        books.woken.clear()
        end(lease)
        assert "new room" in {destination for destination, _ in books.woken}
        assert len(books.claimed(at="new room")) == 1


def drop(books: Books, id: int) -> bool:
    return books.db.run(lambda tx: ledger.drop(tx, id))


def test_a_lane_named_by_a_stranger_may_be_long_and_is_still_one_lane(books: Books) -> None:
    letters = random.Random(7)
    lane = "".join(letters.choices(string.ascii_letters, k=20_000))
    first, second = books.ask(job(lane), job(lane))
    assert [lease.id for lease in books.claimed()] == [first]
    books.finish(Lease(**{**_as_dict(books), "id": first}))
    assert [lease.id for lease in books.claimed()] == [second]
    assert len(books.ask(job(lane[:-1] + "?"))) == 1


def _as_dict(books: Books) -> dict[str, Any]:
    return {
        "kind": "do",
        "destination": "there",
        "lane": "",
        "key": None,
        "paces": (),
        "facts": {},
        "attempts": 1,
        "uncertain": False,
        "owner": "worker",
        "fence": 1,
        "created_at": books.now,
    }


# Keys


def test_the_same_asked_for_twice_while_it_waits_is_done_once(books: Books) -> None:
    books.ask(job(key="card:1"), job(key="card:1"), job("other", key="card:2"))
    assert [lease.key for lease in books.claimed()] == ["card:1", "card:2"]


def test_the_same_key_of_another_kind_is_something_else(books: Books) -> None:
    assert len(books.ask(job("a", key="1"), job("b", kind="undo", key="1"))) == 2


@pytest.mark.parametrize(("first", "second"), [(5, 1), (1, 5), (3, 3)])
def test_the_earlier_due_time_wins(books: Books, first: int, second: int) -> None:
    books.ask(job(key="k", after=timedelta(minutes=first)))
    books.woken.clear()
    books.ask(job(key="k", after=timedelta(minutes=second)))
    due = books.now + timedelta(minutes=min(first, second))
    assert [entry.due for entry in books.entries()] == [due]
    assert books.woken == [("there", due)]


def test_asked_for_again_elsewhere_it_is_woken_where_it_waits(books: Books) -> None:
    books.ask(job(to="old room", key="card", after=timedelta(minutes=1)))
    books.woken.clear()
    books.ask(job(to="new room", key="card"))
    assert books.woken == [("old room", books.now)]
    assert books.one(at="old room").key == "card"


def test_asked_for_again_while_it_runs_it_runs_again(books: Books) -> None:
    books.ask(job(key="k"))
    running = books.one()
    books.ask(job(key="k"))
    assert books.claimed() == []  # the lane is busy
    books.finish(running)
    again = books.one()
    assert (again.key, again.attempts) == ("k", 1)


def test_asked_for_again_while_a_failing_one_runs_one_stands_for_both_at_the_first_ones_place(books: Books) -> None:
    first, _ = books.ask(job(key="k"), job(key="between"))
    running = books.one()
    books.ask(job(key="k"))
    books.put_back(running, minutes=1)
    books.later(minutes=1)
    order = []
    while claimed := books.claimed():
        order.append((claimed[0].key, claimed[0].id == first, claimed[0].attempts))
        books.finish(claimed[0])
    assert order == [("k", True, 2), ("between", False, 1)]


def test_what_has_not_begun_can_be_taken_back(books: Books) -> None:
    books.ask(job(key="k"), job(to="elsewhere"))
    books.woken.clear()
    assert books.db.run(lambda tx: ledger.drop_waiting(tx, "do", "k"))
    assert ("elsewhere", books.now) in books.woken  # what waited behind it may go
    assert not books.db.run(lambda tx: ledger.drop_waiting(tx, "do", "k"))


def test_what_has_begun_cannot_be_taken_back_not_even_between_two_tries(books: Books) -> None:
    books.ask(job(key="k"))
    running = books.one()
    assert not books.db.run(lambda tx: ledger.drop_waiting(tx, "do", "k"))
    books.put_back(running, minutes=1)
    assert not books.db.run(lambda tx: ledger.drop_waiting(tx, "do", "k"))


def test_what_was_only_too_early_can_still_be_taken_back(books: Books) -> None:
    books.ask(job(key="k"))
    books.put_back(books.one(), minutes=1, counts=False)
    assert books.db.run(lambda tx: ledger.drop_waiting(tx, "do", "k"))


# Leases


def test_a_dead_workers_job_is_taken_over_and_known_to_be_uncertain(books: Books) -> None:
    books.ask(job())
    dead = books.one(owner="dead", lease=ALREADY_OVER)
    assert not dead.uncertain
    taken = books.one(owner="alive")
    assert (taken.id, taken.uncertain, taken.attempts, taken.fence) == (dead.id, True, 2, dead.fence + 1)
    assert books.claimed(owner="third") == []


def test_who_lost_the_lease_records_nothing(books: Books) -> None:
    books.ask(job("a"))
    late = books.one(owner="late", lease=ALREADY_OVER)
    books.one(owner="alive")

    def both(tx: Tx) -> None:
        ledger.add(tx, [job("what it wanted to record")])
        ledger.finish(tx, late)

    for attempt in (both, lambda tx: ledger.put_back(tx, late, tx.now, "", counts=True)):
        with pytest.raises(Fenced):
            books.db.run(attempt)
    with pytest.raises(Fenced):
        books.give_up(late)
    assert [(entry.lane, entry.state) for entry in books.entries()] == [("a", State.RUNNING)]


def test_who_took_a_job_twice_ends_it_by_the_second_lease_only(books: Books) -> None:
    books.ask(job("a"))
    first = books.one(lease=ALREADY_OVER)
    second = books.one()
    assert (first.owner, first.id) == (second.owner, second.id)
    ends: list[Step[object]] = [
        lambda tx: ledger.finish(tx, first),
        lambda tx: ledger.put_back(tx, first, tx.now, "", counts=True),
        lambda tx: ledger.give_up(tx, first, "in vain"),
    ]
    for end in ends:
        with pytest.raises(Fenced):
            books.db.run(end)
    assert [entry.state for entry in books.entries()] == [State.RUNNING]
    books.finish(second)
    assert books.entries() == []


MINUTE = timedelta(minutes=1)


def test_the_next_of_a_lane_comes_with_the_end_of_the_one_before_it(books: Books) -> None:
    first, second = books.ask(job(), job())
    after = books.finish(books.one(), MINUTE)
    assert after is not None
    assert (after.id, after.owner, after.attempts, after.uncertain) == (second, "worker", 1, False)
    assert books.claimed() == [], "it is held"
    assert books.finish(after, MINUTE) is None
    assert books.entries() == []
    assert first < second


@pytest.mark.parametrize(
    "behind",
    [
        job(kind="something else"),
        job(to="elsewhere"),
        job(lane="another"),
        job(paces=("slow:a",)),
        job(after=timedelta(seconds=1)),
    ],
    ids=["of another kind", "elsewhere", "in another lane", "at a pace", "later"],
)
def test_only_what_may_run_at_once_by_the_same_hand_comes_with_it(books: Books, behind: Job) -> None:
    books.ask(job())
    held = books.one()
    books.ask(behind)
    books.woken.clear()
    assert books.finish(held, MINUTE) is None
    assert [entry.state for entry in books.entries()] == [State.WAITING]
    in_the_same_lane = behind.lane == "lane"
    assert [where for where, _ in books.woken] == ([behind.destination] if in_the_same_lane else [])


def test_what_comes_with_it_is_nobodys_whose_lease_was_lost(books: Books) -> None:
    books.ask(job(), job())
    late = books.one(lease=ALREADY_OVER)
    books.one(owner="alive")
    with pytest.raises(Fenced):
        books.finish(late, MINUTE)
    assert [entry.state for entry in books.entries()] == [State.RUNNING, State.WAITING]


def test_a_claim_says_of_which_kinds_there_may_be_more(books: Books) -> None:
    books.ask(*(job(f"{n}") for n in range(3)))
    assert books.claim(room={"do": 2, "send": 5}).short_of == {"do"}
    assert books.claim(room={"do": 2, "send": 5}).short_of == frozenset()


def test_a_lane_stays_closed_while_its_dead_head_is_not_taken_over(books: Books) -> None:
    head, _ = books.ask(job(), job())
    books.one(lease=ALREADY_OVER)
    assert [lease.id for lease in books.claimed()] == [head]


def test_a_renewed_lease_is_kept_and_one_that_nobody_holds_runs_out(books: Books) -> None:
    held, lost = (lease.id for lease in _two(books, lease=ALREADY_OVER))
    books.db.run(lambda tx: ledger.renew(tx, "worker", [held], timedelta(seconds=60)))
    assert [lease.id for lease in books.claimed(owner="other")] == [lost]


@pytest.mark.parametrize("books", ["postgresql"], indirect=True)
def test_renewing_waits_for_no_job_that_is_being_finished(books: Books) -> None:
    """Else those behind it in the same statement could not be finished either: one slow commit would stop them all."""
    finishing, held = _two(books, lease=ALREADY_OVER)

    def renew(tx: Tx) -> None:
        tx.sql.exec_driver_sql("set local lock_timeout = '2s'")
        ledger.renew(tx, "worker", [finishing.id, held.id], timedelta(seconds=60))

    with books.db.engine.begin() as other:
        other.exec_driver_sql(f"select 1 from jobs where id = {finishing.id} for update")
        books.db.run(renew)
    assert [lease.id for lease in books.claimed(owner="other")] == [finishing.id]


def _two(books: Books, **how: Any) -> list[Lease]:
    books.ask(job("a"), job("b"))
    return books.claimed(**how)


def test_a_dead_desks_jobs_are_free_when_its_lock_is(sqlite_url: str, tmp_path: Path) -> None:
    books = Books(sqlite_url, tmp_path)
    _two(books)
    books.db.run(lambda tx: ledger.forget_owner(tx, ""))
    assert [lease.uncertain for lease in books.claimed(owner="new")] == [True, True]
    books.db.close()


def test_where_there_is_work_is_told_with_its_time_and_not_where_somebody_is_at_it(books: Books) -> None:
    books.ask(job("a", to="due"), job("b", to="later", after=timedelta(hours=1)), job("c", to="busy"))
    books.ask(job("d", to="dead"), job("e", to="given up"), job("f", to="not ours", kind="other"))
    books.one(at="busy")
    books.one(at="dead", lease=ALREADY_OVER)
    books.give_up(books.one(at="given up"))
    assert books.db.run(lambda tx: claims.waiting_destinations(tx, ["do"])) == {
        "due": books.now,
        "later": books.now + timedelta(hours=1),
        "dead": books.now,
    }


def test_a_worker_whose_clock_is_ahead_is_not_told_to_come_back_in_the_past(books: Books, tmp_path: Path) -> None:
    ahead = wall_clock() + timedelta(hours=1)
    fast = Database(books.db.url, lambda: ahead, tmp_path / "blobs")
    books.now = ahead if fast.embedded else wall_clock()  # an embedded desk has one clock
    books.ask(job())
    books.one(lease=timedelta(seconds=60))
    found = fast.run(lambda tx: claims.claim(tx, "there", {"do": 1}, "fast", timedelta(seconds=60), lambda name: SLOW))
    fast.close()
    assert found.leases == []
    assert found.again_at is not None
    assert ahead < found.again_at <= ahead + timedelta(seconds=60)


# Room and paces


def test_no_more_is_claimed_of_a_kind_than_there_are_hands_for(books: Books) -> None:
    books.ask(*(job(f"a{n}") for n in range(5)), *(job(f"b{n}", kind="other") for n in range(5)))
    taken = books.claimed(room={"do": 2, "other": 3})
    assert sorted(lease.kind for lease in taken) == ["do"] * 2 + ["other"] * 3
    assert books.claimed(room={"do": 0, "other": 1})[0].kind == "other"
    assert books.claimed(room={}) == []


def test_what_keeps_to_a_pace_waits_for_it_and_says_until_when(books: Books) -> None:
    books.ask(*(job(f"lane {n}", paces=("room:a",)) for n in range(4)))
    found = books.claim()
    assert len(found.leases) == SLOW.burst
    assert found.again_at == books.now + SLOW.interval
    books.later(seconds=1)
    assert len(books.claimed()) == 1


def test_a_full_pace_holds_up_only_what_keeps_to_it(books: Books) -> None:
    books.ask(*(job(f"a{n}", paces=("room:a", "all")) for n in range(3)), job("b", paces=("room:b",)), job("c"))
    assert sorted(lease.lane for lease in books.claimed()) == ["a0", "a1", "b", "c"]


def test_a_pace_is_one_for_all_destinations(books: Books) -> None:
    books.ask(*(job(f"lane {n}", to=f"there {n}", paces=("all",)) for n in range(4)))
    assert sum(len(books.claimed(at=f"there {n}")) for n in range(4)) == SLOW.burst


def test_a_pace_that_was_asked_to_rest_rests(books: Books) -> None:
    until = books.now + timedelta(minutes=1)
    books.ask(job("a", paces=("room",)), job("b"))
    books.db.run(lambda tx: paces.pause(tx, "room", until))
    books.db.run(lambda tx: paces.pause(tx, "room", books.now))  # a shorter rest does not end a longer one
    found = books.claim()
    assert [lease.lane for lease in found.leases] == ["b"]
    assert found.again_at == until
    books.later(minutes=1)
    assert len(books.claimed()) == 1


def test_a_bucket_long_at_rest_is_forgotten_unless_it_rests_by_request(books: Books) -> None:
    books.ask(*(job(f"lane {n}", paces=(f"room:{n}",)) for n in range(2)))
    for lease in books.claimed():
        books.finish(lease)
    books.db.run(lambda tx: paces.pause(tx, "room:1", books.now + timedelta(days=30)))
    books.later(days=8)
    assert books.db.run(lambda tx: paces.forget(tx, tx.now - timedelta(days=7))) == 1
    books.ask(job("lane 9", paces=("room:1",)))
    assert books.claimed() == []


def test_two_who_use_a_bucket_for_the_first_time_at_once_share_one_burst(books: Books) -> None:
    destinations = [f"there {n}" for n in range(6)]
    for again in range(5):
        books.empty()
        books.ask(*(job(f"lane {to} {n}", to=to, paces=("all",)) for to in destinations for n in range(3)))
        gate = threading.Barrier(len(destinations))

        def one(to: str, gate: threading.Barrier = gate) -> int:
            gate.wait()
            return len(books.claimed(at=to))

        with ThreadPoolExecutor(len(destinations)) as pool:
            assert sum(pool.map(one, destinations)) == SLOW.burst, f"round {again}"


# Operators


def test_what_was_given_up_can_be_tried_again_and_knows_that_it_was_begun_before(books: Books) -> None:
    (id,) = books.ask(job(key="k"))
    books.give_up(books.one())
    books.woken.clear()
    assert books.db.run(lambda tx: ledger.retry(tx, id))
    assert books.woken == [("there", books.now)]
    assert (books.one().attempts, books.claimed()) == (2, [])


def test_what_was_given_up_and_is_asked_for_anew_is_tried_once(books: Books) -> None:
    (id,) = books.ask(job(key="k"))
    books.give_up(books.one())
    books.ask(job(key="k", after=timedelta(hours=1)))
    assert books.db.run(lambda tx: ledger.retry(tx, id))
    assert [lease.id for lease in books.claimed()] == [id]
    assert len(books.entries()) == 1


def test_what_waits_can_be_tried_now(books: Books) -> None:
    (id,) = books.ask(job())
    books.put_back(books.one(), hours=3)
    assert books.db.run(lambda tx: ledger.retry(tx, id))
    assert books.one().attempts == 2


def test_what_was_given_up_last_comes_first_and_all_are_counted(books: Books) -> None:
    first, last = books.ask(job(lane="one"), job(lane="two"))
    for lease in books.claimed():
        books.give_up(lease)
    assert [entry.id for entry in books.db.run(lambda tx: ledger.entries(tx, State.GIVEN_UP))] == [last, first]
    assert len(books.db.run(lambda tx: ledger.entries(tx, State.GIVEN_UP, most=1))) == 1
    assert books.db.run(lambda tx: ledger.count(tx, State.GIVEN_UP)) == 2


def test_what_runs_can_neither_be_retried_nor_dropped(books: Books) -> None:
    (id,) = books.ask(job(key="k"))
    books.one()
    books.ask(job(key="k"))
    assert not books.db.run(lambda tx: ledger.retry(tx, id))
    assert not drop(books, id)
    assert len(books.entries()) == 2


def test_what_is_not_there_can_neither_be_retried_nor_dropped(books: Books) -> None:
    assert not books.db.run(lambda tx: ledger.retry(tx, 4711))
    assert not drop(books, 4711)
    assert books.db.run(lambda tx: ledger.entry(tx, 4711)) is None


def test_the_list_can_be_of_one_state(books: Books) -> None:
    given_up, running, waiting = books.ask(job("a"), job("b"), job("c"))
    books.give_up(books.one())
    books.one()
    for state, id in (State.GIVEN_UP, given_up), (State.RUNNING, running), (State.WAITING, waiting):
        assert [entry.id for entry in books.entries(state)] == [id]


# Rounds


def test_a_round_is_had_by_one_and_comes_again(books: Books) -> None:
    def turn() -> bool:
        return books.db.run(lambda tx: ledger.take_turn(tx, "digest", timedelta(hours=1)))

    assert (turn(), turn()) == (True, False)
    books.later(minutes=59)
    assert not turn()
    books.later(minutes=1)
    assert (turn(), turn()) == (True, False)
    books.later(hours=-1)  # somebody whose clock is behind
    assert not turn()


def test_of_many_who_ask_at_once_one_has_the_round(books: Books) -> None:
    for day in range(10):
        gate = threading.Barrier(6)

        def turn(_: int, gate: threading.Barrier = gate) -> bool:
            gate.wait()
            return books.db.run(lambda tx: ledger.take_turn(tx, "digest", timedelta(days=1)))

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(turn, range(6))) == 1, f"day {day}"
        books.later(days=1)

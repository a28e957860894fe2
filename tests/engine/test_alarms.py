"""How a runner hears of work from other threads: everything, in its order, and seldom."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

from core.engine.alarms import Bell
from tests.patience import PATIENCE

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_what_many_threads_ring_for_is_heard_each_in_its_order() -> None:
    heard: list[tuple[str, datetime]] = []
    all_of_it = asyncio.Event()

    def wake(to: str, due: datetime) -> None:
        heard.append((to, due))
        if len(heard) == 2000:
            all_of_it.set()

    bell = Bell(asyncio.get_running_loop(), wake)

    def ring(name: str) -> None:
        for n in range(500):
            bell.ring(name, NOON + timedelta(seconds=n))

    threads = [threading.Thread(target=ring, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    await asyncio.wait_for(all_of_it.wait(), PATIENCE)
    for n in range(4):
        assert [due for to, due in heard if to == f"t{n}"] == [NOON + timedelta(seconds=s) for s in range(500)]


async def test_what_comes_together_wakes_the_loop_once() -> None:
    class Counting:
        """An event loop, as far as a bell needs one."""

        calls = 0

        def call_soon_threadsafe(self, call: object) -> None:
            self.calls += 1

    loop = Counting()
    bell = Bell(loop, lambda to, due: None)  # pyright: ignore[reportArgumentType]
    for n in range(10):
        bell.ring(f"to {n}", NOON)
    assert loop.calls == 1


async def test_what_is_rung_for_while_one_hears_is_heard_as_well() -> None:
    heard: list[str] = []

    def wake(to: str, due: datetime) -> None:
        heard.append(to)
        if to == "first":
            bell.ring("second", due)

    bell = Bell(asyncio.get_running_loop(), wake)
    bell.ring("first", NOON)
    await asyncio.sleep(0.01)
    assert heard == ["first", "second"]
    bell.ring("third", NOON)
    await asyncio.sleep(0.01)
    assert heard == ["first", "second", "third"]


def test_a_loop_that_is_closed_is_not_woken() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    Bell(loop, lambda to, due: None).ring("anywhere", NOON)

"""Work in a child process: what comes of it, and what becomes of the others when it ends badly."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta

import psutil
import pytest

from core.engine.apart import Apart, GaveOutError
from tests.engine.strange import crash, double, niceness, refuse, sleep, swell, who
from tests.patience import PATIENCE


@pytest.fixture
async def apart() -> AsyncGenerator[Apart]:
    made = Apart(patience=timedelta(seconds=30), memory=1 << 30)
    yield made
    await made.close()


async def test_each_gets_its_own_answer(apart: Apart) -> None:
    assert await asyncio.gather(*(apart.call(double, n) for n in range(50))) == [2 * n for n in range(50)]


async def test_one_child_does_it_all(apart: Apart) -> None:
    first, second = await asyncio.gather(apart.call(who), apart.call(who))
    assert first == second != psutil.Process().pid


async def test_it_yields_to_whoever_talks_to_the_outside(apart: Apart) -> None:
    assert await apart.call(niceness) > niceness()


async def test_large_things_go_there_and_back(apart: Apart) -> None:
    sent = b"x" * 5_000_000
    assert await apart.call(bytes, sent) == sent


async def test_what_it_raises_is_raised_here(apart: Apart) -> None:
    with pytest.raises(ValueError, match="no such thing"):
        await apart.call(refuse, "no such thing")
    assert await apart.call(double, 1) == 2


async def test_what_takes_too_long_is_ended_and_those_behind_it_are_done() -> None:
    apart = Apart(patience=timedelta(seconds=3), yields=0)  # its time runs while it starts, too
    came = await asyncio.gather(
        apart.call(sleep, 3600), apart.call(double, 1), apart.call(double, 2), return_exceptions=True
    )
    await apart.close()
    assert isinstance(came[0], GaveOutError)
    assert came[1:] == [2, 4]


async def test_what_takes_too_much_memory_is_told_so_and_the_child_lives_on(apart: Apart) -> None:
    before = await apart.call(who)
    with pytest.raises(GaveOutError, match="memory"):
        await apart.call(swell, 4 << 30)
    assert await apart.call(who) == before


async def test_a_crash_is_put_down_to_what_was_at_work(apart: Apart) -> None:
    came = await asyncio.gather(apart.call(double, 1), apart.call(crash), apart.call(double, 2), return_exceptions=True)
    assert isinstance(came[1], GaveOutError)
    assert (came[0], came[2]) == (2, 4)


async def test_what_waits_when_it_closes_is_cancelled(apart: Apart) -> None:
    await apart.call(who)
    waiting = asyncio.create_task(apart.call(sleep, 3600))
    await asyncio.sleep(0)  # it is asked
    await apart.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_the_child_dies_with_its_parent() -> None:
    program = (
        "import asyncio\n"
        "from core.engine.apart import Apart\n"
        "from tests.engine.strange import who\n"
        "async def main():\n"
        "    print(await Apart().call(who), flush=True)\n"
        "    await asyncio.sleep(3600)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.communicate()
    await asyncio.to_thread(psutil.wait_procs, [child], PATIENCE)
    assert not child.is_running()


async def test_a_child_at_work_says_nothing_when_its_parent_is_killed() -> None:
    program = (
        "import asyncio\n"
        "from core.engine.apart import Apart\n"
        "from tests.engine.strange import outlive\n"
        "async def main():\n"
        "    await Apart().call(outlive)\n"
        "asyncio.run(main())\n"
    )
    pipe = asyncio.subprocess.PIPE
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe, stderr=pipe)
    assert parent.stdout is not None
    await parent.stdout.readline()  # the child is at work
    parent.kill()
    _, said = await parent.communicate()  # until both are gone
    assert said == b""

"""What both runners promise, with real processes: each on its database."""

from __future__ import annotations

import asyncio
import signal
import statistics
import time
from collections import Counter
from itertools import count

import psutil
import pytest
import sqlalchemy as sa

from core.storage.ledger import State
from core.storage.schema import events
from tests.engine.conftest import Sites
from tests.engine.site import ALL_HANDS, NO_BRAKES, Running, Site, mail, reply

pytestmark = pytest.mark.kill


async def feed(door: Running, *requests: dict[str, object]) -> None:
    for request in requests:
        answer = await door.ask(**request)
        assert answer["kept"]


async def test_what_comes_in_is_understood_shown_and_answered_in_order(site: Site) -> None:
    door, *_ = await site.staff(pause=0.005)
    await asyncio.gather(
        *(
            feed(door, mail(sender), *(each for n in range(1, 5) for each in (reply(sender, n), mail(sender, n))))
            for sender in range(4)
        )
    )
    await site.until_all_is_done()
    by_lane: dict[int, list[int]] = {}
    for call in site.outside("send"):
        by_lane.setdefault(call.facts["ticket"], []).append(call.facts["message"])
    assert len(by_lane) == 4
    for number, sent in by_lane.items():
        assert sent == sorted(sent)
        assert len(sent) == 5  # the acknowledgement and four answers
        said = [m.text.split()[-1] for m in site.desk.conversation(number) if m.part.value == "requester"]
        assert said == ["0.", "1.", "2.", "3.", "4."]
    assert await asyncio.gather(*(process.stop() for process in site.processes)) == [0] * len(site.processes)


async def test_an_idle_desk_reacts_at_once_and_hardly_breathes(site: Site) -> None:
    door, *_ = await site.staff(pause=0)
    await feed(door, mail(0))
    await site.until_all_is_done()
    numbers, waits = count(1), [1.0]
    for _ in range(6):  # others may have the machine for a while; a desk that looks from time to time fails each time
        if statistics.median(waits) >= 0.25:
            waits = [await _kept_to_sent(site, door, next(numbers)) for _ in range(15)]
    await site.until_all_is_done()
    each = [psutil.Process(process.pid) for process in site.processes]
    before, began = [sum(p.cpu_times()[:2]) for p in each], time.monotonic()
    await asyncio.sleep(1.5)
    used = [sum(p.cpu_times()[:2]) - was for p, was in zip(each, before, strict=True)]
    share = max(used) / (time.monotonic() - began)
    median, longest = (1000 * wait for wait in (statistics.median(waits), max(waits)))
    print(f"{site.runner}: kept -> sent: median {median:.0f} ms, longest {longest:.0f} ms; idle: {share:.1%} of a core")
    assert statistics.median(waits) < 0.25
    assert share < 0.08


async def _kept_to_sent(site: Site, door: Running, number: int) -> float:
    """Seconds from when a mail was kept until its acknowledgement is sent."""
    await asyncio.sleep(0.05)
    answer = await door.ask(**mail(number))
    await site.until(lambda: len(site.outside("send")) == number + 1)
    return site.outside("send")[-1].at - answer["at"]


async def test_what_nobody_was_woken_for_is_found(site: Site) -> None:
    """A process that wrote and died before it could wake anybody."""
    await site.staff(pause=0)
    await site.until(lambda: site.outside("beat"))
    site.desk.accept("email", "unheard of", "c1@example.com", {}, b'{"sender":"c1@example.com","id":"<1@a>",' + REST)
    await site.until(lambda: site.outside("send"))


REST = b'"text":"Hello?","answers":null}'


async def test_a_worker_that_is_dead_or_hung_is_replaced_within_ten_seconds(site_of: Sites) -> None:
    """Of several on one database. Both waits side by side: they are long."""
    with site_of("distributed") as one, site_of("distributed") as other:
        await asyncio.gather(_a_dead_worker_is_replaced(one), _a_hung_worker_is_replaced(other))


async def _a_dead_worker_is_replaced(site: Site) -> None:
    dead = await site.start("dead", hands=ALL_HANDS, least=3600, pause=7200)
    await feed(dead, *(mail(sender) for sender in range(4)))
    await site.until(lambda: len(site.outside("send")) == 4)  # in the middle of four calls
    heir = await site.start("heir", hands=ALL_HANDS, pause=0)
    await feed(heir, mail(0, 1), mail(9))  # what is new goes on at once, and one waits in a dead lane
    await site.until(lambda: len(site.outside("send")) >= 5)
    assert dead.kill().calling >= 4
    killed_at = time.monotonic()
    await site.until(lambda: not site.desk.jobs(most=1))
    again = [call for call in site.outside("send") if call.pid == heir.pid and call.facts["uncertain"]]
    took = max(call.at for call in again) - killed_at
    print(f"taken over {took:.1f} s after the kill")
    assert len(again) == 4
    assert took <= 10


async def _a_hung_worker_is_replaced(site: Site) -> None:
    """And records nothing when it wakes up."""
    hung = await site.start("hung", hands=ALL_HANDS, least=3, pause=5)
    for sender in range(4):
        await feed(hung, mail(sender))
    await site.until(lambda: hung.box.read().calling)
    hung.signal(signal.SIGSTOP)
    stopped_at = time.monotonic()
    heir = await site.start("heir", hands=ALL_HANDS, pause=0)
    await site.until_all_is_done()
    assert max(call.at for call in site.outside("send") if call.pid == heir.pid) - stopped_at <= 10
    hung.signal(signal.SIGCONT)
    await feed(hung, mail(8))  # it is well again
    await site.until_all_is_done()
    await site.until(lambda: len(_delivered(site)) >= 5)
    assert set(_delivered(site).values()) == {1}
    assert await hung.stop() == 0


def _delivered(site: Site) -> Counter[int]:
    """How often each message was recorded as delivered."""
    query = sa.select(events.c.facts).where(events.c.kind == "Delivered")
    return Counter(facts["message"] for facts in site.desk.db.look(lambda tx: tx.sql.scalars(query).all()).result())


async def test_a_pace_holds_for_all_processes_together(site: Site) -> None:
    interval, burst = 0.05, 5
    door, *_ = await site.staff(pause=0, rates={**NO_BRAKES, "relay": (interval, burst)})
    await asyncio.gather(*(door.ask(**mail(sender)) for sender in range(40)))
    await site.until(lambda: len(site.outside("send")) == 40)
    sends = sorted(call.at for call in site.outside("send"))
    # A send comes some time after its claim, so they may be a little closer together than their claims were.
    slack = 0.5
    for first in range(len(sends)):
        for last in range(first + burst, len(sends)):
            assert sends[last] - sends[first] >= (last - first + 1 - burst) * interval - slack


async def test_what_comes_round_comes_once_however_many_there_are(site: Site) -> None:
    await site.staff()
    if site.runner == "distributed":
        await site.start("worker-3", hands=ALL_HANDS)
    await site.until(lambda: len(site.outside("beat")) >= 4)
    seconds = [call.facts["second"] for call in site.outside("beat")]
    assert len(seconds) <= max(seconds) - min(seconds) + 1  # on a busy machine one may be late and meet the next


async def test_a_desk_that_is_told_to_stop_finishes_what_it_does(site: Site) -> None:
    door, *_ = await site.staff(pause=0.4)
    await feed(door, *(mail(sender) for sender in range(6)))
    await site.until(lambda: len(site.outside("send")) >= 3)
    assert await asyncio.gather(*(process.stop() for process in site.processes)) == [0] * len(site.processes)
    assert len(site.outside("send")) == len(site.outside("sent"))
    assert site.desk.jobs(State.RUNNING) == []
    sent = {call.facts["message"] for call in site.outside("send")}
    assert set(_delivered(site)) == sent

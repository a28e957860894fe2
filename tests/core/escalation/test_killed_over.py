"""Processes that look at ladders are killed, over and over: each step is done once, and each person told once."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import Desk
from core.desk.opening import open_desk, wall_clock
from core.storage import pings, tickets
from core.tickets import events as e
from tests import warm
from tests.core.escalation.test_escalating import CLIMBING
from tests.world import World

pytestmark = pytest.mark.kill

TICKETS = 15
KILLS = 6


def test_a_day_of_steps_under_kills_is_done_once_in_order_and_only_a_call_in_flight_may_repeat(
    database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(7)
    with World(database_url, tmp_path, CLIMBING) as world:
        numbers = [world.mail(sender=f"c{n}@example.com") for n in range(TICKETS)]
        ahead = world.now + timedelta(days=1) - wall_clock()
        together = 1 if world.desk.db.embedded else 2  # on PostgreSQL two schedulers look at once
    words = [database_url, str(tmp_path), str(ahead.total_seconds())]
    with (tmp_path / "said").open("wb") as said:
        going = [_begin(words, said.fileno()) for _ in range(together)]
        for kill in range(KILLS):
            one = kill % together
            _until_it_works(tmp_path, kill + together)
            time.sleep(chance.uniform(0.0, 0.15))  # somewhere in the middle
            going[one].kill()
            going[one].wait(10)
            going[one] = _begin(words, said.fileno())
        desk = open_desk(database_url, tmp_path, clock=lambda: wall_clock() + ahead)
        try:
            _until_all_is_told(desk)
            _hold_against_the_laws(desk, numbers, tmp_path)
        finally:
            for process in going:
                process.kill()
                process.wait(10)
            desk.db.close()


def _begin(words: list[str], said: int) -> warm.Begun:
    return warm.begin("tests.core.escalation.climber", words, env=dict(os.environ), stdout=said, stderr=said)


def _until_it_works(folder: Path, many: int) -> None:
    end = time.monotonic() + 30
    while (folder / "said").read_bytes().count(b"works") < many:
        assert time.monotonic() < end, (folder / "said").read_text()
        time.sleep(0.005)


def _until_all_is_told(desk: Desk) -> None:
    end = time.monotonic() + 30
    while desk.next_due() is not None or any(job.kind == "ping" for job in desk.jobs()):
        assert time.monotonic() < end, desk.jobs()[:5]
        time.sleep(0.05)


def _hold_against_the_laws(desk: Desk, numbers: list[int], folder: Path) -> None:
    for number in numbers:
        history = desk.db.run(lambda tx, n=number: tickets.history(tx, n))
        taken = [event for event in history if isinstance(event, e.StepTaken)]
        assert [one.rung for one in taken] == [0, 1, 2]
        assert all(one.late for one in taken)
    told = desk.db.run(lambda tx: [one for few in pings.of_tickets(tx, numbers).values() for one in few])
    lines = [line.split() for line in (folder / "told").read_text().splitlines()]
    calls = Counter(int(id) for id, _ in lines)
    assert len(told) == 4 * TICKETS
    assert all(one.sent_at for one in told)
    assert {one.id for one in told if calls[one.id] > 1} <= {one.id for one in told if one.repeated}
    assert sum(calls.values()) - len(told) <= 2 * KILLS * 2  # at most what was in flight at each kill
    assert desk.audit().found == ()

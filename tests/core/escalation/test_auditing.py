"""Whoever looks after the ladders finds each sort of miss, tells it once, and finds nothing in a year of everything."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.escalation.auditing import Audit, Fault, look_at_tasks
from core.rulebook.ladders import hours_of
from core.storage import pings, tickets
from core.storage.schema import events
from core.tickets import events as e
from core.tickets.tasks import Planned
from tests.core.escalation.test_escalating import CLIMBING
from tests.core.escalation.year import Simulation
from tests.databases import sqlite_copy
from tests.world import ANN, World

Tampered = Callable[[Sequence[e.Event]], Sequence[e.Event]]
SHORT = timedelta(minutes=3)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    with World(database_url, tmp_path, CLIMBING) as made:
        yield made


@pytest.fixture
def here(sqlite_url: str, tmp_path: Path) -> Generator[World]:
    with World(sqlite_url, tmp_path, CLIMBING) as made:
        yield made


def without(kind: type[e.Event], rung: int | None = None) -> Tampered:
    return lambda history: [one for one in history if not _is(one, kind, rung)]


def twice(kind: type[e.Event], rung: int | None = None) -> Tampered:
    return lambda history: [same for one in history for same in ([one, one] if _is(one, kind, rung) else [one])]


def at_another_time(**changed: timedelta) -> Tampered:
    def tampered(history: Sequence[e.Event]) -> Sequence[e.Event]:
        return [
            replace(one, **{name: getattr(one, name) + span for name, span in changed.items()})
            if _is(one, e.StepTaken, 1)
            else one
            for one in history
        ]

    return tampered


def _is(one: e.Event, kind: type[e.Event], rung: int | None) -> bool:
    return isinstance(one, kind) and (rung is None or getattr(one, "rung", None) == rung)


def taken_on(history: Sequence[e.Event]) -> Sequence[e.Event]:
    """As if somebody had taken it on after the first step."""
    place = next(n for n, one in enumerate(history) if isinstance(one, e.StepTaken)) + 1
    return [*history[:place], e.Claimed(at=history[place - 1].at, by=ANN.agent), *history[place:]]


@pytest.mark.parametrize(
    ("tampered", "fault"),
    [
        (without(e.StepTaken, 1), Fault.MISSED),
        (without(e.StepTaken, 2), Fault.MISSED),
        (twice(e.StepTaken, 1), Fault.DOUBLED),
        (twice(e.LadderBegun), Fault.DOUBLED),
        (at_another_time(at=-SHORT), Fault.EARLY),
        (at_another_time(due=-SHORT), Fault.ASTRAY),
        (taken_on, Fault.ASTRAY),
        (without(e.LadderBegun), Fault.NOT_BEGUN),
    ],
)
def test_each_sort_of_miss_is_found(here: World, tampered: Tampered, fault: Fault) -> None:
    here.now += timedelta(seconds=1)
    number = here.mail()
    for minutes in (15, 15, 90):
        here.later(minutes=minutes)
    history = here.desk.db.run(lambda tx: tickets.history(tx, number))
    told = {one.id: one for one in here.desk.db.run(lambda tx: pings.of_tickets(tx, [number]))[number]}

    def look(seen: Sequence[e.Event]) -> set[Fault]:
        known = here.desk.book()

        def ladder_of(name: str, _version: int):
            found = known.ladder_named(name)
            return (found.plan, hours_of(known, found)) if found else None

        audit = Audit(ladder_of, lambda queue, _: known.queue(queue).ladder is not None, told, here.now)
        return {finding.fault for finding in audit.look(seen)}

    assert look(history) == set()
    assert fault in look(tampered(history))


SPLIT = [
    e.TasksPlanned(at=AT, tasks=(1, 2, 3), blocking=3, by="T1:ANN"),
    e.TaskBegun(at=AT, task=1, work=7),
    e.TaskEnded(at=AT + SHORT, task=1, outcome="done", blocks=True, by="T1:ANN"),
    e.TaskBegun(at=AT + SHORT, task=2, work=8),
    e.TaskEnded(at=AT + 2 * SHORT, task=2, outcome="not_possible", blocks=True, by="T1:ANN"),
    e.TaskBegun(at=AT + 3 * SHORT, task=3, work=9, by="T1:ANN"),
]


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (SPLIT, []),
        (SPLIT[:3], [(Fault.TASK_NOT_BEGUN, 1)]),
        ([SPLIT[0], replace(SPLIT[2], at=AT), replace(SPLIT[3], at=AT)], []),  # it ended, so it need not begin
        ([SPLIT[0], *SPLIT[2:]], [(Fault.TASK_NOT_BEGUN, 0)]),
        (SPLIT[:1], [(Fault.TASK_NOT_BEGUN, 0)]),
        ([SPLIT[0], SPLIT[1], SPLIT[3]], [(Fault.TASK_TOO_SOON, 1)]),
        ([*SPLIT[:4], SPLIT[3]], [(Fault.TASK_TOO_SOON, 1)]),
        ([*SPLIT[:5], replace(SPLIT[5], by=None)], [(Fault.TASK_TOO_SOON, 2)]),
    ],
)
def test_tasks_that_did_not_begin_when_they_should_are_found(
    history: Sequence[e.Event], found: Sequence[tuple[Fault, int]]
) -> None:
    audited = look_at_tasks(history, [(1, ()), (2, (1,)), (3, (2,))])
    assert [(one.fault, one.rung) for one in audited] == found


def test_a_task_that_did_not_begin_is_told_to_supervisors(here: World) -> None:
    number = here.mail()
    here.desk.split_into(number, [Planned("One", "billing"), Planned("Two", "billing", waits=(1,))], ANN)
    assert here.desk.audit().found == ()
    here.later(minutes=1)
    works = here.desk.overseen(number).lines
    assert works[0].task.work is not None
    here.desk.close(works[0].task.work, ANN)
    gone = (events.c.ticket == number, events.c.kind == "TaskBegun", events.c.at == here.now)
    here.desk.db.run(lambda tx: tx.sql.execute(events.delete().where(*gone)))
    assert [finding.fault for _, finding in here.desk.audit().found] == [Fault.TASK_NOT_BEGUN]
    here.run(here.drain_all())
    assert any("should have begun" in str(one.said) for _, untold in here.warned for one in untold.first)


def test_a_miss_is_told_to_supervisors_once(desk: World) -> None:
    number = desk.mail()
    desk.later(hours=2)
    assert desk.desk.audit().found == ()
    desk.desk.note(number, ANN, "Somebody looks at it.")
    gone = (events.c.ticket == number, events.c.kind == "StepTaken", events.c.seq > 4)
    desk.desk.db.run(lambda tx: tx.sql.execute(events.delete().where(*gone)))
    assert {finding.fault for _, finding in desk.desk.audit().found} == {Fault.MISSED}
    desk.run(desk.drain_all())
    assert any("was missed" in str(one.said) for _, untold in desk.warned for one in untold.first)
    desk.desk.note(number, ANN, "And once more.")
    assert desk.desk.audit().found == ()


def test_whoever_was_to_be_told_and_was_not_is_found(desk: World) -> None:
    desk.silent = True
    desk.mail()
    desk.later(minutes=15)
    assert desk.desk.audit().found == ()
    desk.now += timedelta(minutes=6)
    assert [finding.fault for _, finding in desk.desk.audit().found] == [Fault.NOT_TOLD]


def test_a_clock_that_stands_still_is_seen(here: World) -> None:
    here.mail()
    here.now += timedelta(hours=1)
    assert here.desk.audit().stands_still is not None
    here.settle()
    assert here.desk.audit().stands_still is None


def test_a_year_of_absences_outages_kills_and_jumping_clocks_has_no_step_missed_doubled_or_early(
    migrated_file: Path,
) -> None:
    """The short form; the long one is `python -m bench.soak year`."""
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        year = Simulation(sqlite_copy(migrated_file, Path(folder)), Path(folder), many=40).run()
    assert year.steps > 100
    assert year.late > 0
    assert year.kills > 20
    assert year.outages > 10
    assert year.tasks > 5
    assert (year.found, year.twice, year.early, year.unlike) == ([], 0, 0, [])

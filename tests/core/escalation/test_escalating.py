"""What happens while nobody acts: each step once, in order, at its time or late and said to be so."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.desk.opening import open_desk
from core.engine.clock import look_at_due
from core.phrases import Refused
from core.routing.assignment import Presence
from core.rulebook import parse_toml
from core.storage import pings, tickets
from core.storage.ledger import State
from core.tickets import events as e
from core.tickets.model import By
from tests.world import ANN, JONAS, RULEBOOK, SAM, World

CLIMBING = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\nladder = "usual"\nbackup = "billing"')
    .replace('title = "Billing"', 'title = "Billing"\nladder = "short"')
    .replace('email = "ann@desk.example"', 'email = "ann@desk.example"\nqueues = ["support"]')
    .replace('email = "jonas@desk.example"', 'email = "jonas@desk.example"\nqueues = ["billing"]')
    .replace('role = "supervisor"', 'role = "supervisor"\nqueues = ["billing"]\nhours = ["Sun 03:00-03:01"]')
    + """
[[ladders]]
name = "usual"
hours = ["Mon-Fri 09:00-17:00"]
still_on_it_after = "2h"
still_on_it_within = "30m"
steps = [
    { after = "15m", notify = ["on duty"] },
    { after = "15m", notify = ["backup", "agent:Sam Rivera"], important = true, raise_urgency = true },
    { after = "30m", notify = ["supervisors"] },
]

[[ladders]]
name = "short"
repeat = 1
repeat_after = "10m"
steps = [{ after = "10m", clock = "wall", notify = ["on duty"] }]
"""
)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    """A desk whose tickets are not left alone."""
    with World(database_url, tmp_path, CLIMBING) as made:
        yield made


@pytest.fixture
def here(sqlite_url: str, tmp_path: Path) -> Generator[World]:
    """The same, for what has nothing to do with the kind of database."""
    with World(sqlite_url, tmp_path, CLIMBING) as made:
        yield made


def steps(world: World, number: int) -> list[e.StepTaken]:
    history = world.desk.db.run(lambda tx: tickets.history(tx, number))
    return [event for event in history if isinstance(event, e.StepTaken)]


def changed(world: World, old: str, new: str) -> None:
    assert old in CLIMBING
    world.desk.apply(parse_toml(CLIMBING.replace(old, new)), "t")


def test_a_ticket_that_nobody_takes_climbs_to_those_who_must_know_and_each_hears_once(desk: World) -> None:
    number = desk.mail()
    desk.later(minutes=14)
    assert desk.pinged == []
    desk.later(minutes=1)
    assert desk.pinged == [("Ann Walker", number, "on duty")]
    desk.later(minutes=15)
    assert sorted(desk.pinged[1:]) == [("Jonas Becker", number, "backup"), ("Sam Rivera", number, "agent:Sam Rivera")]
    assert desk.ticket(number).urgency == 1
    desk.later(hours=9)
    assert desk.pinged[3:] == [("Sam Rivera", number, "supervisors")]
    assert desk.ticket(number).rung_at is None
    assert [one.skipped for one in steps(desk, number)] == [None, None, None]


def test_a_manager_is_whose_agent_has_it_or_is_on_duty(here: World) -> None:
    managed = CLIMBING.replace('"ann@desk.example"', '"ann@desk.example"\nmanager = "Sam Rivera"')
    managed = managed.replace(
        'notify = ["on duty"] },\n    { after = "15m"', 'notify = ["manager"] },\n    { after = "15m"'
    )
    here.desk.apply(parse_toml(managed), "t")
    first, second = here.mail(), here.mail(sender="b@example.org")
    here.desk.assign(second, JONAS.agent, SAM)
    foreseen = here.desk.foresee("support").steps[0].whom
    assert [name for name, _ in foreseen] == ["Sam Rivera"]
    here.later(minutes=15)
    assert (("Sam Rivera", first, "manager")) in here.pinged
    assert (("Sam Rivera", second, "nobody")) in here.pinged, "Jonas has no manager, so it is supervisors"


def test_taking_it_ends_it_and_giving_it_back_begins_it_anew(here: World) -> None:
    number = here.mail()
    here.later(minutes=15)
    here.desk.claim(number, ANN)
    here.later(minutes=60)
    assert len(here.pinged) == 1
    here.desk.release(number, ANN)
    here.later(minutes=15)
    assert here.pinged[1:] == [("Ann Walker", number, "on duty")]


def test_on_hold_nobody_is_called_and_what_is_taken_up_again_begins_anew(desk: World) -> None:
    number = desk.mail()
    desk.later(minutes=15)
    desk.desk.put_on_hold(number, JONAS)
    desk.later(hours=30)
    assert len(desk.pinged) == 1
    assert desk.ticket(number).urgency == 0
    desk.desk.take_up(number, JONAS)
    desk.later(minutes=15)
    assert desk.pinged[1:] == [("Ann Walker", number, "on duty")]
    assert desk.desk.audit().found == ()


def test_a_ladder_goes_by_a_calendar_with_its_holidays(here: World) -> None:
    office = '[[calendars]]\nname = "office"\nhours = ["Mon-Fri 09:00-17:00"]\ndays = ["2026-03-09 closed"]\n'
    changed(
        here,
        '\n[[ladders]]\nname = "usual"\nhours = ["Mon-Fri 09:00-17:00"]',
        f'\n{office}\n[[ladders]]\nname = "usual"\ncalendar = "office"',
    )
    here.now = datetime(2026, 3, 6, 15, 50, tzinfo=UTC)  # Friday, ten minutes before the end of the day in Berlin
    number = here.mail()
    here.now = datetime(2026, 3, 10, 8, 4, tzinfo=UTC)  # Tuesday: Monday was a holiday
    here.settle()
    assert here.pinged == []
    here.later(minutes=1)
    assert here.pinged == [("Ann Walker", number, "on duty")]


def test_what_is_not_important_waits_for_opening_and_what_is_does_not(here: World) -> None:
    here.now = datetime(2026, 3, 6, 15, 50, tzinfo=UTC)  # Friday, ten minutes before the end of the day in Berlin
    number = here.mail()
    here.later(minutes=15)
    assert here.pinged == []
    here.now = datetime(2026, 3, 9, 8, 4, tzinfo=UTC)
    here.settle()
    assert here.pinged == []
    here.later(minutes=1)
    assert here.pinged == [("Ann Walker", number, "on duty")]
    changed(
        here,
        '{ after = "15m", notify = ["on duty"] }',
        '{ after = "15m", clock = "wall", notify = ["on duty"], important = true }',
    )
    here.now = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
    night = here.mail(sender="night@example.com")
    here.later(minutes=15)
    assert ("Ann Walker", night, "on duty") in here.pinged


def test_after_a_day_of_downtime_each_step_runs_once_in_its_order_and_says_that_it_is_late(desk: World) -> None:
    number = desk.mail()
    desk.now += timedelta(days=1)
    desk.settle()
    desk.settle()
    taken = steps(desk, number)
    assert [one.rung for one in taken] == [0, 1, 2]
    assert all(one.late for one in taken)
    opened = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert [one.due - opened for one in taken] == [timedelta(minutes=n) for n in (15, 30, 60)]
    assert len(desk.pinged) == 4
    assert all(one.ping.late for one in desk.pings)


def test_a_clock_that_jumps_ahead_and_back_makes_no_step_happen_twice(desk: World) -> None:
    number = desk.mail()
    desk.later(minutes=40)
    assert len(steps(desk, number)) == 2
    desk.now -= timedelta(minutes=39)
    desk.settle()
    desk.later(minutes=30)
    assert len(steps(desk, number)) == 2
    desk.later(minutes=29)
    assert [one.rung for one in steps(desk, number)] == [0, 1, 2]


def test_an_edit_of_the_ladder_does_not_change_a_case_under_way(here: World) -> None:
    old = here.mail()
    changed(here, '{ after = "30m", notify = ["supervisors"] }', '{ after = "3h", notify = ["agent:Ann Walker"] }')
    new = here.mail(sender="other@example.com")
    here.later(minutes=60)
    assert ("Sam Rivera", old, "supervisors") in here.pinged
    assert ("Sam Rivera", new, "supervisors") not in here.pinged
    here.later(hours=3)
    assert here.pinged[-1] == ("Ann Walker", new, "agent:Ann Walker")


def test_two_schedulers_that_look_at_once_do_each_step_once(database_url: str, tmp_path: Path) -> None:
    with World(database_url, tmp_path, CLIMBING) as world:
        other = open_desk(database_url, tmp_path, clock=lambda: world.now) if not world.desk.db.embedded else world.desk
        numbers = [world.mail(sender=f"c{n}@example.com") for n in range(5)]
        world.now += timedelta(hours=3)

        async def both() -> None:
            await asyncio.gather(*(look_at_due(desk) for desk in (world.desk, other, world.desk, other)))

        asyncio.run(both())
        for number in numbers:
            assert [one.rung for one in steps(world, number)] == [0, 1, 2]
        if other is not world.desk:
            other.db.close()


def test_the_backup_gets_what_a_ladder_leads_to_it_and_its_own_ladder_begins(here: World) -> None:
    changed(here, '{ after = "30m", notify = ["supervisors"] }', '{ after = "30m", to_backup = true }')
    number = here.mail()
    here.later(minutes=60)
    ticket = here.ticket(number)
    assert (ticket.queue, ticket.ladder, ticket.rung) == ("billing", "short", 0)
    here.later(minutes=10)
    assert here.pinged[-1] == ("Jonas Becker", number, "on duty")
    here.later(minutes=30)
    assert len([one for one in here.pinged if one[0] == "Jonas Becker" and one[2] == "on duty"]) == 2  # repeated once


def test_where_nobody_is_on_duty_supervisors_are_told_instead(here: World) -> None:
    here.desk.set_presence(ANN, Presence.AWAY, None)
    number = here.mail()
    here.later(minutes=15)
    assert here.pinged == [("Sam Rivera", number, "nobody")]


def test_steps_have_conditions_and_say_why_they_were_passed_over(here: World) -> None:
    changed(
        here,
        '{ after = "15m", notify = ["on duty"] }',
        '{ after = "5m", notify = ["on duty"], urgency_at_least = 2 },\n{ notify = ["on duty"], during = "closed" },\n'
        '{ notify = ["agent:Ann Walker"], more_than = 2, within = "10m" }',
    )
    first = here.mail()
    here.later(minutes=5)
    assert [one.skipped for one in steps(here, first)] == ["urgency", "open", "few"]
    here.later(minutes=30)
    here.pinged.clear()
    three = [here.mail(sender=f"c{n}@example.com") for n in range(3)]
    here.later(minutes=5)
    assert sorted(here.pinged) == [("Ann Walker", number, "agent:Ann Walker") for number in three]


def test_whoever_has_a_ticket_and_does_nothing_is_asked_and_loses_it_where_they_do_not_say(here: World) -> None:
    number = here.mail()
    here.desk.claim(number, ANN)
    here.later(minutes=119)
    here.desk.note(number, ANN, "I look into it.")
    here.later(minutes=119)
    assert here.pinged == []
    here.later(minutes=1)
    assert here.pinged == [("Ann Walker", number, "still on it")]
    here.desk.acknowledge_call(number, ANN)
    here.later(minutes=60)
    assert here.ticket(number).assignee == ANN.agent
    here.later(minutes=60)
    assert here.pinged[1:] == [("Ann Walker", number, "still on it")]
    here.later(minutes=30)
    ticket = here.ticket(number)
    assert ticket.assignee is None
    assert ticket.rung_at == here.now + timedelta(minutes=15)
    assert any("still on it" in one.text for one in here.said(number))


def test_a_ticket_rests_with_a_reason_and_comes_back_with_as_much_time_as_it_had(here: World) -> None:
    number = here.mail()
    here.later(minutes=10)
    with pytest.raises(Refused):
        here.desk.snooze(number, timedelta(hours=1), "  ", ANN)
    here.desk.snooze(number, timedelta(hours=1), "The warehouse calls back at noon.", ANN)
    assert here.said(number)[-1].text == "The warehouse calls back at noon."
    here.later(minutes=59)
    assert here.pinged == []
    here.later(minutes=1)
    assert here.ticket(number).snoozed_until is None
    here.later(minutes=4)
    assert here.pinged == []
    here.later(minutes=1)
    assert here.pinged == [("Ann Walker", number, "on duty")]


def test_a_customer_who_writes_wakes_a_ticket(here: World) -> None:
    number = here.mail()
    here.desk.snooze(number, timedelta(days=3), "It can wait.", ANN)
    here.mail("It is urgent now.", answers=here.said(number)[0].external_id)
    assert here.ticket(number).snoozed_until is None
    here.later(minutes=15)
    assert here.pinged == [("Ann Walker", number, "on duty")]


def test_whoever_snoozed_their_own_ticket_hears_when_it_is_back(here: World) -> None:
    number = here.mail()
    here.desk.claim(number, ANN)
    here.desk.snooze(number, timedelta(minutes=30), "Waiting for a colleague.", ANN)
    here.later(minutes=30)
    assert here.pinged == [("Ann Walker", number, "snooze is over")]


def test_what_is_no_longer_so_is_not_said(here: World) -> None:
    number = here.mail()
    here.now += timedelta(minutes=15)
    here.run(look_at_due(here.desk))
    here.desk.claim(number, JONAS)
    here.settle()
    assert here.pinged == []
    assert not [job for job in here.desk.jobs(State.WAITING) if job.kind.startswith("ping")]


def test_where_slack_is_away_what_is_important_goes_another_way_once(desk: World) -> None:
    number = desk.mail()
    desk.later(minutes=15)
    desk.silent = True
    desk.later(minutes=15)
    assert sorted(desk.pinged[1:]) == [("Jonas Becker", number, "backup"), ("Sam Rivera", number, "agent:Sam Rivera")]
    known = desk.desk.db.run(lambda tx: pings.of_tickets(tx, [number]))[number]
    assert [one.way for one in known] == ["slack", "email", "email"]
    desk.silent = False
    desk.later(minutes=6)
    desk.later(minutes=6)
    assert len(desk.pinged) == 3


def test_of_two_who_say_that_they_look_after_it_one_has_it(here: World) -> None:
    number = here.mail()
    here.desk.acknowledge_call(number, ANN)
    here.desk.acknowledge_call(number, JONAS)
    assert here.ticket(number).assignee == ANN.agent
    here.later(minutes=100)
    assert here.pinged == []


def test_a_ticket_that_was_given_climbs_until_somebody_says_that_they_look_after_it(here: World) -> None:
    changed(here, 'notify = ["on duty"] }', 'notify = ["assignee"] }')
    number = here.mail()
    here.desk.assign(number, ANN.agent, SAM)
    here.later(minutes=15)
    assert here.pinged == [("Ann Walker", number, "assignee")]
    here.desk.acknowledge_call(number, By(ANN.agent))
    here.later(minutes=60)
    assert len(here.pinged) == 1

"""Tickets of one matter: proposed as an incident, or as told twice; said by an agent, taken back, and left alone."""

from __future__ import annotations

from typing import Any

import pytest

from core.phrases import Refused
from core.routing.clusters import Alike, Matter
from core.routing.minds import Read
from core.routing.understood import Understood
from core.rulebook import parse_toml
from core.storage.gatherings import State
from core.tickets import events as e
from core.tickets.model import Status
from tests.world import ANN, JONAS, RULEBOOK, World

BOOK = parse_toml(RULEBOOK.replace('reopen_within = "14d"', 'reopen_within = "14d"\nincident_from = 3'))
BROKEN = Understood(language="en", topic="billing", topic_confidence=0.9, urgency=1)


@pytest.fixture
def desk(world: World) -> World:
    world.desk.apply(BOOK, "test")
    return world


def told(world: World, *, who: str, alike: tuple[int, ...] = (), likeness: float = 0.8, **more: Any) -> int:
    """Somebody writes, and it is found to be like these tickets."""
    number = world.mail("I cannot pay", sender=f"{who}@{who}.example", name=who, **more)
    to_read = world.desk.to_understand(number, ())
    assert to_read is not None
    found = tuple(Alike(one, likeness, True) for one in alike)
    world.desk.now_understood(number, to_read, Read(BROKEN, alike=found))
    return number


def proposals(world: World) -> list[int]:
    return sorted({job.facts["gathering"] for job in world.desk.jobs() if job.kind == "show-gathering"})


def gathered(world: World, number: int) -> list[e.Event]:
    return [one for one in world.desk.story(number).happened if isinstance(one, e.Gathered | e.Parted)]


def test_what_is_compared_is_what_came_of_late_and_what_the_customer_has_open(desk: World) -> None:
    old = told(desk, who="ann")
    desk.later(hours=2)
    elsewhere = told(desk, who="bob", subject="Your invoice")
    near = told(desk, who="bob")
    number = desk.mail("I cannot pay", sender="ann@ann.example")
    to_read = desk.desk.to_understand(number, ())
    assert to_read is not None
    compared = {one.number: one.text for one in to_read.asked.others}
    assert set(compared) == {old, near, elsewhere}
    assert "I cannot pay" in compared[near]


def test_the_third_customer_makes_it_an_incident_that_is_proposed_once(desk: World) -> None:
    one, two = told(desk, who="ann"), told(desk, who="bob", alike=(1,))
    assert not proposals(desk)
    three = told(desk, who="cid", alike=(one, two))
    [id] = proposals(desk)
    four = told(desk, who="dan", alike=(two,))
    assert proposals(desk) == [id]
    found = desk.desk.together(id)
    assert [line.number for line in found.lines] == [one, two, three, four]
    assert (found.customers, found.gathering.lead, found.gathering.state) == (4, one, State.PROPOSED)


def test_customers_count_and_not_tickets_and_who_was_read_at_the_same_moment_counts_too(desk: World) -> None:
    one = told(desk, who="ann")
    for _ in range(3):
        told(desk, who="bob", alike=(one,))
    assert not [id for id in proposals(desk) if desk.desk.together(id).gathering.matter is Matter.INCIDENT]
    told(desk, who="cid", alike=(one,))  # it has not seen any of Bob's
    [id] = [id for id in proposals(desk) if desk.desk.together(id).gathering.matter is Matter.INCIDENT]
    assert desk.desk.together(id).customers == 3


def test_an_agent_says_so_and_takes_it_back_and_each_ticket_tells(desk: World) -> None:
    numbers = [told(desk, who="ann"), told(desk, who="bob", alike=(1,)), told(desk, who="cid", alike=(1, 2))]
    [id] = proposals(desk)
    desk.desk.put_together(id, ANN)
    card = desk.desk.card(numbers[2]).gathered
    assert card is not None
    assert card.lead == numbers[0]
    late = told(desk, who="dan", alike=(numbers[2],))
    assert [type(one) for one in gathered(desk, late)] == [e.Gathered]
    desk.desk.take_apart(id, JONAS)
    for number in (*numbers, late):
        assert [type(one) for one in gathered(desk, number)] == [e.Gathered, e.Parted]
        assert desk.desk.card(number).gathered is None
        assert desk.ticket(number).status is Status.NEW


def test_of_two_who_decide_one_does_and_what_was_dismissed_is_not_proposed_again(desk: World) -> None:
    numbers = [told(desk, who="ann"), told(desk, who="bob", alike=(1,)), told(desk, who="cid", alike=(1, 2))]
    [id] = proposals(desk)
    desk.desk.keep_separate(id, ANN)
    with pytest.raises(Refused, match="Ann Walker has decided"):
        desk.desk.put_together(id, JONAS)
    told(desk, who="dan", alike=tuple(numbers))
    assert proposals(desk) == [id]
    assert desk.desk.together(id).gathering.state is State.DISMISSED
    assert not gathered(desk, numbers[0])


def test_a_customer_who_tells_it_twice_has_the_second_closed_by_an_agent_and_open_again_when_taken_back(
    desk: World,
) -> None:
    first = told(desk, who="ann")
    second = told(desk, who="ann", alike=(first,))
    [id] = proposals(desk)
    found = desk.desk.together(id)
    assert (found.gathering.matter, found.gathering.lead, found.customers) == (Matter.DOUBLE, first, 1)
    assert desk.ticket(second).status is Status.NEW
    desk.desk.put_together(id, ANN)
    assert [desk.ticket(one).status for one in (first, second)] == [Status.NEW, Status.CLOSED]
    desk.desk.take_apart(id, ANN)
    assert desk.ticket(second).status is not Status.CLOSED


def test_values_that_agents_give_by_hand_make_a_pattern_of_which_supervisors_hear_once(desk: World) -> None:
    for place, value in enumerate(("CT-481516", "CT-234200", "CT-108000", "CT-999999")):
        desk.desk.correct(told(desk, who=f"ann{place}"), {"fields": {"contract": value}}, ANN)
    said = [str(one.said.values.get("example")) for one in desk.desk.troubles("Sam Rivera").untold.first]
    assert [one for one in said if "contract" in one] == [
        "[[fields]] name = \"contract\" pattern = '\\bCT\\-[0-9]{6}\\b'"
    ]

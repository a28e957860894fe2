"""What is promised for tickets: counted from the first word, told before it is late, the same as its history says."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from core.desk import counting
from core.rulebook import parse_toml
from core.storage import promises, tickets
from core.storage.database import Tx
from core.tickets import events as e
from core.tickets.model import Nature
from tests.world import ANN, RULEBOOK, World

PROMISING = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\ncalendar = "office"\nmode = "push"').replace(
        'title = "Billing"', 'title = "Billing"\ncalendar = "office"'
    )
    + """
[[calendars]]
name = "office"
hours = ["Mon-Fri 09:00-17:00"]
holidays = ["DE-BE"]

[[policies]]
name = "gold"
tier = ["Gold"]
calendar = "always"
first_response = "1h"

[[policies]]
name = "urgent"
urgency_at_least = 2
first_response = "1h"
next_response = "1h"
resolution = "8h"

[[policies]]
name = "usual"
queue = ["support"]
first_response = "4h"
next_response = "4h"
resolution = "3d"

[[organisations]]
name = "Acme"
domains = ["acme.example"]
tier = "Gold"
"""
)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    with World(database_url, tmp_path, PROMISING) as world:  # it is Monday, 10:00 in Berlin
        yield world


def dues(world: World, number: int) -> dict[str, str]:
    """What is promised, in Berlin."""

    def step(tx: Tx) -> dict[str, str]:
        ticket = tickets.look(tx, number)[0]
        zone = world.book.desk.zone
        return {one.kind.value: f"{one.at.astimezone(zone):%a %H:%M}" for one in counting.shown(world.desk, tx, ticket)}

    return world.desk.db.run(step)


def happened(world: World, number: int) -> list[e.Event]:
    return world.desk.db.run(lambda tx: tickets.history(tx, number))


def is_as_its_history(world: World, number: int) -> bool:
    return world.desk.db.run(lambda tx: counting.history_differs(world.desk, tx, number)) == []


def test_a_ticket_is_due_by_its_queues_calendar(desk: World) -> None:
    number = desk.mail()
    assert dues(desk, number) == {"first": "Mon 14:00", "resolution": "Fri 10:00"}, "72 hours of work are nine days"
    assert desk.ticket(number).policy == "usual"
    assert is_as_its_history(desk, number)


def test_customers_of_a_tier_are_promised_what_is_theirs(desk: World) -> None:
    desk.now += timedelta(hours=8)  # Monday, 18:00: closed
    theirs, others = desk.mail(sender="a@acme.example"), desk.mail(sender="b@example.org")
    assert dues(desk, theirs) == {"first": "Mon 19:00"}
    assert dues(desk, others)["first"] == "Tue 13:00"


def test_an_answer_keeps_the_promise_and_taking_it_back_does_not(desk: World) -> None:
    number = desk.mail()
    desk.now += timedelta(hours=1)
    message = desk.desk.reply(number, ANN, "We look into it.")
    assert "first" not in dues(desk, number)
    assert message is not None
    desk.desk.undo(message, ANN)
    assert dues(desk, number)["first"] == "Mon 14:00"
    assert is_as_its_history(desk, number)


def test_acknowledgements_and_machines_stop_nothing(desk: World) -> None:
    number = desk.mail()
    desk.settle()
    assert "acknowledgement" in desk.parts_sent()
    desk.mail("I am away.", answers=desk.sent[-1].external_id, nature=Nature.AUTO_REPLY)
    assert dues(desk, number)["first"] == "Mon 14:00"


def test_another_urgency_leaves_the_same_share_and_says_so(desk: World) -> None:
    number = desk.mail()
    desk.now += timedelta(hours=2)  # half of it
    desk.desk.correct(number, {"urgency": 2}, ANN)
    assert dues(desk, number)["first"] == "Mon 12:30"
    note = desk.said(number)[-1].text
    assert "policy “urgent”" in note
    assert "first answer by 2 Mar 2026, 12:30" in note.replace("\u202f", " ") or "12:30" in note
    assert is_as_its_history(desk, number)


def test_another_calendar_counts_for_what_is_open_from_then_on(desk: World) -> None:
    number = desk.mail()
    desk.now += timedelta(hours=2)
    later = PROMISING.replace("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-13:00")
    desk.book = parse_toml(later)
    desk.desk.apply(desk.book, "test")
    desk.settle()
    assert dues(desk, number)["first"] == "Tue 10:00", "two of four hours were used; one is left today, one tomorrow"
    assert "Due now" in desk.said(number)[-1].text
    assert is_as_its_history(desk, number)
    desk.desk.apply(desk.book.model_copy(update={"policies": ()}), "test")
    desk.settle()
    assert dues(desk, number) == {}
    assert is_as_its_history(desk, number)


def test_what_is_nearly_due_is_told_and_what_was_missed_is_written_down(desk: World) -> None:
    number = desk.mail()
    for hours in (1.9, 0.2, 1.2, 1, 5):
        desk.later(hours=hours)
    told = [
        (type(event).__name__, getattr(event, "share", None))
        for event in happened(desk, number)
        if isinstance(event, e.Warned | e.Breached) and event.clock == "first"
    ]
    assert told == [("Warned", 50), ("Warned", 80), ("Breached", None), ("Warned", 100)]
    assert [share for ticket, clock, share in desk.due if (ticket, clock) == (number, "first")] == [50, 80, 100]
    assert is_as_its_history(desk, number)


def warned(world: World, number: int) -> list[int]:
    return [event.share for event in happened(world, number) if isinstance(event, e.Warned) and event.clock == "first"]


def test_while_a_ticket_rests_nobody_is_reminded_but_its_clocks_go_on(desk: World) -> None:
    desk.desk.apply(parse_toml(CLIMBING), "test")
    number, other = desk.mail(), desk.mail(sender="b@example.org")
    desk.desk.snooze(number, timedelta(hours=3), "The shop calls back.", ANN)
    desk.later(hours=2.5)
    assert (warned(desk, number), warned(desk, other)) == ([], [50])
    desk.later(hours=0.6)
    assert warned(desk, number) == [50], "once, when it rests no more"
    desk.desk.snooze(number, timedelta(days=1), "They are away.", ANN)
    desk.later(hours=2)
    missed = [event for event in happened(desk, number) if isinstance(event, e.Breached)]
    assert [f"{one.due:%H:%M}" for one in missed] == ["13:00"], "what is not kept is said all the same"
    assert warned(desk, number) == [50, 100]
    assert is_as_its_history(desk, number)


CLIMBING = PROMISING.replace('title = "Support"', 'title = "Support"\nladder = "usual"') + (
    '[[ladders]]\nname = "usual"\nsteps = [{ after = "5d", notify = ["supervisors"] }]\n'
)


def test_an_answer_after_the_time_was_not_in_time_though_nobody_looked(desk: World) -> None:
    number = desk.mail()
    desk.now += timedelta(hours=5)
    desk.desk.reply(number, ANN, "Sorry, it took a while.")
    [late] = [event for event in happened(desk, number) if isinstance(event, e.Breached)]
    assert (late.clock, f"{late.due:%H:%M}") == ("first", "13:00")
    assert is_as_its_history(desk, number)


def test_a_day_of_downtime_warns_once_and_late(desk: World) -> None:
    number = desk.mail()
    desk.later(days=4)
    shares = [event.share for event in happened(desk, number) if isinstance(event, e.Warned) and event.clock == "first"]
    assert shares == [100]


def test_what_is_due_first_comes_up_first(desk: World) -> None:
    one = desk.mail(sender="b@example.org")
    theirs = desk.mail(sender="a@acme.example")

    def order(tx: Tx) -> list[int]:
        found = promises.due_of(tx, [one, theirs])
        return sorted(found, key=lambda number: found[number])

    assert desk.desk.db.run(order) == [theirs, one]


def test_a_desk_without_policies_counts_nothing(world: World) -> None:
    number = world.mail()
    assert dues(world, number) == {}
    assert world.desk.db.run(lambda tx: promises.of(tx, number)).each == ()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_clocks_are_what_the_history_gives(desk: World, seed: int) -> None:
    chance = Random(seed)
    number, reply = desk.mail(), None
    for _ in range(14):
        status = desk.ticket(number).status
        what = chance.choice(("write", "reply", "undo", "close", "rank", "hold", "look", "policies"))
        if what != "undo":
            desk.now += timedelta(minutes=chance.randint(0, 300), seconds=chance.randint(0, 59))
        match what:
            case "write":
                desk.mail(f"Again: {chance.random()}", answers=desk.sent[-1].external_id if desk.sent else None)
            case "reply" if status != "closed":
                reply = desk.desk.reply(number, ANN, "Hello.")
                continue
            case "undo" if reply is not None:
                desk.desk.undo(reply, ANN)
            case "close" if status != "closed":
                desk.desk.close(number, ANN)
            case "rank" if status != "closed":
                desk.desk.correct(number, {"urgency": chance.randint(0, 3)}, ANN)
            case "hold" if status in ("new", "open"):
                desk.desk.put_on_hold(number, ANN)
            case "hold" if status == "on_hold":
                desk.desk.take_up(number, ANN)
            case "policies":
                hours = chance.choice(("09:00-17:00", "08:00-12:00", "13:00-19:30"))
                desk.desk.apply(parse_toml(PROMISING.replace("09:00-17:00", hours)), "test")
            case _:
                desk.settle()
        reply = None
        assert is_as_its_history(desk, number)


def test_the_acknowledgement_says_by_when_in_the_customers_own_zone(desk: World) -> None:
    desk.now += timedelta(hours=8)  # Monday, 18:00 in Berlin: closed
    desk.mail("Where is my order? It has not arrived yet.", zone="America/New_York")
    desk.settle()
    assert "We answer by tomorrow, Tue, Mar 3, 7:00 AM (your time)." in desk.sent[-1].text.replace("\u202f", " ")
    desk.mail("Wo bleibt meine Bestellung? Sie ist noch nicht da.", sender="b@example.org")
    desk.settle()
    said = desk.sent[-1].text
    assert "Wir antworten Ihnen spätestens morgen, Di., 3. März, 13:00 (Mitteleuropäische Zeit)." in said


def test_an_organisations_zone_counts_where_nobody_knows_the_writers_own(desk: World) -> None:
    book = PROMISING.replace('tier = "Gold"\n"""', "") + 'time_zone = "Asia/Tokyo"\n'
    desk.desk.apply(parse_toml(book), "test")
    desk.mail("Where is my order? It has not arrived yet.", sender="a@acme.example")
    desk.settle()
    assert "today, Mon, Mar 2, 7:00 PM (your time)" in desk.sent[-1].text.replace("\u202f", " ")

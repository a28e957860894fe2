"""Where a rulebook changes what time says, every ticket is looked at anew: in drips, the most pressing ones first."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk.recounting import BETWEEN, says_otherwise
from core.engine.clock import look_at_due
from core.rulebook import Rulebook, parse_toml
from tests.core.test_promises import PROMISING, dues
from tests.world import RULEBOOK, World

BOOK = parse_toml(PROMISING)
AT_ONCE = 3


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    with World(database_url, tmp_path, PROMISING) as world:
        world.desk.drip = AT_ONCE
        yield world


def answers_within(hours: str) -> Rulebook:
    return parse_toml(PROMISING.replace('first_response = "4h"', f'first_response = "{hours}"'))


def drip(world: World) -> list[int]:
    """One drip comes; what is due by it."""
    world.now += BETWEEN
    world.run(world.drainer.drain("recounting"))
    return world.desk.due_now()


def looked(world: World) -> None:
    world.run(look_at_due(world.desk))


def asked_for(world: World) -> bool:
    return any(job.kind == "recount" for job in world.desk.jobs())


def test_the_most_pressing_come_first_and_all_of_them_in_the_end(desk: World) -> None:
    late = [desk.mail(sender=f"late{n}@example.com") for n in range(AT_ONCE)]
    desk.now -= timedelta(hours=1)
    soon = [desk.mail(sender=f"soon{n}@example.com") for n in range(AT_ONCE)]
    desk.now += timedelta(hours=1)
    desk.desk.apply(answers_within("6h"), "test")
    drip(desk)
    looked(desk)
    by_now = {number: dues(desk, number)["first"] for number in (*late, *soon)}
    assert {by_now[number] for number in soon} == {"Mon 14:29"}, "a quarter was used, and stays so"
    assert {by_now[number] for number in late} == {"Mon 14:00"}
    while asked_for(desk):
        drip(desk)
        looked(desk)
    assert {dues(desk, number)["first"] for number in late} == {"Mon 15:59"}


def test_no_drip_comes_before_the_last_one_was_looked_at(desk: World) -> None:
    for n in range(AT_ONCE + 5):
        desk.mail(sender=f"c{n}@example.com")
    desk.desk.apply(answers_within("6h"), "test")
    drip(desk)
    before = desk.desk.due_now()
    assert drip(desk) == before, "nobody has looked at them yet"
    looked(desk)
    assert drip(desk) != []


def test_what_changes_again_meanwhile_begins_anew(desk: World) -> None:
    numbers = [desk.mail(sender=f"c{n}@example.com") for n in range(AT_ONCE + 5)]
    desk.desk.apply(answers_within("6h"), "test")
    drip(desk)
    looked(desk)
    desk.desk.apply(answers_within("8h"), "test")
    while asked_for(desk):
        drip(desk)
        looked(desk)
    assert {dues(desk, number)["first"] for number in numbers} == {"Tue 09:59"}


def test_tickets_about_which_time_had_nothing_to_say_are_looked_at_too(sqlite_url: str, tmp_path: Path) -> None:
    with World(sqlite_url, tmp_path, RULEBOOK) as desk:
        number = desk.mail()
        assert desk.desk.next_due() is None
        desk.desk.apply(BOOK, "test")
        while asked_for(desk):
            drip(desk)
            looked(desk)
        assert dues(desk, number)["first"] == "Mon 14:00"


@pytest.mark.parametrize(
    ("old", "new", "otherwise"),
    [
        (BOOK, BOOK, False),
        (None, BOOK, False),
        (BOOK, answers_within("1h"), True),
        (BOOK, parse_toml(PROMISING.replace("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-18:00")), True),
        (BOOK, parse_toml(PROMISING.replace("Ann Walker", "Anne Walker")), False),
        (parse_toml(RULEBOOK), parse_toml(RULEBOOK.replace('"3d"', '"5d"')), True),
        (parse_toml(RULEBOOK), parse_toml(RULEBOOK.replace("Europe/Berlin", "Asia/Tokyo")), False),
    ],
)
def test_only_what_time_goes_by_asks_for_it(old: Rulebook | None, new: Rulebook, otherwise: bool) -> None:
    assert says_otherwise(old, new) is otherwise

"""The rulebook is written thing by thing: tried by the checks of a file, put in force, taken back."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phrases import Conflict, NotFound, Refused
from core.rulebook import Rulebook, diff, parse_toml, to_toml
from core.rulebook.editing import Unfit, moved, record, taken_back, with_item, with_item_moved, without, written
from core.storage.rulebook import Edition
from core.tickets.model import By
from tests.world import ANN, JONAS, RULEBOOK, SAM, World

TIMES = """
[[calendars]]
name = "office"
hours = ["Mon-Fri 09:00-17:00"]

[[calendars]]
name = "shop"
hours = ["Mon-Sat 10:00-20:00"]

[[policies]]
name = "all"
calendar = "office"
first_response = "1h"
"""
BOOK = parse_toml(RULEBOOK + TIMES)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Generator[World]:
    with World(database_url, tmp_path, RULEBOOK + TIMES) as made:
        yield made


def put_in_force(world: World, kind: str, name: str | None, by: By = SAM, **said: object) -> int | None:
    """What a window does: begin, write over, try, settle."""
    draft = world.desk.begin_draft(kind, name, by)
    made = world.desk.tried(draft.id, {**draft.record, **said}, by)
    return world.desk.settle_draft(draft.id, made, by)


# Values


def test_a_thing_is_written_anew_among_all_others() -> None:
    book = written(BOOK, "calendars", "office", {"name": "office", "hours": ["Mon-Thu 08:00-16:00"]})
    assert [str(one.path) for one in diff(BOOK, book)] == ["calendars.office.hours"]
    assert parse_toml(to_toml(book)) == book


def test_what_is_wrong_with_it_is_said_where_it_is() -> None:
    with pytest.raises(Unfit) as no:
        written(BOOK, "calendars", None, {"name": "new", "hours": ["Mon 9-5"], "time_zone": "Europe/Berlim"})
    assert {one.path for one in no.value.wrong} == {("hours", 0), ("time_zone",)}
    assert any("Europe/Berlin" in str(one.remedy) for one in no.value.wrong)


def test_what_needs_it_is_named_where_it_is_taken_out() -> None:
    with pytest.raises(Unfit) as no:
        without(BOOK, "calendars", "office")
    assert [(one.path, one.place) for one in no.value.wrong] == [(None, "policies[1].calendar")]
    assert record(without(BOOK, "calendars", "shop"), "calendars", "shop") is None


def test_what_was_wrong_before_is_not_held_against_it() -> None:
    old = Rulebook.model_validate({**BOOK.model_dump(), "calendars": [{"name": "office", "holidays": ["XX"]}]})
    book = written(old, "policies", "all", {"name": "all", "calendar": "office", "first_response": "2h"})
    assert book.calendars[0].holidays == ("XX",)
    with pytest.raises(Unfit):
        written(old, "calendars", "office", {"name": "office", "holidays": ["XX", "YY"]})


def test_an_end_of_an_order_is_its_end() -> None:
    assert [one.name for one in moved(BOOK, "calendars", "shop", -1).calendars] == ["shop", "office"]
    assert moved(BOOK, "calendars", "shop", 5) == BOOK


def test_parts_of_a_thing_come_go_and_change_places() -> None:
    said = {"steps": [{"after": "1m"}, {"after": "2m"}]}
    assert with_item(said, "steps", 2, {"after": "3m", "during": None})["steps"][2] == {"after": "3m"}
    assert with_item(said, "steps", 0, None)["steps"] == [{"after": "2m"}]
    assert with_item_moved(said, "steps", 1, -1)["steps"] == [{"after": "2m"}, {"after": "1m"}]
    assert with_item_moved(said, "steps", 1, 1) == said


_OPS = st.lists(st.tuples(st.sampled_from("wdmn"), st.sampled_from("abcd"), st.integers(1, 3)), min_size=1, max_size=6)


def _done(book: Rulebook, op: tuple[str, str, int]) -> Rulebook:
    way, name, number = op
    said = {"name": name, "hours": [f"Mon-Fri 0{number}:00-17:00"]}
    there = record(book, "calendars", name) is not None
    match way:
        case "d" if there:
            return without(book, "calendars", name)
        case "m" if there:
            return moved(book, "calendars", name, number - 2)
        case _:
            return written(book, "calendars", name if there else None, said)


@given(_OPS, st.data())
def test_whatever_was_done_is_taken_back_or_it_was_done_again_since(
    ops: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    books = [BOOK]
    for op in ops:
        books.append(_done(books[-1], op))
    assert taken_back(books[-2], books[-1], books[-1]) == books[-2]
    place = data.draw(st.integers(0, len(ops) - 1))
    before, after = books[place], books[place + 1]
    touched = [name for name in "abcd" if record(before, "calendars", name) != record(after, "calendars", name)]
    try:
        back = taken_back(before, after, books[-1])
    except Refused:
        assert any(record(after, "calendars", name) != record(books[-1], "calendars", name) for name in touched)
    else:
        assert all(record(back, "calendars", name) == record(before, "calendars", name) for name in touched)
        others = [name for name in ("office", "shop", *"abcd") if name not in touched]
        assert all(record(back, "calendars", name) == record(books[-1], "calendars", name) for name in others)


# Use cases


def test_what_is_put_in_force_counts_and_is_known_by_who_and_when(world: World) -> None:
    version = put_in_force(world, "calendars", "office", hours=["Mon-Fri 08:00-12:00"])
    assert world.desk.book().calendars[0].hours == ("Mon-Fri 08:00-12:00",)
    last = world.desk.changes()[0]
    assert (last.version, last.by, last.at) == (version, "Sam Rivera", world.now)
    assert [one.path for one in last.changes] == ["calendars.office.hours"]


def test_a_draft_is_its_writers_and_ends_when_it_counts(world: World) -> None:
    draft = world.desk.begin_draft("calendars", None, SAM)
    world.desk.write_draft(draft.id, {"name": "night", "hours": ["nonsense"]}, SAM)
    assert world.desk.drafted(draft.id, SAM).record["hours"] == ["nonsense"]
    with pytest.raises(NotFound):
        world.desk.drafted(draft.id, ANN)
    made = world.desk.tried(draft.id, {"name": "night", "hours": ["22:00-06:00"]}, SAM)
    world.desk.settle_draft(draft.id, made, SAM)
    with pytest.raises(NotFound):
        world.desk.drafted(draft.id, SAM)


def test_two_change_different_things_and_both_count(world: World) -> None:
    draft = world.desk.begin_draft("calendars", "office", SAM)
    made = world.desk.tried(draft.id, {**draft.record, "hours": ["Mon 09:00-12:00"]}, SAM)
    put_in_force(world, "calendars", "shop", JONAS, hours=["Sun 09:00-12:00"])
    with pytest.raises(Conflict):
        world.desk.settle_draft(draft.id, made, SAM)
    again = world.desk.tried(draft.id, {**draft.record, "hours": ["Mon 09:00-12:00"]}, SAM)
    world.desk.settle_draft(draft.id, again, SAM)
    assert [one.hours for one in world.desk.book().calendars] == [("Mon 09:00-12:00",), ("Sun 09:00-12:00",)]


def test_who_changes_what_another_has_changed_meanwhile_is_told(world: World) -> None:
    draft = world.desk.begin_draft("calendars", "office", SAM)
    put_in_force(world, "calendars", "office", JONAS, hours=["Sun 09:00-12:00"])
    with pytest.raises(Refused, match="Somebody else changed “office”"):
        world.desk.tried(draft.id, {**draft.record, "hours": ["Mon 09:00-12:00"]}, SAM)


def test_a_change_is_taken_back_by_one_press_unless_it_was_changed_again(world: World) -> None:
    first = put_in_force(world, "calendars", "office", hours=["Mon 09:00-12:00"])
    second = put_in_force(world, "calendars", "office", hours=["Tue 09:00-12:00"])
    put_in_force(world, "calendars", "shop", hours=["Sun 09:00-12:00"])
    assert first is not None
    assert second is not None
    with pytest.raises(Refused, match="changed again since"):
        world.desk.take_back(first, SAM)
    world.desk.take_back(second, SAM)
    assert [one.hours for one in world.desk.book().calendars] == [("Mon 09:00-12:00",), ("Sun 09:00-12:00",)]
    with pytest.raises(NotFound):
        world.desk.take_back(99, SAM)


def test_a_press_that_is_heard_twice_changes_once(world: World) -> None:
    act = world.desk.accept_act("did:1", {})
    by = By(SAM.agent, act)
    world.desk.move_record("calendars", "office", 1, by)
    world.desk.move_record("calendars", "office", 1, by)
    assert [one.name for one in world.desk.book().calendars] == ["shop", "office"]
    draft = world.desk.begin_draft("calendars", "shop", SAM)
    late = By(SAM.agent, world.desk.accept_act("did:2", {}))
    made = world.desk.tried(draft.id, {**draft.record, "hours": ["Mon 09:00-12:00"]}, SAM)
    assert world.desk.settle_draft(draft.id, made, late) is not None
    assert world.desk.settle_draft(draft.id, made, late) is None


def test_what_changes_nothing_makes_no_version(world: World) -> None:
    edition = world.desk.edition()
    assert put_in_force(world, "calendars", "office") == (edition.version if edition else 0)
    assert isinstance(edition, Edition)

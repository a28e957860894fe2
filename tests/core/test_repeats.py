"""One message by several ways: heard once, whichever comes first; and what only looks alike is heard each time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.desk.holding import CAME_AGAIN
from core.storage import inbox
from core.storage.inbox import Piece
from core.tickets.model import Address, Inbound, Nature, Part, Trail
from tests.core.test_two_mailboxes import TWO, notes
from tests.crossing import crossing
from tests.world import World


@pytest.fixture
def two(database_url: str, tmp_path: Path) -> Iterator[World]:
    with World(database_url, tmp_path, TWO) as world:
        yield world


def delivered(world: World, key: str, to: str = "support@desk.example", **more: object) -> int | None:
    """A delivery of one and the same mail."""
    return world.mail_at_all(**{"id": "<one@example.com>", "key": key, "to": to, "likeness": "L", **more})


def piece(world: World, id: int) -> Piece:
    found = world.desk.db.run(lambda tx: inbox.get(tx, id))
    assert found is not None
    return found


def first_of(world: World, id: int) -> int | None:
    return world.desk.db.run(lambda tx: inbox.first_of(tx, id))


@pytest.mark.parametrize(
    ("first", "second"),
    [("support@desk.example", "billing@desk.example"), ("billing@desk.example", "support@desk.example")],
)
def test_freescout_4748_a_mail_to_two_mailboxes_by_two_deliveries_is_one_ticket_that_names_both(
    two: World, first: str, second: str
) -> None:
    number = delivered(two, "1", first)
    assert number == 1
    assert delivered(two, "2", second) is None
    assert delivered(two, "3", second) is None
    two.settle()
    assert two.ticket(1).door == first
    assert notes(two, 1) == [f"The customer sent this to {second} too. There is only this one ticket."]
    assert [m.part for m in two.said(1)].count(Part.REQUESTER) == 1
    assert two.parts_sent().count("acknowledgement") == (first == "support@desk.example")


def test_a_repeat_is_kept_and_says_what_it_repeats(two: World) -> None:
    delivered(two, "1")
    delivered(two, "2")
    again, earlier = piece(two, 2), piece(two, 1)
    assert (again.state, again.reason, again.message) == ("done", CAME_AGAIN.text, earlier.message)
    assert first_of(two, 2) == 1
    assert first_of(two, 1) is None
    assert two.desk.kept_out() == []


def test_a_mail_to_a_mailbox_by_two_ways_is_worth_no_note(two: World) -> None:
    delivered(two, "smtp")
    delivered(two, "imap")
    assert notes(two, 1) == []


def test_what_one_delivery_named_already_is_not_noted_again(two: World) -> None:
    delivered(two, "1", also_to=("billing@desk.example",))
    delivered(two, "2", "billing@desk.example")
    assert len(notes(two, 1)) == 1


def test_freescout_5591_the_same_id_with_other_words_is_another_mail(two: World) -> None:
    assert delivered(two, "1", likeness="parcel one") == 1
    assert delivered(two, "2", likeness="parcel two") == 2


def test_what_cannot_be_told_from_the_next_that_says_the_same_is_heard_each_time(two: World) -> None:
    assert [delivered(two, str(n), likeness="") for n in range(3)] == [1, 2, 3]


def test_what_says_the_same_after_thirty_days_was_meant_to_be_said_again(two: World) -> None:
    delivered(two, "1")
    two.later(days=29)
    assert delivered(two, "2") is None
    two.later(days=2)
    assert delivered(two, "3") == 2
    two.later(days=29)
    assert delivered(two, "4") is None
    assert first_of(two, 4) == 3


def test_an_answer_by_two_ways_is_heard_once_in_its_ticket(two: World) -> None:
    number = two.mail(id="<first@example.com>")
    assert delivered(two, "1", answers="<first@example.com>") == number
    assert delivered(two, "2", "billing@desk.example", answers="<first@example.com>") is None
    assert [m.part for m in two.said(number)].count(Part.REQUESTER) == 2
    assert notes(two, number) == []


def test_what_is_kept_out_by_one_way_and_let_in_by_another_needs_no_looking_after(two: World) -> None:
    assert delivered(two, "round about", trail=Trail(hops=99)) is None
    assert len(two.desk.kept_out()) == 1
    assert delivered(two, "direct") == 1
    assert two.desk.kept_out() == []
    assert first_of(two, 1) == 2
    assert delivered(two, "again") is None
    assert first_of(two, 3) == 2


def test_what_is_kept_out_by_both_ways_is_looked_after_once(two: World) -> None:
    for key in "123":
        assert delivered(two, key, nature=Nature.AUTO_REPLY) is None
    assert [kept.id for kept in two.desk.kept_out()] == [1]
    assert two.desk.admit(1)
    two.settle()
    assert len(two.said(1)) == 1
    assert delivered(two, "4", nature=Nature.AUTO_REPLY) is None
    assert two.desk.kept_out() == []


def test_freescout_3186_two_deliveries_that_are_understood_at_the_same_time_are_one_ticket(two: World) -> None:
    steps = []
    for key, door in (("1", "support@desk.example"), ("2", "billing@desk.example")):
        id = two.desk.accept("email", key, key, {}, b"raw")
        assert id is not None
        mail = Inbound("email", Address("email", "carla@example.com"), door, "<1@x>", "Hi", "Hi", likeness="L")
        steps.append(two.desk.receive.step(id, mail))
    came = [future.result() for future in crossing(two.desk.db, *steps)]
    assert sorted(came, key=str) == [1, None]
    assert len(two.said(1)) >= 1
    assert len(notes(two, 1)) == 1


def test_what_was_kept_out_of_a_blocked_sender_does_not_stand_in_the_way_of_the_same_mail_later(two: World) -> None:
    two.desk.block("carla@example.com")
    assert delivered(two, "1") is None
    assert delivered(two, "2") is None
    two.desk.unblock("carla@example.com")
    assert delivered(two, "3") == 1
    assert delivered(two, "4") is None
    assert [piece(two, n).state for n in (1, 2, 3, 4)] == ["blocked", "blocked", "done", "done"]
    assert [first_of(two, n) for n in (1, 2, 3, 4)] == [None, None, None, 3]

"""One mail to two of our mailboxes: one ticket, and whoever answers it knows of the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.tickets.model import Part
from tests.world import RULEBOOK, World

BOX = '[[mailboxes]]\naddress = "billing@desk.example"\nname = "Billing"\nqueue = "billing"\n\n'
TWO = RULEBOOK.replace("[[queues]]", BOX + "[[queues]]", 1)


@pytest.fixture
def two(sqlite_url: str, tmp_path: Path):
    with World(sqlite_url, tmp_path, TWO) as world:
        yield world


def notes(world: World, number: int) -> list[str]:
    return [message.text for message in world.said(number) if message.part is Part.NOTE]


def test_a_mail_to_two_mailboxes_is_one_ticket_in_the_first_ones_queue_that_says_so(two: World) -> None:
    number = two.mail(to="billing@desk.example", also_to=("support@desk.example",))
    assert two.ticket(number).queue == "billing"
    assert notes(two, number) == ["The customer sent this to support@desk.example too. There is only this one ticket."]


def test_a_mailbox_by_two_names_and_addresses_that_are_none_are_not_worth_a_note(two: World) -> None:
    also = ("Support+x@desk.example", "postmaster@desk.example")
    assert notes(two, two.mail(also_to=also)) == []


def test_what_is_added_to_a_ticket_repeats_no_note(two: World) -> None:
    number = two.mail(id="<first@example.com>")
    assert two.mail("More.", answers="<first@example.com>", also_to=("billing@desk.example",)) == number
    assert notes(two, number) == []

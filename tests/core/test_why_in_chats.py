"""Why something that was said in a chat, or on a page, became what it became."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.tickets.model import Address, Inbound
from tests.core.test_why import told
from tests.world import ANN, World

PHONE = Address("telegram", "20000001", "Carla Gómez")


def says(world: World, text: str, number: int, **more: object) -> None:
    """Carla says something to the bot."""
    key = f"7:20000001:{number}"
    id = world.desk.accept("telegram", key, "7:20000001", {"update": number}, b"{}")
    assert id
    inbound = Inbound(
        channel="telegram",
        sender=PHONE,
        door="@help_bot",
        external_id=key,
        text=text,
        reply_text=text,
        reply_to="20000001",
        thread="7:20000001",
        is_direct=True,
    )
    world.desk.receive(id, inbound)


@pytest.mark.parametrize("said", ["Telegram: 20000001", "telegram:20000001", "7:20000001:1", "#1", "1"])
def test_what_was_said_in_a_chat_is_found_by_whoever_said_it_by_its_id_its_ticket_and_its_number(
    world: World, said: str
) -> None:
    says(world, "My order has not come.", 1)
    why = told(world, said)
    assert why.startswith("Message 1 came in at ")
    assert "by Telegram" in why
    assert "It is from 20000001, and is known there as 7:20000001:1." in why
    assert "Nothing in it points to a ticket, so it opened one." in why
    assert why.endswith("It is in ticket #1.")
    assert "Message-ID" not in why


def test_it_says_by_what_a_chat_goes_on_and_that_thanks_opened_nothing(world: World) -> None:
    says(world, "My order has not come.", 1)
    says(world, "It was to come on Monday.", 2)
    assert "It goes on with ticket #1: that was open in its conversation" in told(world, "7:20000001:2")
    world.desk.close(1, ANN)
    world.later(seconds=timedelta(days=9).total_seconds())
    says(world, "Something else: my invoice is wrong.", 3)
    assert "Nothing in it points to a ticket" in told(world, "7:20000001:3")
    assert [one.count("Message ") for one in told(world, "#1").split("\n\n")] == [1, 1]


def test_what_nobody_knows_is_said_to_be_unknown(world: World) -> None:
    for said in ("Telegram: 999", "#99", "7:1:1"):
        assert told(world, said).startswith("Nothing came in by ")

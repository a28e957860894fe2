"""What agents and profiles say of who is who: every card of theirs says it, and what is only said joins nobody."""

from __future__ import annotations

import pytest

from core.phrases import Refused
from core.templates.locales import translate
from core.tickets.model import Address
from core.tickets.persons import Proof, typed_address
from tests.world import ANN, World


def redrawn(world: World) -> list[int]:
    """Whose cards were drawn, since this was asked last: at their pace, so time passes."""
    for _ in range(4):
        world.later(minutes=1)
    drawn = sorted(ticket for ticket, message in world.shown if not message)
    world.shown.clear()
    return drawn


def test_every_open_ticket_of_theirs_is_drawn_anew_where_two_are_joined_and_split(world: World) -> None:
    first = world.mail()
    second = world.mail("Another thing.", subject="Invoice")
    closed = world.mail("A third.", subject="Thanks for that")
    chat = world.chat("Hello, my order has not arrived.")
    other = world.chat("Somebody else.", chat=7002, name="Max")
    world.desk.close(closed, ANN)
    redrawn(world)
    world.desk.add_address(chat, "carla@example.com", ANN)
    assert redrawn(world) == [first, second, chat]
    [union] = world.desk.person(chat).unions
    world.desk.split(first, union.id, ANN)
    assert redrawn(world) == [first, second, chat]
    world.desk.keep_apart(chat, world.ticket(other).requester, ANN)
    assert redrawn(world) == [chat, other]


def test_an_agent_adds_an_address_of_any_channel(world: World) -> None:
    mail, chat = world.mail(), world.chat("Hello, it is me.")
    world.desk.add_address(mail, "Telegram: 7001", ANN)
    assert [one.address.channel for one in world.desk.other_ways(mail)] == ["telegram"]
    world.desk.add_address(chat, "slack:T0ACME:U0CARLA", ANN)
    known = {one.address: one.proof for one in world.desk.identities(mail)}
    assert known[Address("slack", "T0ACME:U0CARLA")] is Proof.AGENT
    for wrong in ("telegram: carla", "slack:carla", "7001", "carla@", "a b@c.example"):
        assert typed_address(wrong) is None
        with pytest.raises(Refused, match="no mail address"):
            world.desk.add_address(mail, wrong, ANN)


def test_a_profile_in_slack_with_the_same_mail_address_is_suggested_and_joins_nobody(world: World) -> None:
    mail = world.mail()
    chat = world.chat("Hello, it is me.", profile_mail="Carla@Example.com")
    [found] = world.desk.person(mail).suggestions
    assert [translate(reason) for reason in found.reasons] == [
        "their profile in Slack has the customer's mail address: carla@example.com"
    ]
    [found] = world.desk.person(chat).suggestions
    assert "the customer's profile in Slack" in translate(found.reasons[0])
    assert world.desk.person(mail).unions == []

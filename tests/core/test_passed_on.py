"""A customer's mail that went to a colleague becomes the customer's ticket, where the colleague says so and is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.tickets.model import Address, Inbound, Message, Outcome, Part, PassedOn, Vouch, Vouched
from gateways.email.envelope import Envelope
from gateways.email.reading.parse import heard
from tests.world import ANN, JONAS, World

NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)
VOUCHED = Vouched(Vouch.PASSED, "desk.example")
CARLA = Address("email", "carla@example.com", "Carla Gómez")
THEIRS = PassedOn(CARLA, "Broken lamp", "My lamp is broken.", "My lamp is broken.", "", "en")
JONAS_WRITES = {"sender": "jonas@desk.example", "name": "Jonas", "subject": "Fwd: Broken lamp", "vouched": VOUCHED}

GMAIL = """
---------- Forwarded message ---------
From: Carla Gómez <carla@example.com>
Date: Mon, 2 Mar 2026 at 09:00
Subject: Broken lamp
To: Jonas Becker <jonas@desk.example>

My lamp is broken.
"""
OUTLOOK = """
________________________________
Von: Carla Gómez <carla@example.com>
Gesendet: Montag, 2. März 2026 09:00
An: Jonas Becker <jonas@desk.example>
Betreff: Broken lamp

My lamp is broken.
"""


def passes_on(world: World, theirs: PassedOn | None = THEIRS, **more: Any) -> int:
    number = world.mail("@fwd …", **{**JONAS_WRITES, "passed_on": theirs, **more})
    world.settle()
    return number


def notes(world: World, number: int) -> list[Message]:
    return [message for message in world.said(number) if message.part is Part.NOTE]


def requester(world: World, number: int) -> str:
    return next(one.author_name for one in world.said(number) if one.part is Part.REQUESTER)


def test_freescout_1177_zammad_1065_and_posthog_56916_a_mail_that_a_colleague_passes_on_is_its_customers_ticket(
    world: World,
) -> None:
    number = passes_on(world)
    said = world.said(number)[0]
    assert (said.part, said.author_name, said.text) == (Part.REQUESTER, "Carla Gómez", "My lamp is broken.")
    world.desk.reply(number, ANN, "We send another one.")
    world.later(seconds=11)
    assert world.sent[-1].to[0].address == "carla@example.com"
    assert "Broken lamp" in world.sent[-1].subject
    assert world.mail("Thanks, it came.", answers=world.sent[-1].external_id) == number


def test_nobody_is_acknowledged_and_agents_read_who_says_whose_it_is(world: World) -> None:
    number = passes_on(world)
    assert world.sent == []
    (note,) = notes(world, number)
    assert "Jonas Becker" in note.text
    assert "carla@example.com" in note.text


def test_what_the_colleague_wrote_above_it_is_a_note_of_theirs_and_never_goes_out(world: World) -> None:
    number = passes_on(world, replace(THEIRS, above="She is cross."))
    note = notes(world, number)[-1]
    assert (note.author, note.author_name, note.text) == (JONAS.agent, "Jonas Becker", "She is cross.")
    world.desk.reply(number, ANN, "We send another one.")
    world.later(seconds=11)
    assert "cross" not in world.sent[-1].text


def test_where_it_points_to_a_ticket_it_is_a_note_there_as_ever(world: World) -> None:
    first = world.mail(id="<first@example.com>")
    assert passes_on(world, answers="<first@example.com>") == first
    assert notes(world, first)[-1].is_by_mail


@pytest.mark.parametrize(
    "more",
    [
        {"vouched": Vouched(Vouch.NONE, "desk.example")},
        {"vouched": Vouched()},
        {"vouched": Vouched(Vouch.FAILED, "desk.example")},
        {"sender": "guest@desk.example"},
        {"sender": "dan@example.net", "vouched": Vouched(Vouch.PASSED, "example.net")},
    ],
    ids=["nothing vouches", "nobody looked", "forged", "no agent's address", "a customer"],
)
def test_freescout_2733_and_2813_of_whoever_else_says_so_it_is_their_own(world: World, more: dict[str, Any]) -> None:
    number = passes_on(world, **more)
    assert requester(world, number) == "Jonas"


def test_a_mail_of_ours_or_of_their_own_that_is_passed_on_is_the_colleagues(world: World) -> None:
    for address in ("support@desk.example", "Jonas@desk.example"):
        theirs = PassedOn(Address("email", address, "X"), "a", "b", "b", "")
        assert requester(world, passes_on(world, theirs)) == "Jonas"


def test_nothing_is_learnt_of_a_customer_by_what_others_say_they_wrote(world: World) -> None:
    first = world.mail(id="<first@example.com>")
    theirs = PassedOn(Address("email", "carla@example.com", "Somebody Else"), "a", "b", "b", "")
    number = passes_on(world, theirs)
    assert world.ticket(number).requester == world.ticket(first).requester
    world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    assert world.sent[-1].to[0].name != "Somebody Else"


def test_an_address_that_no_mail_reaches_is_not_reached_by_what_others_say_came_from_there(world: World) -> None:
    number = world.mail()
    world.refusing["carla@example.com"] = Outcome("carla@example.com", 550, "5.1.1 no such user")
    world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    assert [one.address for one in world.desk.suppressed()] == ["carla@example.com"]
    passes_on(world)
    assert [one.address for one in world.desk.suppressed()] == ["carla@example.com"]
    world.mail("I am here.")
    assert world.desk.suppressed() == []


# As mail programs write it


def read(text: str, kind: str = "text/plain") -> Inbound:
    head = f"From: jonas@desk.example\nSubject: Fwd: Broken lamp\nContent-Type: {kind}\n\n"
    raw = (head + text).replace("\n", "\r\n").encode()
    return heard(raw, Envelope("jonas@desk.example", ("support@desk.example",), "192.0.2.1", "mx", "", NOON))


@pytest.mark.parametrize("written", [GMAIL, OUTLOOK], ids=["Gmail", "Outlook"])
@pytest.mark.parametrize("command", ["@fwd\n", "  @FWD  \n\nShe is cross.\n"])
def test_a_first_line_says_that_the_mail_below_is_a_customers(written: str, command: str) -> None:
    passed = read(command + written).passed_on
    assert passed is not None
    assert (passed.sender.address, passed.sender.name) == ("carla@example.com", "Carla Gómez")
    assert (passed.subject, passed.text) == ("Broken lamp", "My lamp is broken.")
    assert passed.above == ("She is cross." if "cross" in command else "")


@pytest.mark.parametrize("text", [GMAIL, f"Hello\n@fwd\n{GMAIL}", f"@fwd please\n{GMAIL}", "@fwd\nNothing below."])
def test_without_that_line_or_without_a_mail_below_it_is_a_mail_like_any_other(text: str) -> None:
    assert read(text).passed_on is None


def test_a_mail_that_is_passed_on_as_a_file_says_whose_it_is_in_its_head() -> None:
    inner = "From: Carla <carla@example.com>\nSubject: Broken lamp\n\nMy lamp is broken."
    parts = f"--b\n\n@fwd\nShe is cross.\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
    passed = read(parts, kind="multipart/mixed; boundary=b").passed_on
    assert passed is not None
    assert (passed.sender.address, passed.subject, passed.above) == (
        "carla@example.com",
        "Broken lamp",
        "She is cross.",
    )

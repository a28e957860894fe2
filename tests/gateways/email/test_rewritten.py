"""Addresses that servers have written anew for the envelope: who wrote, where it goes, and what came back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Delivery
from gateways.email.doors.arrivals import Arrivals
from gateways.email.envelope import Envelope
from gateways.email.reading.parse import heard
from gateways.email.rewritten import as_it_was, own_form
from gateways.email.tags import tokens_in, untagged
from tests.gateways.email.test_returning import Left, by_postfix, left
from tests.world import World

__all__ = ["left"]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "was"),
    [
        ("SRS0=opaque=TT=example.com=carla@forward.example", "carla@example.com"),
        ("srs0+a/b+=2X=Example.COM=Carla.Lee+x@forward.example", "Carla.Lee+x@Example.COM"),
        ("SRS0=HHH=TT=example.com=odd=name@forward.example", "odd=name@example.com"),
        ("SRS1=HHH=one.example==HHH=TT=example.com=carla@two.example", "carla@example.com"),
        ("SRS1=HHH=one.example=-HHH=TT=example.com=carla@two.example", "carla@example.com"),
        ("prvs=1234abcdef=carla@example.com", "carla@example.com"),
        ("prvs=carla/1234ABCDEF@example.com", "carla@example.com"),
        ("btv1==0a1b2c3d4e5f==carla@example.com", "carla@example.com"),
        ("SRS0=HHH=TT=example.com=prvs=1234abcdef=carla@forward.example", "carla@example.com"),
        ("carla@example.com", "carla@example.com"),
        ("a=b@example.com", "a=b@example.com"),
        ("prvs=12=carla@example.com", "prvs=12=carla@example.com"),
        ("SRS0=HHH=TT=nodomain=carla@forward.example", "SRS0=HHH=TT=nodomain=carla@forward.example"),
        ("SRS0=HHH=TT=example.com=@forward.example", "SRS0=HHH=TT=example.com=@forward.example"),
        ("", ""),
    ],
)
def test_an_address_is_told_as_it_was_before_servers_wrote_it_anew(written: str, was: str) -> None:
    assert as_it_was(written) == was


@pytest.mark.parametrize(
    "hostile",
    ["SRS0=" + "a=" * 50_000 + "@x", "SRS1=" + "a.=" * 50_000, "prvs=" * 50_000 + "@", "=" * 200_000],
    ids=range(4),
)
def test_what_only_begins_like_a_form_of_servers_stays_as_it_is(hostile: str) -> None:
    assert as_it_was(hostile) == own_form(hostile) == hostile


@given(st.text(max_size=80))
def test_nothing_that_anybody_writes_makes_an_address_of_ours_out_of_another_domain(local: str) -> None:
    for form in (local, f"SRS0=HHH=TT=desk.example=support@{local}", f"prvs=1234abcdef={local}@elsewhere.example"):
        assert untagged(form).rpartition("@")[2] == form.casefold().rpartition("@")[2]


def test_a_token_in_an_address_that_a_server_has_signed_is_found() -> None:
    address = "prvs=1234abcdef=support+b.q1w2@desk.example"
    assert tokens_in([address], "b") == ("q1w2",)
    assert untagged(address) == "support@desk.example"


async def test_a_door_takes_our_address_as_a_server_of_ours_has_signed_it(sqlite_world: World) -> None:
    arrivals = Arrivals(sqlite_world.desk)
    assert await arrivals.serves("prvs=1234abcdef=support+t.abc@desk.example")
    assert not await arrivals.serves("prvs=1234abcdef=nobody@desk.example")
    assert not await arrivals.serves("SRS0=HHH=TT=desk.example=support@elsewhere.example")


def by(mail_from: str) -> Envelope:
    return Envelope(mail_from, ("support@desk.example",), "192.0.2.1", "mx.example", "", NOON)


def test_of_a_mail_without_a_sender_the_envelope_s_is_told_as_it_was() -> None:
    found = heard(b"Subject: help\r\n\r\nHi.\r\n", by("SRS0=HHH=TT=example.com=carla@forward.example"))
    assert found.sender.address == "carla@example.com"
    returned = b"Return-Path: <prvs=1234abcdef=carla@example.com>\r\nSubject: help\r\n\r\nHi.\r\n"
    assert heard(returned, by("")).sender.address == "carla@example.com"


async def test_what_one_person_sent_is_heard_in_order_though_its_envelopes_were_signed_on_other_days(
    sqlite_world: World,
) -> None:
    arrivals = Arrivals(sqlite_world.desk)
    for day in ("1111aaaaaa", "1112bbbbbb"):
        await arrivals.keep(f"Message-ID: <{day}@x.example>\r\n\r\nHi".encode(), by(f"prvs={day}=carla@example.com"))
    lanes = {entry.lane for entry in await sqlite_world.desk.jobs.soon() if entry.kind == "receive:email"}
    assert lanes == {"in:email:carla@example.com"}


def test_a_report_to_a_signed_return_path_fails_the_message_and_names_whom_we_wrote_to(
    world: World, left: Left
) -> None:
    raw = by_postfix(left).replace(b"rfc822; carla@example.com", b"rfc822; prvs=1234abcdef=carla@example.com")
    envelope = Envelope("", (f"prvs=1234abcdef={left.return_path}",), "192.0.2.1", "mx.example.net", "", NOON)
    inbound = heard(raw, envelope)
    assert inbound.report is not None
    assert [failure.address for failure in inbound.report.failures] == ["carla@example.com"]
    piece = world.desk.accept("email", "report", "", envelope.to_json(), raw)
    assert piece is not None
    world.desk.receive(piece, inbound)
    assert [said.delivery for said in world.said(left.number) if said.id == left.out.message] == [Delivery.FAILED]

"""Our answer comes back: whichever way a server tells us, the message that it is about is known and shown as failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from core.storage import messages
from core.tickets.model import Delivery, Message, Nature, Outgoing, Part, Status
from gateways.email.envelope import Envelope
from gateways.email.outgoing.compose import compose
from gateways.email.reading.parse import heard
from gateways.email.tags import LONGEST_LOCAL, return_path, tokens_in
from tests.world import ANN, World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Left(NamedTuple):
    """An answer that has left, as the next servers got it."""

    number: int
    out: Outgoing
    raw: bytes

    @property
    def return_path(self) -> str:
        return return_path(self.out.door, self.out.report_token)


@pytest.fixture
def left(world: World) -> Left:
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    out = world.sent[-1]
    return Left(number, out, compose(out))


def by_postfix(left: Left, action: str = "failed", status: str = "5.1.1") -> bytes:
    head = left.raw.partition(b"\r\n\r\n")[0]
    return (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net (Mail Delivery System)\r\n"
        b"To: %s\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        b"Message-ID: <20260302.1@mx.example.net>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        b"--B\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you...\r\n"
        b"--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        b"Final-Recipient: rfc822; carla@example.com\r\nAction: %s\r\nStatus: %s\r\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 <carla@example.com>: User unknown\r\n in virtual table\r\n\r\n"
        b"--B\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n\r\n--B--\r\n"
    ) % (left.return_path.encode(), action.encode(), status.encode(), head)


def by_qmail(left: Left) -> bytes:
    return (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: support@desk.example\r\n"
        b"Subject: failure notice\r\nMessage-ID: <q.1@mx.example.net>\r\n\r\n"
        b"Hi. This is the qmail-send program at mx.example.net.\r\n\r\n<carla@example.com>:\r\n"
        b"Sorry, no mailbox here by that name. (#5.1.1)\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
    ) + left.raw


def by_somebody_terse(_left: Left) -> bytes:
    """Neither a known form nor anything of the mail: only where it was sent to tells."""
    return (
        b"From: Postmaster <postmaster@mx.example.net>\r\nSubject: Delivery failure\r\n"
        b"Message-ID: <t.1@mx.example.net>\r\n\r\nThe mail could not be delivered.\r\n"
    )


def comes_back(world: World, raw: bytes, to: str, mail_from: str = "") -> int | None:
    inbound = heard(raw, Envelope(mail_from, (to,), "192.0.2.1", "mx.example.net", "", NOON))
    piece = world.desk.accept("email", inbound.external_id, "lane", {}, raw)
    assert piece is not None
    number = world.desk.receive(piece, inbound)
    world.settle()
    return number


def answer(world: World, left: Left) -> Message:
    return world.desk.db.run(lambda tx: messages.message(tx, left.out.message))


@pytest.mark.parametrize("tells", [by_postfix, by_qmail, by_somebody_terse])
def test_a_report_to_our_return_path_is_about_its_message(world: World, left: Left, tells) -> None:
    assert comes_back(world, tells(left), left.return_path) == left.number
    assert answer(world, left).delivery is Delivery.FAILED
    assert world.ticket(left.number).status is Status.OPEN
    assert world.called == [(left.number, left.out.message)]


@pytest.mark.parametrize("tells", [by_postfix, by_qmail])
def test_where_a_relay_writes_its_own_return_path_the_mail_that_comes_back_tells(
    world: World, left: Left, tells
) -> None:
    assert comes_back(world, tells(left), "support@desk.example") == left.number
    assert answer(world, left).delivery is Delivery.FAILED


def test_the_reason_is_the_other_servers(world: World, left: Left) -> None:
    comes_back(world, by_postfix(left), left.return_path)
    said = "carla@example.com: 550 5.1.1 <carla@example.com>: User unknown in virtual table"
    assert answer(world, left).reason == said


def test_a_report_of_a_delay_is_shown_and_nothing_has_failed(world: World, left: Left) -> None:
    assert comes_back(world, by_postfix(left, "delayed", "4.4.1"), left.return_path) == left.number
    assert answer(world, left).delivery is Delivery.SENT
    assert world.ticket(left.number).status is Status.PENDING
    assert world.said(left.number)[-1].nature is Nature.BOUNCE_DELAY


def test_a_report_of_success_changes_nothing(world: World, left: Left) -> None:
    comes_back(world, by_postfix(left, "delivered", "2.0.0"), left.return_path)
    assert answer(world, left).delivery is Delivery.SENT
    assert world.ticket(left.number).status is Status.PENDING


def test_a_report_that_names_neither_token_nor_mail_of_ours_is_kept_out(world: World, left: Left) -> None:
    assert comes_back(world, by_somebody_terse(left), "support@desk.example") is None
    assert answer(world, left).delivery is Delivery.SENT
    assert len(world.desk.kept_out()) == 1


def test_a_forged_token_fails_nothing(world: World, left: Left) -> None:
    token = left.out.report_token or ""
    forged = ("b" if token[0] == "a" else "a") + token[1:]
    other = replace(left.out, report_token=forged)
    assert comes_back(world, by_somebody_terse(left), return_path(other.door, forged)) is None
    assert answer(world, left).delivery is Delivery.SENT


def test_a_token_in_a_header_is_nobodys_word(world: World, left: Left) -> None:
    raw = b"To: " + left.return_path.encode() + b"\r\n" + by_somebody_terse(left)
    assert comes_back(world, raw, "support@desk.example") is None


def test_the_customers_own_mail_that_comes_back_is_no_failure_of_ours(world: World) -> None:
    number = world.mail(id="<hers@example.com>")
    raw = (
        b"From: MAILER-DAEMON@mx.example.net\r\nSubject: Undeliverable\r\nReturn-Path: <>\r\n"
        b"References: <hers@example.com>\r\nMessage-ID: <x@mx.example.net>\r\n\r\nNot delivered.\r\n"
    )
    assert comes_back(world, raw, "support@desk.example") is None
    assert [m.part for m in world.said(number)] == [Part.REQUESTER, Part.ACKNOWLEDGEMENT]


def test_a_report_that_comes_twice_counts_once(world: World, left: Left) -> None:
    comes_back(world, by_postfix(left), left.return_path)
    again = by_postfix(left).replace(b"<20260302.1@", b"<20260302.2@")
    comes_back(world, again, left.return_path)
    assert world.called == [(left.number, left.out.message)]


def test_an_address_without_room_for_a_token_stays_as_it_is() -> None:
    long = "s" * 60 + "@desk.example"
    assert return_path(long, "k3y") == long
    assert return_path("support@desk.example", None) == "support@desk.example"
    short = return_path("support@desk.example", "k3y")
    assert short == "support+b.k3y@desk.example"
    assert tokens_in([short.upper()], "b") == ("K3Y",)
    assert tokens_in([short], "t") == ()
    assert len(short.rpartition("@")[0]) <= LONGEST_LOCAL

"""Where other help desks went round in circles, joined what did not belong together, or lost the thread."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.desk.answering import Then
from core.tickets.model import Outgoing, Part, Status
from gateways.email.envelope import Envelope
from gateways.email.outgoing.compose import compose
from gateways.email.reading.parse import heard, understand
from gateways.email.tags import tagged
from tests.world import ANN, World

NOON = datetime(2026, 3, 2, 9, tzinfo=UTC)


def comes(
    world: World, *fields: str, text: str = "Hello", to: str = "support@desk.example", sender: str = ""
) -> int | None:
    """A mail as it is on the wire; the ticket that it went to. `sender` is the envelope's, by default the null one."""
    raw = "".join(f"{field}\r\n" for field in (*fields, "", text)).encode()
    inbound = heard(raw, Envelope(sender, (to,), "192.0.2.1", "mx.example.net", "", NOON))
    piece = world.desk.accept("email", inbound.external_id, "lane", {}, raw)
    assert piece is not None
    number = world.desk.receive(piece, inbound)
    world.settle()
    return number


@pytest.fixture
def answered(world: World) -> Outgoing:
    """Our answer to a customer, as it left."""
    number = world.mail(id="<hers@example.com>")
    world.desk.reply(number, ANN, "Which one?", Then.CLOSE)
    world.later(seconds=11)
    return world.sent[-1]


def test_faveo_150_a_failure_that_a_mailer_reports_opens_no_ticket_and_is_not_answered(world: World) -> None:
    for n in range(3):
        fields = ("From: mailer-daemon@mx.example.net", "Subject: Mail delivery failed", f"Message-ID: <{n}@mx>")
        assert comes(world, *fields, text="gone@example.com\n550 5.1.1 no such user") is None
    assert world.sent == []


@pytest.mark.parametrize("field", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "X-Auto-Response-Suppress: All"])
def test_odoo_66329_and_frappe_3628_a_vacation_notice_to_an_acknowledgement_is_the_end_of_it(
    world: World, field: str
) -> None:
    number = world.mail()
    world.settle()
    ours = world.sent[-1]
    to = tagged(ours.door, "t", ours.reply_token or "")
    fields = ("From: carla@example.com", "Subject: Automatic reply: away", f"In-Reply-To: {ours.external_id}", field)
    assert comes(world, *fields, text="I am away.", to=to, sender="carla@example.com") in (number, None)
    assert world.parts_sent() == ["acknowledgement"]
    assert world.ticket(number).status is Status.NEW


def test_freescout_5638_our_own_address_as_the_sender_opens_nothing_and_is_not_answered(world: World) -> None:
    fields = ("From: support@desk.example", "To: support@desk.example", "Subject: Hello")
    assert comes(world, *fields, sender="support@desk.example") is None
    assert world.sent == []
    assert len(world.desk.kept_out()) == 1


def test_osticket_6380_what_a_persons_system_stamps_as_automatic_opens_a_ticket_all_the_same(world: World) -> None:
    fields = ("From: it@firm.example", "Subject: Laptop", "Auto-Submitted: auto-generated")
    assert comes(world, *fields, text="My laptop is broken.", sender="it@firm.example") == 1
    assert world.said(1)[0].text.strip() == "My laptop is broken."


@pytest.mark.parametrize(
    "guess", ["<1.0123456789abcdef01234567@desk.example>", "<1@desk.example>", "<1.1@desk.example>"]
)
def test_itop_95_an_id_that_was_guessed_leads_into_no_ticket(world: World, answered: Outgoing, guess: str) -> None:
    fields = ("From: eve@e.example", "Subject: Re: Where is my order?", f"In-Reply-To: {guess}", f"References: {guess}")
    assert comes(world, *fields, sender="eve@e.example") == answered.ticket + 1
    assert world.ticket(answered.ticket + 1).follows is None


def test_osticket_748_and_alga_3241_a_stranger_who_quotes_our_id_opens_nothing_again(
    world: World, answered: Outgoing
) -> None:
    fields = ("From: eve@e.example", "Cc: mallory@m.example", f"In-Reply-To: {answered.external_id}")
    comes(world, *fields, sender="eve@e.example")
    assert world.ticket(answered.ticket).status is Status.CLOSED
    assert all("mallory" not in str(out.copied) for out in world.sent)


def test_odoo_280971_an_answer_to_a_mail_whose_id_a_relay_replaced_finds_its_ticket_by_our_address(
    world: World, answered: Outgoing
) -> None:
    to = tagged(answered.door, "t", answered.reply_token or "")
    fields = ("From: carla@example.com", "Subject: Re: Where is my order?", "In-Reply-To: <0100018f@eu.amazonses.com>")
    assert comes(world, *fields, text="The blue one.", to=to, sender="carla@example.com") == answered.ticket
    assert world.ticket(answered.ticket).status is not Status.CLOSED


def test_frappe_3638_every_answer_of_ours_has_an_id_of_its_own_that_is_known(world: World, answered: Outgoing) -> None:
    chain = ("<hers@example.com>", answered.external_id)
    world.mail("The blue one.", answers=answered.external_id, references=chain)
    world.desk.reply(answered.ticket, ANN, "And when?")
    world.later(seconds=11)
    second = world.sent[-1]
    assert second.external_id != answered.external_id
    assert second.references[:2] == (answered.references[0], "<hers@example.com>")  # the ticket's own id goes first
    for out in (answered, second):
        fields = ("From: carla@example.com", f"Message-ID: <to-{out.message}@x>", f"References: {out.external_id}")
        assert comes(world, *fields, sender="carla@example.com") == answered.ticket


def test_frappe_35266_a_long_id_is_written_as_it_is_or_outlook_loses_the_thread(sqlite_world: World) -> None:
    long = f"<{'x' * 180}@very.long.outlook.example>"
    number = sqlite_world.mail(id=long)
    sqlite_world.desk.reply(number, ANN, "Here.")
    sqlite_world.later(seconds=11)
    raw = compose(sqlite_world.sent[-1])
    assert f"In-Reply-To: {long}\r\n".encode() in raw
    assert understand(raw).references[-1] == long


def test_alga_2772_a_ticket_is_not_opened_again_by_what_a_machine_answers(world: World, answered: Outgoing) -> None:
    for n in range(4):
        fields = ("From: carla@example.com", f"In-Reply-To: {answered.external_id}", "Auto-Submitted: auto-replied")
        comes(world, *fields, f"Message-ID: <{n}@a>", sender="carla@example.com")
    assert world.ticket(answered.ticket).status is Status.CLOSED


def test_tomolimo_20_the_same_subject_alone_joins_nothing(world: World, answered: Outgoing) -> None:
    fields = ("From: carla@example.com", "Subject: Re: Where is my order?", "Thread-Topic: Where is my order?")
    assert comes(world, *fields, sender="carla@example.com") == answered.ticket + 1


def test_notmuch_ids_that_refer_to_each_other_in_a_ring_end(world: World) -> None:
    first = ("From: carla@example.com", "Message-ID: <a@x>", "In-Reply-To: <b@x>", "References: <b@x> <a@x>")
    second = ("From: carla@example.com", "Message-ID: <b@x>", "In-Reply-To: <a@x>", "References: <a@x> <b@x>")
    assert comes(world, *first, sender="carla@example.com") == 1
    assert comes(world, *second, sender="carla@example.com") == 1
    assert [m.part for m in world.said(1)].count(Part.REQUESTER) == 2


def test_who_wishes_for_a_receipt_gets_none(sqlite_world: World) -> None:
    wishes = ("Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To", "Read-Receipt-To")
    fields = ("From: carla@example.com", "To: support@desk.example", *(f"{one}: spy@evil.example" for one in wishes))
    number = comes(sqlite_world, *fields, "Message-ID: <w@x>", sender="carla@example.com")
    assert number is not None
    assert sqlite_world.parts_sent() == ["acknowledgement"]
    assert b"evil.example" not in compose(sqlite_world.sent[-1])

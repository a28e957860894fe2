"""What becomes of mail that its sender's domain does not vouch for, and what is kept of that."""

from __future__ import annotations

from typing import Any

import pytest

from core.desk.keeping_out import NOT_FROM_THERE, reason_of
from core.tickets.model import Delivery, DeliveryReport, Nature, Part, Status, Vouch, Vouched
from tests.world import ANN, World

FORGED = Vouched(Vouch.FAILED, "example.com", "reject", ("spf=fail for example.com",))
DOUBTED = Vouched(Vouch.FAILED, "example.com", "none", ("spf=fail for example.com",))
RIGHT = Vouched(Vouch.PASSED, "example.com", "reject", ("spf=pass for example.com",))


@pytest.mark.parametrize("asks", ["reject", "quarantine"])
def test_what_its_domain_asks_to_keep_out_is_kept_out_with_the_reason(world: World, asks: str) -> None:
    assert world.mail_at_all(vouched=FORGED._replace(asks=asks)) is None
    world.settle()
    [piece] = world.desk.kept_out()
    assert reason_of(piece) == NOT_FROM_THERE
    assert (world.sent, world.shown) == ([], [])


def test_it_is_kept_out_of_a_ticket_too_whoever_it_claims_to_be(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    world.desk.reply(number, ANN, "Done.")
    world.later(seconds=11)
    token = world.sent[-1].reply_token
    assert world.mail_at_all(answers="<first@example.com>", reply_tokens=(token,), vouched=FORGED) is None
    assert world.ticket(number).status is Status.PENDING
    assert len(world.desk.kept_out()) == 1


def test_somebody_may_let_it_in_and_its_sender_is_told_nothing(world: World) -> None:
    world.mail_at_all(vouched=FORGED)
    [piece] = world.desk.kept_out()
    assert world.desk.admit(piece.id)
    world.settle()
    assert world.sent == []
    [first] = world.said(1)
    assert first.vouched == FORGED


def test_what_is_kept_out_for_whatever_reason_keeps_who_vouches_for_it(world: World) -> None:
    world.mail_at_all(vouched=FORGED)
    world.mail_at_all(sender="dan@example.com", nature=Nature.AUTO_REPLY, vouched=RIGHT)
    world.mail_at_all(sender="eve@example.com", nature=Nature.AUTO_REPLY)
    assert [piece.vouched for piece in world.desk.kept_out()] == [Vouched(), RIGHT, FORGED]


def test_what_is_only_doubted_is_heard_and_never_acknowledged(world: World) -> None:
    number = world.mail(vouched=DOUBTED)
    world.settle()
    assert world.sent == []
    assert world.said(number)[0].vouched == DOUBTED


@pytest.mark.parametrize(
    "vouched", [RIGHT, Vouched(Vouch.NONE, "example.com"), Vouched()], ids=["pass", "none", "unknown"]
)
def test_all_else_is_as_it_was(world: World, vouched: Vouched) -> None:
    number = world.mail(vouched=vouched)
    world.settle()
    assert world.parts_sent() == ["acknowledgement"]
    assert world.said(number)[0].vouched == vouched


def test_a_forger_who_quotes_a_mail_of_ours_does_not_write_into_the_ticket(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    assert world.mail("Send it to me.", answers="<first@example.com>", vouched=DOUBTED) == number
    assert world.said(number)[-1].part is Part.STRANGER
    assert world.mail("It is me.", answers="<first@example.com>", vouched=RIGHT) == number


def test_a_signed_address_vouches_for_itself(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    token = world.sent[-1].reply_token
    assert world.mail("Number 7.", reply_tokens=(token,), vouched=DOUBTED) == number
    assert world.said(number)[-1].part is Part.REQUESTER


def test_a_report_of_delivery_is_believed_for_its_token_not_for_its_sender(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Done.")
    world.later(seconds=11)
    out = world.sent[-1]
    more: dict[str, Any] = {"report": DeliveryReport(tokens=(out.report_token or "",))}
    world.mail("Not delivered.", sender="mailer-daemon@example.com", nature=Nature.BOUNCE, vouched=FORGED, **more)
    assert next(m for m in world.said(number) if m.id == out.message).delivery is Delivery.FAILED

"""Receipts that come in words alone, and people's mails that look a little like them."""

import pytest

from core.tickets.model import Nature
from gateways.email.reading.parse import understand
from gateways.email.reading.receipts import is_receipt

READ = (
    "Your message\n\n   To: bob@x.example\n   Subject: Printer\n   Sent: 2 March 2026 12:00\n\n"
    "was read on 2 March 2026 12:05."
)


def test_outlooks_receipt_is_known_by_its_shape_in_a_language_that_nobody_told_us_of():
    unknown = READ.replace("Your message", "Qapla").replace("was read on", "laDta'")
    assert is_receipt("Read: Printer", READ)
    assert is_receipt("laD: Printer", unknown)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Read: Another", READ),  # about another mail than the subject says
        ("Printer", READ),
        ("Read: Printer", READ + "\n\nWhat does this mean?\nAnd who are you?\nBob"),
        ("Read: Printer", READ.replace("Your message", "From: ann@desk.example")),  # a quotation
        ("Read: Printer", "To: all\nSubject: Printer\n\nIs it there at 12:00?"),
        ("Read: Printer", ""),
    ],
)
def test_what_says_more_or_other_things_is_no_receipt(subject, text):
    assert not is_receipt(subject, text)


def test_an_old_report_of_delivery_in_that_shape_is_no_receipt():
    text = READ.replace("was read on", "did not reach the recipient on")
    raw = f"From: System <postmaster@x.example>\nReturn-Path: <>\nSubject: Undeliverable: Printer\n\n{text}"
    assert understand(raw.encode()).nature is Nature.BOUNCE


@pytest.mark.parametrize(
    "field", ["X-Autoreply", "X-Mail-Autoresponder", "X-Auto-Replied", "X-Vacation", "X-ACME-Auto-Answer"]
)
def test_a_field_by_which_a_program_says_that_it_answers_need_not_be_known(field):
    assert understand(f"From: a@b.example\n{field}: yes\nSubject: x\n\nhi".encode()).nature is Nature.AUTO_REPLY
    assert understand(f"From: a@b.example\n{field}: no\nSubject: x\n\nhi".encode()).nature is Nature.HUMAN


def test_what_asks_others_not_to_answer_says_nothing_of_an_answer():
    raw = b"From: a@b.example\nX-Auto-Response-Suppress: None\nSubject: x\n\nhi"
    assert understand(raw).nature is Nature.HUMAN

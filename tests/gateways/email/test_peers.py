"""Faults in reading mail that other help desks were bitten by, each as the behaviour that we owe instead."""

import pytest

from core.tickets.model import Nature
from gateways.email.reading.parse import inbound, understand
from tests.gateways.email.test_parse import ENVELOPE

HEAD = b"From: Ann <ann@a.example>\r\nTo: support@desk.example\r\nSubject: help\r\n"


def plain(text: str, *fields: str) -> bytes:
    head = "".join(f"{field}\r\n" for field in fields)
    return HEAD + head.encode() + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()


@pytest.mark.parametrize("field", ["Message-ID:", "Message-ID: <>", "X-None: 1", "Message-ID: < >"])
def test_mails_without_an_id_are_never_taken_for_one_another(field):
    first, second = (understand(plain(text, field)).message_id for text in ("one", "two"))
    assert first != second
    assert first == understand(plain("one", field)).message_id  # the same bytes again are the same mail


def test_answers_written_between_the_quoted_lines_are_all_shown():
    text = (
        "On 2 Nov 2026 at 10:00, Desk <d@desk.example> wrote:\n> Which printer?\nThe second.\n> Since when?\nMonday.\n"
    )
    said = understand(plain(text)).reply_text
    assert "The second." in said
    assert "Monday." in said


def test_a_mail_that_is_nothing_but_a_quotation_is_not_shown_empty():
    assert "Which printer?" in understand(plain("> Which printer?\n> Since when?\n")).reply_text


def test_nothing_is_cut_where_nothing_stands_above_the_line_to_reply_above():
    assert "Which printer?" in understand(plain("Please reply above this line\n\nWhich printer?\n")).reply_text


def test_a_customer_who_forwards_a_mail_stays_the_requester():
    text = (
        "---------- Forwarded message ---------\nFrom: Bob <bob@b.example>\nDate: Monday\nSubject: x\nTo: Ann\n\nhello"
    )
    mail = understand(plain(text))
    assert mail.forwarded is not None
    assert inbound(mail, ENVELOPE).sender.address == "ann@a.example"


def test_a_mail_without_a_sender_is_read_and_its_envelope_says_who_it_is():
    mail = understand(b"Subject: help\r\n\r\nhello")
    assert mail.text == "hello"
    assert inbound(mail, ENVELOPE).sender.address == ENVELOPE.mail_from


def test_words_of_a_person_that_their_system_stamps_as_automatic_are_kept_with_the_reason():
    mail = understand(plain("My laptop is broken.", "Auto-Submitted: auto-generated"))
    assert (mail.nature, mail.text) == (Nature.AUTO_GENERATED, "My laptop is broken.")
    assert mail.evidence == ("Auto-Submitted: auto-generated",)


def test_long_ids_that_a_library_has_encoded_still_lead_to_their_thread():
    encoded = "=?utf-8?q?=3Cvery-long-id-of-a-hundred-letters?=\r\n =?utf-8?q?-and-more=40desk=2Eexample=3E?="
    mail = understand(plain("hello", f"References: {encoded}", f"In-Reply-To: {encoded}"))
    assert mail.references == ("<very-long-id-of-a-hundred-letters-and-more@desk.example>",)
    assert mail.in_reply_to == "<very-long-id-of-a-hundred-letters-and-more@desk.example>"


def test_a_reference_that_names_its_own_mail_hangs_nothing():
    assert understand(plain("hello", "Message-ID: <1@a>", "References: <1@a> <1@a>")).references == ("<1@a>",)


def test_no_zero_byte_comes_out_of_any_field():
    mail = understand(HEAD + b"X: \x00\r\nReply-To: b\x00@b.example\r\n\r\na\x00b")
    assert "\x00" not in repr(mail).replace("\\x00", "\x00")


def test_the_door_of_a_blind_copy_is_the_envelopes():
    mail = understand(plain("hello").replace(b"To: support@desk.example\r\n", b""))
    assert inbound(mail, ENVELOPE).door


def test_the_headers_of_an_attached_mail_never_say_who_writes_or_what_it_answers():
    inner = b"From: eve@e.example\r\nIn-Reply-To: <9@desk.example>\r\nSubject: inner\r\n\r\nx"
    parts = b"--b\r\n\r\nhello\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    mail = understand(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts)
    assert (mail.sender.address, mail.in_reply_to, mail.subject) == ("ann@a.example", None, "help")
    assert [file.name for file in mail.files] == ["inner.eml"]


def test_hidden_words_of_a_page_are_not_taken_for_the_customers():
    raw = HEAD + b"Content-Type: text/html\r\n\r\n<div style='display:none'>[#D-12] secret</div><p>hello"
    assert understand(raw).text == "hello"

"""One mail by several ways is known as one; what differs in anything that its writer said is not."""

from __future__ import annotations

import base64
import quopri
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.reading.parse import understand
from tests.databases import sqlite_copy
from tests.gateways.email.two_desks import exchange

WORDS = "Hallo, meine Bestellung ist noch nicht da. Viele Grüße\nCarla"
FIELDS = {
    "From": "Carla Beck <carla@example.com>",
    "To": "support@a.example",
    "Subject": "Where is my order?",
    "Date": "Mon, 2 Mar 2026 09:00:00 +0100",
    "Message-ID": "<one@example.com>",
}


def mail(text: str = WORDS, *, coding: str = "8bit", above: str = "", file: bytes = b"", **fields: str) -> bytes:
    told = {**FIELDS, **{name.replace("_", "-"): value for name, value in fields.items()}}
    head = above + "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    data = text.encode()
    body = {"8bit": data, "base64": base64.encodebytes(data), "quoted-printable": quopri.encodestring(data)}[coding]
    part = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {coding}\r\n\r\n".encode()
    part += body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"
    if not file:
        return head.encode() + part
    attached = b"Content-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\n" + file + b"\r\n"
    parts = b"--b\r\n" + part + b"--b\r\n" + attached + b"--b--\r\n"
    return head.encode() + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts


def like(raw: bytes) -> str:
    return understand(raw).likeness


@given(
    st.sampled_from(["8bit", "base64", "quoted-printable"]),
    st.lists(
        st.sampled_from(
            [
                "Received: from mx.example by mx2.example; Mon, 2 Mar 2026 09:00:01 +0100",
                "Return-Path: <bounce@example.com>",
                "Delivered-To: billing@a.example",
                "DKIM-Signature: v=1; d=example.com; b=abc",
                "X-Spam-Status: No",
            ]
        )
    ),
    st.text("abc äöü\n", min_size=1),
)
def test_servers_lines_and_encodings_make_no_other_mail(coding: str, lines: list[str], text: str) -> None:
    above = "".join(f"{line}\r\n" for line in lines)
    assert like(mail(text, coding=coding, above=above)) == like(mail(text)) != ""


def test_the_same_moment_on_another_clock_is_the_same() -> None:
    assert like(mail(Date="Mon, 2 Mar 2026 08:00:00 +0000")) == like(mail())


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Something else."},
        {"From": "Eve <eve@example.com>"},
        {"Subject": "Where is my money?"},
        {"Date": "Mon, 2 Mar 2026 09:00:01 +0100"},
        {"Message_ID": "<two@example.com>"},
        {"Reply_To": "Eve <eve@example.com>"},
        {"file": b"picture"},
    ],
)
def test_freescout_5591_whatever_the_writer_said_otherwise_makes_it_another_mail(other: dict[str, Any]) -> None:
    assert like(mail(**other)) != like(mail())


def test_other_pictures_are_other_mails() -> None:
    assert like(mail(file=b"one")) != like(mail(file=b"two"))


BY_LIST: dict[str, Any] = {
    "List_Id": "Users <users.lists.example.org>",
    "List_Post": "<mailto:users@lists.example.org>",
}
MAILMAN = "\n_______________________________________________\nUsers mailing list\nusers@lists.example.org\n"
GOOGLE = '\n-- \nYou received this message because you are subscribed to the Google Groups "users" group.\n'


@pytest.mark.parametrize("footer", ["", MAILMAN, GOOGLE])
@pytest.mark.parametrize(
    "sender", [{}, {"From": "Carla via Users <users@lists.example.org>", "Reply_To": "carla@example.com"}]
)
def test_a_lists_copy_is_the_mail_itself(footer: str, sender: dict[str, Any]) -> None:
    copy = mail(WORDS + footer, Subject="[Users] Where is my order?", **BY_LIST, **sender)
    assert like(copy) == like(mail())


def test_a_rule_that_a_person_drew_is_no_footer() -> None:
    assert like(mail(WORDS + MAILMAN)) != like(mail())
    assert like(mail(WORDS + "\n-----\nPS: and the invoice?", **BY_LIST)) != like(mail())


def test_itop_253_mails_without_an_id_are_one_only_where_their_date_says_so() -> None:
    assert like(mail(Message_ID="", above="Received: from a by b\r\n")) == like(mail(Message_ID=""))
    assert like(mail(Message_ID="", Date="")) == ""


async def taken(_raw: bytes, _to: str) -> None:
    """A customer's mailbox."""


async def test_a_mail_to_two_of_our_mailboxes_by_two_servers_is_one_ticket(migrated_file: Path, tmp_path: Path) -> None:
    (tmp_path / "a.example").mkdir()
    url = sqlite_copy(migrated_file, tmp_path / "a.example")
    async with exchange(tmp_path, {"a.example": url}) as between:
        between.between.routes["example.com"] = taken
        raw = mail(To="support@a.example", Cc="billing@elsewhere.example")
        await between.write(raw, "support@a.example")
        await between.write(
            b"Received: from list by mx\r\n" + mail(coding="base64", Cc="b@c.example"), "support@a.example"
        )
        [desk] = between.desks
        assert [ticket.number for ticket in desk.tickets] == [1]
        assert [to for _, to in between.between.carried] == [
            "support@a.example",
            "carla@example.com",
            "support@a.example",
        ]

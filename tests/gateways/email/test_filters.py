"""What a spam filter says is believed where the desk is told so, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.routing.filters import Sign, says_so, sign_of
from core.storage.mailboxes import Place
from gateways.email.envelope import Envelope
from gateways.email.imap.account import Account
from gateways.email.imap.line import Size
from gateways.email.imap.mail import fetched
from gateways.email.reading.filters import spam_signs

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def sign(written: str) -> Sign:
    found = sign_of(written)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("written", "said", "fits"),
    [
        ("X-Spam-Flag: YES", "YES", True),
        ("X-Spam-Flag: YES", "yes", True),
        ("X-Spam-Flag: YES", "NO", False),
        ("X-Spam-Flag: YES", "yesterday", False),
        ("X-Spam-Status: Yes", "Yes, score=6.1 required=5.0", True),
        ("X-Spam-Status: Yes", "No, score=-6.1 required=5.0 tests=Yes", False),
        ("X-Rspamd-Action: reject|add header", "add header", True),
        ("X-Rspamd-Action: reject|add header", "no action", False),
        ("X-Spam-Level: *****", "*******", True),
        ("X-Spam-Level: *****", "**", False),
        ("X-MS-Exchange-Organization-SCL >= 5", "6", True),
        ("X-MS-Exchange-Organization-SCL >= 5", "-1", False),
        ("X-MS-Exchange-Organization-SCL >= 5", "none", False),
        ("X-Spamd-Result > 8.5", "default: False [14.20 / 15.00]", True),
        ("X-Trust < 1", "0.5", True),
    ],
)
def test_a_field_says_so_by_how_it_begins_or_by_its_number(written: str, said: str, fits: bool) -> None:
    assert says_so(sign(written), said) is fits


@pytest.mark.parametrize(
    "written", ["", "X-Spam-Flag", "X-Spam-Flag:", "X Spam: YES", ": YES", "X-A >= high", "X-A: a|"]
)
def test_what_names_no_field_or_nothing_in_it_is_no_sign(written: str) -> None:
    assert sign_of(written) is None


MAIL = (
    b"X-Spam-Flag: YES\r\n"
    b"Received: from out.example (out.example [192.0.2.1])\r\n\tby mx.desk.example with ESMTP; Mon, 2 Mar 2026\r\n"
    b"X-Spam-Score: 12.1\r\nFrom: Eve <eve@example.org>\r\n\r\nX-Spam-Flag: YES\r\n"
)


def test_where_no_server_is_named_a_field_counts_wherever_it_stands() -> None:
    signs = [sign("X-Spam-Flag: YES"), sign("X-Spam-Score >= 8")]
    assert spam_signs(MAIL, signs, None) == ("x-spam-flag: YES", "x-spam-score: 12.1")


def test_a_field_that_came_with_the_mail_does_not_count_where_a_server_of_ours_is_named() -> None:
    signs = [sign("X-Spam-Flag: YES"), sign("X-Spam-Score >= 8")]
    assert spam_signs(MAIL, signs, "MX.desk.example") == ("x-spam-flag: YES",)
    assert spam_signs(MAIL, signs, "other.desk.example") == ()
    forged = b"X-Spam-Flag: YES\r\nReceived: by elsewhere.example\r\n" + MAIL.partition(b"\r\n")[2]
    assert spam_signs(forged.replace(b"by mx.", b"by my."), signs, "mx.desk.example") == ()


def test_what_stands_in_the_text_is_no_field() -> None:
    assert spam_signs(b"From: a@x.example\r\n\r\nX-Spam-Flag: YES\r\n", [sign("X-Spam-Flag: YES")], None) == ()


@given(st.binary(max_size=2000))
def test_no_bytes_raise(raw: bytes) -> None:
    spam_signs(raw, [sign("X-A: a"), sign("X-B > 1")], "mx.example.com")


@pytest.mark.parametrize(("folder", "junk"), [("INBOX", ""), ("Junk", "Junk")])
def test_what_lies_in_a_folder_that_is_to_be_held_says_so(folder: str, junk: str) -> None:
    account = Account(
        "s", "imap.example", 993, "s", "s@desk.example", folders=("INBOX", "Junk"), hold=frozenset({"Junk"})
    )
    mail = fetched(account, Place("s", folder, 7), 1, MAIL, Size(len(MAIL), NOW), NOW, lambda address: True)
    envelope = Envelope.from_json(dict(mail.envelope))
    assert envelope.junk == junk
    assert ("junk" in mail.envelope) is bool(junk)

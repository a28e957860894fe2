"""Files in the mails that we send: whole, by their names, and nothing of theirs in a header."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Address, Attachment, Outgoing, Part
from gateways.email.outgoing.compose import compose
from gateways.email.reading.parse import understand

OUT = Outgoing(
    message=1,
    ticket=2,
    part=Part.REPLY,
    external_id="<2.abc@desk.example>",
    at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    door="support@desk.example",
    door_name="Ann · Example Support",
    to=(Address("email", "carla@example.com", "Carla"),),
    subject="Where is my order?",
    text="Here it is.",
)


def carrying(*files: tuple[str, str, bytes]) -> bytes:
    listed = tuple(Attachment(name, type, len(content), "") for name, type, content in files)
    return compose(replace(OUT, files=listed), [content for _, _, content in files])


@given(
    st.lists(
        st.tuples(
            st.text(max_size=120), st.text(max_size=40) | st.sampled_from(["text/html"]), st.binary(max_size=400)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_every_file_arrives_whole_and_the_text_beside_it(files: list[tuple[str, str, bytes]]) -> None:
    raw = carrying(*files)
    read = email.message_from_bytes(raw, policy=policy.SMTP)
    assert [(read.get_content_type(), dict(read.items()).keys() - KNOWN)] == [("multipart/mixed", set())]
    words, *parts = read.iter_parts()
    assert words.get_content_type() == "multipart/alternative"
    assert [part.get_payload(decode=True) for part in parts] == [content for _, _, content in files]
    ours = understand(raw)
    assert ours.text.strip() == "Here it is."
    assert [file.content for file in ours.files] == [content for _, _, content in files]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)


def second(raw: bytes) -> EmailMessage:
    """The part behind the words."""
    _, part, *_ = email.message_from_bytes(raw, policy=policy.SMTP).iter_parts()
    assert isinstance(part, EmailMessage)
    return part


KNOWN = {"Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type"}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("report.pdf", "report.pdf"),
        ("Rechnung März.pdf", "Rechnung Marz.pdf"),
        ("見積書.xlsx", "___.xlsx"),
        ("Rechnung März 2026, Kunde Müller & Söhne, Lieferung an die Außenstelle in Überlingen.pdf", None),
    ],
)
def test_a_name_is_read_by_new_programs_as_it_is_and_by_old_ones_in_ascii(name: str, plain: str | None) -> None:
    raw = carrying((name, "application/pdf", b"x"))
    assert [file.name for file in understand(raw).files] == [name]
    old = re.search(rb' filename="([^"]*)"', raw)
    assert old is not None
    assert plain is None or old[1].decode() == plain
    new = email.message_from_bytes(re.sub(rb' filename="[^"]*";\r\n', b"", raw))
    assert [part.get_filename() for part in new.walk() if part.get_content_disposition()] == [name]


def test_a_name_cannot_add_a_header_or_climb_out_of_a_folder() -> None:
    raw = carrying(('../../etc/a"\r\nBcc: evil@example.com\r\n\r\n.exe\u202efdp', "text/plain\r\nX-Evil: 1", b"x"))
    part = second(raw)
    assert sorted(part.keys()) == ["Content-Disposition", "Content-Transfer-Encoding", "Content-Type"]
    assert (part.get_content_type(), "/" in (part.get_filename() or "/")) == ("application/octet-stream", False)
    assert "\u202e" not in understand(raw).files[0].name


@pytest.mark.parametrize("type", ["message/rfc822", "multipart/mixed", "image", "", "text/plain; charset=x"])
def test_what_may_not_be_encoded_or_is_no_type_goes_as_bytes_of_some_kind(type: str) -> None:
    content = b"From: x\r\n\r\nhi"
    part = second(carrying(("a.eml", type, content)))
    assert (part.get_content_type(), part.get_payload(decode=True)) == (
        "application/octet-stream",
        b"From: x\r\n\r\nhi",
    )


def test_the_same_files_give_the_same_bytes_and_others_give_others() -> None:
    assert carrying(("a", "text/plain", b"1")) == carrying(("a", "text/plain", b"1"))
    assert carrying(("a", "text/plain", b"1")) != carrying(("a", "text/plain", b"2"))

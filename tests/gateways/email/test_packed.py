"""Mails that come in a wrapping of their own: signed as one block, or packed by Outlook."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.signed import signed_content
from gateways.email.parts.tnef import unpack
from gateways.email.reading.parse import understand

HEAD = b"From: Ann <ann@a.example>\r\nSubject: help\r\n"
INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nsigned words\r\n"
SIGNED, ENVELOPED, DATA = (bytes.fromhex(f"06092a864886f70d0107{end}") for end in ("02", "03", "01"))


def der(tag: int, *held: bytes) -> bytes:
    content = b"".join(held)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(content).to_bytes(size, "big") + content


def ber(tag: int, *held: bytes) -> bytes:
    """The form without lengths, as programs write it that sign while they read."""
    return bytes([tag, 0x80]) + b"".join(held) + b"\x00\x00"


def message(wrap=der, kind: bytes = SIGNED, content: bytes | None = None) -> bytes:
    held = content or der(0x04, INNER)
    signed = wrap(0x30, der(0x02, b"\x01"), der(0x31), wrap(0x30, DATA, wrap(0xA0, held)), der(0x31))
    return wrap(0x30, kind, wrap(0xA0, signed))


def mail(block: bytes, kind: bytes = b"signed-data") -> bytes:
    head = b"Content-Type: application/pkcs7-mime; smime-type=" + kind + b"; name=smime.p7m\r\n\r\n"
    return HEAD + head + block


@pytest.mark.parametrize(
    "block",
    [message(), message(ber), message(ber, content=ber(0x24, der(0x04, INNER[:20]), der(0x04, INNER[20:])))],
    ids=["with lengths", "without", "in pieces"],
)
def test_what_was_signed_as_one_block_is_read_as_the_mail_that_it_is(block):
    found = understand(mail(block))
    assert (found.text, found.files) == ("signed words", ())


def test_what_is_encrypted_stays_a_file():
    found = understand(mail(message(kind=ENVELOPED), b"enveloped-data"))
    assert (found.text, [file.name for file in found.files]) == ("", ["smime.p7m"])


def test_a_block_that_holds_itself_too_deeply_or_is_cut_off_stays_a_file():
    for block in (ber(0x30) * 1000, b"\x30\x80" * 5000, message()[:-1], b"\x30\x84\xff\xff\xff\xff", b""):
        assert signed_content(block) is None


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange_to_be_looked_at(data):
    signed_content(data)
    signed_content(message()[: len(data)] + data)
    unpack(b"\x78\x9f\x3e\x22\x00\x00" + data)


def attribute(kind: int, value: bytes) -> bytes:
    return b"\x01" + struct.pack("<II", kind, len(value)) + value + b"\x00\x00"


def properties(*held: tuple[int, int, bytes]) -> bytes:
    packed = [
        struct.pack("<HHII", kind, number, 1, len(value)) + value + b"\x00" * (-len(value) % 4)
        for kind, number, value in held
    ]
    return struct.pack("<I", len(held)) + b"".join(packed)


TNEF = b"\x78\x9f\x3e\x22\x01\x00" + b"".join(
    [
        attribute(0x00069007, struct.pack("<II", 1251, 0)),
        attribute(0x00069003, properties((0x1E, 0x1000, "Привет".encode("cp1251") + b"\x00"))),
        attribute(0x00069002, bytes(14)),
        attribute(0x00018010, b"RECHNU~1.PDF\x00"),
        attribute(0x0006800F, b"%PDF"),
        attribute(0x00069005, properties((0x1F, 0x3707, "../Rechnung März.pdf\x00".encode("utf-16-le")))),
        attribute(0x00069002, bytes(14)),
        attribute(0x00018010, b"a.txt\x00"),
        attribute(0x0006800F, b"words"),
    ]
)


def packed(kind: bytes, text: bytes) -> bytes:
    return (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + text
        + b"\r\n--b\r\nContent-Type: " + kind + b"\r\n\r\n" + TNEF + b"\r\n--b--\r\n"
    )  # fmt: skip


@pytest.mark.parametrize("kind", [b"application/ms-tnef", b"application/octet-stream; name=WINMAIL.DAT"])
def test_files_that_outlook_packed_into_one_are_files_and_the_one_is_kept(kind):
    found = understand(packed(kind, b"hello"))
    assert [(file.name, file.type, file.content) for file in found.files[1:]] == [
        ("Rechnung März.pdf", "application/pdf", b"%PDF"),
        ("a.txt", "text/plain", b"words"),
    ]
    assert found.files[0].content == TNEF
    assert found.text == "hello"


def test_words_that_outlook_packed_are_shown_where_the_mail_has_no_others():
    assert understand(packed(b"application/ms-tnef", b"")).text == "Привет"


ENTRY = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nDTSTART:19700101T000000\r\n"
    b"END:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:Printer\\, second\r\n  floor\r\n"
    b"DTSTART;TZID=Europe/Berlin:20261102T100000\r\nDTEND;TZID=Europe/Berlin:20261102T120000\r\nLOCATION:Hall 2\r\n"
    b"ORGANIZER;CN=Ann Lee:mailto:ann@a.example\r\nDESCRIPTION:Bring\\npaper\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_an_invitation_without_words_says_what_it_is_about_when_and_where():
    found = understand(HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + ENTRY)
    assert found.text.splitlines() == [
        "Printer, second floor",
        "2026-11-02 10:00 – 12:00 (Europe/Berlin)",
        "Hall 2",
        "Ann Lee <ann@a.example>",
        "",
        "Bring",
        "paper",
    ]
    assert [file.type for file in found.files] == ["text/calendar"]


def test_an_invitation_with_words_shows_these_alone():
    raw = HEAD + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nPlease come.\r\n"
    assert understand(raw + b"--b\r\nContent-Type: text/calendar\r\n\r\n" + ENTRY + b"--b--").text == "Please come."

"""Mails that come in a wrapping of their own: signed as one block, or packed by Outlook."""

import base64
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.signed import Wrapping, opened
from gateways.email.parts.tnef import unpack
from gateways.email.reading.parse import understand

HEAD = b"From: Ann <ann@a.example>\r\nSubject: help\r\n"
INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nsigned words\r\n"
SIGNED, ENVELOPED, DATA = (bytes.fromhex(f"06092a864886f70d0107{end}") for end in ("02", "03", "01"))
COMPRESSED, AUTHENTICATED = (bytes.fromhex(f"060b2a864886f70d01091001{end}") for end in ("09", "17"))


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
        assert opened(block).content is None


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange_to_be_looked_at(data):
    opened(data)
    opened(message()[: len(data)] + data)
    opened(message(kind=COMPRESSED, content=der(0x04, data)))
    unpack(b"\x78\x9f\x3e\x22\x00\x00" + data)


@cache
def signer() -> tuple[Any, x509.Certificate]:
    pem = Path(__file__).with_name("localhost.pem").read_bytes()
    return load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)


def signed(content: bytes) -> bytes:
    """What another program signs as one block."""
    key, cert = signer()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(cert, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def carries(kind: str, name: str, content: bytes) -> bytes:
    head = f'MIME-Version: 1.0\r\nContent-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return HEAD + head.encode() + base64.encodebytes(content)


def said(raw: bytes) -> tuple[str, list[tuple[str, str]], tuple[str, ...]]:
    found = understand(raw)
    return found.text, [(file.name, file.type) for file in found.files], found.charset_notes


@pytest.mark.parametrize("kind", ["application/pkcs7-mime", "application/x-pkcs7-mime", "application/octet-stream"])
def test_a_signed_block_is_known_by_its_type_or_by_its_name(kind):
    assert said(carries(kind, "smime.p7m", signed(INNER))) == ("signed words", [], ("signed",))
    twice = base64.encodebytes(signed(INNER))
    assert said(carries(kind, "smime.p7m", twice)) == ("signed words", [], ("signed",))
    assert said(carries(kind, "smime.p7m", signed(b"no part, but words"))) == ("no part, but words", [], ("signed",))


def test_a_file_that_somebody_signed_is_a_file_of_its_own_beside_what_was_signed():
    raw = carries("application/pkcs7-mime", "contract.pdf.p7m", signed(b"%PDF-1.7\n1 0 obj"))
    files = [("contract.pdf.p7m", "application/pkcs7-mime"), ("contract.pdf", "application/pdf")]
    assert said(raw) == ("", files, ("signed",))
    assert understand(raw).files[1].content == b"%PDF-1.7\n1 0 obj"


def test_certificates_alone_are_a_file_and_nothing_is_encrypted():
    block = pkcs7.serialize_certificates([signer()[1]], Encoding.DER)
    assert said(carries("application/pkcs7-mime", "smime.p7c", block)) == (
        "",
        [("smime.p7c", "application/pkcs7-mime")],
        (),
    )


@pytest.mark.parametrize("kind", [ENVELOPED, AUTHENTICATED], ids=["enveloped", "authenticated"])
def test_what_is_encrypted_is_so_whatever_is_said_of_it_and_however_much_is_left(kind):
    files = [("smime.p7m", "application/pkcs7-mime")]
    for block in (message(kind=kind), message(ber, kind), message(kind=kind)[:40]):
        assert said(carries("application/octet-stream", "smime.p7m", block)) == ("", files, ("encrypted",))
    within = carries("application/pkcs7-mime", "smime.p7m", message(kind=kind))
    assert said(carries("application/pkcs7-mime", "smime.p7m", signed(within))) == ("", files, ("signed", "encrypted"))


def test_what_is_compressed_is_read_but_not_what_would_fill_the_memory():
    block = message(kind=COMPRESSED, content=der(0x04, zlib.compress(INNER)))
    assert said(carries("application/pkcs7-mime", "smime.p7z", block)) == ("signed words", [], ())
    bomb = message(kind=COMPRESSED, content=der(0x04, zlib.compress(bytes(2_000_000))))
    assert opened(bomb) == (Wrapping.COMPRESSED, None)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/pkcs7-signature", "smime.p7s"),
        ("application/octet-stream", "smime.p7s"),
        ("application/pgp-signature", "OpenPGP_signature.asc"),
        ("application/pgp-signature", "signature.asc"),
    ],
)
def test_a_signature_is_no_file_either_where_a_server_made_the_mail_anew(kind, name):
    assert said(mixed(kind, name)) == ("hello", [], ("signed",))


def test_the_signature_of_a_file_stays_a_file():
    assert said(mixed("application/pgp-signature", "order.pdf.asc"))[1:] == (
        [("order.pdf.asc", "application/pgp-signature")],
        (),
    )


def mixed(kind: str, name: str) -> bytes:
    """A text, and something beside it that was signed apart."""
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
    return HEAD + head + f'Content-Type: {kind}; name="{name}"\r\n\r\nMIIF\r\n--b--\r\n'.encode()


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

"""The parts of a mail: the same as others find in sound mails, and something sensible in all the rest."""

import base64
import email
import email.policy
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.email.parts.structure import DEEPEST, MOST_PARTS, Part, decoded, from_uuencode, read


def shape(part: Part):
    """Types, contents and nesting, as far as the standard library sees them too."""
    if part.children:
        return part.type, [shape(child) for child in part.children]
    return part.type, part.content()


def their_shape(message: Message):
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        return message.get_content_type(), [their_shape(child) for child in payload if isinstance(child, Message)]
    return message.get_content_type(), message.get_payload(decode=True)


@st.composite
def trees(draw, depth=3):
    """A well-formed mail as bytes with LF."""
    if depth and draw(st.booleans()):
        kind = draw(st.sampled_from(["mixed", "alternative", "related", "signed"]))
        boundary = f"=_{depth}_{draw(st.integers(0, 10**6))}"
        children = draw(st.lists(trees(depth=depth - 1), min_size=1, max_size=3))
        mark = b"\n--" + boundary.encode()
        preamble = draw(st.sampled_from([b"", b"This is MIME.\n"]))
        body = preamble + mark[not preamble :] + b"\n" + (mark + b"\n").join(children) + mark + b"--\n"
        return b'Content-Type: multipart/%s; boundary="%s"\n\n' % (kind.encode(), boundary.encode()) + body
    lines = draw(
        st.lists(
            st.sampled_from([b"hello", b"", b"--", b"-- ", b"--x", b"--=_", b"From me", b" indented", b"Subject: no"]),
            max_size=5,
        )
    )
    kind = draw(st.sampled_from([b"text/plain", b"text/html", b"image/png", b"application/x-y"]))
    return b"Content-Type: " + kind + b"\nContent-Transfer-Encoding: 7bit\n\n" + b"\n".join(lines)


@given(trees(), st.booleans())
@settings(max_examples=300)
def test_sound_mails_have_the_parts_that_the_standard_library_finds(body, crlf):
    raw = b"From: a@b.example\nMIME-Version: 1.0\n" + body
    if crlf:
        raw = raw.replace(b"\n", b"\r\n")
    assert shape(read(raw)) == their_shape(email.message_from_bytes(raw, policy=email.policy.compat32))


def kinds(raw: bytes) -> list[str]:
    return [leaf.type for leaf in read(raw).leaves()]


MIXED = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (MIXED + b"--x\r\n\r\none\r\n--x\r\n\r\ntwo\r\n", ["text/plain", "text/plain"]),  # never closed
        (MIXED + b"no boundary at all", ["text/plain"]),
        (b"Content-Type: multipart/mixed\r\n\r\n--y\r\n\r\none\r\n--y--\r\n", ["text/plain"]),  # not named
        (MIXED + b"--y\r\nContent-Type: text/html\r\n\r\none\r\n--y--\r\n", ["text/html"]),  # named wrongly
        (b"Content-Type: multipart/*; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\n\r\n--x--", ["image/png"]),
        (b"Content-Type: nonsense\r\n\r\nhi", ["text/plain"]),
        (
            b"Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\nSubject: a\r\n\r\nb\r\n--x--",
            ["message/rfc822"],
        ),
        (MIXED + b"--x\r\nno header, no blank line\r\n--x--", ["text/plain"]),
        (MIXED + b"--x\r\n--x\r\nContent-Type: text/html\r\n\r\na\r\n--x--\r\nepilogue\r\n--x\r\n\r\nb", ["text/html"]),
        (b"Content-Type: text/plain\r\n\r\n--x\r\nno multipart", ["text/plain"]),
        (b"Subject: x\rContent-Type: text/html\r\rhi", ["text/html"]),
        (b"", ["text/plain"]),
    ],
)
def test_broken_mails_have_parts_too(raw, expected):
    assert kinds(raw) == expected


def test_a_boundary_only_counts_as_a_whole_line():
    raw = MIXED + b"--x\r\n\r\nsee --x here\r\n--xy\r\n --x\r\n--x--\r\n"
    [leaf] = read(raw).leaves()
    assert leaf.content() == b"see --x here\r\n--xy\r\n --x"


def test_an_encoded_multipart_is_decoded_first():
    inner = b"--x\r\nContent-Type: text/html\r\n\r\n<p>hi\r\n--x--\r\n"
    raw = b"Content-Type: multipart/mixed; boundary=x\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert [(leaf.type, leaf.content()) for leaf in read(raw + base64.encodebytes(inner)).leaves()] == [
        ("text/html", b"<p>hi")
    ]


def test_nothing_is_read_too_deep_or_too_often():
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    assert max(leaf.depth for leaf in read(deep).leaves()) == DEEPEST
    many = MIXED + b"--x\r\n\r\na\r\n" * 100_000
    assert len(list(read(many).leaves())) == MOST_PARTS - 1
    messages = b"Content-Type: message/rfc822\r\n\r\n" * 2000
    assert kinds(messages) == ["message/rfc822"]


@given(st.binary(max_size=600))
def test_any_bytes_have_parts(raw):
    for leaf in read(MIXED + raw).leaves():
        assert isinstance(leaf.content(), bytes)


@pytest.mark.parametrize(
    ("data", "encoding", "content"),
    [
        (b"SGVsbG8=", "base64", b"Hello"),
        (b"SGVs bG8", "base64", b"Hello"),
        (b"SGVsbG8=\r\n-- \r\nfooter", "base64", b"Hello"),
        (b"a=\r\nb=3D=E4=", "quoted-printable", b"ab=\xe4"),
        (b"100% =ZZ", "quoted-printable", b"100% =ZZ"),
        (b"plain", "8bit", b"plain"),
        (b"plain", "nonsense", b"plain"),
        (b"begin 644 x\n%2&5L;&\\\n`\nend\n", "x-uuencode", b"Hello"),
    ],
)
def test_encodings_are_undone_however_damaged(data, encoding, content):
    assert decoded(data, encoding).startswith(content)


@given(st.binary(max_size=200))
def test_uuencode_never_raises(data):
    assert isinstance(from_uuencode(data), bytes)


LIST = b"_______________________________________________\r\nA list mailing list\r\nhttps://lists.example/info/a\r\n"
HEAD = b"From: ann@a.example\r\n"
WORDS = "Größe 44, please: it is the third time that I ask for it.\n".encode() * 3


def in_base64(kind: str, body: bytes) -> Part:
    return read(HEAD + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + body)


def test_what_a_list_writes_in_clear_below_a_text_in_base64_is_read_as_it_is():
    encoded = base64.encodebytes(WORDS).replace(b"\n", b"\r\n")
    assert in_base64("text/plain", encoded + LIST).content().rstrip() == WORDS + b"\n" + LIST.rstrip()
    assert in_base64("text/plain", encoded + b"\r\n--\r\nScanned by us.").content() == (
        WORDS + b"\n\r\n--\r\nScanned by us."
    )


def test_a_file_ends_where_its_base64_ends_or_as_ever_where_it_is_only_damaged():
    encoded = base64.encodebytes(WORDS)
    assert in_base64("application/pdf", encoded).content() == WORDS
    damaged = encoded[:77] + b"!?* line noise\n" + encoded[77:]
    assert in_base64("text/plain", damaged).content() == decoded(damaged, "base64") != damaged


@pytest.mark.parametrize(
    "text", [b"Where is my order\r\nI have waited for two weeks now\r\n", b"Hello, where is it?\r\n"]
)
def test_a_text_that_is_only_said_to_be_in_base64_is_read_as_it_is(text):
    assert in_base64("text/plain", text).content() == text


@pytest.mark.parametrize("encoded", [b"SGVs bG8=", b"SGVsbG8=!", b"S G V s b G 8 =", b"SGVsbG8"])
def test_base64_with_blanks_and_noise_is_base64(encoded):
    assert in_base64("text/plain", encoded).content() == b"Hello"


def test_a_page_without_a_type_is_a_page():
    for head in (b"", b"Content-Type: page\r\n"):
        assert read(HEAD + head + b"\r\n\r\n <!DOCTYPE html>\r\n<html><body>Hi</body></html>").type == "text/html"
        assert read(HEAD + head + b"\r\n<p>How do I write this in <html>?").type == "text/plain"
    assert read(HEAD + b"Content-Type: text/plain\r\n\r\n<html>").type == "text/plain"


def test_a_mail_whose_first_line_is_indented_has_that_field():
    assert read(b"  From: ann@a.example\r\nSubject: hi\r\n\r\nx").headers.text("from") == "ann@a.example"
    assert read(b" dear desk: hi\r\nfrom ann\r\n\r\nx").headers.text("from") == ""

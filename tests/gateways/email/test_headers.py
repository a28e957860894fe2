"""Header fields are found and read in whatever shape they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.headers import MOST_FIELDS, decode_words, from_base64, split_mail


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        (b"=?iso-8859-1*de?q?Gr=FC=DFe?= x", "Grüße x"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        (b"=?utf-8?q?a=C3?=\r\n =?utf-8?q?=A4?=", "aä"),  # a letter cut in two
        (b"=?utf-8?b?4py?= =?utf-8?b?T?=", "✓"),  # base64 cut within its groups
        (b'"=?utf-8?q?J=C3=B6rg?=" x', '"Jörg" x'),  # not where it should be
        (b"=?utf-8?q?hello world?=", "hello world"),
        (b"=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        (b"=?utf-8?b?!!R3LDvA?=", "Grü"),
        (b"=?x-unknown?q?a=C3=A4?=", "aä"),
        (b"=?us-ascii?q?a=FC?=", "aü"),
        (b"=?utf-8?q??=", ""),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"=?utf-8?q?a=0D=0ABcc:_x=00?=", "a Bcc: x"),
        (b"Gr\xfc\xdfe", "Grüße"),
        ("Grüße".encode(), "Grüße"),
        (b"a\tb\x07", "a b"),
        (b"=?utf-8?q?a=E2=80=A8b?=", "a b"),  # a line separator is a line break
    ],
)
def test_words_are_read(value, text):
    assert decode_words(value).strip() == text


@given(st.binary(max_size=300))
def test_no_value_raises_or_brings_a_line_break(value):
    text = decode_words(value)
    assert text.encode().decode() == text
    assert len(text.splitlines()) <= 1


@given(st.binary(max_size=300))
def test_base64_is_never_too_damaged(data):
    assert isinstance(from_base64(data), bytes)


def test_base64_that_was_joined_is_read_to_its_end():
    assert from_base64(b"YQ==\r\nYmM=\r\nZGVm") == b"abcdef"


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: x\r\nFrom: a@b.example\r\n\r\nbody",
        b"Subject: x\nFrom: a@b.example\n\nbody",
        b"\r\n\r\nSubject: x\r\nFrom: a@b.example\r\n\r\nbody",
        b"\xef\xbb\xbfSubject: x\r\nFrom: a@b.example\r\n\r\nbody",
        b"From a@b.example Mon Mar  2 12:00:00 2026\nSubject: x\nFrom: a@b.example\n\nbody",
        b">From a@b.example Mon Mar  2 12:00:00 2026\nSubject: x\nFrom: a@b.example\n\nbody",
        b"Subject : x\r\nFrom\t: a@b.example\r\n\r\nbody",
        b"SUBJECT: x\r\nthis is no header\r\nFrom: a@b.example\r\n\r\nbody",
        b"Subject: x\r\r\nFrom: a@b.example\r\r\n\r\r\nbody",
        b"Subject:\r\n x\r\nFrom:\r\n\ta@b.example\r\n\r\nbody",
    ],
)
def test_headers_are_found_past_what_stands_in_the_way(raw):
    headers, body = split_mail(raw)
    assert headers.text("subject") == "x"
    assert headers.first("from") == b"a@b.example"
    assert raw[body:] == b"body"


def test_a_missing_blank_line_does_not_swallow_the_body():
    raw = b"Subject: x\r\nFrom: a@b.example\r\nHello, this is the body\r\nof two lines.\r\n"
    headers, body = split_mail(raw)
    assert headers.text("subject") == "x"
    assert raw[body:] == b"Hello, this is the body\r\nof two lines.\r\n"


def test_a_text_without_headers_is_all_body():
    assert split_mail(b"just a few words\nand more\n").body == 0


def test_no_more_than_so_many_fields_are_read():
    headers, _ = split_mail(b"X-Field: y\r\n" * 5000 + b"\r\n")
    assert len(headers.fields) == MOST_FIELDS


@given(st.binary(max_size=500))
def test_any_bytes_have_a_head_and_a_body(raw):
    headers, body = split_mail(raw)
    assert 0 <= body <= len(raw)
    assert all(name == name.lower() and ":" not in name for name, _ in headers.fields)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True),
            st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r")), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_sound_head_has_the_fields_that_it_has_with_a_broken_line_in_it(fields, end):
    lines = [f"{name}:" + f"{end}\t".join(value) + end for name, value in fields]
    sound = split_mail("".join([*lines, f"Subject: x{end}", end, "body"]).encode())
    broken = split_mail("".join([*lines, f"a line that is none{end}", f"Subject: x{end}", end, "body"]).encode())
    assert sound.headers.fields == broken.headers.fields
    assert [name for name, _ in sound.headers.fields] == [*[name.lower() for name, _ in fields], "subject"]

"""Addresses in SMTP commands: sloppy senders are understood, ambiguity is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.doors.path import MalformedError, read_parameters, read_path


@pytest.mark.parametrize(
    ("argument", "address", "rest"),
    [
        ("<a@b.example>", "a@b.example", ""),
        ("<a+t.x@b.example> SIZE=12 SMTPUTF8", "a+t.x@b.example", "SIZE=12 SMTPUTF8"),
        ("<>", "", ""),
        ("<> SIZE=3", "", "SIZE=3"),
        ("< a@b.example >", "a@b.example", ""),
        ("a@b.example", "a@b.example", ""),
        ("a@b.example SIZE=4", "a@b.example", "SIZE=4"),
        ("<@relay.example,@other.example:a@b.example>", "a@b.example", ""),
        ('<"a b"@b.example>', '"a b"@b.example', ""),
        ('<"support"@b.example>', "support@b.example", ""),
        ('<"a>b"@b.example>', '"a>b"@b.example', ""),
        ('<"a\\"b"@b.example>', '"a\\"b"@b.example', ""),
        ("<a..b.@docomo.example>", "a..b.@docomo.example", ""),
        ("<a@[192.0.2.1]>", "a@[192.0.2.1]", ""),
        ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", ""),
        ("<grå@bücher.example> SMTPUTF8", "grå@bücher.example", "SMTPUTF8"),
        ("<postmaster>", "postmaster", ""),
        ("<" + "v" * 200 + "@b.example>", "v" * 200 + "@b.example", ""),
    ],
)
def test_an_address_is_read(argument, address, rest):
    assert read_path(argument) == (address, rest)


@pytest.mark.parametrize(
    "argument",
    [
        "<a@b.example",
        "<a@b@c.example>",
        "<a@>",
        "<@b.example>",
        "<a b@c.example>",
        "<a@b.example>x",
        "<a@b..example>",
        '<"a@b.example>',
        "<a@b.example\x00>",
        "<a\r\nRCPT TO:<x@y.example>@b.example>",
        "<a@-b.example,c@d.example>",
        "<" + "v" * 600 + "@b.example>",
        "<a@exa mple>",
    ],
)
def test_what_is_no_address_is_refused(argument):
    with pytest.raises(MalformedError):
        read_path(argument)


@given(st.text(max_size=60))
def test_no_argument_does_worse_than_being_refused(argument):
    for text in (argument, f"<{argument}>"):
        try:
            address, _ = read_path(text)
        except MalformedError:
            continue
        assert not set(address) & set("\r\n\x00")


def test_parameters_are_words_with_values():
    assert read_parameters("SIZE=12 smtputf8") == {"SIZE": "12", "SMTPUTF8": ""}
    for malformed in ("SIZE=", "=3", "S!ZE=3"):
        with pytest.raises(MalformedError):
            read_parameters(malformed)

"""Where a mail ends does not depend on how the network cuts the stream."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateways.email.doors.data import DataReader, has_bare_newline

pieces = st.sampled_from(
    [b"\r\n", b".", b"..", b"\r", b"\n", b"x", b"hello", b"\r\n.", b"\n.\n", b"\r.\r", b"\n.\r\n", b"\x00"]
)
streams = st.lists(pieces, max_size=25).map(b"".join)
cuts = st.lists(st.integers(min_value=1, max_value=7), max_size=40)


def expected(stream: bytes) -> tuple[bytes, bytes] | None:
    """The rule, written the slow way: line by line, a line being what ends in CRLF."""
    mail, rest = b"", stream
    while b"\r\n" in rest:
        line, _, rest = rest.partition(b"\r\n")
        if line == b".":
            return mail, rest
        mail += line.removeprefix(b".") + b"\r\n"
    return None


def read(stream: bytes, widths: list[int], limit: int) -> tuple[DataReader, bytes | None]:
    reader, at, widths = DataReader(limit), 0, list(widths)
    while at < len(stream):
        width = widths.pop() if widths else 1
        rest = reader.feed(stream[at : at + width])
        at += width
        if rest is not None:
            return reader, rest + stream[at:]
    return reader, None


@given(streams, cuts)
@example(b".\r\n", [3])
@example(b"\r\n.\r\nQUIT\r\n", [2, 2, 2])
@example(b"a\r\n..\r\n.\r\n", [1])
@example(b"a\n.\nb\r.\rc\r\n.\r\n", [4])
def test_any_cutting_of_a_stream_gives_the_mail_that_reading_by_lines_gives(stream, widths):
    stream += b"\r\n.\r\n" + stream  # there is always an end, and something behind it
    reader, rest = read(stream, widths, limit=10_000)
    assert (reader.mail(), rest) == expected(stream)
    assert not reader.too_big


@given(streams, cuts, st.integers(min_value=0, max_value=60))
@example(b".\r\n.x\r\n" * 9, [1], 36)
def test_a_mail_is_too_big_by_its_own_size_and_the_end_is_still_found(stream, widths, limit):
    stream += b"\r\n.\r\nNOOP\r\n"
    mail, behind = expected(stream) or (b"", b"")
    reader, rest = read(stream, widths, limit)
    assert rest == behind
    assert reader.too_big == (len(mail) > limit)
    assert reader.mail() == (b"" if reader.too_big else mail)


def test_a_mail_far_over_the_limit_takes_no_memory():
    reader = DataReader(limit=1000)
    most = 0
    for _ in range(5000):
        assert reader.feed(b"0123456789\r\n.." * 100) is None
        most = max(most, reader.held)
    assert most < 4000
    assert reader.feed(b"\r\n.\r\n") == b""
    assert reader.too_big


def test_a_mail_that_was_given_up_is_still_read_to_its_end():
    reader = DataReader(limit=1000)
    assert reader.feed(b"half of it\r\n.") is None
    reader.give_up()
    assert reader.feed(b"\r\nRSET\r\n") == b"RSET\r\n"
    assert reader.mail() == b""


@given(streams)
def test_a_bare_newline_is_one_that_is_not_part_of_a_pair(mail):
    assert has_bare_newline(mail) == bool(re.search(rb"\r(?!\n)|(?<!\r)\n", mail))


@pytest.mark.parametrize("fake", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\r\n\x00.\r\n"])
def test_only_the_real_end_mark_ends_a_mail(fake):
    reader = DataReader(limit=1000)
    assert reader.feed(b"text" + fake + b"MAIL FROM:<evil@example.com>") is None
    assert reader.feed(b"\r\n.\r\n") == b""
    assert b"MAIL FROM:<evil@example.com>" in reader.mail()

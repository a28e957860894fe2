"""Mails made to keep us busy: four times the bytes take about four times the time, whatever they are."""

import re
import time
from collections.abc import Callable
from functools import cache
from itertools import groupby

import pytest

from gateways.email.parts.addresses import read_addresses
from gateways.email.parts.charsets import clean
from gateways.email.reading.markup import to_text
from gateways.email.reading.parse import understand
from tests.gateways.email.hostile import Maker, makers

KIB = 1024
SIZES = (16 * KIB, 64 * KIB, 256 * KIB)
GROWTH = 8  # from one size to the next: what is linear takes 4 times as long, what is quadratic 16 times
MOST = 150  # times of an ordinary mail of the last size
GROUPS = {
    group: list(members) for group, members in groupby(makers().items(), lambda member: member[0].partition(":")[0])
}
ORDINARY = b"From: a@b.example\r\n\r\n" + b"The parcel came on Monday, and the box was empty.\r\n" * (SIZES[-1] // 51)

Read = Callable[[bytes], object]


def cpu(raw: bytes, read: Read = understand) -> float:
    """Seconds of this process for one mail."""
    began = time.process_time()
    read(raw)
    return time.process_time() - began


@cache
def allowed() -> float:
    """Seconds for a mail of the last size, on this machine."""
    return MOST * min(cpu(ORDINARY) for _ in range(5))


def too_slow(make: Maker, read: Read = understand, tries: int = 5) -> str:
    """What is wrong with how long it takes; empty if nothing is.

    Times are the processor's, and only compared with each other. Others on the machine lengthen them and never shorten
    them: so a bad one is measured again, and a good one is believed.
    """
    before = float("inf")
    for size in SIZES:
        raw = make(size)
        square = (SIZES[-1] / size) ** 2
        spent = float("inf")
        for _ in range(tries):
            spent = min(spent, cpu(raw, read))
            if spent * square <= allowed():
                return ""  # even if all of it is quadratic
            if size != SIZES[-1] and spent <= GROWTH * before:
                break
        else:
            return f"{spent:.3f} s for {size // KIB} KiB, {before:.3f} s for a quarter, allowed {allowed():.3f} s"
        before = spent
    raise AssertionError("unreachable")


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_no_mail_takes_the_square_of_its_length(group):
    understand(
        b"From: a@b.example\r\n\r\nOn 2 Mar 2026 12:00, a@b.example wrote:\n> Hello.\r\n"
    )  # reads its phrasebook
    assert {name: found for name, make in GROUPS[group] if (found := too_slow(make))} == {}


def test_what_takes_the_square_of_it_is_found_out():
    """The measure itself: it sees a pattern that looks ahead in vain over the half of what is quick by itself."""

    def looking_ahead(raw: bytes) -> None:
        understand(raw)
        re.search(rb"\w+@", raw[-(len(raw) // 2) :])

    letters = makers()["text: letters"]
    assert "a quarter" in too_slow(letters, looking_ahead, tries=1)
    assert too_slow(letters) == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><td>" + "x" * 40_000 + "</td></tr>" + "<tr><td>a</td></tr>" * 2_000 + "</table>",
        "<table><tr><td>" + "a<br>" * 2_000 + "</td>" + "<td>word</td>" * 1_000 + "</tr></table>",
    ],
    ids=["a wide cell above many", "a high cell beside many"],
)
def test_a_table_is_not_padded_beyond_measure(markup):
    assert len(to_text(markup)) < 2 * len(markup)


def test_marks_without_end_on_one_letter_are_kept():
    marks = "\u0301\u0323" * 50_000
    found = clean("e" + marks)
    assert found.count("\u0301") + found.count("\u00e9") == 50_000
    assert found.count("\u0323") + found.count("\u1eb9") == 50_000
    assert clean("e\u0301\u0323") == "\u1eb9\u0301"


def test_ids_are_found_with_brackets_and_without_and_the_newest_count():
    def references(value: str) -> tuple[str, ...]:
        return understand(f"From: a@b.example\r\nReferences: {value}\r\n\r\n".encode()).references

    assert references("one@a.example, two@a.example;three@a.example words @ no") == (
        "<one@a.example>",
        "<two@a.example>",
        "<three@a.example>",
    )
    many = references("\r\n ".join(f"<{number}@a.example>" for number in range(8_000)))
    assert many[-1] == "<7999@a.example>"
    assert len(many) == 200
    assert references("x" * 2_000 + "@a.example") == ()


def test_a_quote_behind_a_backslash_begins_no_quotation():
    assert read_addresses(rb'\"Ann\" <ann@a.example>, "Lee, \"B\"" <lee@a.example>') == [
        ('\\"Ann\\"', "ann@a.example"),
        ('Lee, "B"', "lee@a.example"),
    ]

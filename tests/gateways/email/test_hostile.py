"""Mails made to keep us busy: twice the bytes take about twice the time, whatever they are."""

import gc
import re
import time
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from gateways.email.parts.addresses import read_addresses
from gateways.email.parts.charsets import clean
from gateways.email.reading.markup import to_text
from gateways.email.reading.parse import understand
from tests.gateways.email.hostile import Maker, makers

KIB = 1024
CAP = 1.5  # seconds for 256 KiB
LEVEL = 3.8  # three times the bytes take no more times the time where none of it is a square that counts
DOUBTFUL = 3.3  # what takes so many times the time may be more than the line that it looks like

GROUPS: dict[str, list[tuple[str, Maker]]] = {}
for _name, _make in makers().items():
    GROUPS.setdefault(_name.partition(":")[0], []).append((_name, _make))


Read = Callable[[bytes], object]


@pytest.fixture(autouse=True, scope="module")
def what_was_there_before_is_not_swept() -> Iterator[None]:
    """The phrasebook is read already; and what a sweep looks through is what was made here."""
    understand(b"From: a@b.example\r\n\r\nOn 2 Mar 2026 12:00, a@b.example wrote:\n> Hello.\r\n")
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_is_swept_meanwhile() -> Iterator[None]:
    """Sweeps come when they like, and would look like jumps of what is measured."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def cpu(raw: bytes, tries: int = 3, read: Read = understand) -> float:
    """Seconds of this process for one mail: the best of some, because others share the machine."""
    best = float("inf")
    for _ in range(tries):
        began = time.process_time()
        read(raw)
        best = min(best, time.process_time() - began)
    return best


def too_slow(make: Maker, read: Read = understand) -> str:
    """What is wrong with how long it takes; empty if nothing is.

    Most mails are quick at a small size already. Of the others three times the size tells: what grows like a line, and
    would be in time at the greatest size even by the line and the square that go through both, and is so there, is
    harmless. Only what is left is measured as often, and at as many sizes, as it takes to be sure.
    """
    small = cpu(make(16 * KIB), 1, read)
    if small < quick():
        return ""
    if small < 2 * quick():  # cheap enough to be sure of it: too much of it would hide how it grows
        small = min(small, cpu(make(16 * KIB), 1, read))
    larger = cpu(make(48 * KIB), 1, read)
    if larger > DOUBTFUL * small:  # once more: others share the machine
        small, larger = min(small, cpu(make(16 * KIB), 2, read)), min(larger, cpu(make(48 * KIB), 1, read))
    if _is_a_line(small, larger):
        return ""
    half, whole = cpu(make(64 * KIB), read=read), cpu(make(128 * KIB), read=read)
    if whole > 3.2 * half and whole > 20 * quick():
        return f"{half:.3f} s became {whole:.3f} s"
    if whole > CAP:
        return f"{whole:.3f} s for half of the most"
    most = cpu(make(256 * KIB), 2, read)
    if most > 3.2**2 * half and most > 80 * quick():
        return f"{half:.3f} s became {most:.3f} s at four times the size"
    return f"{most:.3f} s" if most > CAP else ""


def _is_a_line(small: float, larger: float) -> bool:
    """Whether it grows like one, and is in time at 256 KiB even by the line and the square that go through both."""
    square = max(larger - 3 * small, 0.0) / 6
    return larger < LEVEL * small and 16 * (small - square) + 256 * square < CAP


def _stays_one(larger: float, most: float) -> bool:
    """Whether from 48 to 256 KiB no doubling took more than 3.2 times the time, or it is hardly any time at all."""
    return most < min(CAP, max(3.2**2.4 * larger, 20 * quick()))


@cache
def quick() -> float:
    """Seconds for 16 KiB after which even the square of it would stay below the cap: 5 ms, and where machines are fast
    little more than what the square of 2 KiB costs there.
    """
    return min(1.3 * cpu(b"x" * (2 * KIB), 5, lambda raw: re.search(rb"\w+@", raw)), 0.005)


def test_every_mail_is_tried():
    assert sum(len(members) for members in GROUPS.values()) == len(makers()) > 2_800


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_twice_the_mail_takes_about_twice_the_time(group):
    found = {name: found for name, make in GROUPS[group] if too_slow(make) and (found := too_slow(make))}
    assert found == {}, "and so it was when it was measured again"


def test_what_takes_the_square_of_it_is_found_out():
    """The measure itself: it sees a pattern that looks ahead in vain over an eighth of what is quick by itself."""

    def looking_ahead(raw: bytes) -> None:
        understand(raw)
        re.search(rb"\w+@", raw[-(len(raw) // 8) :])

    letters = makers()["text: letters"]
    assert any("became" in too_slow(letters, looking_ahead) for _ in _measured_anew())
    assert any(too_slow(letters) == "" for _ in _measured_anew())


def _measured_anew() -> Iterator[int]:
    """Some times: on a machine that others use a moment may be all theirs."""
    for number in range(4):
        quick.cache_clear()
        yield number


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><td>" + "x" * 100_000 + "</td></tr>" + "<tr><td>a</td></tr>" * 5_000 + "</table>",
        "<table><tr><td>" + "a<br>" * 8_000 + "</td>" + "<td>word</td>" * 4_000 + "</tr></table>",
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

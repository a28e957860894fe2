"""Outlook's own thread is carried on where a mail has one, and nothing else under its name."""

from __future__ import annotations

import base64
import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tickets.model import Carried
from gateways.email.outgoing.compose import compose
from gateways.email.parts.thread_index import answering, read_index
from gateways.email.reading.parse import understand
from tests.gateways.email.test_compose import ANSWER, anything

BEGAN = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
FILETIME = datetime(1601, 1, 1, tzinfo=UTC)


def index(at: datetime = BEGAN, blocks: int = 0) -> str:
    """As Outlook makes one: the high six bytes of a FILETIME, an id, and blocks."""
    ticks = (at - FILETIME) // timedelta(microseconds=1) * 10
    return base64.b64encode(ticks.to_bytes(8)[:6] + b"i" * 16 + b"\0\1\2\3\4" * blocks).decode()


@pytest.mark.parametrize("blocks", [0, 1, 7, 99])
def test_an_answer_has_the_index_of_its_parent_and_a_block_of_its_own(blocks: int) -> None:
    before = base64.b64decode(index(blocks=blocks))
    after = base64.b64decode(answering(index(blocks=blocks), BEGAN + timedelta(hours=1), "<a@desk.example>"))
    assert after[: len(before)] == before
    assert len(after) == len(before) + 5


@given(st.timedeltas(timedelta(0), timedelta(days=20_000)))
def test_the_block_says_how_long_after_the_beginning_it_was_written(passed: timedelta) -> None:
    block = base64.b64decode(answering(index(), BEGAN + passed, "<a@desk.example>"))[-5:]
    said = int.from_bytes(block[:4])
    ticks = (said & 0x7FFFFFFF) << (23 if said >> 31 else 18)
    exactness = timedelta(seconds=2 if said >> 31 else 0.1)
    assert abs(timedelta(microseconds=ticks / 10) - passed) < exactness
    assert bool(said >> 31) == (passed > timedelta(days=651))


def test_an_answer_that_is_older_than_its_conversation_comes_at_its_beginning() -> None:
    block = base64.b64decode(answering(index(), BEGAN - timedelta(days=3), "<a@desk.example>"))[-5:]
    assert block[:4] == bytes(4)


def test_the_same_answer_has_the_same_index_and_another_one_another() -> None:
    made = {answering(index(), BEGAN, f"<{n}@desk.example>") for n in (1, 1, 2, 3, 4)}
    assert 1 < len(made) <= 4
    assert answering(index(), BEGAN, "<1@desk.example>") == answering(index(), BEGAN, "<1@desk.example>")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "AQ==",
        "hello",
        "=" * 32,
        index()[:-4],
        index() + "AAAA",
        "Ag" + index()[2:],
        index(blocks=101),
        "A" * 100_000,
        index()[:10] + "\r\nBcc: x\r\n" + index()[10:],
        index() + "\0",
        "ÀÉ" + index()[2:],
    ],
    ids=range(12),
)
def test_what_outlook_cannot_have_written_is_not_carried_on(written: str) -> None:
    assert read_index(written) is None
    assert answering(written, BEGAN, "<a@desk.example>") == ""
    mail = compose(replace(ANSWER, carried=Carried("Topic", written)))
    assert b"Thread-" not in mail


def test_a_conversation_of_very_many_answers_is_not_carried_on() -> None:
    assert read_index(index(blocks=100)) is not None
    assert answering(index(blocks=100), BEGAN, "<a@desk.example>") == ""


def test_topic_and_index_of_a_mail_are_read_and_stand_in_its_answer() -> None:
    head = (
        f"From: a@example.com\r\nThread-Topic: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nThread-Index:\r\n {index(blocks=20)}\r\n"
    )
    carried = understand(head.encode() + b"\r\nHello\r\n").carried
    assert carried == Carried("Grüße", index(blocks=20))
    raw = compose(replace(ANSWER, carried=carried))
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert mail["Thread-Topic"] == "Grüße"
    again = understand(raw).carried
    assert again.topic == "Grüße"
    assert again.thread == answering(index(blocks=20), ANSWER.at, ANSWER.external_id)


def test_a_mail_without_an_index_has_nothing_to_carry_on() -> None:
    assert understand(b"From: a@example.com\r\nThread-Topic: Hello\r\n\r\nHello\r\n").carried == Carried()
    assert b"Thread-" not in compose(ANSWER)


@given(anything)
def test_no_words_of_a_topic_become_a_header(topic: str) -> None:
    raw = compose(replace(ANSWER, carried=Carried(topic, index())))
    names = set(email.message_from_bytes(raw).keys())
    assert names <= {*email.message_from_bytes(compose(ANSWER)).keys(), "Thread-Topic", "Thread-Index"}
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998

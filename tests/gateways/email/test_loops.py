"""Two desks that answer each other, by real SMTP through a server that hides who they are: they stop."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from itertools import count
from pathlib import Path

import pytest

from core.desk.answering import Then
from core.tickets.model import Outgoing, Part, Status
from gateways.email.outgoing.compose import compose
from gateways.email.reading.parse import understand
from gateways.email.tags import MARK
from tests.databases import sqlite_copy
from tests.gateways.email.two_desks import Between, Mangle, exchange, letter, only, without
from tests.world import ANN, World

POLITE = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress")
THREAD = ("Message-ID", "In-Reply-To", "References", "Reply-To", "Thread-Topic", "Thread-Index")
ids = count(1)


def as_it_is(raw: bytes) -> bytes:
    return raw


def impolite(raw: bytes) -> bytes:
    return without(raw, POLITE)


def unmarked(raw: bytes) -> bytes:
    return without(raw, (*POLITE, MARK))


def unthreaded(raw: bytes) -> bytes:
    """Each answer opens a ticket: nothing in it says what it answers, and its id is another."""
    return b"Message-ID: <%d@between.example>\r\n" % next(ids) + without(raw, (*POLITE, *THREAD, MARK))


def subject_only(raw: bytes) -> bytes:
    return only(raw, ("From", "To", "Subject", "Content-Type", "MIME-Version"))


def another_subject(raw: bytes) -> bytes:
    return re.sub(rb"Subject: .*\r\n", b"Subject: Case %d\r\n" % next(ids), unthreaded(raw), count=1)


@pytest.fixture
def urls(migrated_file: Path, tmp_path: Path) -> dict[str, str]:
    """A database for each of two desks."""
    made = {}
    for domain in ("a.example", "b.example"):
        (tmp_path / domain).mkdir()
        made[domain] = sqlite_copy(migrated_file, tmp_path / domain)
        with contextlib.closing(sqlite3.connect(tmp_path / domain / "desk.db")) as copied:
            copied.execute("delete from keys")  # or they would be one desk: marks and tokens are made of its keys
            copied.commit()
    return made


@pytest.mark.parametrize("mangle", [as_it_is, impolite, unmarked, unthreaded, subject_only, another_subject])
async def test_freescout_2445_two_desks_that_acknowledge_each_other_stop_after_three_mails(
    tmp_path: Path, urls: dict[str, str], mangle: Mangle
) -> None:
    async with exchange(tmp_path, urls, mangle) as between:
        await between.write(letter("support@b.example", "support@a.example"), "support@a.example")
        assert 2 <= len(between.between.carried) <= 3
        assert len(between.desks[0].tickets) in (1, 2)


@pytest.mark.parametrize("mangle", [impolite, unthreaded, another_subject])
async def test_an_answer_of_an_agent_to_another_desk_stops_there(
    tmp_path: Path, urls: dict[str, str], mangle: Mangle
) -> None:
    async with exchange(tmp_path, urls, mangle) as between:
        await between.write(letter("support@b.example", "support@a.example"), "support@a.example")
        before = len(between.between.carried)
        a = between.desks[0]
        a.world.desk.reply(1, ANN, "It leaves today.", Then.CLOSE)
        a.world.now = a.world.now.replace(minute=30)
        await a.world.drain_all()
        await between.until_still()
        assert len(between.between.carried) <= before + 3
        assert [ticket.status for ticket in a.tickets if ticket.number > 1].count(Status.NEW) <= 2


def machine(between: Between, *, tagged: bool, changing: bool):
    """An autoresponder that no header tells from a person."""

    async def answers(raw: bytes, to: str) -> None:
        n = next(ids)
        words = f"Thank you for your message of today. Our case number for it is {n}, please keep it."
        if changing:
            words += " ".join(f" word{n}{'abcdefghij'[at]}" + "xyz"[n % 3] * at for at in range(9))
        sender = f"help+{n}@machine.example" if tagged else "help@machine.example"
        raw = letter(f"Help {n} <{sender}>", "support@a.example", words, f"Message-ID: <{n}@machine.example>")
        between.waiting.append((raw, sender, "support@a.example"))

    return answers


@pytest.mark.parametrize("changing", [False, True])
@pytest.mark.parametrize("tagged", [False, True])
async def test_a_machine_that_answers_everything_with_other_words_and_tags_is_acknowledged_once(
    tmp_path: Path, urls: dict[str, str], tagged: bool, changing: bool
) -> None:
    async with exchange(tmp_path, {"a.example": urls["a.example"]}) as between:
        between.between.routes["machine.example"] = machine(between.between, tagged=tagged, changing=changing)
        await between.write(letter("help@machine.example", "support@a.example"), "support@a.example")
        assert len(between.between.carried) == 3


def forwarder(between: Between, mangle: Mangle):
    """A mailbox whose owner has everything sent on to the desk."""

    async def sends_on(raw: bytes, _to: str) -> None:
        between.waiting.append((mangle(raw), "carla@home.example", "support@a.example"))

    return sends_on


def rewritten(raw: bytes) -> bytes:
    """As lists and groups do: another sender, another id."""
    return re.sub(
        rb"From: (?:.|\r\n )*?\r\n(?! )",
        b"From: list@home.example\r\n",
        b"Message-ID: <%d@home.example>\r\n" % next(ids) + without(raw, (*POLITE, *THREAD)),
        count=1,
    )


@pytest.mark.parametrize(
    "mangle",
    [as_it_is, impolite, unmarked, unthreaded, rewritten, lambda raw: without(rewritten(raw), (MARK,))],
    ids=["as it is", "impolite", "unmarked", "unthreaded", "rewritten", "rewritten and unmarked"],
)
async def test_what_a_mailbox_sends_back_to_us_opens_no_more_than_two_tickets_and_is_acknowledged_no_more(
    tmp_path: Path, urls: dict[str, str], mangle: Mangle
) -> None:
    async with exchange(tmp_path, {"a.example": urls["a.example"]}) as between:
        between.between.routes["home.example"] = forwarder(between.between, mangle)
        await between.write(letter("carla@home.example", "support@a.example"), "support@a.example")
        to_us = [to for _, to in between.between.carried if to == "support@a.example"]
        assert len(to_us) <= 3
        assert between.desks[0].tickets[0].status is Status.NEW


def test_every_mail_of_ours_carries_a_mark_that_says_nothing_but_that_it_is_ours(sqlite_world: World) -> None:
    number = sqlite_world.mail()
    sqlite_world.desk.reply(number, ANN, "It leaves today.")
    sqlite_world.later(seconds=11)
    sent: list[Outgoing] = sqlite_world.sent
    assert [out.part for out in sent] == [Part.ACKNOWLEDGEMENT, Part.REPLY]
    marks = {understand(compose(out)).trail.marks for out in sent}
    assert len(marks) == 1
    [(mark,)] = marks
    assert re.fullmatch("[0-9a-f]{24}", mark)


def test_a_mark_in_a_mail_within_a_mail_is_not_this_ones() -> None:
    inner = f"{MARK}: abc\r\nSubject: inner\r\n\r\nx"
    raw = f"Subject: Fwd\r\nContent-Type: message/rfc822\r\n\r\n{inner}".encode()
    assert understand(raw).trail.marks == ()


def test_servers_on_the_way_are_counted_at_the_top_alone() -> None:
    raw = b"Received: from a\r\n\tby b; now\r\n" * 51 + b"Subject: x\r\n\r\nReceived: from c\r\n"
    assert understand(raw).trail.hops == 51

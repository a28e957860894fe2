"""The full circle: a customer's mail program, Postfix, Dovecot, the desk and its agents in Slack, and back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.circle import CARLA, Circle, circle, why_not
from tests.e2e.play import ANN
from tests.running import soon

GONE = "gone@local.example"


@pytest.fixture(autouse=True)
def everything_is_here() -> None:
    """Skipped where a program is missing, but not in CI."""
    missing = why_not()
    if missing and os.environ.get("CI"):
        pytest.fail(f"{missing}; .ci/run installs it")
    if missing:
        pytest.skip(missing)


async def whole_circle(around: Circle) -> None:
    play = around.play
    await around.writes("Where is my order?", "It has not come.")
    received = await around.gets("number is 1")
    assert received["Auto-Submitted"] == "auto-replied"
    await play.sees(1, "It has not come.")

    await play.clicks(ANN, 1, "claim")
    await play.sees(1, "Ann Walker")
    await play.replies(ANN, 1, "It leaves today.", then="close")
    answer = await around.gets("It leaves today.")
    assert answer["To"] == CARLA
    assert answer["In-Reply-To"] == received["In-Reply-To"]
    assert answer["In-Reply-To"] in answer["References"]
    assert answer["Return-Path"].startswith("<support+b.")
    await play.sees(1, "Closed")

    await around.answers("It leaves today.", "It is still not here!")
    await play.sees_in_thread(1, "It is still not here!")
    await play.sees(1, "Open")
    await play.replies(ANN, 1, "Now it does.")
    last = await around.gets("Now it does.")
    assert answer["Message-ID"] in last["References"]
    assert len(play.cards(1)) == 1
    assert play.cards(2) == []
    assert "Traceback" not in play.desk.said(), play.desk.said()


async def test_the_circle_through_postfix_into_the_desks_own_door_and_what_mutt_and_bounces_say(tmp_path: Path) -> None:
    async with circle(tmp_path, by_imap=False) as around:
        await whole_circle(around)
        lines = [line.partition("|")[2] for line in around.in_mutt()]
        assert lines == ["Where is my order?", "|->", "`->", "  `->", "    `->"]
        await a_real_bounce(around)
        await around.hands_in("Toner", "Black is empty.")
        await around.play.sees(3, "Black is empty.")
        with pytest.raises(AssertionError, match=r"535 5\.7\.8"):
            await around.hands_in("Toner", "Black is empty.", password="open")


async def a_real_bounce(around: Circle) -> None:
    """Postfix takes an answer, finds nobody of that name, and reports to the return path of that message."""
    play = around.play
    await around.writes("Hello", "Who are you?", sender=GONE)
    await play.sees(2, "Who are you?")
    await play.replies(ANN, 2, "We are the desk.")
    await soon(lambda: 'unknown user: "gone"' in around.postfix.log, "a bounce")
    await play.sees(2, "unknown user")
    await play.sees_in_thread(2, "Not delivered")


async def test_the_circle_through_dovecot_from_where_the_desk_reads_by_imap(tmp_path: Path) -> None:
    async with circle(tmp_path, by_imap=True) as around:
        await whole_circle(around)

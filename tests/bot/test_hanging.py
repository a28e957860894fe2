"""A mail over which the reader hangs for good: its process is ended, and agents find it in Slack all the same."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from core.desk.opening import wall_clock
from core.engine.apart import Apart
from core.engine.hands import Hand
from gateways.email.doors.arrivals import Arrivals
from gateways.email.envelope import Envelope
from gateways.email.hands import Mail
from gateways.email.reading.parse import heard
from tests.bot.office import Office, words_of

P = ParamSpec("P")
R = TypeVar("R")
HANGS = b"From: Carla <carla@example.com>\r\nTo: support@desk.example\r\nSubject: Endless\r\n\r\nRead me for ever.\r\n"
SOUND = HANGS.replace(b"Endless", b"Short").replace(b"carla", b"bob").replace(b"Carla", b"Bob")


def hang(raw: bytes, envelope: Envelope) -> None:
    """A reader as no reader should be."""
    while raw:
        time.sleep(1)


class Planted(Apart):
    """The child process, real and with its real clock; over one mail its reader hangs."""

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if function is heard and args[0] == HANGS:
            return await super().call(hang, *args, **kwargs)  # type: ignore[arg-type,return-value]
        return await super().call(function, *args, **kwargs)


class Reading(Office):
    """An office whose mail is read as a desk reads it."""

    apart: Planted

    def hands(self) -> dict[str, Hand]:
        self.apart = Planted(patience=timedelta(seconds=8), yields=0)  # its time runs while it starts, too
        mail = Mail(self.desk, {}, self.apart, Arrivals(self.desk, 0))
        return {**super().hands(), "receive:email": mail.hands["receive:email"]}


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Reading]:
    async with Reading(sqlite_url, tmp_path) as made:
        await made.open()
        yield made
        await made.apart.close()


async def comes(office: Office, raw: bytes, sender: str) -> int:
    envelope = Envelope(sender, ("support@desk.example",), "192.0.2.7", "mx", "", wall_clock())
    id = await office.desk.accept.soon("email", sender, sender, envelope.to_json(), raw)
    assert id is not None
    return id


async def test_a_mail_over_which_the_reader_hangs_is_a_ticket_in_slack_that_says_so(office: Reading) -> None:
    await comes(office, HANGS, "carla@example.com")
    await comes(office, SOUND, "bob@example.com")
    first = await office.until(lambda: office.find_card(1))
    assert "Short" in words_of(first)  # those behind it go on
    await office.eventually(lambda: put_off(office))
    assert office.find_card(2) is None
    await office.later(31)  # it is tried once more
    card = await office.until(lambda: office.find_card(2))
    assert "Endless" in words_of(card)
    assert "could not read this mail (it took longer than 8 seconds)" in words_of(card)
    await office.quiet()
    shown = office.in_thread(2)
    assert [file["name"].endswith(".eml") for message in shown for file in message.get("files", ())] == [True]
    [kept] = (await office.desk.held.soon()).pieces
    assert (kept.state, kept.reason) == ("unreadable", "it took longer than 8 seconds")
    assert office.answers == [out for out in office.answers if out.to[0].address == "bob@example.com"]


async def put_off(office: Office) -> bool:
    jobs = await office.desk.jobs.soon()
    return any(job.kind == "receive:email" and job.attempts == 1 and job.error for job in jobs)

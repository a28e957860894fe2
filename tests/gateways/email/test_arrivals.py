"""Which deliveries are one: the same server again after a lost 250, no other mail. Floods are taken in first."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from gateways.email.doors.arrivals import FLOOD, LOOK, LULL, STILL, TURN, Arrivals
from gateways.email.envelope import Envelope

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIRST = Envelope("carla@example.com", ("support@desk.example",), "192.0.2.1", "mail.example.com", "", NOON)
AGAIN = replace(FIRST, received_at=NOON + timedelta(minutes=5))
NAMELESS = b"Subject: help\r\n\r\nDate: never\r\n"
DATED = b"Subject: help\r\nDATE : Mon, 2 Mar 2026 12:00:00 +0000\r\n\r\nHi.\r\n"
WITH_ID = b"Message-ID:\r\n <one@example.com>\r\nSubject: help\r\n\r\nHi.\r\n"


async def kept(world, *deliveries: tuple[bytes, Envelope]) -> int:
    """How many mails the desk has after these deliveries."""
    arrivals = Arrivals(world.desk, at_hand=1_000_000)
    for raw, envelope in deliveries:
        await arrivals.keep(raw, envelope)
    return sum(arrivals.take(id) is not None for id in range(1, 10))


@pytest.mark.parametrize("mail", [DATED, WITH_ID])
async def test_a_mail_sent_again_after_a_lost_250_is_one(world, mail):
    assert await kept(world, (mail, FIRST), (mail, AGAIN)) == 1


@pytest.mark.parametrize("mail", [DATED, WITH_ID, NAMELESS])
async def test_the_same_bytes_from_two_senders_are_two_mails(world, mail):
    assert await kept(world, (mail, FIRST), (mail, replace(AGAIN, mail_from="max@example.com"))) == 2


@pytest.mark.parametrize("mail", [NAMELESS, b"Date:\r\nMessage-ID: \r\n\r\nHi.\r\n", b"Hi.\r\n"])
async def test_a_mail_that_cannot_be_told_from_the_next_is_never_a_repeat(world, mail):
    assert await kept(world, (mail, FIRST), (mail, FIRST), (mail, AGAIN)) == 3


@dataclass
class Watch:
    """Seconds, as a test says."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def flooded(world, watch: Watch, seconds: float, every: float = 0.003) -> tuple[Arrivals, float]:
    """A door through which mails came for so long, and how much of that time understanding could begin."""
    arrivals = Arrivals(world.desk, clock=watch)
    free = 0.0
    for n in range(round(seconds / every)):
        await arrivals.keep(NAMELESS, replace(FIRST, mail_from=f"{n}@example.com"))
        free += every * (not arrivals.hold("in:email:1"))
        watch.seconds += every
    return arrivals, free


async def test_what_came_alone_is_understood_a_moment_later(world):
    watch = Watch()
    arrivals = Arrivals(world.desk, clock=watch)
    assert not arrivals.hold("in:email:1")
    await arrivals.keep(NAMELESS, FIRST)
    assert arrivals.hold("in:email:1") == LULL
    watch.seconds += LULL.total_seconds() + 1e-6
    assert not arrivals.hold("in:email:1")


async def test_in_a_flood_understanding_has_a_turn_now_and_then(world):
    round_ = (FLOOD + TURN).total_seconds()
    _, free = await flooded(world, Watch(), 4 * round_)
    assert 0.5 < free / (4 * TURN.total_seconds()) < 1.5


async def test_whoever_is_told_to_wait_comes_back_before_the_turn_is_over(world):
    watch = Watch()
    arrivals, _ = await flooded(world, watch, 0.3)
    while watch.seconds < 1000.0 + FLOOD.total_seconds():
        wait = arrivals.hold("in:email:1")
        assert timedelta(0) < wait <= LOOK
        watch.seconds += wait.total_seconds() + 1e-6
        if watch.seconds < 1000.0 + FLOOD.total_seconds():
            await arrivals.keep(NAMELESS, replace(FIRST, mail_from=f"{watch.seconds}@example.com"))
    assert not arrivals.hold("in:email:1")


async def test_answers_and_cards_wait_for_no_flood(world):
    arrivals, _ = await flooded(world, Watch(), 0.1)
    assert not arrivals.hold("out:email")
    assert not arrivals.hold("slack:support")


async def test_what_nobody_waits_for_waits_until_no_mail_comes_but_not_for_ever(world):
    watch = Watch()
    arrivals = Arrivals(world.desk, clock=watch)
    assert not arrivals.still()
    await arrivals.keep(NAMELESS, FIRST)
    assert arrivals.still() == STILL
    watch.seconds += 1.1
    assert not arrivals.still()
    arrivals.take(1)
    assert arrivals.still() == STILL, "what has come is still being read: whoever reads it needs the machine"
    watch.seconds += 1.1
    assert not arrivals.still()
    waits: list[bool] = []
    for n in range(24):
        await arrivals.keep(NAMELESS, replace(FIRST, mail_from=f"{n}@example.com"))
        waits.append(bool(arrivals.still()))
        watch.seconds += 0.5
    assert waits == [True] * 21 + [False] * 3, "they come all the time: then it goes on beside them"

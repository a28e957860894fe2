"""Which deliveries are one: the same server again after a lost 250, and nobody else's mail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateways.email.doors.arrivals import Arrivals
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

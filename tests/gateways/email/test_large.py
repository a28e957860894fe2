"""Large mails are understood a few at a time, and nobody else waits for that longer than needed."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.desk import Desk
from core.desk.opening import open_desk
from core.engine.apart import Apart
from core.rulebook import parse_toml
from core.storage.ledger import Lease
from gateways.email.doors.arrivals import LARGE, Arrivals
from gateways.email.envelope import Envelope
from gateways.email.hands import LARGE_AT_ONCE, Mail
from tests.patience import PATIENCE
from tests.world import RULEBOOK

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENVELOPE = Envelope("carla@example.com", ("support@desk.example",), "127.0.0.1", "client.example", "", NOON)


class Slow(Apart):
    """Understands nothing before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.let = asyncio.Event()

    async def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        self.sizes.append(len(args[0]))
        await self.let.wait()
        return await super().call(function, *args, **kwargs)


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Generator[Desk]:
    made = open_desk(sqlite_url, tmp_path)
    made.apply(parse_toml(RULEBOOK, "desk.toml"), "test")
    yield made
    made.db.close()


def mail(number: int, size: int) -> bytes:
    return b"Message-ID: <%d@example.com>\r\nSubject: hello\r\n\r\n" % number + b"x" * size + b"\r\n"


async def receiving(desk: Desk, hands: Mail, number: int, size: int) -> None:
    """Take a mail in and understand it, as the drainer does."""
    raw = mail(number, size)
    id = await desk.accept.soon("email", str(number), "carla@example.com", ENVELOPE.to_json(), raw)
    lease = Lease(number, "receive:email", "in", "lane", None, (), {"inbox": id}, 1, False, "the-test", 1, NOON)
    step = await hands.receive(lease)
    assert step is not None
    await desk.db.submit_soon(step)


async def asked(apart: Slow, many: int) -> None:
    """Wait until so many are to be understood."""
    async with asyncio.timeout(PATIENCE):
        while len(apart.sizes) < many:  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(0.01)


async def test_of_large_mails_only_a_few_are_in_memory_at_once(desk: Desk) -> None:
    apart = Slow()
    hands = Mail(desk, {}, apart)
    work = [asyncio.create_task(receiving(desk, hands, number, 2 * LARGE)) for number in range(5)]
    await asked(apart, LARGE_AT_ONCE)
    await asyncio.sleep(0.2)  # no other follows
    assert len(apart.sizes) == LARGE_AT_ONCE
    apart.let.set()
    await asyncio.gather(*work)
    assert len(apart.sizes) == 5
    await apart.close()


async def test_small_mails_are_understood_many_at_once(desk: Desk) -> None:
    apart = Slow()
    hands = Mail(desk, {}, apart)
    work = [asyncio.create_task(receiving(desk, hands, number, 100)) for number in range(5)]
    await asked(apart, 5)
    apart.let.set()
    await asyncio.gather(*work)
    await apart.close()


async def test_a_large_mail_does_not_wait_in_memory_for_its_turn(desk: Desk) -> None:
    arrivals = Arrivals(desk, at_hand=100 * LARGE)
    await arrivals.keep(mail(1, 2 * LARGE), ENVELOPE)
    await arrivals.keep(mail(2, 100), ENVELOPE)
    assert arrivals.take(1) is None
    assert arrivals.take(2) is not None

"""Agents who want a ticket of what a customer said in their room hear where its card is."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.bot.office import ANN, JONAS
from tests.bot.shop import ACME, NOOR, Shop


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Shop]:
    async with Shop(sqlite_url, tmp_path) as shop:
        yield await shop.open()


async def test_an_agent_opens_a_ticket_for_a_customer_and_is_told_where_it_is(shop: Shop) -> None:
    ts = await shop.asks("Thanks a lot!")  # which opens none by itself
    await shop.sandbox.react(ANN, ACME, ts, "ticket")
    await shop.told(ANN, "Ticket #1 is Noor")
    card = await shop.card_of(1)
    assert card["ts"].replace(".", "") in str(shop.sandbox.messages(direct(shop, ANN)))
    assert (await shop.desk.conversation.soon(1))[0].person is not None, "the customer is the requester"
    await shop.sandbox.message_shortcut(JONAS, ACME, ts, "open_ticket")  # it has one already
    await shop.told(JONAS, "Ticket #1 ist von Noor")
    ours = (await shop.sandbox.say(ANN, ACME, "We are closed on Monday."))["ts"]
    await shop.sandbox.react(JONAS, ACME, ours, "ticket")
    await shop.told(JONAS, "kein Ticket eröffnet")
    assert "Ticket #1 i" not in shop.seen_by_customer()
    assert shop.heard_by_others(NOOR) == []


def direct(shop: Shop, user: str) -> str:
    """Where the desk writes to somebody alone."""
    return next(room["id"] for room in shop.sandbox.rooms if room["is_im"] and user in room["members"])

"""Answers that have left, changed and taken back from the thread of their card."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, buttons_of, filled, words_of
from tests.bot.shop import Shop


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Shop]:
    async with Shop(sqlite_url, tmp_path) as shop:
        yield await shop.open()


async def test_an_agent_changes_an_answer_and_takes_it_back_from_the_cards_thread(shop: Shop) -> None:
    ts = await shop.asks("Our printer is on fire, and nobody knows why.")
    await shop.answer(ANN, 1, "Use <water>.")
    post = await shop.until(lambda: changeable(shop, "Use <water>."))
    await shop.sandbox.click(JONAS, "amend", room=shop.room_of(post), ts=post["ts"])
    view = await shop.modal(JONAS, "amend")
    assert "Use <water>." in str(view)
    await shop.sandbox.submit(JONAS, view["id"], filled(view, "Use <sand> & call us."))
    await shop.until(lambda: shop.shown(ts)[-1] == "Use <sand> & call us." or None)
    post = await shop.until(lambda: changeable(shop, "Use <sand> & call us."))
    assert "Changed after it had left" in words_of(post)
    await shop.sandbox.click(JONAS, "withdraw", room=shop.room_of(post), ts=post["ts"])
    await shop.until(lambda: len(shop.shown(ts)) == 1 or None)
    gone = await shop.until(lambda: posted(shop, "Taken back after it had left"))
    assert buttons_of(gone) == []


def posted(shop: Shop, words: str) -> Json | None:
    return next((post for post in shop.in_thread(1) if words in words_of(post)), None)


def changeable(shop: Shop, words: str) -> Json | None:
    """The answer's post, once it says that it can be changed."""
    post = posted(shop, words)
    return post if post and "amend" in buttons_of(post) else None

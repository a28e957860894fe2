"""What can be done in the shop of the page: write as its customer, see what comes back and whether it is signed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.test_shop import a_desk, answer, tells
from tests.sandbox_page.browser import Page


@pytest.fixture
async def page(chromium: Any, sandbox: Sandbox) -> AsyncGenerator[Page]:
    async with chromium.page(f"{sandbox.base_url}/#via=shop&show=mail", 1200, 860) as page:
        await page.until("document.body.dataset.ready")
        yield page
        assert page.errors == []


async def test_words_go_both_ways_and_every_webhook_is_seen(sandbox: Sandbox, page: Page) -> None:
    await page.see("shop-stands", "no desk has told the shop")
    async with a_desk(sandbox) as came:
        await page.see("shop-stands", "no ticket yet")
        await page.fill("shop-text", "Where is <b>my lamp</b>?")
        await page.press("Enter")
        await page.see("shop-said-1", "the desk has it")
        assert came[0][1]["text"] == "Where is <b>my lamp</b>?"
        await tells(sandbox, answer("It is <i>on its way</i>."))
        await page.see("shop-said-2", "It is <i>on its way</i>.")
        await page.see("shop-stands", "#3 · pending")
        await tells(sandbox, answer("forged"), key=b"another key", id="msg_2")
        await page.see("shop-hook-msg_2", "its signature is not by our secret")
        await page.bears("shop-hook-msg_2", "data-signed", "false")
        await page.bears("shop-hook-msg_1", "data-signed", "true")
        assert "forged" not in await page.run("document.querySelector('.site .bubbles').textContent")


async def test_another_customer_comes_and_what_is_new_is_marked(sandbox: Sandbox, page: Page) -> None:
    async with a_desk(sandbox):
        await page.click("shopper-new")
        await page.fill("shopper-new-name", "Yuki Tanaka")
        await page.press("Enter")
        await page.until("location.hash.includes('shopper=c-1')")
        await page.see("shopper-c-1", "Yuki Tanaka")
        await tells(sandbox, answer("For Mia."))
        await page.see("shopper-mia", "unread")
        await page.click("shopper-mia")
        await page.see("shop-said-2", "For Mia.")
        await page.click("shop-refuse")
        await sandbox.until(lambda: sandbox.shop.refuses)
        assert await tells(sandbox, answer("Not now."), id="msg_9") == 503
        await page.see("shop-hook-msg_9", "not taken")

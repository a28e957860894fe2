"""In Chromium, without a script: what pages look like for axe-core, on a phone and a desk, in both lights."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.tickets.passes import Purpose
from tests.gateways.pages.conftest import Visitor
from tests.gateways.pages.test_contact_form import opens_to
from tests.sandbox_page.browser import Chromium, Page
from tests.sandbox_page.test_access import axe, found, found_in_both_lights
from tests.world import ANN

__all__ = ["axe"]


async def wrong(page: Page, axe: str, url: str) -> list[str]:
    await page.go(url)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return [*await found_in_both_lights(page, axe), *(["it is wider than the window"] if await page.run(wide) else [])]


@pytest.mark.witness
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_axe_finds_nothing_and_forms_work(visitor: Visitor, chromium: Chromium, axe: str) -> None:
    number = await asyncio.to_thread(visitor.world.mail, "Look at " + "https://example.com/" + "x" * 200)
    await visitor.works()
    await visitor.desk.reply.soon(number, ANN, "It is on its way: https://parcels.example/" + "1" * 200)
    await visitor.works(seconds=11)
    await opens_to(visitor, "support")
    contact = visitor.url("/contact")
    page, upload = [visitor.url(await visitor.link(number, purpose)) for purpose in Purpose]
    for width in (1200, 390):
        async with chromium.page("about:blank", width, 900) as there:
            for url in (page, f"{page}?done=answer", upload, page[:-3] + "aaa", contact, f"{contact}?lang=de"):
                assert await wrong(there, axe, url) == []
    async with chromium.page(page, 390, 844) as there:
        await there.run("document.querySelector('form button').click()")
        await there.until("document.querySelector('[aria-invalid=true]') !== null")
        assert await found(there, axe) == []
        await there.run("document.querySelector('textarea').value = 'Thanks,\\nit is here.'")
        await there.run("document.querySelector('form button').click()")
        await there.until("document.querySelector('[role=status]') !== null")
        assert there.errors == []
    async with chromium.page(contact, 390, 844) as there:
        visitor.world.now += timedelta(seconds=30)
        await there.run("document.querySelector('form button').click()")
        await there.until("document.querySelectorAll('[aria-invalid=true]').length === 3")
        assert await found(there, axe) == []
        filled = {"name": "Dana", "email": "dana@example.com", "subject": "A lamp", "text": "It is broken."}
        for field, words in filled.items():
            await there.run(f"document.getElementById('{field}').value = '{words}'")
        visitor.world.now += timedelta(seconds=30)
        await there.run("document.querySelector('form button').click()")
        await there.until("document.querySelector('[role=status]') !== null")
    await visitor.works()
    assert (await visitor.heard(number))[-1] == "Thanks,\nit is here."
    assert await visitor.heard(number + 1) == ["It is broken."]

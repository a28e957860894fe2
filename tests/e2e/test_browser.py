"""The whole story on the sandbox's page, in a real browser, against a real desk: what a newcomer does first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.play import Play
from tests.running import running
from tests.sandbox_page.browser import Chromium

pytestmark = pytest.mark.witness


async def test_a_newcomer_plays_the_whole_story_on_the_page(tmp_path: Path, chromium: Chromium) -> None:
    async with (
        running(tmp_path) as desk,
        chromium.page(f"{desk.box.base_url}/#as=ann&at=desk-support") as page,
    ):
        play = Play(desk)
        await page.until("document.body.dataset.ready")

        await page.click("mail-compose")
        await page.fill("mail-subject", "Wo ist meine Bestellung 4711?")
        await page.fill("mail-body", "Guten Tag,\n\nmeine Bestellung ist nicht da. <b>Bitte</b> helfen Sie.")
        await page.click("mail-send")
        card = f"message-{(await play.sees(1, '<b>Bitte</b>'))['ts']}"
        await page.see(card, "<b>Bitte</b>")  # as written, not as markup
        await page.see("mail-text-" + (await play.receives("die Nummer"))["id"], "die Nummer")

        await page.see(card, "1 reply")  # it grows by this line, and what is clicked on must not move
        await page.click("action-claim", within=card)
        await page.see(card, "Ann Walker")
        await page.gone("action-claim", within=card)
        await page.gives("document.activeElement.dataset.testid", "action-reply")  # in the same card
        await page.gives("document.activeElement.closest('article').dataset.testid", card)

        await page.click("action-reply", within=card)
        await page.see("modal-title", "Reply to #1")
        await page.fill(await page.first("input-text-"), "Die Bestellung geht heute hinaus.")
        await page.click("option-close", within="modal")
        await page.click("modal-submit")
        await page.gone("modal")
        await page.see(card, "Closed")
        answer = await play.receives("geht heute hinaus")
        await page.see(f"mail-{answer['id']}", "geht heute hinaus")

        await page.click("mail-reply")
        await page.fill("reply-body", "Sie ist immer noch nicht da!")
        await page.click("reply-send")
        await page.see(card, "Open")

        await page.click("action-close", within=card)
        await page.see(card, "Closed")
        assert page.errors == []
        assert page.dialogs == []

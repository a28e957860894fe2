"""The page on a phone: one column, one step at a time, everything within reach and nothing wider than the screen."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.bots import Bot
from tests.sandbox_page.browser import Page
from tests.sandbox_page.conftest import Desk
from tests.sandbox_page.test_using import GENERAL, asks, button, form

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenmodell" * 5
WIDER = """[...document.querySelectorAll("body *")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 0.5 || box.left < -0.5) && !node.closest(".scroll, .cards");
}).map((node) => `${node.tagName} ${node.className}`)"""


@pytest.fixture
async def phone(chromium: Any, sandbox: Sandbox) -> AsyncGenerator[Page]:
    async with chromium.page(sandbox.base_url, 390, 844) as page:
        await page.until("document.body.dataset.ready")
        yield page
        assert page.errors == []


async def fits(page: Page) -> None:
    assert await page.run(WIDER) == []
    assert await page.run("document.documentElement.scrollWidth <= innerWidth")


async def test_a_customer_writes_and_reads_step_by_step(sandbox: Sandbox, desk: Desk, phone: Page) -> None:
    await phone.gone("messages")
    await fits(phone)
    await phone.click("guide-step-1")
    await fits(phone)
    await phone.fill("mail-subject", LONG)
    await phone.fill("mail-body", LONG)
    await phone.click("mail-send")
    await phone.see("conversation", LONG)
    await fits(phone)
    await phone.click("mail-back")
    await phone.gone("conversation")
    await phone.point(await phone.first("conversation-M"))
    await fits(phone)


async def test_an_agent_goes_from_the_rooms_to_a_room_to_a_thread_and_back(
    sandbox: Sandbox, bot: Bot, phone: Page
) -> None:
    await sandbox.join("U0DESKBELL", GENERAL)
    words = {"type": "section", "text": {"type": "mrkdwn", "text": LONG}}
    row = {"type": "actions", "elements": [button(f"Button {n}", f"b{n}") for n in range(6)]}
    ts = (await bot.client.chat_postMessage(channel=GENERAL, text="x", blocks=[words, row]))["ts"]
    await sandbox.say("U0SAM", "general", LONG, thread_ts=ts)
    await phone.see("layout-slack")
    await phone.click("layout-slack")
    await phone.see("room-general", "general")
    await phone.gone("messages")
    await fits(phone)
    await phone.click("room-general")
    await phone.see("messages", LONG)
    for testid in ("composer", "action-b5", "persona-sam", "faults-open", "guide-toggle"):
        await phone.point(testid)
    await fits(phone)
    await phone.click(f"open-thread-{ts}")
    await phone.see("thread-messages", LONG)
    await phone.gone("messages")
    await phone.point("thread-composer")
    await fits(phone)
    await phone.click("thread-back")
    await phone.see("messages", LONG)
    await phone.click("room-back")
    await phone.click("app")
    await phone.see("home")
    await fits(phone)
    await phone.click("home-back")
    await phone.see("room-general")
    await phone.click("faults-open")
    await phone.point("faults-close")
    await fits(phone)


async def test_a_form_fills_the_phone_and_no_more(sandbox: Sandbox, bot: Bot, phone: Page) -> None:
    @bot.app.shortcut("new_ticket")
    async def new_ticket(ack: Any, body: Any, client: Any) -> None:
        await ack()
        choices = {
            "type": "static_select",
            "options": [{"text": {"type": "plain_text", "text": "A" * 75}, "value": "a"}],
        }
        blocks = [asks("text", {"type": "plain_text_input", "multiline": True}), asks("pick", choices)]
        await client.views_open(trigger_id=body["trigger_id"], view=form(*blocks))

    await phone.click("layout-slack")
    await phone.click("room-general")
    await phone.click("composer-shortcuts")
    await phone.click("shortcut-new_ticket")
    await phone.see("modal-title", "A form")
    await fits(phone)
    await phone.click("input-pick-a")
    await phone.click("option-a")
    await fits(phone)


async def test_what_is_not_on_view_is_not_read(sandbox: Sandbox, phone: Page) -> None:
    await sandbox.say("U0SAM", "general", "did you see this?")
    await phone.until("document.querySelector('[data-testid=layout-slack]').getAttribute('aria-label').includes('new')")
    await phone.click("layout-slack")
    await phone.see("room-general", "1")
    await phone.click("room-general")
    await phone.see("messages", "did you see this?")
    await phone.click("room-back")
    await phone.until("!document.querySelector('[data-testid=room-general] .badge')")


async def test_however_many_people_there_are_one_can_be_each_of_them(sandbox: Sandbox, phone: Page) -> None:
    for n in range(9):
        await sandbox.new_person(f"Customer{n} Acme", team_id="T0ACME")
    await phone.click("layout-slack")
    await phone.click("persona-customer8")
    await fits(phone)
    chosen = "document.querySelector('[data-testid=persona-customer8]')?.getAttribute('aria-checked') === 'true'"
    await phone.until(chosen)

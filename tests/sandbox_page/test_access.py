"""The page is for everybody: axe-core finds nothing of WCAG's levels A and AA, and what is new is told once."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.bots import Bot
from tests.sandbox.test_shop import a_desk, answer, tells
from tests.sandbox_page.browser import Page
from tests.sandbox_page.conftest import Desk
from tests.sandbox_page.test_mail import answers, writes
from tests.sandbox_page.test_using import ANN, GENERAL, asks, button, card, form, opened, option
from tests.witness.npm import node_project

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""What axe-core says by what colours things have; all else is the same in the dark."""


RING = """(() => {
    const active = document.activeElement;
    if (active === document.body) return null;
    const ringed = (node) => {
        const style = node && getComputedStyle(node);
        return style && ((style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none");
    };
    return [active.dataset.testid ?? active.className, ringed(active) || ringed(active.closest(".composer, form"))];
})()"""  # what has the focus, and whether it or its frame shows a ring


@pytest.fixture
async def axe() -> str:
    folder = await asyncio.to_thread(node_project, Path(__file__).parents[1] / "witness" / "node")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def found(page: Page, axe: str, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core objects to in what is seen now: by all rules of the levels, or by these."""
    if not await page.run("'axe' in window"):
        await page.run(f"void (() => {{ {axe} }})()")
    by = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": LEVELS}
    options = json.dumps({"runOnly": by, "resultTypes": ["violations"]})
    return await page.run(f"""axe.run({options}).then(({{violations}}) => violations.flatMap(({{id, nodes}}) =>
        nodes.map((one) => `${{id}}: ${{one.target}} ${{one.failureSummary}}`)))""")


async def found_in_both_lights(page: Page, axe: str) -> list[str]:
    """The same in the light, and then in the dark. It is light again afterwards."""
    light = await found(page, axe)
    await page.prefer("dark")
    dark = await found(page, axe, OF_COLOURS)
    await page.prefer("light")
    return light + [f"in the dark, {objection}" for objection in dark]


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
async def test_axe_finds_nothing_on_any_view(
    chromium: Any, sandbox: Sandbox, desk: Desk, bot: Bot, axe: str, size: tuple[int, int]
) -> None:
    options = [option("Support", "support"), option("Billing", "billing")]
    ts = await card(
        sandbox, bot, button("Claim", "claim", style="primary"), button("Close", "close", style="danger"),
        {"type": "overflow", "action_id": "more", "options": options},
        {"type": "static_select", "action_id": "queue", "options": options},
        {"type": "datepicker", "action_id": "day"},
    )  # fmt: skip
    await sandbox.say("U0SAM", GENERAL, "`code` <!here> @ann and https://example.com\n> quoted", thread_ts=ts)
    await sandbox.react("U0SAM", GENERAL, ts, "eyes")
    await bot.client.chat_postEphemeral(channel=GENERAL, user=ANN, text="only you")
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    await bot.client.chat_postMessage(channel=GENERAL, text="x", blocks=[{"type": "markdown", "text": table}])
    for n in range(9):
        await sandbox.new_mailbox(f"stranger{n}@client.test", f"Stranger {n}")
    mail = await sandbox.mail("carla@example.com", "support@desk.example", "Hello", "there")
    await answers(sandbox, desk.mails[0], "Here.", rich="<p>Here.</p>")
    await sandbox.mail("carla@example.com", "nobody@desk.example", "Refused", "there")
    async with chromium.page(f"{sandbox.base_url}/#as=ann&box=carla@example.com", *size) as page:
        wrong: list[str] = []

        async def look_at(view: str, *seen: str) -> None:
            for testid in seen:
                await page.see(testid)
            wrong.extend(f"{view}: {objection}" for objection in await found_in_both_lights(page, axe))

        async def at(place: str) -> None:
            await page.run(f"location.hash = {json.dumps(place)}")

        await page.until("document.body.dataset.ready")
        await look_at("the beginning")
        await page.click("mailboxes")
        await look_at("the mailboxes", "mailboxes-all")
        await page.press("Escape")
        await at(f"as=ann&box=carla@example.com&conversation={mail['id']}&show=mail")
        await page.click("mail-reply")
        await look_at("an answer", "reply-body")
        await page.click("mail-compose")
        await look_at("a new mail", "mail-sheet")
        await page.click("mail-discard")
        await at("as=ann&via=phone&show=mail")
        await look_at("a phone", "phone-start")
        said = await sandbox.phone_write(20000001, "Hello")
        keyboard = {"inline_keyboard": [[{"text": "New", "callback_data": "new"}]]}
        there = {"reply_to_message": said, "reply_markup": keyboard}
        sandbox.telegram.said(said["chat"], sandbox.telegram.bot, text="Which one?", **there)
        await page.click(f"phone-answer-{said['message_id']}")
        await look_at("a chat", "phone-press-new")
        await at("as=ann&via=shop&show=mail")
        await look_at("an empty shop", "shop-hooks")
        async with a_desk(sandbox):
            asked = await sandbox.shop_write("mia", "Where is my lamp?")
            await tells(sandbox, answer("It is on its way."))
            await tells(sandbox, answer("forged"), key=b"another key", id="msg_2")
            await page.click("shop-hook-msg_1")
            await look_at("the shop", f"shop-said-{asked['n']}", "shop-hook-msg_2")
        await at("as=ann&show=slack")
        await look_at("the rooms", "room-general")
        await at(f"as=ann&at=general&show=slack&thread={ts}")
        await look_at("a thread", "thread-messages")
        await at("as=ann&at=general&show=slack")
        await look_at("a room", f"message-{ts}")
        await page.click("composer-emoji")
        await look_at("the emoji", "emoji-picker")
        await page.press("Escape")
        await page.click("action-queue", within=f"message-{ts}")
        await look_at("an open menu", "options")
        await page.press("Escape")
        await at("as=ann&at=home&show=slack")
        await look_at("the home", "home")
        await page.click("faults-open")
        await look_at("the faults", "faults")
        assert not wrong, "\n".join(wrong)


async def test_axe_finds_nothing_in_a_form(sandbox: Sandbox, bot: Bot, page: Page, axe: str) -> None:
    @bot.app.view("form")
    async def judged(ack: Any) -> None:
        await ack(response_action="errors", errors={"line": "Not like this."})

    choices = [option("One", "1"), option("Two", "2")]
    await opened(sandbox, bot, page, form(
        asks("line", {"type": "plain_text_input", "initial_value": "x"}), asks("many", {"type": "plain_text_input",
        "multiline": True}, optional=True), asks("pick", {"type": "static_select", "options": choices}, optional=True),
        asks("tick", {"type": "checkboxes", "options": choices}, optional=True),
        asks("one", {"type": "radio_buttons", "options": choices}, optional=True),
        asks("due", {"type": "datetimepicker"}, optional=True), asks("file", {"type": "file_input"}, optional=True),
        asks("who", {"type": "multi_users_select"}, optional=True),
    ))  # fmt: skip
    wrong = await found(page, axe)
    assert not wrong, "\n".join(wrong)
    await page.click("modal-submit")
    await page.see("error-line", "Not like this.")
    wrong = await found(page, axe)
    assert not wrong, "\n".join(wrong)


async def test_a_new_message_is_told_once_and_a_card_made_anew_is_not_read_again(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    await page.run("""(() => {
        window.told = [];
        new MutationObserver((all) => window.told.push(...all.flatMap((one) => [...one.addedNodes])
            .map((node) => node.textContent))).observe(document.getElementById("news"), {childList: true});
    })()""")
    ts = await card(sandbox, bot, button("Claim", "claim"))
    await page.see(f"message-{ts}")
    words = {"type": "section", "text": {"type": "plain_text", "text": "claimed by somebody"}}
    await bot.client.chat_update(channel=GENERAL, ts=ts, text="a card, claimed", blocks=[words])
    await page.see(f"message-{ts}", "claimed by somebody")
    await sandbox.say("U0SAM", GENERAL, "hello *Ann*")
    await sandbox.say(ANN, GENERAL, "my own words")
    await page.see("messages", "my own words")
    await page.until("window.told.some((text) => text.includes('hello'))")
    assert await page.run("window.told") == ["Deskbell: a card", "Sam Rivera: hello Ann"]
    live = "[...document.querySelectorAll('[aria-live], [role=log], [role=status]')]"
    assert not await page.run(
        f"{live}.some((n) => n.querySelector('article') && n.getAttribute('aria-live') !== 'off')"
    )


async def test_an_answer_in_a_mailbox_is_told(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await writes(page, "Where is it?", "My order 48213")
    await answers(sandbox, desk.mails[0], "It is on its way.")
    await page.until("document.getElementById('news').textContent.includes('New mail for Carla Gómez')")


async def test_every_control_shows_that_it_has_the_focus(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    await card(sandbox, bot, button("Claim", "claim", style="primary"))
    await page.see("action-claim")
    seen = set()
    for _ in range(60):
        await page.press("Tab")
        shown = await page.run(RING)
        if shown:
            seen.add(shown[0])
            assert shown[1], shown[0]
    assert {"action-claim", "composer", "mail-compose", "persona-ann", "faults-open", "splitter"} <= seen


async def test_a_mail_is_folded_and_unfolded_by_keyboard(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await writes(page, "Where is it?", "My order 48213")
    mail = sandbox.mails("carla@example.com")[0]["id"]
    await page.see(f"mail-text-{mail}")
    await page.run(f"document.querySelector('[data-testid=\"mail-fold-{mail}\"]').focus()")
    await page.press("Enter")
    await page.gone(f"mail-text-{mail}")
    await page.press("Enter")
    await page.see(f"mail-text-{mail}", "My order 48213")

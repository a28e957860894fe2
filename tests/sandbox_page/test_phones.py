"""What a customer does on a phone of the page: open the chat, write, answer, edit, send files, press buttons, block."""

import os
from collections.abc import AsyncGenerator
from email.message import Message
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from sandbox import Sandbox
from tests.sandbox_page.browser import Page
from tests.sandbox_page.test_mail import answers

CARLA, MAX = 20000001, 20000002


@pytest.fixture
async def phone(chromium: Any, sandbox: Sandbox) -> AsyncGenerator[Page]:
    async with chromium.page(f"{sandbox.base_url}/#via=phone", 1200, 860) as page:
        await page.until("document.body.dataset.ready")
        yield page
        assert page.errors == []


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncGenerator[Bot]:
    os.environ["PTB_TIMEDELTA"] = "true"
    async with Bot(sandbox.telegram_token, base_url=f"{sandbox.telegram_api_url}/bot") as bot:
        yield bot


def said(sandbox: Sandbox, chat: int = CARLA) -> list[str]:
    return [one.get("text", "") for one in sandbox.telegram.of(chat)]


async def test_a_chat_is_opened_and_goes_both_ways(sandbox: Sandbox, phone: Page, bot: Bot) -> None:
    await phone.click("phone-start")
    await phone.gone("phone-start")
    await phone.fill("phone-text", "Hola <b>todos</b>")
    await phone.press("Enter")
    await sandbox.until(lambda: said(sandbox) == ["/start", "Hola <b>todos</b>"])
    await bot.send_chat_action(CARLA, "typing")
    await phone.see("phone-status", "is typing")
    await bot.send_message(CARLA, "<i>Hello</i> &amp; welcome", parse_mode="HTML")
    await phone.see("phone-chat", "Hello & welcome")
    await phone.see("phone-status", "bot")
    assert await phone.run("document.querySelector('.bubble-text i').textContent") == "Hello"


async def test_a_link_in_a_mail_opens_the_chat_of_whoever_reads_it(sandbox: Sandbox, phone: Page) -> None:
    username = sandbox.telegram.bot["username"]
    text = f"Go on here: https://t.me/{username}?start=abc-12 (or by mail)"
    await answers(sandbox, Message(), text, to="max@example.org")
    await sandbox.until(lambda: sandbox.mails("max@example.org"))
    conversation = sandbox.mails("max@example.org")[-1]["conversation"]
    await phone.run(f"location.hash = '#box=max@example.org&conversation={conversation}'")
    await phone.see("conversation", "Go on here")
    await phone.run("document.querySelector('a[href*=\"start=abc-12\"]').click()")
    await sandbox.until(lambda: said(sandbox, MAX) == ["/start abc-12"])
    assert "abc-12" not in await phone.see("phone-chat", "/start"), "phones show the command only"


async def test_one_answers_edits_and_presses(sandbox: Sandbox, phone: Page, bot: Bot) -> None:
    await sandbox.phone_write(CARLA, "First")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("A new matter", callback_data="new")]])
    sent = await bot.send_message(CARLA, "Which one?", reply_markup=keyboard)
    await phone.click("phone-press-new")
    await sandbox.until(lambda: any("callback_query" in one for one in sandbox.telegram.updates.values()))
    await phone.click(f"phone-answer-{sent.message_id}")
    await phone.fill("phone-text", "That one")
    await phone.click("phone-send")
    await sandbox.until(lambda: sandbox.telegram.of(CARLA)[-1].get("reply_to_message"))
    mine = sandbox.telegram.of(CARLA)[-1]["message_id"]
    await phone.click(f"phone-edit-{mine}")
    await phone.fill("phone-text", "The other one")
    await phone.press("Enter")
    await phone.see(f"phone-message-{mine}", "edited")
    assert said(sandbox)[-1] == "The other one"


async def test_every_phone_is_somebody_elses_and_shows_what_is_new(sandbox: Sandbox, phone: Page, bot: Bot) -> None:
    await sandbox.phone_start(MAX)
    await bot.send_message(MAX, "Guten Tag")
    await phone.see(f"phone-{MAX}", "1")
    await phone.click(f"phone-{MAX}")
    await phone.see("phone-chat", "Guten Tag")
    await phone.click("phone-new")
    await phone.fill("phone-new-name", "Olga Petrova")
    await phone.fill("phone-new-language", "ru")
    await phone.click("phone-new-save")
    await phone.see("phone-chat", "Nothing was said yet")
    await phone.fill("phone-text", "Здравствуйте")
    await phone.click("phone-send")
    await sandbox.until(lambda: any(one.get("text") == "Здравствуйте" for one in sandbox.telegram.messages.values()))


async def test_one_blocks_the_bot_and_shares_where_one_is(sandbox: Sandbox, phone: Page) -> None:
    await phone.click("phone-start")
    await phone.click("phone-location")
    await sandbox.until(lambda: "location" in sandbox.telegram.of(CARLA)[-1])
    await phone.see("phone-chat", "52.52")
    await phone.click("phone-block")
    await sandbox.until(lambda: sandbox.telegram.phone(CARLA)["blocked"])
    await phone.see("phone-start")


async def test_mail_is_one_click_away(sandbox: Sandbox, phone: Page) -> None:
    await phone.gone("mail-compose")
    await phone.click("via-mail")
    await phone.see("mail-compose")
    await phone.gone("phone-chat")
    await phone.click("via-phone")
    await phone.see("phone-chat")


async def test_in_a_group_each_says_who_they_are_and_the_bot_answers_there(
    sandbox: Sandbox, phone: Page, bot: Bot
) -> None:
    await phone.click("phone-places")
    await phone.click("phone-new-group")
    await phone.see("phone-status", "group · 3 people and the bot")
    (group,) = [one["chat"]["id"] for one in sandbox.telegram.groups.values()]
    await phone.fill("phone-text", f"@{sandbox.telegram.bot['username']} where is my order?")
    await phone.press("Enter")
    await sandbox.until(lambda: any("message" in one for one in sandbox.telegram.updates.values()))
    await sandbox.phone_write(MAX, "I wait, too.", chat=group)
    await bot.send_message(group, "Both leave today.")
    await phone.see("phone-chat", "Max")
    await phone.see("phone-chat", "Both leave today.")
    await phone.click("phone-places")
    await phone.click("phone-place-bot")
    await phone.says_no_more("phone-chat", "Both leave today.")


async def test_an_account_that_the_bot_speaks_for_is_seen_from_both_sides_and_words_are_deleted_for_both(
    sandbox: Sandbox, phone: Page, bot: Bot
) -> None:
    await phone.click(f"phone-{MAX}")
    await phone.click("phone-places")
    await phone.click("phone-business")
    connection = await sandbox.until(lambda: sandbox.telegram.business_of(MAX))
    await phone.click(f"phone-{CARLA}")
    await phone.click("phone-places")
    await phone.click(f"phone-place-b{MAX}")
    await phone.fill("phone-text", "Is your shop open?")
    await phone.press("Enter")
    await phone.see("phone-chat", "Is your shop open?")
    await bot.send_message(CARLA, "Until six.", business_connection_id=connection["id"])
    await phone.see("phone-chat", "Until six.")
    await phone.click(f"phone-{MAX}")
    await phone.click("phone-places")
    await phone.click(f"phone-place-c{CARLA}")
    await phone.see("phone-chat", "written by the bot for you")
    asked = sandbox.telegram.of(CARLA, connection["id"])[0]["message_id"]
    await phone.click(f"phone-delete-{asked}")
    await phone.says_no_more("phone-chat", "Is your shop open?")
    told = [one.get("deleted_business_messages") for one in sandbox.telegram.updates.values()]
    assert [one["message_ids"] for one in told if one] == [[asked]]

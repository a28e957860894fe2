"""What a customer does in their mailbox: write, read, answer in the thread, and learn why a mail was refused."""

from email.message import Message
from typing import Any

import aiosmtplib

from sandbox import Sandbox
from tests.sandbox.bots import Bot
from tests.sandbox_page.browser import Page
from tests.sandbox_page.conftest import Desk

GENERAL = "C0GENERAL"


def text_of(mail: Message) -> str:
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode(part.get_content_charset() or "utf-8").replace("\r\n", "\n")


async def answers(sandbox: Sandbox, mail: Message, text: str, rich: str = "", to: str = "carla@example.com") -> None:
    """The desk answers a mail."""
    reply = Message()
    reply["From"] = "Deskbell Support <support+4711@desk.example>"
    reply["To"] = mail["From"]
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Message-ID"] = "<answer-1@desk.example>"
    reply["In-Reply-To"] = mail["Message-ID"]
    reply["References"] = mail["Message-ID"]
    reply["Content-Type"] = "text/html; charset=utf-8" if rich else "text/plain; charset=utf-8"
    reply["Content-Transfer-Encoding"] = "8bit"
    raw = reply.as_string().encode() + (rich or text).encode()
    await aiosmtplib.send(
        raw, sender="support@desk.example", recipients=[to], hostname="127.0.0.1",
        port=sandbox.mail_port, start_tls=False,
    )  # fmt: skip


async def writes(page: Page, subject: str, text: str, to: str | None = None) -> None:
    await page.click("mail-compose")
    if to:
        await page.fill("mail-to", to)
    await page.fill("mail-subject", subject)
    await page.fill("mail-body", text)
    await page.click("mail-send")
    await page.gone("mail-sheet")


async def test_a_mail_arrives_at_the_desk_as_it_was_written(desk: Desk, page: Page) -> None:
    subject = "Reklamation: das Donaudampfschifffahrtsgesellschaftskapitänsmützenmodell fehlt, 返品 und الفاتورة"
    await page.click("mailbox-max@example.org")
    await writes(page, subject, "Grüße <b>\n:tada: 返品\n.\nEnde")
    await page.see("conversation-subject", subject)
    await page.see("conversation", "Delivered to the desk")
    mail = desk.mails[0]
    assert mail["To"] == "support@desk.example"
    assert "max@example.org" in str(mail["From"])
    assert text_of(mail).strip() == "Grüße <b>\n:tada: 返品\n.\nEnde"


async def test_an_answer_stands_in_the_thread_and_is_answered_there(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await writes(page, "Where is it?", "My order 48213")
    first = desk.mails[0]
    await answers(sandbox, first, "It is on its way.")
    shown = await page.first("conversation-M")
    await page.see(shown, "It is on its way.")
    assert len(await page.testids("conversation-M")) == 1
    await page.see("conversation", "It is on its way.")
    await page.click("mail-reply")
    await page.fill("reply-body", "Thank you!")
    await page.click("reply-send")
    await page.see("conversation", "Thank you!")
    await sandbox.until(lambda: len(desk.mails) == 2)
    second = desk.mails[1]
    assert second["In-Reply-To"] == "<answer-1@desk.example>"
    assert str(second["References"]).split() == [first["Message-ID"], "<answer-1@desk.example>"]
    assert second["Subject"] == "Re: Where is it?"
    assert "support+4711@desk.example" in second["To"]
    said, _, quoted = text_of(second).partition("\n\n")
    assert said == "Thank you!"
    assert "> It is on its way." in quoted
    assert len(await page.testids("conversation-M")) == 1


async def test_a_finished_guide_stays_finished(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await sandbox.say("U0SAM", "general", "a card stands here in the story")
    await writes(page, "Where is it?", "My order 48213")
    await answers(sandbox, desk.mails[0], "It is on its way.")
    await page.see("conversation", "It is on its way.")
    await page.click("mail-reply")
    await page.fill("reply-body", "Thank you!")
    await page.click("reply-send")
    done = "document.querySelector('[data-testid=guide-step-5]').dataset.done === 'true'"
    await page.until(done)
    await page.click("mailbox-max@example.org")
    await sandbox.mail("max@example.org", "support@desk.example", "Me too", "Where?")
    await answers(sandbox, desk.mails[-1], "Here.", to="max@example.org")
    await page.click("mailbox-priya@example.net")
    await page.reload()
    await page.see("guide")
    await page.until(done)


async def test_the_hint_says_of_an_answer_that_it_has_not_left_yet(
    sandbox: Sandbox, desk: Desk, bot: Bot, page: Page
) -> None:
    await writes(page, "Where is it?", "My order 48213")
    await sandbox.join("U0DESKBELL", GENERAL)

    def card(action: str) -> dict[str, Any]:
        button = {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": action}, "value": "1"}
        return {"channel": GENERAL, "text": "Hello.", "blocks": [{"type": "actions", "elements": [button]}]}

    asked = await bot.client.chat_postMessage(**card("claim"))
    await page.see("guide-step-3", "Claim and answer it as Ann")
    said = await bot.client.chat_postMessage(**card("undo"), thread_ts=asked["ts"])
    await page.see("guide-step-4", "The answer leaves in some seconds")
    await page.bears("guide-step-3", "data-done", "true")
    await page.bears("guide-step-4", "aria-current", "step")
    await page.click("guide-step-4")
    await page.see("action-undo")
    await bot.client.chat_update(channel=GENERAL, ts=str(said["ts"]), text="Hello.", blocks=[])
    await answers(sandbox, desk.mails[0], "It is on its way.")
    await page.see("guide-step-4", "Read the answer in the mailbox")


async def test_a_refused_mail_shows_the_servers_own_words(desk: Desk, page: Page) -> None:
    await writes(page, "Hello?", "Anybody?", to="nobody@desk.example")
    refused = await page.first("mail-refusal-")
    assert "550 5.1.1 nobody@desk.example is not here" in await page.see(refused)
    assert desk.mails == []


async def test_unread_mail_is_marked_until_it_was_read(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await writes(page, "Where is it?", "My order 48213")
    await page.click("mailbox-max@example.org")
    await answers(sandbox, desk.mails[0], "It is on its way.")
    await page.see("mailbox-carla@example.com", "1")
    await page.click("mailbox-carla@example.com")
    letter = await page.first("conversation-M")
    await page.until(f"document.querySelector('[data-testid=\"{letter}\"]').classList.contains('new')")
    await page.click(letter)
    await page.until(f"!document.querySelector('[data-testid=\"{letter}\"]').classList.contains('new')")


async def test_html_mail_is_shown_in_a_frame_that_runs_nothing(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await writes(page, "Where is it?", "My order 48213")
    hostile = "<h1>Hello</h1><script>parent.window.hacked = 1; alert(1)</script><a href='javascript:alert(2)'>x</a>"
    await answers(sandbox, desk.mails[0], "", rich=hostile)
    mail = sandbox.mails("carla@example.com")[-1]["id"]
    await page.see(f"mail-{mail}", "Hello")
    await page.click(f"mail-show-html-{mail}")
    await page.bears(f"mail-frame-{mail}", "sandbox", "")
    loaded = (
        f"performance.getEntriesByType('resource').some((one) => one.name.endsWith('{mail}/html') && one.responseEnd)"
    )
    await page.until(loaded)
    assert not await page.run("Boolean(window.hacked)")


async def test_headers_are_shown_on_demand(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await writes(page, "Where is it?", "My order 48213")
    mail = sandbox.mails("carla@example.com")[0]["id"]
    await page.click(f"mail-headers-{mail}")
    shown = await page.see(f"mail-source-{mail}", "Message-ID:")
    assert "Subject: Where is it?" in shown
    assert "My order" not in shown


async def test_another_customer_can_be_made_up(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    await page.click("mailbox-new")
    await page.fill("mailbox-new-name", "山田 花子")
    await page.fill("mailbox-new-address", "hanako@example.jp")
    await page.click("mailbox-new-save")
    await page.see("mailbox-hanako@example.jp", "山田 花子")
    await writes(page, "返品", "お世話になっております。")
    assert "hanako@example.jp" in str(desk.mails[0]["From"])


async def test_a_begun_mail_and_answer_and_what_one_says_in_slack_outlive_a_reload(
    sandbox: Sandbox, desk: Desk, page: Page
) -> None:
    await writes(page, "Where is it?", "My order 48213")
    await answers(sandbox, desk.mails[0], "It is on its way.")
    await page.click("mail-reply")
    await page.fill("reply-body", "half an answer")
    root = (await sandbox.say("U0SAM", "general", "a root"))["ts"]
    await page.point(f"message-{root}")
    await page.click(f"open-thread-{root}")
    await page.fill("composer", "half a message")
    await page.fill("thread-composer", "half a reply")
    await page.click("mail-compose")
    await page.fill("mail-subject", "Half a mail")
    await page.reload()
    await page.holds("mail-subject", "Half a mail")
    await page.holds("composer", "half a message")
    await page.holds("thread-composer", "half a reply")
    await page.click("mailbox-max@example.org")
    await page.gone("mail-sheet")
    await page.click("mailbox-carla@example.com")
    await page.holds("mail-subject", "Half a mail")
    await page.click("mail-discard")
    await page.click(await page.first("conversation-M"))
    await page.holds("reply-body", "half an answer")


async def test_hundreds_of_mailboxes_are_a_few_tabs_and_a_list_to_search(
    sandbox: Sandbox, desk: Desk, page: Page
) -> None:
    for n in range(120):
        await sandbox.new_mailbox(f"stranger{n}@client.test", f"Stranger Number {n}")
    await answers(sandbox, Message(), "Are you there?", to="stranger77@client.test")
    await page.see("mailboxes", "All 123")
    wide = "[...document.querySelectorAll('[role=tab]')].filter((n) => n.dataset.testid?.startsWith('mailbox-'))"
    assert await page.run(f"{wide}.every((n) => n.querySelector('.box-name').clientWidth > 60)")
    await page.bears("mailbox-carla@example.com", "aria-selected", "true")
    await page.point("mailbox-new")
    await page.see("mailbox-stranger77@client.test", "1")
    await page.click("mailboxes")
    assert (await page.first("choose-")) == "choose-stranger77@client.test"
    await page.fill("mailboxes-search", "number 11")
    await page.gone("choose-stranger77@client.test")
    await page.press("ArrowDown")
    await page.press("Enter")
    await page.gone("mailboxes-all")
    await page.bears("mailbox-stranger110@client.test", "aria-selected", "true")
    await page.point("mailbox-new")


async def test_the_hint_leads_through_the_first_steps(sandbox: Sandbox, desk: Desk, page: Page) -> None:
    assert "Write a mail as Carla" in await page.see("guide-step-1")
    await page.click("guide-step-1")
    await page.click("mail-example")
    await page.click("example-0")
    await page.until("document.querySelector('[data-testid=\"mail-subject\"]').value.includes('48213')")
    await page.click("mail-send")
    await page.until("document.querySelector('[data-testid=\"guide-step-1\"]').dataset.done === 'true'")
    await page.bears("guide-step-2", "data-done", "false")
    await page.click("guide-dismiss")
    await page.gone("guide")
    await page.reload()
    await page.see("messages")
    assert "guide" not in await page.testids("guide")
    assert len(sandbox.mails("carla@example.com")) == 1

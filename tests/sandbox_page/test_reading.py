"""What a person sees of messages: Slack's markup as Slack reads it, and everybody's words only ever as words."""

import asyncio
import base64
import re
import struct
import zlib
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest

from sandbox import Sandbox
from tests.sandbox.bots import Bot
from tests.sandbox_page.browser import Page
from tests.sandbox_page.conftest import Desk

GENERAL = "C0GENERAL"
HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'> <!channel> <@U0ANN> *bold* `code`\n"
    "> not a quotation :tada: javascript:window.hacked=1 \u202egnp.live\u202c &lt;b&gt; &amp;amp;"
)


async def post(sandbox: Sandbox, bot: Bot, *blocks: dict[str, Any], **more: Any) -> str:
    await sandbox.join("U0DESKBELL", GENERAL)
    said = await bot.client.chat_postMessage(channel=GENERAL, text="for notifications", blocks=list(blocks), **more)
    return f"message-{said['ts']}"


def words(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def html(page: Page, testid: str) -> str:
    await page.see(testid)
    return await page.run(f"document.querySelector('[data-testid=\"{testid}\"] .blocks').innerHTML")


async def test_a_customers_words_are_shown_as_written_and_run_nothing(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": HOSTILE}]}
    message = await post(
        sandbox, bot, {"type": "header", "text": {"type": "plain_text", "text": HOSTILE[:150], "emoji": False}},
        {"type": "rich_text", "elements": [section]},
    )  # fmt: skip
    shown = await page.see(message, "not a quotation")
    assert HOSTILE in shown.replace("\r", "")
    marked = await html(page, message)
    for tag in ("<script", "<img", "<a ", "<b>", "<code", "<blockquote", "mention"):
        assert tag not in marked
    assert not await page.run("Boolean(window.hacked)")


async def test_markup_in_the_links_and_labels_of_mrkdwn_stays_text(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    message = await post(sandbox, bot, words(
        "<javascript:window.hacked=1|press me> <https://example.com/?a=1&amp;b=2|<b>label> "
        "<https://example.com|a &lt;i&gt; b> "
        "<data:text/html,hi|data> <!date^nonsense^{date}|&lt;u&gt;fallback>",
    ))  # fmt: skip
    await page.see(message, "press me")
    found = f"""[...document.querySelectorAll('[data-testid="{message}"] .blocks a')]"""
    addresses = await page.run(f"{found}.map((a) => a.getAttribute('href'))")
    assert all(address.startswith("https://example.com") for address in addresses)
    assert await page.run(f"{found}.every((a) => a.rel.includes('noopener') && a.target === '_blank')")
    assert "a <i> b" in await page.see(message)


async def test_mrkdwn_reads_as_slack_reads_it(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    message = await post(sandbox, bot, words(
        "*bold* _italic_ ~gone~ `code` *_both_* not*bold*here 2*3*4 snake_case_word :tada: :nobody: "
        "<https://example.com|label> <@U0JONAS> <#C0GENERAL> <!here> &lt;escaped&gt;\n"
        "> quoted *strong*\n&gt; also\nafter",
    ), words("```pre *raw* <b>\n two```"))  # fmt: skip
    await page.see(message, "after")
    inside = f"document.querySelector('[data-testid=\"{message}\"] .blocks')"
    texts = await page.run(
        f"Object.fromEntries(['b', 'i', 's', 'code', 'blockquote', 'pre', 'a', '.mention', '.emoji'].map((tag) => "
        f"[tag, [...{inside}.querySelectorAll(tag)].map((n) => n.textContent)]))"
    )
    assert texts["b"] == ["bold", "both", "strong"]
    assert texts["i"] == ["italic", "both"]
    assert texts["s"] == ["gone"]
    assert texts["code"] == ["code"]
    assert texts["blockquote"] == ["quoted strong\nalso"]
    assert texts["pre"] == ["pre *raw* <b>\n two"]
    assert texts[".mention"] == ["@Jonas Becker", "#general", "@here"]
    assert texts[".emoji"] == ["🎉"]
    assert "label" in texts["a"]
    seen = await page.see(message)
    for plain in ("not*bold*here", "2*3*4", "snake_case_word", ":nobody:", "<escaped>"):
        assert plain in seen


async def test_dates_are_told_in_the_readers_zone_and_language_by_the_browsers_clock(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    message = await post(sandbox, bot, words("due <!date^1796119200^{date_long} {time}|soon>"))
    assert "1 December 2026 10:00 AM" in await page.see(message, "due")
    await page.click("persona-jonas")
    assert "1. Dezember 2026 11:00 AM" in await page.see(message, "Dezember")
    await page.speak("de-DE")
    await page.reload()
    assert "1. Dezember 2026 11:00" in await page.see(message, "Dezember")
    assert "AM" not in (await page.see(message))


@pytest.mark.parametrize(("language", "clock"), [("en-US", r"\d:\d\d [AP]M"), ("de-DE", r"\d:\d\d")])
async def test_one_clock_is_told_on_both_sides_of_the_page_in_one_language(
    sandbox: Sandbox, desk: Desk, page: Page, language: str, clock: str
) -> None:
    root = (await sandbox.say("U0SAM", GENERAL, "who takes it?"))["ts"]
    await sandbox.say("U0SAM", GENERAL, "nobody?", thread_ts=root)
    mail = await sandbox.mail("carla@example.com", "support@desk.example", "Hello", "there")
    await page.speak(language)
    await page.go(f"{sandbox.base_url}/?again#as=jonas&at=general&conversation={mail['id']}")
    await page.see("conversation")
    shown = "(id) => document.querySelector(`[data-testid='${id}'] time`).innerText"
    named = (f"conversation-{mail['id']}", f"mail-{mail['id']}", f"message-{root}")
    for testid in named:
        await page.see(testid)
    told = [await page.run(f"({shown})('{id}')") for id in named]
    assert [bool(re.search(rf"{clock}$", each)) for each in told] == [True] * 3, told
    line = await page.see(f"open-thread-{root}", "reply", within="messages")
    assert re.search(rf"Last reply today at \d?{clock}$", line)


async def test_markdown_blocks_show_lists_tables_and_raw_html_as_text(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    text = (
        "# Title\n\n**strong** and <b>not html</b>\n\n1. one\n2. two\n   - deep\n\n"
        "| a | b |\n|---|--:|\n| 1 | 2 |\n\n```\ncode **raw**\n```"
    )
    message = await post(sandbox, bot, {"type": "markdown", "text": text})
    assert "<b>not html</b>" in await page.see(message, "Title")
    inside = f"document.querySelector('[data-testid=\"{message}\"] .markdown')"
    assert await page.run(f"{inside}.querySelector('ol > li > ul > li').textContent") == "deep"
    assert await page.run(f"[...{inside}.querySelectorAll('td')].map((n) => n.textContent)") == ["1", "2"]
    assert await page.run(f"{inside}.querySelector('pre').textContent") == "code **raw**"


async def test_a_message_of_fifty_blocks_is_shown_to_its_end(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    message = await post(sandbox, bot, *(words(f"block number {n}") for n in range(50)))
    assert "block number 0" in await page.see(message, "block number 49")


async def test_arabic_reads_from_the_right_beside_english_from_the_left(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    arabic = await post(sandbox, bot, words("السلام عليكم، أين طلبي؟"))
    english = await post(sandbox, bot, words("Where is my order?"))
    await page.see(english)
    side = "getComputedStyle(document.querySelector('[data-testid=\"{}\"] .blocks .text')).direction"
    assert await page.run(side.format(arabic)) == "rtl"
    assert await page.run(side.format(english)) == "ltr"


async def test_what_is_set_apart_in_a_line_does_not_turn_the_line(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    arabic = "أين طلبي 4711؟"
    subject = {"type": "plain_text", "text": f"#7 \u2068{arabic}\u2069"}
    sender = {"type": "plain_text", "text": f"\u2068{arabic}\u2069 <a@example.com>"}
    message = await post(
        sandbox, bot, {"type": "header", "text": subject},
        {"type": "section", "text": subject, "fields": [sender]},
        {"type": "context", "elements": [sender]}, words(f"من \u2068Carla\u2069: {arabic}"),
    )  # fmt: skip
    await page.see(message, "#7")
    inside = f"""document.querySelector('[data-testid="{message}"] .blocks')"""
    sides = await page.run(f"[...{inside}.querySelectorAll('h3, .text')].map((n) => getComputedStyle(n).direction)")
    assert sides == ["ltr", "ltr", "ltr", "ltr", "rtl"]


def red_picture() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 1600, 400, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff\0\0" * 1600) * 400)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def share_of(page: Page, colour: str) -> float:
    """How much of what is seen has this colour."""
    taken = base64.b64encode(await page.picture()).decode()
    return await page.run(f"""(async () => {{
        const image = new Image();
        image.src = "data:image/png;base64,{taken}";
        await image.decode();
        const canvas = Object.assign(document.createElement("canvas"), {{width: image.width, height: image.height}});
        const brush = canvas.getContext("2d");
        brush.drawImage(image, 0, 0);
        const {{data}} = brush.getImageData(0, 0, image.width, image.height);
        let found = 0;
        for (let at = 0; at < data.length; at += 4) found += data.slice(at, at + 3).join() === "{colour}";
        return found / (data.length / 4);
    }})()""")


async def test_a_picture_inside_a_mail_is_seen_and_no_wider_than_its_frame(
    sandbox: Sandbox, desk: Desk, page: Page
) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "support@desk.example", "carla@example.com", "A picture"
    letter.set_content("see it")
    letter.add_alternative("<p>see it</p><img src='cid:red'>", subtype="html")
    letter.add_attachment(red_picture(), "image", "png", cid="<red>", disposition="inline")
    await aiosmtplib.send(letter, hostname="127.0.0.1", port=sandbox.mail_port, start_tls=False)
    mail = sandbox.mails("carla@example.com")[0]["id"]
    await page.click(f"conversation-{mail}")
    await page.click(f"mail-show-html-{mail}")
    seen = await page.patiently(lambda: share_of(page, "255,0,0"), "the picture")
    assert 0.01 < seen < 0.1  # all of it, scaled down; its upper part alone would fill the frame


LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenmodell" * 6
ARABIC = "السلام عليكم، وصلتني الفاتورة رقم 3391 بمبلغ 250 يورو"
SPILLS = """[...document.querySelectorAll(".message *, .mail *, .letter, .read-head")].filter((node) => {
    const frame = node.closest(".timeline, .read, .letters")?.getBoundingClientRect();
    const box = node.getBoundingClientRect();
    if (!frame || !box.width || node.closest(".scroll, .cards, .tools")) return false;
    return box.right > frame.right + 0.5 || box.left < frame.left - 0.5;
}).map((node) => `${node.tagName} ${node.className}`)"""  # what stands out of its column


async def test_long_words_wide_tables_and_arabic_break_no_layout(
    sandbox: Sandbox, desk: Desk, bot: Bot, page: Page
) -> None:
    wide = "|" + f"{LONG} | b |" * 8 + "\n|" + "---|" * 16 + "\n|" + "1 | 2 |" * 8
    cells = [[{"type": "raw_text", "text": f"column {n} {LONG[:40]}"} for n in range(18)] for _ in range(3)]
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": f"{LONG} {ARABIC}"}]}
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": LONG}]}
    ts = (await post(
        sandbox, bot, {"type": "header", "text": {"type": "plain_text", "text": LONG[:150]}},
        words(f"{LONG}\n> {ARABIC} {LONG}\n`{LONG}`"), {"type": "rich_text", "elements": [part, code]},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": LONG}, {"type": "mrkdwn", "text": ARABIC}]},
        {"type": "markdown", "text": wide}, {"type": "table", "rows": cells},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": LONG}]},
    )).removeprefix("message-")  # fmt: skip
    await sandbox.say("U0SAM", GENERAL, f"{LONG} {ARABIC}", thread_ts=ts)
    mail = await sandbox.mail("max@example.org", "support@desk.example", LONG, f"{ARABIC}\n\n{LONG}\n\n> {LONG}")
    for side in ("both", "mail"):
        place = f"as=ann&at=general&thread={ts}&box=max@example.org&conversation={mail['id']}&show={side}"
        await page.run(f"location.hash = {place!r}")
        await page.see(f"mail-text-{mail['id']}", ARABIC)
        assert await page.run(SPILLS) == []
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")


async def test_nothing_is_loaded_from_another_host(sandbox: Sandbox, desk: Desk, bot: Bot, page: Page) -> None:
    """Neither for an image block nor for a picture in a customer's HTML mail."""
    visits: list[bytes] = []

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(await reader.readline())
        writer.close()

    tracker = await asyncio.start_server(visited, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{tracker.sockets[0].getsockname()[1]}/pixel.png"
    message = await post(sandbox, bot, {"type": "image", "image_url": address, "alt_text": "A pixel"})
    assert "A pixel" in await page.see(message, "A pixel")
    mail = await sandbox.mail(
        "carla@example.com", "support@desk.example", "Picture", "see it", html=f"<p>hi</p><img src='{address}'>"
    )
    await page.click(f"conversation-{mail['id']}")
    await page.click(f"mail-show-html-{mail['id']}")
    await page.until(
        "performance.getEntriesByType('resource').some((one) => one.name.endsWith('/html') && one.responseEnd)"
    )
    await page.reload()
    await page.see(message, "A pixel")
    tracker.close()
    await tracker.wait_closed()
    assert visits == []


async def test_what_the_page_cannot_draw_leaves_the_other_messages_readable(sandbox: Sandbox, page: Page) -> None:
    room = sandbox.room(GENERAL)
    said = sandbox.slack.messages.post(room, {"user": "U0SAM", "text": "x", "blocks": [{"type": "hologram"}]})
    await sandbox.say("U0SAM", GENERAL, "and this is fine")
    assert "hologram" in await page.see(f"message-{said['ts']}", "hologram")
    await page.see("messages", "and this is fine")

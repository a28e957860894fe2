"""The Bot API's stand-in: an unmodified client hears what phones say, and is refused what Telegram refuses."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaDocument, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from sandbox import Sandbox, SandboxError
from sandbox.telegram.answers import BotApiError
from sandbox.telegram.entities import parse_html
from sandbox.telegram.flood import Flood

CARLA, MAX, PRIYA = 20000001, 20000002, 20000003
T = TypeVar("T")


@asynccontextmanager
async def a_bot(sandbox: Sandbox, token: str | None = None) -> AsyncGenerator[Bot]:
    url = sandbox.telegram_api_url
    async with Bot(token or sandbox.telegram_token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as bot:
        yield bot


@pytest.fixture
async def bot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else it warns
    async with a_bot(sandbox) as bot:
        yield bot


def packed(name: str, kind: str, data: bytes) -> dict[str, str]:
    return {"name": name, "type": kind, "base64": base64.b64encode(data).decode()}


async def test_what_a_phone_says_is_told_until_it_is_confirmed(sandbox: Sandbox, bot: Bot) -> None:
    assert (await bot.get_me()).username == sandbox.telegram.bot["username"]
    await sandbox.phone_write(CARLA, "Hola")
    await sandbox.phone_write(CARLA, "¿Hay alguien?")
    first = await bot.get_updates()
    assert [one.message.text for one in first if one.message] == ["Hola", "¿Hay alguien?"]
    assert first[0].effective_user is not None
    assert first[0].effective_user.language_code == "es"
    assert [one.update_id for one in await bot.get_updates()] == [one.update_id for one in first]
    assert len(await bot.get_updates(offset=first[1].update_id)) == 1
    assert await bot.get_updates(offset=first[1].update_id + 1) == ()


async def test_a_long_poll_ends_when_somebody_writes_and_when_another_one_asks(sandbox: Sandbox, bot: Bot) -> None:
    waiting = await polling(sandbox, bot.get_updates(timeout=20))
    await sandbox.phone_write(MAX, "Moin")
    assert len(await asyncio.wait_for(waiting, 10)) == 1
    waiting = await polling(sandbox, bot.get_updates(offset=1 << 40, timeout=20))
    async with a_bot(sandbox) as another:
        await another.get_updates(offset=1 << 40)
    with pytest.raises(Conflict):
        await asyncio.wait_for(waiting, 10)


async def polling(sandbox: Sandbox, poll: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A long poll, once the server waits for something to tell."""
    sandbox.telegram.came.set()
    task = asyncio.create_task(poll)
    await sandbox.until(lambda: not sandbox.telegram.came.is_set())
    return task


async def test_a_webhook_is_pushed_to_with_its_secret_and_shuts_polling_out(sandbox: Sandbox, bot: Bot) -> None:
    got: list[tuple[str, Any]] = []
    answers = [500, 200]

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), await request.json()))
        return web.Response(status=answers.pop(0) if answers else 200)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="hush")
    with pytest.raises(Conflict):
        await bot.get_updates()
    await sandbox.phone_write(PRIYA, "Hello")
    await sandbox.until(lambda: not sandbox.telegram.updates)
    assert [secret for secret, _ in got] == ["hush", "hush"], "it came again after a 500"
    assert got[1][1]["message"]["text"] == "Hello"
    await bot.delete_webhook()
    assert await bot.get_updates() == ()
    await runner.cleanup()


async def test_a_bot_writes_with_entities_buttons_and_answers(sandbox: Sandbox, bot: Bot) -> None:
    said = await sandbox.phone_write(CARLA, "Hola")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("New", callback_data="new")]])
    sent = await bot.send_message(
        CARLA,
        "<b>A</b> &lt; B 🎉 <a href='https://example.com/?a=1&amp;b=2'>here</a>",
        parse_mode="HTML",
        reply_parameters=ReplyParameters(said["message_id"]),
        reply_markup=keyboard,
    )
    assert sent.text == "A < B 🎉 here"
    assert [(one.type, one.offset, one.length) for one in sent.entities] == [("bold", 0, 1), ("text_link", 9, 4)]
    assert sent.reply_to_message is not None
    await sandbox.phone_press(CARLA, sent.message_id, "new")
    *_, pressed = await bot.get_updates()
    assert pressed.callback_query is not None
    assert await pressed.callback_query.answer("Done")
    await bot.edit_message_text("Chosen", CARLA, sent.message_id)
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("Chosen", CARLA, sent.message_id)
    with pytest.raises(SandboxError):
        await sandbox.phone_press(CARLA, sent.message_id, "new")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<b>open", "Can't find end tag"),
        ("a < b", "Unsupported start tag"),
        ("<table>", "Unsupported start tag"),
        ("<b><i>x</b></i>", "Unmatched end tag"),
        ("x</b>", "Unexpected end tag"),
    ],
)
async def test_html_that_telegram_cannot_parse_is_refused(sandbox: Sandbox, bot: Bot, text: str, why: str) -> None:
    await sandbox.phone_start(CARLA)
    with pytest.raises(BadRequest, match=f"(?i)can't parse entities: {why}"):
        await bot.send_message(CARLA, text, parse_mode="HTML")
    assert (await bot.send_message(CARLA, text)).text == text


def test_html_is_parsed_in_utf_16_units() -> None:
    assert parse_html("🎉<b>é</b>&amp;") == ("🎉é&", [{"type": "bold", "offset": 2, "length": 1}])


async def test_texts_are_counted_in_utf_16_units(sandbox: Sandbox, bot: Bot) -> None:
    await sandbox.phone_start(CARLA)
    await bot.send_message(CARLA, "🎉" * 2048)
    with pytest.raises(BadRequest, match="too long"):
        await bot.send_message(CARLA, "🎉" * 2048 + "x")
    with pytest.raises(BadRequest, match="empty"):
        await bot.send_message(CARLA, " ")


async def test_files_go_both_ways_and_an_album_is_several_updates(sandbox: Sandbox, bot: Bot) -> None:
    pictures = [packed(f"{n}.png", "image/png", b"\x89PNG" + bytes([n])) for n in (1, 2)]
    await sandbox.phone_send(CARLA, pictures, caption="Both")
    heard = [one.message for one in await bot.get_updates() if one.message]
    assert len({one.media_group_id for one in heard}) == 1
    assert [one.caption for one in heard] == ["Both", None]
    file = await bot.get_file(heard[1].photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == b"\x89PNG\x02"
    sent = await bot.send_document(CARLA, b"%PDF-1.7", filename="Häuser.pdf", caption="Here")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("Häuser.pdf", 8)
    both = [InputMediaDocument(b"a", filename="a.txt"), InputMediaDocument(b"b", filename="b.txt")]
    assert len(await bot.send_media_group(CARLA, both)) == 2


async def test_a_file_above_twenty_megabytes_cannot_be_had(sandbox: Sandbox, bot: Bot) -> None:
    await sandbox.phone_send(CARLA, [{**packed("film.mp4", "video/mp4", b"x"), "size": 20 * 1024 * 1024 + 1}])
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(update.message.document.file_id)


async def test_who_may_not_be_written_to_is_told_apart(sandbox: Sandbox, bot: Bot) -> None:
    with pytest.raises(Forbidden, match="initiate"):
        await bot.send_message(CARLA, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(404, "x")
    await sandbox.phone_start(CARLA)
    await sandbox.phone_block(CARLA, True)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(CARLA, "x")
    *_, told = await bot.get_updates()
    assert told.my_chat_member is not None
    assert told.my_chat_member.new_chat_member.status == "kicked"
    await sandbox.phone_write(CARLA, "Back again")
    await bot.send_message(CARLA, "x")
    await sandbox.phone_delete(CARLA)
    with pytest.raises(Forbidden, match="deactivated"):
        await bot.send_message(CARLA, "x")


async def test_a_group_that_grows_has_another_id(sandbox: Sandbox, bot: Bot) -> None:
    group = (await sandbox.new_group("Builders", [CARLA, MAX]))["chat"]["id"]
    await sandbox.phone_write(MAX, "among us", chat=group)
    assert await bot.get_updates() == (), "in privacy mode a bot is told only what is meant for it"
    await sandbox.phone_write(MAX, f"@{sandbox.telegram.bot['username']} help", chat=group)
    assert len(await bot.get_updates()) == 1
    grown = (await sandbox.upgrade_group(group))["chat"]["id"]
    with pytest.raises(ChatMigrated) as told:
        await bot.send_message(group, "x")
    assert told.value.new_chat_id == grown
    await bot.send_message(grown, "x")


async def test_more_than_telegram_allows_is_refused_with_how_long_to_wait(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.telegram.flood.clock = lambda: 0.0  # however long this takes
    await sandbox.phone_start(CARLA)
    for _ in range(3):
        await bot.send_message(CARLA, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(CARLA, "x")
    group = (await sandbox.new_group("Builders", [CARLA]))["chat"]["id"]
    for _ in range(20):
        await bot.send_message(group, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(group, "x")


async def test_faults_are_switched_while_it_runs(sandbox: Sandbox, bot: Bot) -> None:
    await sandbox.phone_start(CARLA)
    await sandbox.set_faults(telegram_limit_next=1, telegram_limit_seconds=7)
    with pytest.raises(RetryAfter, match="7"):
        await bot.send_message(CARLA, "x")
    await sandbox.set_faults(telegram_errors=1)
    with pytest.raises(NetworkError):
        await bot.send_message(CARLA, "x")
    await sandbox.set_faults(telegram_lose_answers=1)
    with pytest.raises(NetworkError):
        await bot.send_message(CARLA, "sent all the same")
    assert [one["text"] for one in sandbox.telegram.of(CARLA)] == ["/start", "sent all the same"]
    await sandbox.set_faults(telegram_duplicates=True)
    await sandbox.phone_write(CARLA, "twice")
    again = [one.update_id for one in await bot.get_updates()]
    assert len(again) == 3
    assert again[1] == again[2]


async def test_updates_come_one_to_three_times_and_in_any_order_where_they_are_scattered(
    sandbox: Sandbox, bot: Bot
) -> None:
    await sandbox.set_faults(telegram_scatter=True)
    for n in range(20):
        await sandbox.phone_write(CARLA, str(n))
    come: list[int] = []
    while some := [one.update_id for one in await bot.get_updates(max(come, default=-1) + 1 or 0)]:
        come += some
    times = [come.count(one) for one in set(come)]
    assert len(times) == 20
    assert set(times) <= {1, 2, 3}
    assert len(come) == sandbox.telegram.told
    assert come[:20] != sorted(come[:20])


async def test_a_bot_may_be_granted_more_in_a_second() -> None:
    for most in (30, 300):
        flood = Flood(in_all=most)
        for chat in range(1, most + 1):
            flood.take(chat)
        with pytest.raises(BotApiError):
            flood.take(most + 1)


async def test_another_token_is_nobodys(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidToken):
        async with a_bot(sandbox, "123:wrong"):
            pass


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    async with Sandbox(state=tmp_path) as box:
        await box.phone_write(CARLA, "Hola")
        token = box.telegram_token
    async with Sandbox(state=tmp_path) as box, a_bot(box, token) as bot:
        [update] = await bot.get_updates()
        assert update.message is not None
        await box.reset()
        assert await bot.get_updates() == ()
        await box.phone_write(CARLA, "Otra vez")
        [later] = await bot.get_updates()
        assert later.message is not None
        assert later.update_id > update.update_id
        assert later.message.message_id > update.message.message_id

"""Another library for Telegram's bots finds nothing strange in our stand-in, neither as a client nor by its types."""

import asyncio
import base64
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateways.telegram.client import HEARD
from sandbox import Sandbox
from tests.witness.pip import python_of

HERE = Path(__file__).parent / "aiogram"
CARLA, MAX, PRIYA = 20000001, 20000002, 20000003
CONTENT = bytes(range(256)) * 40
PATIENCE = 60.0

pytestmark = pytest.mark.witness


def packed(name: str, type: str) -> dict[str, str]:
    return {"name": name, "type": type, "base64": base64.b64encode(CONTENT).decode()}


@asynccontextmanager
async def bot_at(box: Sandbox) -> AsyncGenerator[Process]:
    """An aiogram bot that is up."""
    python = await asyncio.to_thread(python_of, HERE)
    settings = {"TELEGRAM_BOT_TOKEN": box.telegram_token, "TELEGRAM_API_URL": box.telegram_api_url}
    environment = {"PATH": os.environ["PATH"], **settings}
    bot = await asyncio.create_subprocess_exec(python, HERE / "bot.py", env=environment, stdin=PIPE, stdout=PIPE)
    assert bot.stdin is not None
    try:
        assert (await line_of(bot)).strip() == box.telegram.bot["username"]
        yield bot
    finally:
        bot.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await bot.wait()


async def line_of(bot: Process) -> str:
    assert bot.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await bot.stdout.readline()).decode()


async def says(box: Sandbox, chat: int, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What the bot says in a chat, once it does."""

    def there() -> dict[str, Any] | None:
        there = [one for one in box.telegram.messages.values() if one["chat"]["id"] == chat]
        said = [one for one in there if one["from"]["is_bot"] or "sender_business_bot" in one]
        return next(filter(wanted, said), None)

    return await box.until(there, within=PATIENCE)


async def test_aiogram_plays_a_whole_story_and_knows_everything_that_it_is_told() -> None:
    async with Sandbox(tiers=False) as box, bot_at(box) as bot:
        await a_story(box)
        assert await complaints(bot, [("Message", one) for one in box.telegram.messages.values()]) == set()
        async with Sandbox() as another:
            await everything(another)
            told = list(another.telegram.updates.values())
        assert {name for one in told for name in one} == {"update_id", *HEARD}
        assert await complaints(bot, [("Update", one) for one in told]) == set()


async def complaints(bot: Process, given: Sequence[tuple[str, Any]]) -> set[str]:
    """What aiogram finds wrong with all this."""
    assert bot.stdin is not None
    found: set[str] = set()
    for one in given:
        bot.stdin.write(f"{json.dumps(one)}\n".encode())
        found |= set(json.loads(await line_of(bot)))
    return found


async def a_story(box: Sandbox) -> None:
    """A customer and the bot."""
    await box.phone_start(CARLA, "abc_DEF-1")
    hello = await says(box, CARLA, lambda one: "by abc_DEF-1" in one["text"])
    assert hello["text"].startswith("Hello Carla Gómez")
    await box.phone_press(CARLA, hello["message_id"], "score:5")
    await says(box, CARLA, lambda one: one.get("text") == "You chose 5")
    said = await box.phone_write(CARLA, "a < b & c")
    echo = await says(box, CARLA, lambda one: one.get("text") == "a < b & c")
    assert [mark["type"] for mark in echo["entities"]] == ["bold"]
    assert echo["reply_to_message"]["message_id"] == said["message_id"]
    await box.phone_edit(CARLA, said["message_id"], "d")
    await says(box, CARLA, lambda one: one.get("text") == "It says d now")
    await box.phone_send(CARLA, [packed("a.bin", "application/octet-stream")])
    given = await says(box, CARLA, lambda one: "document" in one)
    assert box.telegram.bytes_of(box.telegram.files[given["document"]["file_id"]]) == CONTENT[::-1]
    assert given["media_group_id"]
    connection = await box.connect_business(MAX)
    await box.business_write(MAX, CARLA, "Is the shop open?")
    owners = await says(box, CARLA, lambda one: one.get("text") == "As its owner")
    assert owners["business_connection_id"] == connection["id"]


async def everything(box: Sandbox) -> None:
    """Whatever people can do in Telegram here."""
    said = await box.phone_start(CARLA, "abc")
    await box.phone_write(CARLA, "And this 🎉", reply_to=said["message_id"])
    await box.phone_edit(CARLA, said["message_id"], "otherwise")
    for kind in ("photo", "document", "voice", "audio", "video", "video_note", "animation", "sticker"):
        await box.phone_send(CARLA, [packed(f"{kind}.bin", "video/mp4")], kind=kind, caption="Look")
    await box.phone_send(CARLA, [packed("a.jpg", "image/jpeg"), packed("b.jpg", "image/jpeg")], caption="Both")
    for what in ("location", "contact"):
        await box.phone_share(CARLA, what)
    await box.phone_block(CARLA, True)
    group = (await box.new_group("Neighbours", [CARLA, MAX]))["chat"]["id"]
    await box.phone_write(MAX, f"@{box.telegram.bot['username']} hello", chat=group)
    grown = (await box.upgrade_group(group))["chat"]["id"]
    await box.kick_bot(grown)
    await box.connect_business(MAX)
    asked = await box.business_write(MAX, PRIYA, "Is the shop open?")
    await box.business_write(MAX, PRIYA, "Yes.", by_owner=True, reply_to=asked["message_id"])
    await box.business_edit(PRIYA, asked["message_id"], "Is the shop open today?")
    await box.business_delete(MAX, PRIYA, [asked["message_id"]])
    await box.connect_business(MAX, is_enabled=False)
    keyboard = {"inline_keyboard": [[{"text": "5 ★", "callback_data": "r:5"}]]}
    asked = box.telegram.said(box.telegram.chat(PRIYA), box.telegram.bot, text="How was it?", reply_markup=keyboard)
    await box.phone_press(PRIYA, asked["message_id"], "r:5")

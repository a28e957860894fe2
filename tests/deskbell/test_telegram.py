"""What an operator is told of the bot: by the doctor, by the figures, and by the desk when it cannot be read."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.templates.locales import translate
from deskbell import bots
from deskbell.figures import as_json, as_text
from gateways.telegram.client import Client
from gateways.telegram.polling import Polling
from sandbox import Sandbox
from tests.deskbell.test_commands import Terminal
from tests.deskbell.test_figures import configured
from tests.running import soon
from tests.world import World

WRONG = "123456789:AAF-this-is-not-a-real-token-of-anybody"


async def doctor(folder: Path, box: Sandbox, token: str | None = None) -> str:
    terminal = Terminal(folder)
    settings = {"TELEGRAM_BOT_TOKEN": token or box.telegram_token, "TELEGRAM_API_URL": box.telegram_api_url}
    said = await asyncio.to_thread(terminal.type, "doctor", **settings)
    assert "Traceback" not in said.stderr, said.stderr
    told = said.stdout + said.stderr
    assert (token or box.telegram_token) not in told
    return told


async def test_the_doctor_says_whether_telegram_knows_the_bot_and_who_else_hears_it(tmp_path: Path) -> None:
    async with Sandbox() as box:
        assert "✓ Telegram knows our bot: @example_help_bot." in await doctor(tmp_path, box)
        box.telegram.set_webhook({"url": "https://elsewhere.example/hook", "secret": ""})
        assert "is sent to elsewhere.example" in await doctor(tmp_path, box)
        assert "✗ Telegram does not answer as it should" in await doctor(tmp_path, box, WRONG)


async def said_of(box: Sandbox, **more: object) -> list[tuple[str, str]]:
    """What the doctor says of the bot, with its marks."""
    named = {"telegram_bot_token": SecretStr(box.telegram_token), "telegram_api_url": box.telegram_api_url}
    settings = configured(**named, **more)
    return [(mark, translate(said, "en")) async for mark, said in bots.look(settings)][1:]


async def test_the_doctor_says_which_way_what_customers_write_comes(tmp_path: Path) -> None:
    async with Sandbox() as box:
        [(mark, said)] = await said_of(box)
        assert mark == "good"
        assert "TELEGRAM_MODE=polling" in said
        [(mark, said)] = await said_of(box, telegram_mode="webhook")
        assert mark == "bad"
        assert "needs WEB_URL" in said
        hooked = {"telegram_mode": "webhook", "web_url": "http://127.0.0.1:9"}
        [(mark, said)] = await said_of(box, **hooked)
        assert (mark, "is told to bring" in said) == ("warn", True)
        await box.phone_write(20000001, "Hello?")
        box.bot_api.pushing.set({"url": f"http://127.0.0.1:9/telegram/{box.telegram.bot['id']}"})
        await box.until(lambda: box.bot_api.pushing.info().get("last_error_message"))
        [(mark, said)] = await said_of(box, **hooked)
        assert (mark, "Connection refused" in said) == ("bad", True)
        [(mark, said)] = await said_of(box)
        assert (mark, "until the desk starts" in said) == ("warn", True)
        box.telegram.confirm(1 << 60)
        assert [mark for mark, _ in await said_of(box, **hooked)] == ["good", "warn"]


async def test_what_is_no_token_is_named_and_not_shown(tmp_path: Path) -> None:
    async with Sandbox() as box:
        assert "TELEGRAM_BOT_TOKEN" in await doctor(tmp_path, box, "hush-hush")


def test_the_figures_say_whether_somebody_reads_what_comes(world: World) -> None:
    settings = configured(telegram_bot_token=SecretStr(WRONG))
    assert as_json(world.desk.figures(), settings)["telegram"] == {"123456789": {"is_read": False}}
    assert 'deskbell_telegram_is_read{bot="123456789"} 0' in as_text(world.desk.figures(), settings)
    world.desk.follow("telegram:123456789", "somebody", timedelta(minutes=1))
    assert 'deskbell_telegram_is_read{bot="123456789"} 1' in as_text(world.desk.figures(), settings)
    assert as_json(world.desk.figures(), configured())["telegram"] == {}


@pytest.mark.parametrize("what", ["a wrong token", "a webhook"])
async def test_supervisors_hear_what_only_a_person_can_mend(world: World, what: str) -> None:
    async with Sandbox() as box:
        if what == "a webhook":
            box.telegram.set_webhook({"url": "https://elsewhere.example/hook", "secret": ""})
        client = Client(WRONG if what == "a wrong token" else box.telegram_token, box.telegram_api_url)
        polling = Polling(world.desk, client, "the-test", rest=0.01)
        await polling.start(alone=True)
        await soon(lambda: world.desk.troubles("Sam Rivera").untold.first, "what supervisors hear")
        await asyncio.sleep(0.2)  # it is tried again meanwhile
        await polling.stop()
        await client.close()
    untold = world.desk.troubles("Sam Rivera").untold
    assert [len(untold.first)] == [1], "once, however often it was tried"
    assert "TELEGRAM" in str(untold.first) or "bot" in str(untold.first)

"""Telegram brings what comes to a bot: who may bring it, when it comes again, and who tells Telegram where to."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from core.desk import Desk
from core.storage.database import StoreDown
from gateways.telegram.polling import Polling
from gateways.telegram.webhook import HEADER, Webhook
from tests.gateways.telegram.conftest import CARLA, Chatting
from tests.ports import free_port

ELSEWHERE = "https://elsewhere.example/hook"


class Brought:
    """A desk to which Telegram brings what comes. `down`: how often its database cannot keep anything."""

    def __init__(self, chatting: Chatting):
        self.chatting, self.box, self.port, self.down = chatting, chatting.box, free_port(), 0
        self.webhook = self.webhook_at(f"http://127.0.0.1:{self.port}/help")
        chatting.box.bot_api.pushing.retries = (0.01,)

    def webhook_at(self, url: str) -> Webhook:
        return Webhook(cast("Desk", self), self.chatting.client, "the-test", url, rest=0.01)

    def __getattr__(self, name: str) -> Any:
        return self if name == "accept" else getattr(self.chatting.desk, name)

    async def soon(self, *given: Any) -> Any:
        if self.down:
            self.down -= 1
            raise StoreDown(OSError("the disk is full"))
        return await self.chatting.desk.accept.soon(*given)

    async def comes(self) -> None:
        """Everything that Telegram has is taken."""
        await self.box.until(lambda: not self.box.telegram.updates)
        await self.chatting.works()

    async def brings(self, **more: Any) -> int:
        path = f"/telegram/{self.chatting.client.id}"
        async with aiohttp.ClientSession() as http, http.post(f"http://127.0.0.1:{self.port}{path}", **more) as answer:
            return answer.status

    def troubles(self) -> str:
        return str(self.chatting.desk.troubles("Sam Rivera").untold.first)


@pytest.fixture
async def brought(chatting: Chatting) -> AsyncGenerator[Brought]:
    """As behind a web server that takes "/help" off."""
    made, inner, outer = Brought(chatting), web.Application(), web.Application()
    made.webhook.add_to(inner)
    made.webhook.add_to(outer)
    outer.add_subapp("/help", inner)
    runner = web.AppRunner(outer)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", made.port).start()
    yield made
    await runner.cleanup()


async def test_what_cannot_be_kept_comes_again_and_in_order(brought: Brought) -> None:
    await brought.webhook.look()
    brought.down = 3
    for n in range(3):
        await brought.box.phone_write(CARLA, f"Number {n}.")
    await brought.comes()
    assert brought.down == 0, "it was refused"
    assert await brought.chatting.heard(1) == ["Number 0.", "Number 1.", "Number 2."]


async def test_what_is_brought_twice_is_heard_once(brought: Brought) -> None:
    await brought.box.set_faults(telegram_duplicates=True)
    await brought.webhook.look()
    await brought.box.phone_write(CARLA, "Once")
    await brought.comes()
    assert await brought.chatting.heard(1) == ["Once"]


async def test_only_telegram_knows_our_secret(brought: Brought) -> None:
    update = {"update_id": 1, "message": {"chat": {"id": CARLA}}}
    for secret in ("", "wrong", brought.chatting.client.secret[:-1], "\u00e9"):
        assert await brought.brings(json=update, headers={HEADER: secret}) == 403
    assert await brought.brings(json=update) == 403
    ours = {HEADER: brought.chatting.client.secret}
    assert brought.chatting.client.secret not in brought.box.telegram_token
    for nonsense in (b"", b"[]", b"{}", b'"x"', b'{"update_id":"x"}', b'{"update_id":1,"message":3}'):
        assert await brought.brings(data=nonsense, headers=ours) == 400
    assert await brought.chatting.desk.jobs.soon() == [], "none of it is kept"


async def test_telegram_is_told_once_and_again_where_it_forgot(brought: Brought) -> None:
    def told() -> int:
        return [name for name, _ in brought.box.telegram.calls].count("setwebhook")

    await brought.webhook.look()
    await brought.webhook.look()
    assert told() == 1
    hook = brought.box.telegram.webhook
    assert hook is not None
    assert (hook["url"], hook["connections"]) == (brought.webhook.url, 1)
    brought.box.telegram.set_webhook(None)
    await brought.webhook.look()
    moved = brought.webhook_at("http://127.0.0.1:9/moved")
    await moved.look()
    assert told() == 3
    assert (brought.box.telegram.webhook or {})["url"] == moved.url


async def test_whoever_asks_again_takes_our_webhook_back_and_hears_what_waited(brought: Brought) -> None:
    brought.down = 1 << 30
    await brought.webhook.look()
    await brought.box.phone_write(CARLA, "Hello?")
    polling = Polling(brought.chatting.desk, brought.chatting.client, "the-test")
    await polling.begin()
    assert brought.box.telegram.webhook is None
    await brought.chatting.works()
    assert await brought.chatting.heard(1) == ["Hello?"]


async def test_what_others_have_set_is_left_alone_and_supervisors_hear_of_it(brought: Brought) -> None:
    brought.box.telegram.set_webhook({"url": ELSEWHERE, "secret": ""})
    await Polling(brought.chatting.desk, brought.chatting.client, "the-test").begin()
    await brought.webhook.look()
    assert (brought.box.telegram.webhook or {})["url"] == ELSEWHERE
    assert "elsewhere.example" in brought.troubles()


async def test_supervisors_hear_where_telegram_cannot_bring_anything(brought: Brought) -> None:
    brought.chatting.world.now -= timedelta(days=1)  # the stand-in's errors are of today
    webhook = brought.webhook_at("http://127.0.0.1:9")
    await webhook.look()
    await brought.box.phone_write(CARLA, "Hello?")
    await brought.box.until(lambda: brought.box.bot_api.pushing.info().get("last_error_message"))
    await webhook.look()
    assert brought.troubles() == "[]", "it may be over in a moment"
    await webhook.look()
    assert "Connection refused" in brought.troubles()


async def test_supervisors_hear_of_an_address_that_telegram_does_not_take(brought: Brought) -> None:
    webhook = brought.webhook_at("http://help.example")
    await webhook.look()
    assert "an https url must be provided" in brought.troubles()
    assert brought.box.telegram.webhook is None


async def test_of_two_who_serve_it_one_tells_telegram(brought: Brought) -> None:
    others = brought.webhook_at("http://127.0.0.1:9/other")
    await brought.webhook.start(alone=False)
    await brought.box.until(lambda: brought.box.telegram.webhook)
    stream = f"telegram:{brought.chatting.client.id}"
    assert await brought.chatting.desk.follow.soon(stream, "another", timedelta(minutes=1)) is None
    await brought.webhook.stop()
    await others.start(alone=False)
    await brought.box.until(lambda: (brought.box.telegram.webhook or {}).get("url") == others.url)
    await others.stop()

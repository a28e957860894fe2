"""With the app's manifest the sandbox knows its commands, shortcuts, scopes and subscriptions, and holds it to them."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox import Sandbox, SandboxError
from tests.sandbox.bots import Bot

MANIFEST = {
    "features": {
        "slash_commands": [
            {"command": "/desk", "description": "Tickets", "usage_hint": "[new]", "should_escape": True}
        ],
        "shortcuts": [
            {"name": "New ticket", "type": "global", "callback_id": "new", "description": "x"},
            {"name": "Make a ticket", "type": "message", "callback_id": "make", "description": "x"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "channels:manage", "commands"]}},
    "settings": {"event_subscriptions": {"bot_events": ["message.channels", "app_mention"]}},
}


@pytest.fixture
async def promised() -> AsyncGenerator[Sandbox]:
    async with Sandbox(manifest=MANIFEST) as sandbox:
        yield sandbox


async def test_the_page_offers_what_the_manifest_names(promised: Sandbox) -> None:
    state = promised.state()
    assert [(c["command"], c["usage_hint"]) for c in state["commands"]] == [("/desk", "[new]")]
    assert [(s["name"], s["type"]) for s in state["shortcuts"]] == [
        ("New ticket", "global"),
        ("Make a ticket", "message"),
    ]


async def test_what_the_manifest_does_not_name_does_not_exist(promised: Sandbox) -> None:
    with pytest.raises(SandboxError, match="unknown_command"):
        await promised.slash("U0ANN", "general", "/help")
    with pytest.raises(SandboxError, match="unknown_shortcut"):
        await promised.shortcut("U0ANN", "make")


async def test_a_command_that_escapes_gets_mentions(promised: Sandbox) -> None:
    async with Bot(promised, "socket mode") as bot:

        @bot.app.command("/desk")
        async def desk(ack: Any) -> None:
            await ack()

        await promised.slash("U0ANN", "general", "/desk", "ask @jonas in #general")
        assert bot.heard[-1]["text"] == "ask <@U0JONAS> in <#C0GENERAL|general>"


async def test_scopes_that_were_not_asked_for_are_missing(promised: Sandbox) -> None:
    async with Bot(promised, "socket mode") as bot:
        with pytest.raises(SlackApiError, match="missing_scope") as refused:
            await bot.client.users_info(user="U0ANN")
        assert refused.value.response["needed"] == "users:read"
        with pytest.raises(SlackApiError, match="not_in_channel"):
            await bot.client.chat_postMessage(channel="C0GENERAL", text="x")
        answer = await bot.client.auth_test()
        assert answer.headers["X-OAuth-Scopes"] == "chat:write,channels:manage,commands"


async def test_only_subscribed_events_are_heard(promised: Sandbox) -> None:
    async with Bot(promised, "socket mode") as bot:
        bot.listens_to_the_rest()
        room = await bot.room()
        ts = (await promised.say("U0ANN", room, "first"))["ts"]
        await promised.react("U0ANN", room, ts, "eyes")
        await promised.say("U0ANN", room, "@deskbell last")
        await bot.hears("app_mention")
        assert {body["event"]["type"] for body in bot.heard} == {"message", "app_mention"}

"""A real slack-bolt app against the sandbox, over Socket Mode or signed HTTP, that notes all it hears."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.rooms import NOTICES
from tests.sandbox.kit import Json, told


def is_notice(message: Json) -> bool:
    return message.get("subtype") in NOTICES


class Bot:
    """`heard` are the bodies of all requests, retries included; `app` takes listeners at any time."""

    def __init__(self, sandbox: Sandbox, transport: str) -> None:
        self.sandbox = sandbox
        self.transport = transport
        self.heard: list[Json] = []
        self.headers: list[dict[str, Any]] = []
        self.client = AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)
        self.app = AsyncApp(client=self.client, signing_secret=sandbox.signing_secret)
        self.app.middleware(self._note)
        self._runner: web.AppRunner | None = None
        self._socket: AsyncSocketModeHandler | None = None

    async def _note(self, body: Json, req: Any, next: Callable[[], Awaitable[None]]) -> None:
        self.heard.append(body)
        self.headers.append({name: values[0] for name, values in req.headers.items()})
        await next()

    async def __aenter__(self) -> Self:
        if self.transport == "socket mode":
            await self.connect()
        else:
            self._runner = web.AppRunner(self.app.web_app("/slack/events"), shutdown_timeout=0.2)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self.sandbox.request_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close_async()
        if self._runner is not None:
            await self._runner.cleanup()

    async def connect(self) -> None:
        self._socket = AsyncSocketModeHandler(self.app, self.sandbox.app_token, web_client=self.client, ping_interval=1)
        self._socket.client.auto_reconnect_enabled = True
        await self._socket.connect_async()
        await self.sandbox.until(lambda: self.sandbox.state()["connected"])

    def listens_to_the_rest(self) -> None:
        """Bolt acknowledges only what has a listener; call this after all others were added."""

        @self.app.event(re.compile(".*"))
        async def any_event() -> None:
            pass

    def events(self, kind: str, subtype: str | None = None) -> list[Json]:
        """Those of a kind, and of a subtype if one is named; without what Slack itself writes in rooms."""
        found = [body["event"] for body in self.heard if body.get("type") == "event_callback"]
        return [
            event
            for event in found
            if event["type"] == kind and (event.get("subtype") == subtype if subtype else not is_notice(event))
        ]

    def last(self, kind: str) -> Json:
        return [body for body in self.heard if body.get("type") == kind][-1]

    async def hears(self, kind: str, subtype: str | None = None, count: int = 1) -> Json:
        """The event, when it has come."""
        return (await self.sandbox.until(lambda: self.events(kind, subtype)[count - 1 : count] or None))[0]

    async def room(self, name: str = "support", *members: str) -> str:
        made = told(await self.client.conversations_create(name=name))
        room = made["channel"]["id"]
        await self.client.conversations_invite(channel=room, users=",".join(members or ("U0ANN", "U0JONAS")))
        return room

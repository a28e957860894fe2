"""A partner of a desk, on this machine: brings messages, takes webhooks, looks whether they are signed."""

from __future__ import annotations

import base64
import hmac
import json
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web

from core.desk import Desk
from core.tickets.sources import Credentials, Scope, Told
from gateways.web.api import Api
from gateways.web.posting import networks_of

HERE = networks_of("127.0.0.0/8")
EVERYTHING = tuple(Scope)


class Hook(NamedTuple):
    """A webhook that came."""

    id: str
    type: str
    data: dict[str, Any]

    @property
    def thread(self) -> str:
        return self.data["ticket"]["thread"]

    @property
    def text(self) -> str:
        return self.data["message"]["text"]


class Partner:
    """One source. `answers` are what it says to the next webhooks, before it takes those that follow."""

    def __init__(self) -> None:
        self.api, self.url, self.key = "", "", Credentials("", b"")
        self.hooks: list[Hook] = []
        self.files: dict[str, bytes] = {}
        self.answers: deque[web.Response | str] = deque()
        self.shut: set[str] = set()
        self.keys = count(1)
        self.session = aiohttp.ClientSession()

    @property
    def token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key.token}"}

    async def ask(self, method: str, path: str, *, key: str = "", **more: Any) -> tuple[int, Any]:
        """Ask the desk something: the status and what it said."""
        headers = {**self.token, **({"Idempotency-Key": key} if key else {}), **more.pop("headers", {})}
        async with self.session.request(method, self.api + path, headers=headers, **more) as answer:
            raw = await answer.read()
            assert answer.content_type in ("application/json", "application/problem+json", "application/octet-stream")
            return answer.status, json.loads(raw) if "json" in answer.content_type else raw

    async def brings(self, text: str, thread: str = "carla", **more: Any) -> dict[str, Any]:
        """Bring a message; what the desk says of it."""
        key = more.pop("key", None) or f"key-{next(self.keys)}"
        status, said = await self.ask("POST", "/messages", key=key, json={"text": text, "thread": thread, **more})
        assert status == 202, said
        return said

    async def takes(self, request: web.Request) -> web.StreamResponse:
        """A webhook comes."""
        raw = await request.read()
        id, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        right = hmac.digest(self.key.secret, f"{id}.{at}.".encode() + raw, sha256)
        assert f"v1,{base64.b64encode(right).decode()}" in request.headers["webhook-signature"].split()
        said = json.loads(raw)
        if said["data"]["ticket"].get("thread") in self.shut:
            return web.json_response({"detail": "they are gone"}, status=410)
        answer = self.answers.popleft() if self.answers else None
        if isinstance(answer, web.Response):
            return answer
        self.hooks.append(Hook(id, said["type"], said["data"]))
        for file in (said["data"].get("message") or {}).get("files", ()):
            status, content = await self.ask("GET", file["href"].removeprefix("/api/v1"))
            assert status == 200, content
            self.files[file["href"]] = content
        if answer == "lost":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=204)

    def told(self, type: str = "message.created") -> list[Hook]:
        return [hook for hook in self.hooks if hook.type == type]


@asynccontextmanager
async def partner_of(
    desk: Desk, name: str = "shop", *, told: tuple[Told, ...] = (), scopes: Collection[Scope] = EVERYTHING, **more: Any
) -> AsyncGenerator[Partner]:
    """A partner beside a desk whose API is served."""
    app, hooks, partner = web.Application(), web.Application(), Partner()
    Api(desk).add_to(app)
    hooks.router.add_post("/hooks", partner.takes)
    async with serving(app) as at, serving(hooks) as hooked:
        partner.api, partner.url = f"{at}/api/v1", f"{hooked}/hooks"
        partner.key = await desk.add_source.soon(name, scopes, told=told, url=partner.url, **more)
        try:
            yield partner
        finally:
            await partner.session.close()


@asynccontextmanager
async def served(handler: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncGenerator[str]:
    """One handler on loopback; where it is."""
    app = web.Application()
    app.router.add_post("/", handler)
    async with serving(app) as url:
        yield url


@asynccontextmanager
async def serving(app: web.Application) -> AsyncGenerator[str]:
    """An application on loopback; where it is."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()

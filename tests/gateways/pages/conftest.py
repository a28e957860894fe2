"""A desk with pages: somebody opens them, writes and sends, and the desk does what that calls for, step by step."""

from __future__ import annotations

import html
import io
import re
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from core.desk.pages import Pages
from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.tickets.model import Message
from core.tickets.passes import Purpose
from gateways.pages.hands import Visitors
from gateways.pages.routes import Serving, add_pages
from tests.apart import Lent
from tests.world import World

BASE = "https://help.example"
LARGEST = 3_000_000
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Seen:
    """An answer of ours."""

    def __init__(self, response: aiohttp.ClientResponse, body: bytes):
        self.status, self.headers, self.body = response.status, response.headers, body

    @property
    def html(self) -> str:
        return self.body.decode()

    @property
    def text(self) -> str:
        """The words of the page, without its style."""
        body = re.sub(r"(?s)<style>.*?</style>", "", self.html)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def form(self, do: str) -> dict[str, str]:
        """The hidden fields of the form that does this; of the only one where forms do not say."""
        forms = re.findall(r"(?s)<form.*?</form>", self.html)
        found = [dict(_HIDDEN.findall(form)) for form in forms]
        return next(fields for fields in found if fields.get("do", do) == do)


class Visitor:
    """Whoever has a browser, and the desk of `world` behind the pages."""

    def __init__(self, world: World, server: BaseTestServer, http: aiohttp.ClientSession, apart: Apart):
        self.world, self.desk = world, world.desk
        self._server, self._http = server, http
        self.drainer = Drainer(world.desk, {**world.drainer.hands, **Visitors(world.desk, apart).hands}, "the-pages")

    def url(self, path: str) -> str:
        return str(self._server.make_url(path.removeprefix(BASE)))

    async def link(self, number: int, purpose: Purpose = Purpose.READ) -> str:
        return (await self.desk.link.soon(number, purpose)).removeprefix(BASE)

    async def opens(self, path: str, **headers: str) -> Seen:
        async with self._http.get(self.url(path), headers=headers) as response:
            return Seen(response, await response.read())

    async def sends(
        self, path: str, fields: dict[str, str], files: Sequence[tuple[str, str, bytes]] = (), **headers: str
    ) -> Seen:
        """A form as browsers send it; the answer to it, not what that leads to."""
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        for name, type, content in files:
            form.add_field("files", io.BytesIO(content), filename=name, content_type=type)
        async with self._http.post(self.url(path), data=form, headers=headers, allow_redirects=False) as response:
            return Seen(response, await response.read())

    async def posts(self, path: str, kind: str, body: bytes) -> Seen:
        """Bytes that no browser sends."""
        headers = {"Content-Type": kind}
        async with self._http.post(self.url(path), data=body, headers=headers, allow_redirects=False) as response:
            return Seen(response, await response.read())

    async def writes(self, path: str, text: str, files: Sequence[tuple[str, str, bytes]] = ()) -> Seen:
        """Somebody opens the page, writes, and sends it."""
        page = await self.opens(path)
        return await self.sends(path, {**page.form("answer"), "text": text}, files)

    async def works(self, **span: float) -> None:
        """Time passes, and what is due is done."""
        self.world.now += timedelta(**span)
        for _ in range(20):
            due = await self.desk.waiting_destinations.soon(self.drainer.kinds)
            ready = [destination for destination, at in due.items() if at <= self.world.now]
            if not ready:
                return
            for destination in ready:
                await self.drainer.drain(destination)

    async def said(self, number: int) -> list[Message]:
        return list(await self.desk.conversation.soon(number))

    async def heard(self, number: int) -> list[str]:
        return [one.text for one in await self.said(number) if one.part.value == "requester"]


@pytest.fixture
async def visitor(world: World) -> AsyncGenerator[Visitor]:
    world.desk.pages = Pages(BASE)
    app = web.Application()
    add_pages(app, world.desk, Serving(LARGEST, LARGEST, looks=0))
    apart = Lent()
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        try:
            yield Visitor(world, server, http, apart)
        finally:
            await apart.close()


def there(page: Seen, *words: Any) -> None:
    for one in words:
        assert str(one) in page.text, page.text

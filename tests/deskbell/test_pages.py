"""What an operator does with pages: switch them on, hear from the doctor whether they are reached, hand out links."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from pydantic import ValidationError

from core.desk import Desk
from core.settings import Settings
from deskbell.opening import open_with
from deskbell.parts import House
from deskbell.reaching import reaching
from tests.deskbell.test_commands import Terminal
from tests.deskbell.test_figures import configured
from tests.ports import free_port
from tests.world import World


@asynccontextmanager
async def served(url: str, folder: Path, *, pages: bool = True) -> AsyncGenerator[tuple[Settings, Desk]]:
    port = free_port()
    address = f"http://127.0.0.1:{port}" if pages else None
    settings = configured(database_url=url, var=folder, web_port=port, web_url=address, imap={})
    desk = open_with(settings)
    try:
        async with House(settings, desk).serving(frozenset({"web"})):
            yield settings, desk
    finally:
        desk.db.close()


async def told(settings: Settings) -> list[str]:
    return [f"{mark} {said.text}" async for mark, said in reaching(settings)]


async def test_a_desk_that_is_served_shows_a_ticket_to_whoever_has_its_link(sqlite_url: str, tmp_path: Path) -> None:
    with World(sqlite_url, tmp_path) as world:
        number = world.mail()
    async with served(sqlite_url, tmp_path) as (settings, _), aiohttp.ClientSession() as http:
        terminal = Terminal(tmp_path)
        terminal.env |= {"DATABASE_URL": sqlite_url, "VAR": str(tmp_path), "WEB_URL": settings.web_url or ""}
        said = terminal.type("pages", "link", str(number)).stdout
        read, upload = re.findall(r"http://\S+", said)
        for url, status in ((read, 200), (upload, 200), (f"{settings.web_url}/contact", 404)):
            async with http.get(url) as answer:
                assert answer.status == status, url
        assert terminal.type("pages", "revoke", str(number)).returncode == 0
        async with http.get(read) as answer:
            assert answer.status == 404
        assert "Say its number" in terminal.type("pages", "revoke").stderr
        assert "There is no ticket" in terminal.type("pages", "revoke", "77").stderr
        assert await told(settings) == ["good Customers reach our pages: {url}."]


async def test_without_an_address_there_are_no_pages(sqlite_url: str, tmp_path: Path) -> None:
    with World(sqlite_url, tmp_path) as world:
        world.mail()
    async with served(sqlite_url, tmp_path, pages=False) as (settings, desk), aiohttp.ClientSession() as http:
        async with http.get(f"http://127.0.0.1:{settings.web_port}/contact") as answer:
            assert (answer.status, "Content-Security-Policy" in answer.headers) == (404, False)
        assert desk.pages is None
        assert await told(settings) == []


async def test_the_doctor_says_where_an_address_leads_elsewhere_or_nowhere(sqlite_url: str, tmp_path: Path) -> None:
    with World(sqlite_url, tmp_path):
        pass
    async with served(sqlite_url, tmp_path, pages=False) as (settings, _):
        elsewhere = settings.model_copy(update={"web_url": f"http://127.0.0.1:{settings.web_port}"})
        assert (await told(elsewhere))[0].startswith("bad WEB_URL, {url}, does not lead to our pages")
    assert (await told(elsewhere))[0].startswith("warn Nothing answers at WEB_URL")
    in_the_clear = settings.model_copy(update={"web_url": "http://help.invalid"})
    assert (await told(in_the_clear))[0].startswith("bad WEB_URL begins with http")


async def test_where_the_store_is_gone_a_page_says_that_nothing_was_taken(sqlite_url: str, tmp_path: Path) -> None:
    with World(sqlite_url, tmp_path):
        pass
    async with served(sqlite_url, tmp_path) as (settings, desk), aiohttp.ClientSession() as http:
        desk.db.close()
        async with http.post(f"{settings.web_url}/t/{'a' * 30}", data={"text": "Hello"}) as answer:
            assert answer.status == 503
            assert "What you sent was not taken" in await answer.text()


@pytest.mark.parametrize("url", ["help.example.org", "ftp://help.example.org", "https://help.example.org/?a=b"])
def test_what_is_no_address_of_pages_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="write https://HOST"):
        configured(web_url=url)


def test_an_address_has_no_slash_at_its_end() -> None:
    assert configured(web_url="https://example.org/help/").web_url == "https://example.org/help"

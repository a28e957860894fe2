"""A running desk and a store that takes nothing: every mail is taken in the end, and none twice; real sockets."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import Desk
from core.desk.opening import wall_clock
from core.rulebook import parse_toml
from core.settings import Settings
from core.storage.database import Database
from deskbell.parts import House
from tests.databases import fresh_database
from tests.deskbell.by_smtp import deliver
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.running import RunningDesk, running, soon
from tests.storage.conftest import Power, power
from tests.world import RULEBOOK

__all__ = ["power"]  # a fixture

SMALL, LARGE = 2_000, 400_000
"""Bytes: in the database itself, and in the folder beside it."""


def mail(number: int, size: int = SMALL) -> bytes:
    head = f"From: c{number}@example.com\r\nTo: support@desk.example\r\nMessage-ID: <{number}@example.com>\r\n"
    return f"{head}Subject: mail {number}\r\n\r\nHello.\r\n{('x' * 70 + chr(13) + chr(10)) * (size // 72)}".encode()


async def send(port: int, number: int, size: int = SMALL) -> int:
    """The code that a mail is answered with, by whichever command."""
    code, _ = await deliver(port, mail(number, size), f"c{number}@example.com")
    return code


async def send_all(port: int, numbers: range) -> list[int]:
    return await asyncio.gather(*(send(port, number) for number in numbers))


def subjects(path: Path) -> list[str]:
    """What the tickets in a SQLite file are about."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return sorted(subject for (subject,) in db.execute("select subject from tickets"))


def named(*numbers: int) -> list[str]:
    return sorted(f"mail {number}" for number in numbers)


# Full


@contextmanager
def full(desk: RunningDesk) -> Generator[None]:
    """Within it no file of the desk's can grow, as on a full disk."""
    [process] = desk.processes.values()
    usual = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    wal = os.path.getsize(desk.folder / "desk.db-wal")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (wal, usual[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, usual)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
async def test_mail_that_comes_while_the_disk_is_full_is_put_off_and_taken_when_there_is_room(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        assert await send(desk.smtp_port, 1) == 250
        await soon(lambda: subjects(tmp_path / "desk.db") == named(1))
        with full(desk):
            assert await send(desk.smtp_port, 2, LARGE) == 451
            assert await send_all(desk.smtp_port, range(3, 9)) == [451] * 6
            assert subjects(tmp_path / "desk.db") == named(1)
        assert await send(desk.smtp_port, 2, LARGE) == 250
        assert await send_all(desk.smtp_port, range(3, 9)) == [250] * 6
        await soon(lambda: subjects(tmp_path / "desk.db") == named(*range(1, 9)), desk.said())
        assert await desk.stop() == 0


# Locked


@asynccontextmanager
async def short_of_patience(url: str, folder: Path) -> AsyncGenerator[int]:
    """A desk that waits for other programs a moment only; the port it takes mail at."""
    desk = Desk(Database(url, wall_clock, folder / "blobs", patience=timedelta(milliseconds=200)))
    await desk.apply.soon(parse_toml(RULEBOOK, "desk.toml"), "test")
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        database_url=url,
        var=folder,
        smtp_port=free_port(),
        web_port=free_port(),
    )
    async with House(settings, desk).serving(frozenset({"mail", "work"})):
        yield settings.smtp_port
    desk.db.close()


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Within it another program writes into the file, and nobody else can."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_mail_that_comes_while_another_program_holds_the_file_is_put_off_and_then_taken(
    sqlite_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "desk.db"
    async with short_of_patience(sqlite_url, tmp_path) as port:
        assert await send(port, 1) == 250
        await soon(lambda: subjects(path) == named(1))
        with locked(path):
            assert await send(port, 2, LARGE) == 451
            assert await send_all(port, range(3, 9)) == [451] * 6
        assert await send(port, 2, LARGE) == 250
        assert await send_all(port, range(3, 9)) == [250] * 6
        await soon(lambda: subjects(path) == named(*range(1, 9)))


async def test_a_program_that_holds_the_file_for_a_moment_is_waited_for(sqlite_url: str, tmp_path: Path) -> None:
    async with short_of_patience(sqlite_url, tmp_path) as port:
        with locked(tmp_path / "desk.db"):
            sending = asyncio.create_task(send(port, 1))
            await asyncio.sleep(0.05)
        assert await sending == 250


async def test_what_came_before_the_file_was_held_is_understood_after_it(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    async with short_of_patience(sqlite_url, tmp_path) as port:
        assert await send_all(port, range(1, 9)) == [250] * 8
        with locked(path):  # some of them are understood by now, and some are not
            await asyncio.sleep(1)
        await soon(lambda: subjects(path) == named(*range(1, 9)))


# Down


async def test_mail_that_comes_while_the_server_is_down_is_put_off_and_taken_when_it_is_back(
    tmp_path: Path, postgres: str, migrated_database: str, power: Power
) -> None:
    with fresh_database(postgres, migrated_database) as url:
        async with running(tmp_path, url, ("serve work", "serve mail", "serve bot", "serve web")) as desk:
            assert await send(desk.smtp_port, 1) == 250
            room = await until_shown(desk, "mail 1")  # every part is at work: one that only starts says so and ends
            await asyncio.to_thread(power.off)
            assert set(await send_all(desk.smtp_port, range(2, 9))) == {451}
            await asyncio.to_thread(power.on)
            for number in range(2, 9):
                assert await again_and_again(desk.smtp_port, number) == 250
            for number in range(1, 9):
                await soon(lambda number=number: seen(desk, room, f"mail {number}") == 1, desk.said())
            assert await desk.stop() == 0


async def until_shown(desk: RunningDesk, words: str) -> str:
    """The room of support, once a card there says this."""

    def rooms() -> list[str]:
        return [room["id"] for room in desk.box.rooms if room["name"] == "desk-support"]

    await soon(lambda: any(seen(desk, room, words) for room in rooms()), desk.said())
    return rooms()[0]


async def again_and_again(port: int, number: int) -> int:
    """Sent until it is taken, as mail servers do."""
    async with asyncio.timeout(PATIENCE):
        while (code := await send(port, number)) != 250:  # noqa: ASYNC110 - it is down in another process
            await asyncio.sleep(0.2)
    return code


def seen(desk: RunningDesk, room: str, words: str) -> int:
    """How many cards say this."""
    return sum(words in str(m) for m in desk.box.messages(room) if m.get("thread_ts") in (None, m["ts"]))

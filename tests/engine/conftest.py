"""A desk with hands of one's own, on an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.desk import Desk
from core.desk.opening import wall_clock
from core.effects import Job
from core.engine.drain import Drainer
from core.engine.hands import Hand, Record
from core.storage import ledger
from core.storage.database import Database, Tx
from core.storage.ledger import Entry, Lease, State
from tests.databases import sqlite_copy
from tests.engine.site import Site, site_at
from tests.patience import PATIENCE
from tests.storage.conftest import power as power

Do = Callable[[Lease], Awaitable[Record | None]]


async def until(happens: Callable[[], Any]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(PATIENCE):
        while not happens():  # noqa: ASYNC110 - what happens is in other threads and processes
            await asyncio.sleep(0.005)


def job(lane: str = "lane", *, to: str = "there", kind: str = "do", **more: Any) -> Job:
    return Job(kind=kind, destination=to, lane=lane, **more)


class Yard:
    """A desk, its jobs, and what was done of them."""

    def __init__(self, url: str, folder: Path):
        self.url = url
        self.desk = Desk(Database(url, wall_clock, folder / "blobs", patience=timedelta(milliseconds=100)))
        self.done: list[str] = []  # lanes, in the order of doing
        self.recorded: list[str] = []

    def drainer(self, do: Do | None = None, **hand: Any) -> Drainer:
        return Drainer(self.desk, {"do": Hand(do or self.do, **hand)}, "the-test", lease_seconds=60)

    async def do(self, lease: Lease) -> Record | None:
        self.done.append(lease.lane)
        return self.record(lease.lane)

    def record(self, what: str) -> Record:
        def write(tx: Tx) -> None:
            self.recorded.append(what)

        return write

    async def ask(self, *asked: Job) -> None:
        await asyncio.wrap_future(self.desk.db.submit(lambda tx: ledger.add(tx, asked)))

    def entries(self, state: State | None = None) -> list[Entry]:
        return self.desk.jobs(state)


@pytest.fixture
async def yard(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Yard]:
    made = Yard(sqlite_url, tmp_path)
    yield made
    await asyncio.to_thread(made.desk.db.close)


@contextlib.asynccontextmanager
async def running(runner: Any) -> AsyncGenerator[Any]:
    await runner.start()
    try:
        yield runner
    finally:
        await runner.stop()


Sites = Callable[[str], contextlib.AbstractContextManager[Site]]


@pytest.fixture
def site_of(request: pytest.FixtureRequest) -> Sites:
    """Desks of real processes, with either runner on its database. Folders' names are short: sockets lie there."""

    @contextlib.contextmanager
    def made(runner: str) -> Generator[Site]:
        with tempfile.TemporaryDirectory(prefix="site-") as folder, contextlib.ExitStack() as stack:
            if runner == "embedded":
                url = sqlite_copy(request.getfixturevalue("migrated_file"), Path(folder))
            else:
                url = stack.enter_context(request.getfixturevalue("stock").borrow())
            yield stack.enter_context(site_at(url, Path(folder), runner))

    return made


@pytest.fixture(params=["embedded", "distributed"])
async def site(request: pytest.FixtureRequest, site_of: Sites) -> AsyncGenerator[Site]:
    """A desk of real processes with each runner."""
    with site_of(request.param) as made:
        yield made

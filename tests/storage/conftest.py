"""A ledger with nothing around it, and a database server that can be switched off."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.effects import Job
from core.pacing import Rate
from core.storage import claims, ledger
from core.storage.claims import Claimed
from core.storage.database import Database
from core.storage.ledger import Entry, Lease, State
from tests.databases import fresh_database, postgres_binaries, sqlite_copy

ALREADY_OVER = timedelta(seconds=-5)
"""The lease of a worker that has died: it has run out by every clock."""

SLOW = Rate(timedelta(seconds=1), 2)


def job(lane: str = "lane", *, to: str = "there", kind: str = "do", **more: Any) -> Job:
    return Job(kind=kind, destination=to, lane=lane, **more)


class Books:
    """A ledger whose clock stands still, and what it woke."""

    def __init__(self, url: str, folder: Path):
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.woken: list[tuple[str, datetime]] = []
        self.db = Database(url, lambda: self.now, folder / "blobs")
        self.db.on_wake = lambda destination, due: self.woken.append((destination, due))

    def ask(self, *asked: Job) -> list[int]:
        """Ask for jobs; the numbers of all that wait, oldest first."""
        self.db.run(lambda tx: ledger.add(tx, asked))
        return [entry.id for entry in self.entries(State.WAITING)]

    def claim(
        self,
        most: int = 100,
        *,
        at: str = "there",
        owner: str = "worker",
        lease: timedelta = timedelta(seconds=600),
        room: Mapping[str, int] | None = None,
    ) -> Claimed:
        wanted = room if room is not None else {"do": most}
        return self.db.run(lambda tx: claims.claim(tx, at, wanted, owner, lease, lambda name: SLOW))

    def claimed(self, most: int = 100, **how: Any) -> list[Lease]:
        return self.claim(most, **how).leases

    def one(self, **how: Any) -> Lease:
        (lease,) = self.claimed(1, **how)
        return lease

    def finish(self, lease: Lease, go_on: timedelta | None = None) -> Lease | None:
        return self.db.run(lambda tx: ledger.finish(tx, lease, go_on))

    def put_back(self, lease: Lease, reason: str = "not yet", *, counts: bool = True, **after: float) -> None:
        self.db.run(lambda tx: ledger.put_back(tx, lease, self.now + timedelta(**after), reason, counts=counts))

    def give_up(self, lease: Lease, reason: str = "never") -> None:
        self.db.run(lambda tx: ledger.give_up(tx, lease, reason))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def entries(self, state: State | None = None) -> list[Entry]:
        return self.db.run(lambda tx: ledger.entries(tx, state, most=100_000))

    def empty(self) -> None:
        """As new."""
        for table in ("jobs", "paces", "rounds"):
            self.db.run(lambda tx, table=table: tx.sql.exec_driver_sql(f"delete from {table}"))
        self.woken.clear()


@pytest.fixture(scope="session")
def sqlite_books(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return sqlite_copy(migrated_file, tmp_path_factory.mktemp("books"))


@pytest.fixture(scope="session")
def postgres_books(postgres: str, migrated_database: str) -> Generator[str]:
    with fresh_database(postgres, migrated_database) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Books]:
    """An empty ledger on each kind of database."""
    url = request.getfixturevalue("sqlite_books" if request.param == "sqlite" else "postgres_books")
    made = Books(url, tmp_path)
    made.empty()
    yield made
    made.db.close()


class Power:
    """The switch of a PostgreSQL server."""

    def __init__(self, server: str):
        with psycopg.connect(f"{server}/postgres") as admin:
            shown = admin.execute("show data_directory").fetchone()
        assert shown is not None
        binaries = postgres_binaries()
        assert binaries is not None
        self._data = Path(shown[0])
        as_whom = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        self._control = [*as_whom, str(binaries / "pg_ctl"), "-D", str(self._data), "-w"]

    def off(self) -> None:
        self._run("-m", "immediate", "stop")

    def on(self) -> None:
        self._run("-l", str(self._data / "log"), "start")

    def _run(self, *words: str) -> None:
        subprocess.run([*self._control, *words], check=True, capture_output=True, cwd="/")


@pytest.fixture
def power(postgres: str) -> Generator[Power]:
    """It is on again when the test is over."""
    switch = Power(postgres)
    yield switch
    with psycopg.connect(f"{postgres}/postgres"):
        pass

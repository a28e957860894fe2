"""Looks into a running desk's database from outside, only to see how far it has come."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg

from core.effects import RECEIVERS

PATIENCE = 120.0
"""Seconds in which what was accepted must be worked off."""

LONG_PATIENCE = 600.0
"""The same for what nobody waits for."""

_PLACES = ", ".join(f"'in:email:{n}'" for n in range(RECEIVERS))
_LEFT = f"select count(*) from jobs where destination in ({_PLACES}) and state < 2"
_UNREAD = "select count(*) from jobs where destination = 'understanding' and state < 2"
_STATES = "select state, count(*) from inbox where channel = 'email' group by state"


class _Connection(Protocol):
    def execute(self, query: Any, /) -> Any: ...


class Watch:
    """One connection that only reads."""

    def __init__(self, connection: _Connection):
        self._connection = connection

    def left(self) -> int:
        """Mails that are accepted and not understood yet."""
        return int(self._connection.execute(_LEFT).fetchone()[0])

    def states(self) -> dict[str, int]:
        """How many mails are in which state."""
        return dict(self._connection.execute(_STATES).fetchall())

    async def until_at_rest(self) -> None:
        """Wait until what customers want is understood of everything, which is done when nothing else is to be done."""
        until = time.perf_counter() + LONG_PATIENCE
        while left := int(self._connection.execute(_UNREAD).fetchone()[0]):
            if time.perf_counter() > until:
                raise RuntimeError(f"{left} tickets are still not read after {LONG_PATIENCE:g} seconds")
            await asyncio.sleep(0.05)

    async def until_worked_off(self) -> float:
        """Wait until nothing is left; when that was, by `time.perf_counter`."""
        until = time.perf_counter() + PATIENCE
        while left := self.left():
            if time.perf_counter() > until:
                raise RuntimeError(f"{left} mails are still not understood after {PATIENCE:g} seconds")
            await asyncio.sleep(0.01)
        return time.perf_counter()


@contextmanager
def watching(database: str) -> Generator[Watch]:
    """A look into the desk's database at this URL."""
    if database.startswith("sqlite"):
        lite = sqlite3.connect(f"file:{database.removeprefix('sqlite:///')}?mode=ro", uri=True, isolation_level=None)
        try:
            yield Watch(lite)
        finally:
            lite.close()
    else:
        with psycopg.connect(database, autocommit=True) as connection:
            yield Watch(connection)

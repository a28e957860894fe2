"""The office that the bot's tests work in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.bot.office import Office


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office that is open: rooms stand, agents are in them, everything runs."""
    async with Office(sqlite_url, tmp_path) as made:
        yield await made.open()


@pytest.fixture
async def closed_office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office in which nothing runs yet."""
    async with Office(sqlite_url, tmp_path) as made:
        yield made

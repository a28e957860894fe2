"""A sandbox and real apps that talk with it."""

from collections.abc import AsyncGenerator

import pytest

from sandbox import Sandbox
from tests.patience import UNHURRIED
from tests.sandbox.bots import Bot


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    async with Sandbox(**UNHURRIED) as sandbox:
        yield sandbox


@pytest.fixture(params=["socket mode", "signed http"])
async def bot(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncGenerator[Bot]:
    async with Bot(sandbox, request.param) as bot:
        yield bot


@pytest.fixture
async def socket_bot(sandbox: Sandbox) -> AsyncGenerator[Bot]:
    """For what has nothing to do with the transport."""
    async with Bot(sandbox, "socket mode") as bot:
        yield bot

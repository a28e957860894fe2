"""A desk beside a Slack workspace in which customers have a room."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from gateways.slack.wire.manifest import PATH
from sandbox import Sandbox
from tests.gateways.slack.rooms import Here, Rooms
from tests.world import World


@pytest.fixture
async def rooms(world: World) -> AsyncGenerator[Rooms]:
    async with Sandbox(tiers=False, manifest=PATH) as box:
        apart = Here()
        made = Rooms(world, box, apart)
        try:
            await made.open()
            yield made
        finally:
            await made.close()
            await apart.close()

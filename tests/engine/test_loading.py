"""While the encoders load, which takes seconds, the desk takes mail and answers agents as ever."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from core.routing import minds
from tests.e2e.play import ANN, Play
from tests.running import running

SOON = 1.0
"""Seconds within which an agent has to have an answer."""


@pytest.mark.skipif(not minds.installed("use,e5"), reason="no encoder for this platform")
async def test_the_bot_answers_within_a_second_after_the_start_while_encoders_load(tmp_path: Path) -> None:
    async with running(tmp_path, ENCODERS="use,e5") as desk:
        play = Play(desk)
        await play.writes("Where is it?", "My parcel has not arrived.")
        card = await play.sees(1)
        assert "🏷" not in str(card)  # it is not understood yet: the child loads what it reads with
        began = time.monotonic()
        await play.clicks(ANN, 1, "claim")
        await play.sees(1, "Ann Walker has it")
        assert time.monotonic() - began < SOON
        await asyncio.sleep(0)

"""The API and the pages of a process that is killed while they are used: nothing is lost, nothing is there twice."""

from __future__ import annotations

from pathlib import Path

from tests.gateways.web.killing import EACH, campaign
from tests.running import running

KILLS = 3
"""The long form: python -m bench.soak doors."""


async def test_whoever_gets_no_answer_asks_again_and_is_heard_once(tmp_path: Path) -> None:
    async with running(tmp_path, WEB_URL="https://help.example") as desk:
        done = await campaign(desk, KILLS)
        assert "Traceback" not in desk.said(), desk.said()
    done.check()
    assert done.posted
    assert done.brought + done.posted >= EACH * KILLS

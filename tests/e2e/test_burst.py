"""Much at once, told one to three times in any order, while the desk is killed: short for `python -m bench burst`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.burst import BOX, PACE, Conversations, Found, InSlack, OnPhones
from tests.running import running

PEOPLE, EACH = 8, 6
NOTHING = Found(lost=0, doubled=0, disordered=0)


@pytest.mark.kill
@pytest.mark.parametrize("customers", [InSlack, OnPhones])
async def test_a_burst_is_heard_once_and_in_order_though_the_desk_is_killed(
    tmp_path: Path, customers: type[Conversations]
) -> None:
    async with running(tmp_path, box={**BOX}, **PACE) as desk:
        came = await customers(desk, PEOPLE, EACH).burst()
        assert came.told > PEOPLE * EACH, "not everything was told once only"
        assert (came.kept, came.seen, came.answered) == (NOTHING, NOTHING, 0), desk.said()
        assert "Traceback" not in desk.said(), desk.said()

"""What the product shows in Slack, as Slack's own types see it: cards, threads, windows, the Home tab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.play import ANN, JONAS, Play
from tests.running import running, soon
from tests.witness.test_schemas import check_message, check_view

pytestmark = pytest.mark.witness

HOSTILE = "<!channel> *bold* <https://evil.example|click> `code` \u202eRTL 👩‍👩‍👧 " + "long " * 2000


async def test_everything_that_the_desk_shows_is_what_slack_takes(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        await play.writes("Ünïcode <!here> & more", HOSTILE, attachments=[_file(n) for n in range(3)])
        await play.receives("number is 1")
        await play.clicks(ANN, 1, "claim")
        await play.replies(ANN, 1, "Here you are.", then="close")
        await play.receives("Here you are.")
        await play.sees(1, "Closed")
        await play.clicks(JONAS, 1, "reopen")
        await play.sees(1, "Open")
        await play.clicks(ANN, 1, "reply")
        check_view(_asked(await play.window(ANN)))
        await play.clicks(JONAS, 1, "note")
        check_view(_asked(await play.window(JONAS)))
        await play.box.open_home(ANN)
        check_view(_asked(await soon(lambda: play.box.home(ANN), "Ann's Home")))
        await play.box.slash(ANN, play.room, "/desk", "help")

        shown = [m for m in play.box.spoken(play.room) if m.get("bot_id") and m.get("blocks")]
        assert len(shown) >= 3
        for message in [*shown, *play.box.ephemeral]:
            check_message(message.get("blocks") or [])


def _asked(view: dict[str, Any]) -> dict[str, Any]:
    """A view as the product sent it, without what Slack adds."""
    ours = ["type", "blocks", "callback_id", "private_metadata"]
    if view["type"] == "modal":
        ours += ["title", "submit", "close"]
    return {name: view[name] for name in ours if view.get(name)}


def _file(number: int) -> dict[str, str]:
    return {"name": f"photo {number}.png", "type": "image/png", "base64": "iVBORw0KGgo="}

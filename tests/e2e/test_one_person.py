"""One person with real processes: a mail, an invitation, a chat in the same ticket, and an answer by mail instead."""

from __future__ import annotations

import re
from pathlib import Path

from tests.e2e.play import ANN, Json, Play, filled
from tests.e2e.test_telegram import CARLA, Phone
from tests.running import running, soon


async def from_mail_to_chat_and_back(play: Play) -> None:
    phone = Phone(play)
    await play.writes("Where is my kettle?", "It was order 4711.")
    await play.receives("number is 1")
    await play.clicks(ANN, 1, "claim")
    await play.sees(1, "Ann Walker")
    await play.clicks(ANN, 1, "reply")
    await invited(play)
    mail = await play.receives("t.me")
    payload = re.search(r"\?start=([a-z2-7]+)", mail["text"])
    assert payload
    await phone.box.phone_start(CARLA, payload[1])
    await phone.gets("go on with your request 1 here")
    await play.sees_in_thread(1, "followed our signed link")
    await phone.writes("Here I am, in the chat.")
    await play.sees_in_thread(1, "Here I am, in the chat.")
    await play.sees(1, "Telegram")
    await play.replies(ANN, 1, "Quickly: it is on its way.")
    await phone.gets("Quickly: it is on its way.")

    await play.clicks(ANN, 1, "reply")
    view = await play.window(ANN)
    await play.box.submit(ANN, view["id"], filled(view, "The long story is this.", way="Email ("))
    letter = await play.receives("The long story is this.")
    assert letter["references"][0].startswith("<t."), "it stands in the thread of the mails before"
    await play.answers(letter, "Thank you, I have read it.")
    await play.sees_in_thread(1, "Thank you, I have read it.")
    assert play.cards(2) == []


async def invited(play: Play) -> None:
    """Ann presses the button in the window, and sends what it put there."""
    view = await play.window(ANN)
    await play.box.click(ANN, "invite", view_id=view["id"])
    view = await soon(lambda: next((one for one in play.box.views[ANN] if "t.me" in str(one)), None), "the invitation")
    await play.box.submit(ANN, view["id"], filled(view, "Hello Carla.\n\n" + typed(view)))


def typed(view: Json) -> str:
    inputs = [block["element"] for block in view["blocks"] if block["type"] == "input"]
    return next(one["initial_value"] for one in inputs if one["action_id"] == "text")


async def test_a_ticket_goes_from_mail_to_chat_and_back_and_stays_one_story(tmp_path: Path) -> None:
    async with running(tmp_path, UNDO_SECONDS="1") as desk:
        await from_mail_to_chat_and_back(Play(desk))
        assert "Traceback" not in desk.said(), desk.said()

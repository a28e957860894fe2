"""In Slack: who is on duty, duties that are swapped and handed over, and what happens if nobody answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, SAM, Office, buttons_of, filled, words_of
from tests.world import RULEBOOK

DUTIES = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\nladder = "usual"')
    + """
[[ladders]]
name = "usual"
steps = [{ after = "15m", notify = ["roster:watch"] }, { after = "15m", notify = ["supervisors"], important = true }]

[[rosters]]
name = "watch"
title = "Watch"
shifts = [{ people = ["Ann Walker"], starts = "2026-01-05", days = 7 }]
"""
)


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    async with Office(sqlite_url, tmp_path, DUTIES) as made:
        yield await made.open()


def moment(office: Office, **ahead: float) -> str:
    """A time as somebody in London types it."""
    return f"{office.desk.db.clock() + timedelta(**ahead):%Y-%m-%d %H:%M}"


async def test_who_has_a_duty_is_told_and_seen_by_command_and_at_home(office: Office) -> None:
    await office.told(ANN, "You have the duty “Watch” now.")
    await office.sandbox.slash(JONAS, ROOM, "/desk", "oncall")
    await office.told(JONAS, "Watch: Ann Walker")
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: office.sandbox.state()["homes"].get(ANN))
    assert "Watch: Ann Walker" in words_of(home)
    assert {"duty-swap", "duty-absent", "duty-note"} <= set(buttons_of(home))


async def test_a_duty_is_swapped_when_whoever_is_asked_accepts(office: Office) -> None:
    await office.sandbox.slash(ANN, ROOM, "/desk", "oncall")
    await office.told(ANN, "Watch: Ann Walker")
    await office.sandbox.click(ANN, "duty-swap", ephemeral_id=office.sandbox.ephemeral[-1]["id"])
    view = await office.modal(ANN, "duty-swap")
    values = {
        **_picked(view, "duty", "Watch"),
        **_picked(view, "to", "Jonas Becker"),
        "begins": {"begins": {"value": "tomorrow"}},
        "ends": {"ends": {"value": moment(office, hours=30)}},
    }
    answer = await office.sandbox.submit(ANN, view["id"], values)
    assert "Write days and times like this" in str(answer) + str(office.sandbox.views)
    values["begins"] = {"begins": {"value": moment(office, hours=-1)}}
    await office.sandbox.submit(ANN, view["id"], values)
    await office.told(JONAS, "Ann Walker fragt: Können Sie den Dienst „Watch“ übernehmen?")
    room = next(room["id"] for room in office.sandbox.rooms if room["is_im"] and JONAS in room["members"])
    asked = office.sandbox.messages(room)[-1]
    await office.sandbox.click(JONAS, "swap-accept", room=room, ts=asked["ts"])
    await office.told(ANN, "Jonas Becker takes your duty “Watch”.")
    await office.told(JONAS, "Sie haben jetzt den Dienst „Watch“.")


async def test_a_note_is_left_for_whoever_comes_next(office: Office) -> None:
    await office.sandbox.slash(ANN, ROOM, "/desk", "oncall")
    await office.told(ANN, "Watch: Ann Walker")
    await office.sandbox.click(ANN, "duty-note", ephemeral_id=office.sandbox.ephemeral[-1]["id"])
    view = await office.modal(ANN, "duty-note")
    values = {**filled(view, "Printer 3 is on fire."), **_picked(view, "duty", "Watch")}
    await office.sandbox.submit(ANN, view["id"], values)
    await office.sandbox.slash(JONAS, ROOM, "/desk", "oncall")
    await office.told(JONAS, "Printer 3 is on fire.")


async def test_supervisors_see_what_happens_if_nobody_answers(office: Office) -> None:
    number = await office.mail()
    await office.sandbox.slash(SAM, ROOM, "/desk", f"whatif {number}")
    said = await office.told(SAM, "if nobody acts")
    assert "Ann Walker (has the duty “watch” then)" in said
    assert "Sam Rivera (supervisor); at any hour" in said
    await office.sandbox.slash(ANN, ROOM, "/desk", "whatif support")
    await office.told(ANN, "Only supervisors can do this.")


async def test_a_ticket_rests_and_is_woken_by_command(office: Office) -> None:
    number = await office.mail()
    await office.sandbox.slash(ANN, ROOM, "/desk", f"snooze {number} soon")
    await office.told(ANN, "For how long?")
    await office.sandbox.slash(ANN, ROOM, "/desk", f"snooze {number} 3h The shop calls back.")
    await office.told(ANN, f"Ticket #{number} rests until")
    await office.sandbox.slash(ANN, ROOM, "/desk", f"wake {number}")
    await office.told(ANN, f"Ticket #{number} rests no more.")


def _picked(view: Json, block: str, title: str) -> Json:
    element = next(one["element"] for one in view["blocks"] if one["block_id"] == block)
    option = next(one for one in element["options"] if one["text"]["text"] == title)
    return {block: {element["action_id"]: {"selected_option": option}}}

"""In Slack: who hears that a ticket waits, what they can do about it, and what the card says of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.engine.otherwise import Letter, Otherwise
from core.rulebook import Agent
from core.storage import pings
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, Office, filled, words_of
from tests.world import RULEBOOK

WAITING = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\nladder = "usual"')
    + """
[[ladders]]
name = "usual"
still_on_it_after = "2h"
steps = [
    { after = "15m", notify = ["agent:Ann Walker"] },
    { after = "15m", notify = ["agent:Jonas Becker", "group:S0NIGHT"], important = true },
]
"""
)


class Post:
    """Another way to agents, in memory."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Letter]] = []

    def reaches(self, agent: Agent) -> bool:
        return True

    async def tell(self, agent: Agent, letter: Letter) -> None:
        self.letters.append((agent.name, letter))


class Waiting(Office):
    """An office in which tickets do not wait alone."""

    post: Post

    def hands(self) -> Any:
        self.post = Post()
        return {**super().hands(), **Otherwise(self.desk, {"post": self.post}).hands}


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Waiting]:
    async with Waiting(sqlite_url, tmp_path, WAITING) as made:
        await made.open()
        yield made


def direct(office: Office, user: str) -> str:
    """The room of what the desk writes to somebody."""
    return next(room["id"] for room in office.sandbox.rooms if room["is_im"] and user in room["members"])


def told(office: Office, user: str, words: str) -> Json | None:
    said = office.sandbox.messages(direct(office, user))
    return next((message for message in reversed(said) if words in words_of(message)), None)


async def later(office: Office, **span: float) -> None:
    """Time passes, and the clock is looked at."""
    office.ahead += timedelta(**span)
    office.desk.db.on_wake("clock", office.desk.db.clock())


def calls(office: Office, user: str) -> list[str]:
    return [said for said in office.whispers(user) if "nobody has taken it on" in said]


async def test_an_agent_hears_of_a_ticket_and_takes_it_from_there(office: Waiting) -> None:
    number = await office.mail("The printer is on fire.")
    await later(office, minutes=15)
    assert "Step 1 of 2" in await office.told(ANN, "nobody has taken it on")
    said = told(office, ANN, "nobody has taken it on")
    assert said is not None
    await office.sandbox.click(ANN, "on-it", room=direct(office, ANN), ts=said["ts"])
    await office.told(ANN, "Nobody else is called")
    assert ((await office.ticket(number)).assignee or "").endswith(ANN)
    await later(office, minutes=120)
    await office.told(ANN, "Are you still on this ticket?")
    assert calls(office, JONAS) == []


async def test_a_group_is_called_in_the_thread_and_the_card_says_how_far_it_has_come(office: Waiting) -> None:
    number = await office.mail("The printer is on fire.")
    await office.card_of(number)
    await later(office, minutes=15)
    await office.until(lambda: "step 1 is done" in words_of(office.find_card(number) or {}))
    await later(office, minutes=15)
    await office.until(lambda: any("<!subteam^S0NIGHT>" in words_of(said) for said in office.in_thread(number)))


async def test_where_slack_is_down_what_is_important_goes_another_way_and_once(office: Waiting) -> None:
    number = await office.mail("The printer is on fire.")
    await office.card_of(number)
    await later(office, minutes=15)
    await office.told(ANN, "nobody has taken it on")
    await office.quiet()
    office.sandbox.faults.api_error["chat.postMessage"] = "token_revoked"
    await later(office, minutes=15)
    await office.until(lambda: office.post.letters != [])
    name, letter = office.post.letters[0]
    assert (name, letter.ticket) == ("Jonas Becker", number)
    assert "Slack could not be reached" in letter.text

    async def is_known() -> bool:
        known = await office.desk.db.submit_soon(lambda tx: pings.of_tickets(tx, [number])[number])
        return [one.way for one in known if one.target == "Jonas Becker" and one.sent_at] == ["post"]

    await office.eventually(is_known)
    office.sandbox.faults.api_error.clear()
    await office.later(600)
    assert calls(office, JONAS) == []
    assert len(office.post.letters) == 1


async def test_a_ticket_rests_with_a_reason_by_its_button_and_is_woken(office: Waiting) -> None:
    number = await office.mail("It can wait.")
    await office.click(ANN, number, "snooze")
    view = await office.modal(ANN, "snooze")
    values = filled(view, "The shop calls back.")
    block, spans = next((one["block_id"], one["element"]) for one in view["blocks"] if one["block_id"] == "for")
    values[block] = {"for": {"selected_option": spans["options"][1]}}
    await office.sandbox.submit(ANN, view["id"], values)
    await office.until(lambda: "It rests until" in words_of(office.find_card(number) or {}))
    await office.click(ANN, number, "wake")
    await office.until(lambda: "It rests until" not in words_of(office.find_card(number) or {}))
    assert (await office.ticket(number)).snoozed_until is None

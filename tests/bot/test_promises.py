"""In Slack: what is promised on the card, who is told before it is late, and when queues are open."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.desk.house import CLOCK
from sandbox.errors import Json
from tests.bot.office import ANN, Office, words_of
from tests.world import RULEBOOK

ROOM = "desk-support"
PROMISING = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\ncalendar = "office"')
    + """
[[calendars]]
name = "office"
hours = ["00:00-23:59"]

[[policies]]
name = "usual"
calendar = "always"
first_response = "1h"
"""
)


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    async with Office(sqlite_url, tmp_path, PROMISING) as made:
        yield await made.open()


def warning(office: Office, number: int, words: str) -> Json | None:
    return next((post for post in office.in_thread(number) if words in words_of(post)), None)


async def pass_by(office: Office, minutes: float) -> None:
    await office.later(minutes * 60)
    office.runner.wake(CLOCK, office.desk.db.clock())


async def test_a_promise_stands_on_the_card_and_is_told_to_whoever_has_the_ticket(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    assert "🟢 first answer by" in words_of(card)
    assert "<!date^" in str(card["blocks"]), "in each reader's own zone"
    await pass_by(office, 31)
    early = await office.until(lambda: warning(office, number, "50 % of the time are used"))
    assert early["text"].startswith("<!here>"), "nobody has it"
    assert early["subtype"] == "thread_broadcast", "the room sees it, too"
    await office.click(ANN, number, "claim")
    await pass_by(office, 40)
    late = await office.until(lambda: warning(office, number, "is late"))
    assert late["text"].startswith(f"<@{ANN}>")
    await office.until(lambda: (found := office.find_card(number)) and "🔴 first answer was due" in words_of(found))


async def test_a_ticket_is_put_on_hold_and_taken_up_by_its_number(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.sandbox.slash(ANN, ROOM, "/desk", f"hold {number}")
    await office.told(ANN, f"Ticket #{number} is on hold.")
    await office.until(lambda: (found := office.find_card(number)) and "first answer" not in words_of(found))
    assert (await office.ticket(number)).status == "on_hold"
    await office.sandbox.slash(ANN, ROOM, "/desk", f"hold {number}")
    await office.told(ANN, f"Ticket #{number} is on hold already.")
    await office.sandbox.slash(ANN, ROOM, "/desk", f"resume {number}")
    await office.told(ANN, f"Ticket #{number} goes on.")
    assert (await office.ticket(number)).status == "new"


async def test_the_home_and_a_command_say_when_queues_are_open(office: Office) -> None:
    await office.sandbox.open_home(ANN)
    await office.until(lambda: (found := office.sandbox.home(ANN)) and "🟢 Open until" in words_of(found))
    await office.sandbox.slash(ANN, ROOM, "/desk", "hours")
    assert "Support: 🟢 Open until" in await office.told(ANN, "Open until")

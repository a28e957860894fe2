"""Tickets of one matter, in Slack: the proposal in the queue's room, what agents say of it, and the cards."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.routing.clusters import Alike
from core.routing.minds import Read
from core.routing.understood import Understood
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, Office, buttons_of, key_of, words_of
from tests.world import RULEBOOK

BROKEN = Understood(language="en", topic="billing", topic_confidence=0.9, urgency=1)
HOSTILE = "<!channel> *pay* <https://evil.example|click>"


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office in which two customers are enough for an incident."""
    book = RULEBOOK.replace('reopen_within = "14d"', 'reopen_within = "14d"\nincident_from = 2')
    async with Office(sqlite_url, tmp_path, book) as made:
        yield await made.open()


async def told(office: Office, who: str, *alike: int) -> int:
    number = await office.mail("I cannot pay", sender=f"{who}@{who}.example", name=who, subject=HOSTILE)
    await office.card_of(number)
    to_read = await office.desk.to_understand.soon(number, ())
    assert to_read is not None
    read = Read(BROKEN, alike=tuple(Alike(one, 0.81, False) for one in alike))
    await office.desk.now_understood.soon(number, to_read, read)
    return number


async def proposal(office: Office, words: str, id: int = 1) -> Json:
    """It, once it says this."""

    def found() -> Json | None:
        return next((m for m in office.posts if key_of(m) == f"gathering:{id}" and words in words_of(m)), None)

    return await office.until(found)


async def press(office: Office, user: str, post: Json, action: str) -> None:
    await office.sandbox.click(user, action, room=office.room_of(post), ts=post["ts"])


async def test_an_incident_is_proposed_in_the_room_and_the_cards_say_what_an_agent_said(office: Office) -> None:
    first = await told(office, "ann")
    second = await told(office, "bob", first)
    post = await proposal(office, "2 customers write the same")
    assert "thread_ts" not in post
    said = words_of(post)
    assert "the same meaning, 81 % alike" in said
    assert "2 customers or more, within 30 min" in said
    assert HOSTILE in said  # as words, not as what Slack would make of them
    assert "<!channel>" not in post["text"]
    await press(office, ANN, post, "gather")
    await proposal(office, f"One incident, says Ann Walker: 2 tickets under #{first}")
    await office.until(lambda: f"One matter with #{first}" in words_of(office.find_card(second) or {}) or None)
    await office.until(lambda: "Others say the same" in words_of(office.find_card(first) or {}) or None)
    third = await told(office, "cid", second)
    post = await proposal(office, "3 tickets")
    await press(office, JONAS, post, "part")
    post = await proposal(office, "Not one matter, says Jonas Becker")
    assert not buttons_of(post)
    await office.until(lambda: "One matter with" not in words_of(office.find_card(third) or {}) or None)


async def test_what_a_customer_told_twice_is_asked_below_the_newer_card(office: Office) -> None:
    first = await told(office, "ann")
    second = await told(office, "ann", first)
    post = await proposal(office, "an open ticket that says the same")
    card = office.find_card(second)
    assert card is not None
    assert post["thread_ts"] == card["ts"]
    await press(office, ANN, post, "gather")
    await proposal(office, f"it goes on in #{first}")
    assert (await office.ticket(second)).status == "closed"

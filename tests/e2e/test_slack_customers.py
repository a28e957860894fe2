"""The story in a shared room of Slack with real processes: another company's customer, a card, an answer, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.databases import fresh_database
from tests.e2e.play import ANN, Json, Play
from tests.gateways.slack.rooms import words
from tests.running import running, soon

NOOR, ROOM = "U0NOOR", "acme-help"
PARTS = ("serve work", "serve mail", "serve bot", "serve web")


class Customer:
    """A customer from another company, in the room that it shares with us."""

    def __init__(self, play: Play):
        self.play, self.box = play, play.box

    async def says(self, text: str, thread: str | None = None) -> str:
        said = await self.box.say(NOOR, ROOM, text, thread_ts=thread)
        return said["ts"]

    def shown(self, text: str, thread: str) -> list[Json]:
        return [
            one
            for one in self.box.spoken(ROOM)
            if one.get("bot_id") and one.get("thread_ts") == thread and text in words(one)
        ]

    async def gets(self, text: str, thread: str) -> Json:
        return (await soon(lambda: self.shown(text, thread), f"“{text}” in #{ROOM}\n{self.play.desk.said()}"))[0]


async def whole_story(play: Play) -> None:
    customer = Customer(play)
    ts = await customer.says("Our printer is on fire. <!channel> please")
    await customer.gets("number 1", ts)
    card = await play.sees(1, "Our printer is on fire. @channel please")
    assert "Noor Haddad, in #acme-help · Slack" in str(card)
    await play.box.say(ANN, "desk-support", "What do they pay us?", thread_ts=card["ts"])
    await play.clicks(ANN, 1, "claim")
    await play.sees(1, "Ann Walker")
    await play.replies(ANN, 1, "Leave the room & call <112>.", then="close")
    answer = await customer.gets("Leave the room & call <112>.", ts)
    assert answer["username"] == "Ann Walker · Example Help"
    await play.sees(1, "Closed")
    await customer.says("It still burns!", ts)
    await play.sees_in_thread(1, "It still burns!")
    await play.sees(1, "Open")
    assert len(play.cards(1)) == 1
    assert play.cards(2) == []
    assert not [one for one in play.box.spoken(ROOM) if "pay us" in words(one)]


async def test_the_story_in_a_shared_room(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await whole_story(Play(desk))
        assert "Traceback" not in desk.said(), desk.said()


async def test_the_story_in_a_shared_room_in_four_processes(
    postgres: str, migrated_database: str, tmp_path: Path
) -> None:
    with fresh_database(postgres, migrated_database) as database:
        async with running(tmp_path, database, PARTS) as desk:
            await whole_story(Play(desk))
            assert "Traceback" not in desk.said(), desk.said()


@pytest.mark.kill
async def test_nothing_is_lost_or_doubled_when_it_is_killed_all_the_time(tmp_path: Path) -> None:
    async with running(tmp_path, box={"retry_after": (0, 1, 1, 2, 2)}) as desk:
        play = Play(desk)
        customer = Customer(play)
        await desk.box.set_faults(duplicate_events=True)
        ts = await customer.says("Customer 0.")
        for n in range(1, 4):
            await customer.says(f"Customer {n}.", ts)
            await asyncio.sleep(0.07 * n)
            await desk.kill()
            await desk.start()
        await play.sees(1)
        for n in range(1, 4):
            await play.sees_in_thread(1, f"Customer {n}.")
        assert [len(play.thread(1, f"Customer {n}.")) for n in range(1, 4)] == [1] * 3
        assert play.cards(2) == []
        for n in range(3):
            await play.replies(ANN, 1, f"Answer {n}.")
            await asyncio.sleep(0.9 + 0.1 * n)
            await desk.kill()
            await desk.start()
        for n in range(3):
            await customer.gets(f"Answer {n}.", ts)
        assert [len(customer.shown(f"Answer {n}.", ts)) for n in range(3)] == [1] * 3

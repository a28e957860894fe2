"""The story on a phone with real processes: a chat, its card, claim, answer, close, and back; also when killed."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox
from tests.databases import fresh_database, migrated_sqlite, sqlite_copy
from tests.e2e.play import ANN, Json, Play
from tests.running import RunningDesk, running, soon

CARLA, MAX = 20000001, 20000002
PARTS = ("serve work", "serve mail", "serve bot", "serve web")


class Phone:
    """A customer's phone."""

    def __init__(self, play: Play, number: int = CARLA):
        self.play, self.box, self.number = play, play.box, number

    async def writes(self, text: str, **more: Any) -> Json:
        return await self.box.phone_write(self.number, text, **more)

    def shows(self, words: str = "") -> list[Json]:
        """What the bot said that holds these words."""
        bot = self.box.telegram.bot["id"]
        said = [one for one in self.box.telegram.of(self.number) if one["from"]["id"] == bot]
        return [one for one in said if words in (one.get("text") or one.get("caption") or "")]

    async def gets(self, words: str) -> Json:
        return (await soon(lambda: self.shows(words), f"“{words}” on the phone\n{self.play.desk.said()}"))[0]


async def whole_story(play: Play) -> None:
    phone = Phone(play)
    await phone.box.phone_start(CARLA)
    await phone.gets("Example Help")
    await phone.writes("My order has not come. <!channel> *please*")
    await phone.gets("number 1")
    card = await play.sees(1, "My order has not come. <!channel> *please*")
    assert "<>" not in str(card), "a chat has no address that anybody could write to"
    await phone.writes("It was number A-77.")
    await play.sees_in_thread(1, "It was number A-77.")

    await play.clicks(ANN, 1, "claim")
    await play.sees(1, "Ann Walker")
    await play.replies(ANN, 1, "It leaves <b>today</b> & comes tomorrow.", then="close")
    answer = await phone.gets("It leaves <b>today</b> & comes tomorrow.")
    assert answer["text"] == "It leaves <b>today</b> & comes tomorrow.", "as it was written, with nothing around it"
    assert "sendchataction" in {name for name, _ in phone.box.telegram.calls}, "she saw that somebody writes"
    await play.sees(1, "Closed")

    await phone.writes("It is still not here!", reply_to=answer["message_id"])
    await play.sees_in_thread(1, "It is still not here!")
    await play.sees(1, "Open")
    assert len(play.cards(1)) == 1
    assert len(phone.shows("number 1")) == 1
    await play.clicks(ANN, 1, "close")
    await play.sees(1, "Closed")
    assert play.cards(2) == []


async def test_the_story_on_a_phone_in_one_process(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await whole_story(Play(desk))
        assert "Traceback" not in desk.said(), desk.said()
        assert desk.box.telegram_token not in desk.said()
        assert await desk.stop() == 0


async def test_telegram_brings_what_comes_also_after_a_kill_and_the_way_back_is_a_setting(tmp_path: Path) -> None:
    async with Sandbox(shares_a_room=True) as box:
        desk = RunningDesk(box, tmp_path, sqlite_copy(migrated_sqlite(), tmp_path), ["run"], TELEGRAM_MODE="webhook")
        desk.env["WEB_URL"] = f"http://127.0.0.1:{desk.web_port}"
        await desk.start()
        phone, play = Phone(Play(desk)), Play(desk)
        await phone.writes("My order has not come.")
        await play.sees(1, "My order has not come.")
        await desk.kill()
        await phone.writes("It was number A-77.")
        await desk.start()
        await play.sees_in_thread(1, "It was number A-77.")
        assert "getupdates" not in {name for name, _ in box.telegram.calls}
        assert await desk.stop() == 0
        desk.env["TELEGRAM_MODE"] = "polling"
        await phone.writes("Are you there?")
        await desk.start()
        await play.sees_in_thread(1, "Are you there?")
        assert box.telegram.webhook is None
        assert box.bot_api.pushing.info()["url"] == ""
        assert await desk.stop() == 0
        assert "Traceback" not in desk.said(), desk.said()
        assert len(play.thread(1, "It was number A-77.")) == 1


async def test_the_story_on_a_phone_in_four_processes(postgres: str, migrated_database: str, tmp_path: Path) -> None:
    with fresh_database(postgres, migrated_database) as database:
        async with running(tmp_path, database, PARTS) as desk:
            await whole_story(Play(desk))
            assert "Traceback" not in desk.said(), desk.said()


async def test_files_come_and_go_and_edits_are_seen(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        phone = Phone(play)
        pictures = [packed(f"{n}.png", "image/png", b"\x89PNG" + bytes([n])) for n in (1, 2)]
        [first, _] = await phone.box.phone_send(CARLA, pictures, caption="Both are broken")
        await play.sees(1, "Both are broken")
        await play.sees(1, f"photo-{first['message_id'] + 1}.jpg")
        said = await phone.writes("They came like this.")
        await play.sees_in_thread(1, "They came like this.")
        await phone.box.phone_edit(CARLA, said["message_id"], "They came on Monday.")
        await play.sees_in_thread(1, "They came on Monday.")
        await play.sees_in_thread(1, "Changed by the customer")
        await phone.box.phone_send(CARLA, [{**packed("film.mp4", "video/mp4", b"x"), "size": 21 * 1024 * 1024}])
        await phone.gets("above 20 MB")
        await play.sees_in_thread(1, "too large for the desk to fetch")
        assert play.cards(2) == []


async def test_a_bot_that_is_blocked_is_shown_in_a_sentence(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        phone = Phone(play)
        await phone.writes("Hello?")
        await phone.gets("number 1")
        await phone.box.phone_block(CARLA, True)
        await play.sees_in_thread(1, "The customer has blocked our bot.")
        await play.replies(ANN, 1, "Here is your answer.")
        await play.sees(1, "The customer has blocked our bot.")
        await phone.writes("I am back")
        await play.sees_in_thread(1, "I am back")


def packed(name: str, kind: str, data: bytes) -> dict[str, str]:
    return {"name": name, "type": kind, "base64": base64.b64encode(data).decode()}


def was_begun(desk: RunningDesk, number: int) -> bool:
    """Whether the desk was killed while it sent a ticket's acknowledgement, so that it does not know whether it is
    there: what it writes by itself it does not say again then.
    """
    begun = """select 1 from pieces join messages on messages.id = pieces.message
               where ticket = ? and part = 'acknowledgement' and pieces.external_id is null and delivery = 'sent'"""
    with closing(sqlite3.connect(f"file:{desk.folder}/desk.db?mode=ro", uri=True)) as look:
        return look.execute(begun, (number,)).fetchone() is not None


@pytest.mark.kill
async def test_nothing_is_lost_or_heard_twice_when_it_is_killed_all_the_time(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        phone, other = Phone(play), Phone(play, MAX)
        await desk.box.set_faults(telegram_duplicates=True)
        for n in range(8):
            await phone.writes(f"Carla {n}.")
            await other.writes(f"Max {n}.")
            await asyncio.sleep(0.05 * n)
            await desk.kill()
            await desk.start()
        await desk.box.set_faults(telegram_duplicates=False)
        cards = [await play.sees(number) for number in (1, 2)]
        carla, max_ = (1, 2) if "Carla 0." in str(cards[0]) else (2, 1)  # of two who write at once either is the first
        for number, name in ((carla, "Carla"), (max_, "Max")):
            for n in range(1, 8):
                await play.sees_in_thread(number, f"{name} {n}.")
            assert [len(play.thread(number, f"{name} {n}.")) for n in range(1, 8)] == [1] * 7
            order = [m["ts"] for n in range(1, 8) for m in play.thread(number, f"{name} {n}.")]
            assert order == sorted(order)
        assert play.cards(3) == []
        words = f"number {carla}"
        await soon(lambda: phone.shows(words) or was_begun(desk, carla), f"“{words}” on the phone\n{desk.said()}")
        assert len(phone.shows(words)) <= 1
        for n in range(4):
            await play.replies(ANN, carla, f"Answer {n}.")
            await asyncio.sleep(0.9 + 0.1 * n)
            await desk.kill()
            await desk.start()
        for n in range(4):
            await phone.gets(f"Answer {n}.")
        twice = [n for n in range(4) if len(phone.shows(f"Answer {n}.")) > 1]
        if twice:
            await play.sees_in_thread(carla, "may have it twice")

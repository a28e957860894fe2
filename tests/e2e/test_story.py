"""The whole story with real processes: mail in, card, claim, answer, close, and back; also when they are killed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from core.desk.opening import open_desk, wall_clock
from sandbox.errors import SandboxError
from tests.databases import Stock, fresh_database
from tests.e2e.play import ANN, CARLA, JONAS, Json, Play, filled
from tests.running import RunningDesk, running, soon


async def whole_story(play: Play) -> None:
    first = await play.writes("Where is my order?", "It has not come. <!channel> *please*")
    await play.receives("number is 1")
    await play.sees(1, "It has not come. <!channel> *please*")

    await play.clicks(ANN, 1, "claim")
    await play.sees(1, "Ann Walker")
    await play.replies(ANN, 1, "It leaves today.", then="close")
    answer = await play.receives("It leaves today.")
    assert answer["in_reply_to"] == first["message_id"]
    assert first["message_id"] in answer["references"]
    assert answer["conversation"] == first["conversation"]
    await play.sees(1, "Closed")

    await play.answers(answer, "It is still not here!")
    await play.sees_in_thread(1, "It is still not here!")
    await play.sees(1, "Open")
    assert len(play.cards(1)) == 1
    assert play.received("number is") == [await play.receives("number is 1")]

    await play.clicks(ANN, 1, "close")
    await play.sees(1, "Closed")


async def test_the_story_in_one_process_on_sqlite(tmp_path: Path) -> None:
    """From nothing: there is no database yet."""
    async with running(tmp_path, f"sqlite:///{tmp_path}/desk.db") as desk:
        await whole_story(Play(desk))
        assert "Traceback" not in desk.said(), desk.said()
        assert await desk.stop() == 0


DAN, EVE = "dan@client.test", "eve@elsewhere.test"


async def test_who_got_a_mail_passed_on_is_asked_about_and_then_part_of_it_or_not(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        for address, name in ((DAN, "Dan Brown"), (EVE, "Eve Stone")):
            await play.box.new_mailbox(address, name)
        await play.writes("Where is my order?", "It has not come.")
        ours = await play.receives("number is 1")
        await play.answers(ours, "It is for me.", sender=DAN)
        await play.answers(ours, "Is there a discount?", sender=EVE)
        dan, eve = [await play.sees_in_thread(1, said) for said in ("It is for me.", "Is there a discount?")]
        await play.sees(1, "2 people who do not take part wrote")
        await play.box.click(JONAS, "stranger-out", room=play.room, ts=eve["ts"])
        await play.sees(2, "Is there a discount?")
        await play.receives("number is 2", by=EVE)
        await play.box.click(ANN, "stranger-in", room=play.room, ts=dan["ts"])
        await play.sees_in_thread(1, "Ann Walker let Dan Brown")
        await play.replies(ANN, 1, "It leaves today.")
        for reader in (CARLA, DAN):
            answer = await play.receives("It leaves today.", by=reader)
        await play.answers(answer, "I look forward to it.", sender=DAN)
        await play.sees_in_thread(1, "I look forward to it.")
        assert not play.received("It leaves today.", by=EVE)
        assert "Traceback" not in desk.said(), desk.said()


PARTS = ("serve work", "serve mail", "serve bot", "serve web")


async def test_the_story_in_four_processes_on_postgresql(tmp_path: Path, postgres: str) -> None:
    """From nothing: the first of the four brings an empty database up to date."""
    with fresh_database(postgres) as url:
        async with running(tmp_path, url, PARTS) as desk:
            await whole_story(Play(desk))
            assert "Traceback" not in desk.said(), desk.said()


async def test_the_story_with_slack_by_signed_http(tmp_path: Path) -> None:
    async with running(tmp_path, SLACK_MODE="http") as desk:
        await whole_story(Play(desk))


async def test_by_http_the_web_process_needs_no_bot_beside_it(tmp_path: Path, stock: Stock) -> None:
    parts = ("serve work", "serve mail", "serve web")
    with stock.borrow() as url:
        async with running(tmp_path, url, parts, SLACK_MODE="http") as desk:
            play = Play(desk)
            await play.writes("Where is my order?", "It has not come.")
            await play.sees(1)
            await asyncio.to_thread(keep_and_die, url, tmp_path, claim_of(ANN, 1))
            await play.sees(1, "Ann Walker")
            await play.replies(ANN, 1, "It leaves today.", then="close")
            await play.receives("It leaves today.")


def claim_of(who: str, number: int) -> Json:
    """A click on Claim, as Slack tells of it."""
    return {
        "type": "block_actions",
        "user": {"id": who, "team_id": "T0SANDBOX"},
        "trigger_id": "1.2.claim",
        "actions": [{"action_id": "claim", "value": str(number)}],
    }


def keep_and_die(url: str, folder: Path, act: Json) -> None:
    """A process keeps what an agent did, half a minute ago, and never comes to do it."""
    desk = open_desk(url, folder, clock=lambda: wall_clock() - timedelta(seconds=30))
    desk.accept_act("did:1.2.claim", act)
    desk.db.close()


async def test_nothing_is_lost_or_doubled_when_the_desk_is_killed_after_every_step(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        await play.writes("Order 1", "The first one.")
        await reborn(desk)
        await play.sees(1, "The first one.")

        await play.tries(ANN, 1, "claim")
        await reborn(desk)
        await play.sees(1, "Ann Walker")

        await play.clicks(ANN, 1, "reply")
        view = await play.window(ANN)
        await submit_though_killed(play, view["id"], lambda: play.box.submit(ANN, view["id"], filled(view, "Answer A")))
        await reborn(desk)
        answer = await play.receives("Answer A")

        await play.answers(answer, "And a question.")
        await reborn(desk)
        await play.sees_in_thread(1, "And a question.")
        await play.tries(ANN, 1, "close")
        await reborn(desk)
        await play.sees(1, "Closed")

        await asyncio.sleep(2)
        assert len(play.cards(1)) == 1
        assert len(play.thread(1, "And a question.")) == 1
        answers = play.received("Answer A")
        assert len({mail["message_id"] for mail in answers}) == 1
        assert len(play.received("number is 1")) <= 2  # a send in flight at a kill may repeat, under the same id
        assert len({mail["message_id"] for mail in play.received("number is 1")}) == 1


async def reborn(desk: RunningDesk) -> None:
    await desk.kill()
    await desk.start()


async def submit_though_killed(play: Play, view: str, submit: Callable[[], Awaitable[object]]) -> None:
    """Slack's window stays open when nobody answers; the agent sends it again."""
    try:
        await submit()
    except SandboxError:
        await reborn(play.desk)
        await submit()


async def test_of_many_who_click_at_once_one_has_it_and_the_others_are_told(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        await play.writes("Race", "Who is first?")
        await play.sees(1, "Who is first?")
        await asyncio.gather(*(play.tries(who, 1, "claim") for who in (ANN, JONAS, "U0SAM")))
        await soon(lambda: len(losers(play)) == 2, "two who are told")
        told = losers(play)
        assert len({e["user"] for e in told}) == 2


def losers(play: Play) -> list[Json]:
    return [e for e in play.box.ephemeral if "icket #1" in e["text"]]  # each in their language


async def test_an_answer_taken_back_within_its_seconds_never_leaves(tmp_path: Path) -> None:
    async with running(tmp_path, UNDO_SECONDS="60") as desk:
        play = Play(desk)
        await play.writes("Careful", "Hello?")
        await play.sees(1)
        await play.replies(ANN, 1, "Oops, wrong customer")
        post = await play.sees_in_thread(1, "Oops")
        await play.box.click(ANN, "undo", room=play.room, ts=post["ts"])
        await play.sees_in_thread(1, "Taken back")
        with closing(sqlite3.connect(f"file:{desk.folder}/desk.db?mode=ro", uri=True)) as look:
            [left] = look.execute("select count(*) from jobs where kind like 'deliver:%'").fetchone()
        assert left == 0, "nothing leaves but by a job"
        assert play.received("Oops") == []


async def test_a_refused_recipient_is_shown_to_the_agent(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        play = Play(desk)
        await play.writes("Hello", "Anybody there?")
        await play.sees(1)
        await play.box.set_faults(mail_refuse={CARLA: "550 5.1.1 no such user"})
        await play.replies(ANN, 1, "Here we are.")
        await play.sees(1, "no such user")


async def test_an_unknown_recipient_is_refused_at_the_door(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        sent = await desk.box.mail(CARLA, "nobody@desk.example", "Hi", "Hi")
        assert sent["status"] == "refused"
        assert sent["reply"].startswith("550 5.1.1")

"""How customers found what we did: who is asked and when, what counts, what is a comment on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.views import card
from core.desk.answering import Then
from core.engine.clock import look_at_due
from core.storage.schema import events
from core.tickets.model import REQUESTER, Part, Status
from tests.gateways.telegram.conftest import CARLA, MAX, Chatting
from tests.world import ANN

FIVE = ["1 ★", "2 ★", "3 ★", "4 ★", "5 ★"]


@pytest.fixture
async def asking(chatting: Chatting) -> Chatting:
    """A desk whose queues ask, and on which Carla has a ticket that was answered."""
    queues = tuple(queue.model_copy(update={"rating": True}) for queue in chatting.world.book.queues)
    chatting.desk.apply(chatting.world.book.model_copy(update={"queues": queues}), "test")
    await chatting.box.phone_write(CARLA, "My kettle does not get warm any more")
    await chatting.works(5)
    await chatting.desk.reply.soon(1, ANN, "We send you a new one.")
    await chatting.works(15)
    return chatting


async def closes(asking: Chatting, minutes: float = 2) -> None:
    await asking.desk.close.soon(1, ANN)
    asking.world.now += timedelta(minutes=minutes)
    await look_at_due(asking.desk)
    await asking.works(5)


def last(asking: Chatting, chat: int = CARLA) -> dict[str, Any]:
    return asking.box.telegram.of(chat)[-1]


def labels(message: dict[str, Any]) -> list[str]:
    return [one["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", ()) for one in row]


async def question(asking: Chatting) -> int:
    """The number of the message that asks."""
    await closes(asking)
    assert labels(last(asking)) == FIVE
    return last(asking)["message_id"]


async def presses(asking: Chatting, message: int, score: int, phone: int = CARLA, chat: int | None = None) -> None:
    await asking.box.phone_press(phone, message, f"r:{score}", chat)
    await asking.works(5)


def rated(asking: Chatting) -> list[int]:
    """Every rating that was recorded."""
    query = events.select().where(events.c.kind == "Rated").order_by(events.c.seq)
    return [row.facts["score"] for row in asking.desk.db.run(lambda tx: tx.sql.execute(query).all())]


async def test_who_is_asked_chooses_and_sees_it_and_so_do_agents(asking: Chatting) -> None:
    asked = await question(asking)
    assert last(asking)["text"].startswith("How did we do with request number 1?")
    await presses(asking, asked, 4)
    assert asking.world.ticket(1).rating == 4
    shown = asking.box.telegram.find(CARLA, asked)
    assert shown is not None
    assert labels(shown) == ["1 ★", "2 ★", "3 ★", "✓ 4 ★", "5 ★"]
    assert shown["text"].endswith("Thank you, we have noted that.")
    assert "answercallbackquery" in {name for name, _ in asking.box.telegram.calls}
    assert asking.world.ticket(1).status is Status.CLOSED
    assert "Rating: ★★★★☆" in str(card.show(await asking.desk.card.soon(1)).blocks)
    assert asking.shown()[-1] == shown["text"], "and who is content is asked nothing more"


async def test_the_last_word_counts_and_the_same_again_is_nothing_new(asking: Chatting) -> None:
    asked = await question(asking)
    await asking.box.set_faults(telegram_duplicates=True)
    for score in (4, 4, 5, 5, 4):
        await presses(asking, asked, score)
    assert rated(asking) == [4, 5, 4]
    assert asking.world.ticket(1).rating == 4


async def test_what_was_pressed_is_kept_before_telegram_hears_so(asking: Chatting) -> None:
    asked = await question(asking)
    await asking.box.phone_press(CARLA, asked, "r:5")
    before = len(asking.box.telegram.calls)
    await asking.hears()
    assert "answercallbackquery" not in {name for name, _ in asking.box.telegram.calls[before:]}
    assert not asking.box.telegram.updates, "it is confirmed"
    await asking.works(5)
    assert rated(asking) == [5]


async def test_who_chose_few_is_asked_why_once_and_the_answer_opens_nothing(asking: Chatting) -> None:
    asked = await question(asking)
    await presses(asking, asked, 1)
    assert last(asking)["text"].startswith("We are sorry to hear that.")
    await presses(asking, asked, 2)
    assert [said for said in asking.shown() if said.startswith("We are sorry")] == [last(asking)["text"]]
    await asking.box.phone_write(CARLA, "It took two weeks")
    await asking.box.phone_write(CARLA, "and nobody called")
    await asking.works(5)
    assert (await asking.heard(1))[-2:] == ["It took two weeks", "and nobody called"]
    assert asking.world.ticket(1).status is Status.CLOSED
    asking.world.now += timedelta(minutes=5)
    await asking.box.phone_write(CARLA, "And now it is broken again")
    await asking.works(5)
    assert asking.world.ticket(1).status is Status.OPEN, "that is no comment any more"


async def test_a_comment_days_after_the_closing_is_one_all_the_same(asking: Chatting) -> None:
    asked = await question(asking)
    asking.world.now += timedelta(days=3)
    await presses(asking, asked, 2)
    await asking.box.phone_write(CARLA, "Too slow")
    await asking.works(5)
    assert (await asking.heard(1))[-1] == "Too slow"
    assert asking.world.ticket(1).status is Status.CLOSED
    assert asking.shown()[-1].startswith("We are sorry"), "nobody asks what it is about"


async def test_what_is_said_an_hour_later_is_no_comment(asking: Chatting) -> None:
    await presses(asking, await question(asking), 1)
    asking.world.now += timedelta(minutes=61)
    await asking.box.phone_write(CARLA, "The new kettle is broken, too", reply_to=last(asking)["message_id"])
    await asking.works(5)
    assert asking.world.ticket(1).status is Status.OPEN


async def test_what_answers_an_answer_of_ours_is_no_comment(asking: Chatting) -> None:
    answer = next(one for one in asking.box.telegram.of(CARLA) if "a new one" in one.get("text", ""))
    await presses(asking, await question(asking), 1)
    await asking.box.phone_write(CARLA, "It has not come", reply_to=answer["message_id"])
    await asking.works(5)
    assert asking.world.ticket(1).status is Status.OPEN


async def test_who_rates_and_is_heard_again_can_be_closed_without_another_question(asking: Chatting) -> None:
    await presses(asking, await question(asking), 5)
    await asking.desk.reopen.soon(1, ANN)
    count = len(asking.shown())
    await closes(asking)
    assert len(asking.shown()) == count
    assert asking.world.ticket(1).rating == 5


async def test_who_closes_their_ticket_themselves_is_asked_too(asking: Chatting) -> None:
    await asking.desk.close.soon(1, REQUESTER)
    asking.world.now += timedelta(minutes=2)
    await look_at_due(asking.desk)
    await asking.works(5)
    assert labels(last(asking)) == FIVE


async def test_nobody_is_asked_where_the_queue_does_not_want_it(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works(5)
    await closes(chatting)
    assert len(chatting.shown()) == 1


async def test_what_is_opened_again_or_closed_by_time_is_not_asked_about(asking: Chatting) -> None:
    await asking.desk.close.soon(1, ANN)
    await asking.desk.reopen.soon(1, ANN)
    count = len(asking.shown())
    asking.world.now += timedelta(minutes=2)
    await look_at_due(asking.desk)
    await asking.works(5)
    assert len(asking.shown()) == count
    await asking.desk.reply.soon(1, ANN, "Is it warm?")
    for _ in range(4):
        await asking.works(20)
        asking.world.now += timedelta(days=8)
        await look_at_due(asking.desk)
    assert asking.world.ticket(1).status is Status.CLOSED
    assert not [one for one in await asking.said(1) if one.part is Part.RATING]


async def test_an_answer_that_is_taken_back_with_its_closing_asks_nothing(asking: Chatting) -> None:
    message = await asking.desk.reply.soon(1, ANN, "Done.", Then.CLOSE)
    assert message is not None
    await asking.desk.undo.soon(message, ANN)
    assert asking.world.ticket(1).to_rate_at is None


async def test_only_who_was_asked_can_say_how_it_was(asking: Chatting) -> None:
    group = (await asking.box.new_group("Builders", [CARLA, MAX]))["chat"]["id"]
    await asking.box.phone_write(CARLA, "@example_help_bot the crane is stuck", chat=group)
    await asking.works(5)
    await asking.desk.close.soon(2, ANN)
    asking.world.now += timedelta(minutes=2)
    await look_at_due(asking.desk)
    await asking.works(10)
    asked = last(asking, group)["message_id"]
    await presses(asking, asked, 1, MAX, group)
    assert rated(asking) == []
    await presses(asking, asked, 5, CARLA, group)
    assert (asking.world.ticket(2).rating, asking.world.ticket(1).rating) == (5, None)


async def test_a_press_below_what_is_no_question_says_nothing(asking: Chatting) -> None:
    answer = next(one for one in asking.box.telegram.of(CARLA) if "a new one" in one.get("text", ""))
    keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "r:1"}, {"text": "x", "callback_data": "r:9"}]]}
    asking.box.telegram.keep({**answer, "reply_markup": keyboard})
    await presses(asking, answer["message_id"], 1)
    await presses(asking, answer["message_id"], 9)
    assert rated(asking) == []


async def test_whoever_blocked_the_bot_is_not_asked_and_their_ticket_stays_closed(asking: Chatting) -> None:
    await asking.box.phone_block(CARLA, True)
    await asking.works(5)
    await closes(asking)
    assert asking.world.ticket(1).status is Status.CLOSED
    assert asking.world.ticket(1).to_rate_at is None
    assert not [one for one in await asking.said(1) if one.part is Part.RATING]

"""A bot's chats: what goes where, what is said on both sides, and what happens when Telegram does not do as asked."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any, cast

import pytest

from core.desk import Desk
from core.desk.pages import Pages
from core.engine.clock import look_at_due
from core.storage.database import Fenced, StoreDown
from core.storage.handed import Handed
from core.tickets.model import Delivery, Part, Status
from core.tickets.passes import Purpose
from core.tickets.written import Act, Written
from gateways.telegram.polling import Polling
from tests.gateways.telegram.conftest import CARLA, MAX, Chatting
from tests.running import soon
from tests.world import ANN


def packed(name: str, kind: str, data: bytes, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "base64": base64.b64encode(data).decode(), **more}


async def test_a_chat_is_a_ticket_and_goes_on_in_it(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola, mi pedido no ha llegado todavía.")
    await chatting.works()
    ticket = chatting.world.ticket(1)
    assert (ticket.thread.channel, ticket.door, ticket.language) == ("telegram", "@example_help_bot", "es")
    await chatting.box.phone_write(CARLA, "Es el número A-77.")
    await chatting.box.phone_write(MAX, "Guten Tag")
    await chatting.works()
    assert await chatting.heard(1) == ["Hola, mi pedido no ha llegado todavía.", "Es el número A-77."]
    assert await chatting.heard(2) == ["Guten Tag"]
    assert len(chatting.shown(CARLA)) == 1, "one acknowledgement"
    assert "Nummer 2" in chatting.shown(MAX)[0], "in the language of the phone where words are few"


async def test_nobody_signs_in_a_chat_and_nothing_is_markup(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works()
    await chatting.replies(1, "<b>Not bold</b> & *not* _here_")
    assert chatting.shown()[-1] == "<b>Not bold</b> & *not* _here_"
    assert (await chatting.desk.preview.soon(1, "x", ANN.agent)).text == "x", "the preview is what arrives"
    assert (await chatting.said(1))[-1].delivery is Delivery.SENT


async def test_an_answer_names_its_ticket(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "The first thing")
    await chatting.works()
    await chatting.replies(1, "An answer to the first thing")
    await chatting.desk.close.soon(1, ANN)
    answered = chatting.box.telegram.of(CARLA)[-1]["message_id"]
    chatting.world.now += timedelta(days=2)
    await chatting.box.phone_write(CARLA, "Another thing")
    await chatting.works(130)  # what it is about is asked, and nobody says so
    assert await chatting.heard(2) == ["Another thing"]
    await chatting.box.phone_write(CARLA, "The first thing is not done", reply_to=answered)
    await chatting.works()
    assert (await chatting.heard(1))[-1] == "The first thing is not done"
    assert chatting.world.ticket(1).status is Status.OPEN


async def closed_yesterday(chatting: Chatting) -> int:
    """Carla's ticket is closed since yesterday, and she writes again. The number of the message that asks her."""
    await chatting.box.phone_write(CARLA, "My kettle does not get warm any more")
    await chatting.works()
    await chatting.replies(1, "We send you a new one.")
    await chatting.desk.close.soon(1, ANN)
    chatting.world.now += timedelta(days=1)
    await chatting.box.phone_write(CARLA, "It has not come yet")
    await chatting.works(5)
    question = chatting.box.telegram.of(CARLA)[-1]
    labels = [row[0]["text"] for row in question["reply_markup"]["inline_keyboard"]]
    assert question["text"] == "What is your message about?"
    assert labels == ["#1 My kettle does not get warm any more", "A new request"]
    return question["message_id"]


def press(chatting: Chatting, message: int, label: str) -> str:
    """What a button says to the bot."""
    said = chatting.box.telegram.find(CARLA, message)
    assert said is not None
    return next(row[0]["callback_data"] for row in said["reply_markup"]["inline_keyboard"] if label in row[0]["text"])


@pytest.mark.parametrize(("label", "tickets"), [("kettle", 1), ("new request", 2)])
async def test_who_may_mean_one_thing_or_another_is_asked(chatting: Chatting, label: str, tickets: int) -> None:
    question = await closed_yesterday(chatting)
    await chatting.box.phone_press(CARLA, question, press(chatting, question, label))
    await chatting.works(10)
    assert (await chatting.heard(tickets))[-1] == "It has not come yet"
    assert chatting.world.ticket(tickets).status is not Status.CLOSED
    settled = chatting.box.telegram.find(CARLA, question)
    assert settled is not None
    assert "reply_markup" not in settled
    assert label in settled["text"]
    await chatting.box.phone_write(CARLA, "I am at home until five")
    await chatting.works(10)
    assert (await chatting.heard(tickets))[-1] == "I am at home until five", "and is not asked again"


async def test_who_does_not_say_what_they_mean_is_heard_all_the_same(chatting: Chatting) -> None:
    await closed_yesterday(chatting)
    await chatting.box.phone_write(CARLA, "Hello?")
    await chatting.works(130)
    assert await chatting.heard(2) == ["It has not come yet", "Hello?"]
    assert chatting.world.ticket(2).follows is None


async def test_nobody_chooses_for_others_nor_what_was_not_offered(chatting: Chatting) -> None:
    question = await closed_yesterday(chatting)
    offered = press(chatting, question, "kettle")
    piece = int(offered.split(":")[1])
    await chatting.box.phone_write(MAX, "Moin")
    await chatting.works(5)
    for place, number in ((str(MAX), 1), (str(CARLA), 2)):
        id = await chatting.desk.accept.soon("telegram", f"{place}:{number}", "x", {}, b"{}")
        assert id is not None
        await chatting.desk.choose.soon(id, place, piece, number)
    await chatting.works(130)
    assert (await chatting.heard(3)) == ["It has not come yet"]


async def test_what_is_said_right_after_closing_and_thanks_belong_to_what_was_closed(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "It is broken")
    await chatting.works()
    await chatting.replies(1, "Mended.")
    await chatting.desk.close.soon(1, ANN)
    await chatting.box.phone_write(CARLA, "No, it is not.")
    await chatting.works()
    assert chatting.world.ticket(1).status is Status.OPEN
    await chatting.desk.close.soon(1, ANN)
    chatting.world.now += timedelta(days=2)
    await chatting.box.phone_write(CARLA, "Thank you!")
    await chatting.works()
    assert chatting.world.ticket(1).status is Status.CLOSED
    assert (await chatting.heard(1))[-1] == "Thank you!"


async def test_what_is_told_thrice_is_heard_once(chatting: Chatting) -> None:
    await chatting.box.set_faults(telegram_duplicates=True)
    await chatting.box.phone_write(CARLA, "Once")
    again = dict(chatting.box.telegram.updates)
    await chatting.works()
    for key, update in again.items():  # as if it had never been confirmed
        chatting.box.telegram._journal.put("updates", key, update)  # pyright: ignore[reportPrivateUsage]
    await chatting.works()
    assert await chatting.heard(1) == ["Once"]


async def test_what_comes_together_in_any_order_is_heard_as_it_happened(chatting: Chatting) -> None:
    await chatting.box.set_faults(telegram_scatter=True)
    said = [f"Word {n}" for n in range(12)]
    for one in said:
        await chatting.box.phone_write(CARLA, one)
    await chatting.works()
    assert await chatting.heard(1) == said


async def test_after_a_week_of_silence_numbers_go_on_anywhere_and_nothing_is_passed_over(chatting: Chatting) -> None:
    """Bot API, Update: then the next identifier is chosen randomly. Also by whoever asks for the first time again."""
    telegram = chatting.box.telegram
    telegram._journal.put("app", "telegram_update", {"last": 10**6})  # pyright: ignore[reportPrivateUsage]
    await chatting.box.phone_write(CARLA, "Before")
    await chatting.works()
    for said, lowered in (("After", 2), ("And again", 3)):
        await chatting.box.phone_write(CARLA, said)
        [(key, update)] = telegram.updates.items()
        telegram._journal.drop("updates", key)  # pyright: ignore[reportPrivateUsage]
        low = {**update, "update_id": lowered}
        telegram._journal.put("updates", str(low["update_id"]), low)  # pyright: ignore[reportPrivateUsage]
        await chatting.works()
        assert (await chatting.heard(1))[-1] == said
        chatting.polling = Polling(chatting.desk, chatting.client, "the-test")  # as after a restart


class CannotBeTold:
    """A desk whose database goes down just when supervisors are to be told."""

    def __init__(self, desk: Desk):
        self.tried, self._desk = 0, desk

    def __getattr__(self, name: str) -> Any:
        return self if name == "cannot_hear" else getattr(self._desk, name)

    async def soon(self, *_: object) -> None:
        self.tried += 1
        raise StoreDown(OSError("the disk is full"))


async def test_a_bot_is_read_on_though_nobody_could_be_told_that_it_could_not_be_read(chatting: Chatting) -> None:
    desk = CannotBeTold(chatting.desk)
    polling = Polling(cast("Desk", desk), chatting.client, "the-test", rest=0.01)
    chatting.box.telegram.set_webhook({"url": "https://elsewhere.example/hook", "secret": ""})
    await polling.start(alone=True)
    await soon(lambda: desk.tried > 1, "that supervisors were to be told, again and again")
    chatting.box.telegram.set_webhook(None)
    await chatting.box.phone_write(CARLA, "Hello?")
    await soon(lambda: not chatting.box.telegram.updates, "that what comes is asked for again")
    await polling.stop()


async def test_of_two_who_ask_one_commits(chatting: Chatting) -> None:
    stream, long = f"telegram:{chatting.client.id}", timedelta(minutes=5)
    mine = await chatting.desk.follow.soon(stream, "one", long)
    assert mine is not None
    assert await chatting.desk.follow.soon(stream, "two", long) is None
    await chatting.desk.let_stream_go.soon(stream, "one")
    assert await chatting.desk.follow.soon(stream, "two", long) is not None
    with pytest.raises(Fenced):
        await chatting.desk.take.soon(mine, "telegram", [])


async def test_an_album_is_one_message_with_all_its_files(chatting: Chatting) -> None:
    pictures = [packed(f"{n}.png", "image/png", bytes([n])) for n in range(1, 5)]
    await chatting.box.phone_send(CARLA, pictures, caption="All four are broken")
    await chatting.box.phone_write(CARLA, "What now?")
    await chatting.works()
    first, *_ = await chatting.said(1)
    assert first.text == "All four are broken"
    assert [await chatting.desk.blob.soon(file.digest) for file in first.attachments] == [b"\1", b"\2", b"\3", b"\4"]
    assert await chatting.heard(1) == ["All four are broken", "What now?"]


async def test_an_edit_changes_the_words_and_keeps_what_was_said(chatting: Chatting) -> None:
    said = await chatting.box.phone_write(CARLA, "On Monday")
    await chatting.works()
    await chatting.box.phone_edit(CARLA, said["message_id"], "On Tuesday")
    await chatting.works()
    first, *_ = await chatting.said(1)
    assert first.text == "On Tuesday"
    assert first.edited_at is not None
    assert chatting.world.ticket(1).status is Status.NEW, "nothing else changes by that"


async def test_the_words_below_any_picture_of_an_album_can_be_changed(chatting: Chatting) -> None:
    pictures = [packed(f"{n}.png", "image/png", bytes([n])) for n in range(1, 4)]
    first, second, _ = await chatting.box.phone_send(CARLA, pictures, caption="The lid is broken")
    await chatting.works()
    await chatting.box.phone_edit(CARLA, second["message_id"], "and so is the handle")
    await chatting.works()
    assert await chatting.heard(1) == ["The lid is broken\nand so is the handle"]
    await chatting.box.phone_edit(CARLA, first["message_id"], "Only the lid")
    await chatting.works()
    assert await chatting.heard(1) == ["Only the lid\nand so is the handle"]
    said, *_ = await chatting.said(1)
    assert len(said.attachments) == 3


async def test_a_file_that_is_exchanged_comes_as_well_and_the_one_before_stays(chatting: Chatting) -> None:
    [sent] = await chatting.box.phone_send(CARLA, [packed("a.pdf", "application/pdf", b"old")], caption="The invoice")
    await chatting.works()
    await chatting.box.phone_edit(CARLA, sent["message_id"], "My invoice")
    await chatting.works()
    assert await chatting.heard(1) == ["My invoice"], "the same file is nothing new"
    new = packed("b.pdf", "application/pdf", b"new")
    await chatting.box.phone_edit(CARLA, sent["message_id"], "The right invoice", file=new)
    await chatting.works()
    await chatting.box.phone_edit(CARLA, sent["message_id"], "The right invoice now", file=new)
    await chatting.works()
    said = [one for one in await chatting.said(1) if one.part is Part.REQUESTER]
    assert [(one.text, [file.name for file in one.attachments]) for one in said] == [
        ("The right invoice now", ["a.pdf"]),
        ("", ["b.pdf"]),
    ]
    assert [await chatting.desk.blob.soon(one.attachments[0].digest) for one in said] == [b"old", b"new"]
    assert (await chatting.notes(1))[-1].startswith("Carla Gómez has exchanged a file of an earlier message.")


async def test_an_edit_of_what_was_answered_already_is_told(chatting: Chatting) -> None:
    said = await chatting.box.phone_write(CARLA, "Please cancel it")
    await chatting.works()
    await chatting.replies(1, "It is cancelled.")
    await chatting.box.phone_edit(CARLA, said["message_id"], "Please do not cancel it")
    await chatting.works()
    assert (await chatting.notes(1))[-1].startswith("Carla Gómez has changed a message that was answered already.")


async def test_an_edit_of_what_was_never_heard_is_heard(chatting: Chatting) -> None:
    said = await chatting.box.phone_write(CARLA, "Old words")
    chatting.box.telegram.confirm(1 << 60)
    await chatting.box.phone_edit(CARLA, said["message_id"], "New words")
    await chatting.works()
    assert await chatting.heard(1) == ["New words"]


async def test_a_file_that_is_too_large_is_told_on_both_sides(chatting: Chatting) -> None:
    film = packed("film.mp4", "video/mp4", b"x", size=21 * 1024 * 1024)
    await chatting.box.phone_send(MAX, [film], caption="Sehen Sie selbst, so sieht das Gerät jetzt aus")
    await chatting.works()
    assert any("film.mp4" in note for note in await chatting.notes(1))
    assert any("über 20 MB" in said for said in chatting.shown(MAX))


async def test_a_file_that_is_too_large_can_be_uploaded_where_there_are_pages(chatting: Chatting) -> None:
    chatting.desk.pages = Pages("https://help.example")
    film = packed("film.mp4", "video/mp4", b"x", size=21 * 1024 * 1024)
    await chatting.box.phone_send(MAX, [film], caption="Sehen Sie selbst, so sieht das Gerät jetzt aus")
    await chatting.works()
    told = next(said for said in chatting.shown(MAX) if "über 20 MB" in said)
    [token] = re.findall(r"https://help\.example/u/(\w+)", told)
    bearer = await chatting.desk.bearer.soon(Purpose.UPLOAD, token)
    assert bearer is not None
    assert bearer.ticket == 1


async def test_what_is_written_on_a_page_goes_on_in_the_chats_ticket_and_is_answered_in_the_chat(
    chatting: Chatting,
) -> None:
    chatting.desk.pages = Pages("https://help.example")
    await chatting.box.phone_write(CARLA, "The lamp that I got is broken.")
    await chatting.works()
    [token] = re.findall(r"https://help\.example/t/(\w+)", chatting.shown(CARLA)[0])
    visit = await chatting.desk.visit.soon(token)
    assert visit is not None
    written = Written(Act.ANSWER, 1, visit.bearer.person, "Here is a better description.")
    id = await chatting.desk.write_down.soon("once", written)
    assert id is not None
    await chatting.desk.receive.soon(id, await chatting.desk.as_inbound.soon(id, written))
    assert (await chatting.heard(1))[-1] == "Here is a better description."
    await chatting.replies(1, "Thank you!")
    assert chatting.shown(CARLA)[-1] == "Thank you!"


async def test_a_file_that_cannot_be_fetched_now_is_fetched_later(chatting: Chatting) -> None:
    await chatting.box.set_faults(telegram_errors=2)
    await chatting.box.phone_send(CARLA, [packed("a.txt", "text/plain", b"here")])
    await chatting.works(60)
    [first, *_] = await chatting.said(1)
    assert await chatting.desk.blob.soon(first.attachments[0].digest) == b"here"


async def test_a_long_answer_leaves_in_pieces_and_in_order(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Tell me everything")
    await chatting.works()
    text = "\n\n".join(f"{n} {'word ' * 300}".strip() for n in range(8))
    await chatting.replies(1, text)
    answer = chatting.shown()[1:]
    assert len(answer) == 4, "two paragraphs each: none is broken"
    assert "\n\n".join(answer) == text
    assert (await chatting.said(1))[-1].delivery is Delivery.SENT
    last = chatting.box.telegram.of(CARLA)[-1]["message_id"]
    await chatting.box.phone_write(CARLA, "To the last piece", reply_to=last)
    await chatting.works()
    assert (await chatting.heard(1))[-1] == "To the last piece"


async def test_a_429_stops_the_bot_for_as_long_as_it_says(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.box.phone_write(MAX, "Moin")
    await chatting.works()
    await chatting.box.set_faults(telegram_limit_next=2, telegram_limit_seconds=20)  # both may be on their way
    await chatting.desk.reply.soon(1, ANN, "One")
    await chatting.desk.reply.soon(2, ANN, "Two")
    calls = len(chatting.box.telegram.calls)
    chatting.world.now += timedelta(seconds=10)
    await chatting.works(15)
    assert [name for name, _ in chatting.box.telegram.calls[calls:] if name == "sendmessage"] == []
    await chatting.works(15)
    assert {chatting.shown(CARLA)[-1], chatting.shown(MAX)[-1]} == {"One", "Two"}


async def test_who_blocked_the_bot_is_told_of_in_a_sentence(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works()
    await chatting.box.phone_block(CARLA, True)
    await chatting.replies(1, "Here it is")
    [answer] = [one for one in await chatting.said(1) if one.part is Part.REPLY]
    assert answer.delivery is Delivery.FAILED
    assert answer.reason == "The customer has blocked our bot. Only they can undo that; reach them in another way."
    assert chatting.world.ticket(1).status is Status.OPEN, "it does not wait for somebody who got nothing"
    assert [one.address for one in await chatting.desk.unreachable.soon(1)] == [str(CARLA)]
    await chatting.box.phone_write(CARLA, "Back again")
    await chatting.works()
    assert await chatting.desk.unreachable.soon(1) == []


async def test_who_cannot_be_reached_is_not_reminded_and_their_ticket_is_open_again(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works()
    await chatting.replies(1, "Does it work now?")
    await chatting.box.phone_block(CARLA, True)
    await chatting.works()
    before = len(chatting.shown())
    chatting.world.now += timedelta(days=3, minutes=1)
    await look_at_due(chatting.desk)
    await chatting.works()
    assert len(chatting.shown()) == before
    assert chatting.world.ticket(1).status is not Status.PENDING
    said = (await chatting.notes(1))[-1]
    assert said.startswith("The customer was not written to, for what was sent to them last did not reach them.")
    assert str(CARLA) not in said


async def test_a_deleted_account_is_told_of(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works()
    await chatting.box.phone_delete(CARLA)
    await chatting.replies(1, "Here it is")
    assert (await chatting.said(1))[-1].reason == "The customer has deleted their account. Reach them in another way."


async def test_in_a_group_whoever_speaks_to_us_has_a_ticket_and_gets_the_answer_there(chatting: Chatting) -> None:
    group = (await chatting.box.new_group("Builders", [CARLA, MAX]))["chat"]["id"]
    await chatting.box.phone_write(CARLA, "@example_help_bot the crane is stuck", chat=group)
    await chatting.box.phone_write(MAX, "@example_help_bot who has the key?", chat=group)
    await chatting.works()
    assert (await chatting.heard(1), await chatting.heard(2)) == (["the crane is stuck"], ["who has the key?"])
    await chatting.replies(1, "Somebody comes.")
    answer = chatting.box.telegram.of(group)[-1]
    assert answer["text"] == "Somebody comes."
    assert answer["reply_to_message"]["text"].endswith("the crane is stuck"), "among many one sees what is answered"
    await chatting.box.phone_write(MAX, "When?", chat=group, reply_to=answer["message_id"])
    await chatting.works()
    assert (await chatting.heard(1))[-1] == "When?", "who speaks in a group takes part"


async def test_a_group_that_has_moved_is_written_to_where_it_is_now(chatting: Chatting) -> None:
    group = (await chatting.box.new_group("Builders", [CARLA]))["chat"]["id"]
    await chatting.box.phone_write(CARLA, "@example_help_bot the crane is stuck", chat=group)
    await chatting.works()
    grown = (await chatting.box.upgrade_group(group))["chat"]["id"]
    chatting.box.telegram.confirm(1 << 60)  # it hears so only when it writes
    await chatting.replies(1, "Somebody comes.")
    assert chatting.box.telegram.of(grown)[-1]["text"] == "Somebody comes."
    assert any("supergroup" in note for note in await chatting.notes(1))


async def test_a_reply_whose_answer_got_lost_is_sent_again_and_said_to_be(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works()
    await chatting.box.set_faults(telegram_lose_answers=1)
    await chatting.replies(1, "Here it is")
    assert chatting.shown().count("Here it is") == 2
    assert any("may have it twice" in note for note in await chatting.notes(1))
    replies = [one for one in await chatting.said(1) if one.part is Part.REPLY]
    assert [one.delivery for one in replies] == [Delivery.SENT]


async def test_what_the_desk_says_by_itself_is_not_said_twice(chatting: Chatting) -> None:
    await chatting.box.set_faults(telegram_lose_answers=1)
    await chatting.box.phone_write(CARLA, "Hola")
    await chatting.works()
    assert len(chatting.shown()) == 1


async def test_files_of_an_answer_leave_behind_its_words(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Send me the form")
    await chatting.works()
    form = Handed("T:F1", "form.pdf", "application/pdf", 4)
    await chatting.desk.keep_file.soon(1, form, b"%PDF")
    await chatting.replies(1, "Here it is", files=[form.id])
    assert chatting.shown()[-2:] == ["Here it is", "form.pdf"]


async def test_who_opens_a_chat_is_welcomed_and_has_no_ticket(chatting: Chatting) -> None:
    await chatting.box.phone_start(MAX)
    await chatting.works()
    assert chatting.shown(MAX) == [
        "Guten Tag Max! Hier ist Example Help. Was können wir für Sie tun? Schreiben Sie uns einfach hier; auch Bilder "
        "und Dateien sind willkommen."
    ]
    await chatting.box.phone_write(MAX, "Moin")
    await chatting.works()
    assert chatting.world.ticket(1).number == 1


async def test_an_answer_is_changed_and_taken_back_in_the_chat(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "My order has not come.")
    await chatting.works()
    await chatting.replies(1, "It left <yesterday>.")
    answer = (await chatting.said(1))[-1]
    await chatting.desk.amend.soon(answer.id, ANN, "It leaves <today>.")
    await chatting.works()
    assert chatting.shown()[1:] == ["It leaves <today>."]
    await chatting.desk.withdraw.soon(answer.id, ANN)
    await chatting.works()
    assert len(chatting.shown()) == 1
    assert (await chatting.said(1))[-1].is_withdrawn

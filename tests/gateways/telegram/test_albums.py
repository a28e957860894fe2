"""Files of an answer that are shown together, and that somebody is seen to write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.storage.handed import Handed
from core.tickets.model import Delivery, Part
from tests.gateways.telegram.conftest import CARLA, Chatting
from tests.world import ANN

PNG, FILM, PDF = "image/png", "video/mp4", "application/pdf"


async def asked(chatting: Chatting) -> None:
    await chatting.box.phone_write(CARLA, "Send me everything that you have")
    await chatting.works()


async def at_hand(chatting: Chatting, *types: str) -> list[str]:
    """Files that Ann has put into the ticket's thread."""
    files = [Handed(f"T:F{n}", f"{n}.{type.rpartition('/')[2]}", type, 4) for n, type in enumerate(types)]
    for n, file in enumerate(files):
        await chatting.desk.keep_file.soon(1, file, f"file{n}".encode()[:4])
    return [file.id for file in files]


def shown(chatting: Chatting) -> list[dict[str, Any]]:
    """What the bot has said since its acknowledgement."""
    bot = chatting.box.telegram.bot["id"]
    return [one for one in chatting.box.telegram.of(CARLA) if one["from"]["id"] == bot][1:]


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    known = ("photo", "video", "document", "text")
    return [next(kind for kind in known if kind in one) for one in messages]


def calls(chatting: Chatting, name: str) -> int:
    return [called for called, _ in chatting.box.telegram.calls].count(name)


async def left(chatting: Chatting) -> list[str]:
    """What is still to be done in Telegram, by kind."""
    return [job.kind for job in await chatting.desk.jobs.soon() if "telegram" in job.kind]


async def test_files_of_an_answer_are_shown_together_and_an_answer_to_any_finds_its_ticket(chatting: Chatting) -> None:
    await asked(chatting)
    await chatting.replies(1, "Here", files=await at_hand(chatting, PNG, FILM, PDF, PDF))
    words, *files = shown(chatting)
    assert words["text"] == "Here"
    assert kinds(files) == ["photo", "video", "document", "document"]
    albums = [one["media_group_id"] for one in files]
    assert albums[0] == albums[1] != albums[2] == albums[3]
    assert calls(chatting, "sendmediagroup") == 2
    await chatting.desk.close.soon(1, ANN)
    chatting.world.now += timedelta(days=3)
    await chatting.box.phone_write(CARLA, "This one is not mine", reply_to=files[3]["message_id"])
    await chatting.works()
    assert (await chatting.heard(1))[-1] == "This one is not mine"


async def test_what_only_says_that_it_is_a_film_leaves_as_a_file(chatting: Chatting) -> None:
    await asked(chatting)
    chatting.box.telegram.refused_media = "VIDEO_CONTENT_TYPE_INVALID"
    await chatting.replies(1, "Here", files=await at_hand(chatting, PNG, FILM))
    assert kinds(shown(chatting)) == ["text", "document", "document"]
    await chatting.replies(1, "And one more", files=(await at_hand(chatting, PNG, FILM))[1:])
    assert kinds(shown(chatting))[-2:] == ["text", "document"]


async def test_an_album_whose_answer_got_lost_is_sent_again_and_said_to_be(chatting: Chatting) -> None:
    await asked(chatting)
    files = await at_hand(chatting, PDF, PDF)
    await chatting.desk.reply.soon(1, ANN, "Here", files=files)
    while not shown(chatting):
        await chatting.drains()
        chatting.world.now += timedelta(seconds=1)
    await chatting.box.set_faults(telegram_lose_answers=1)
    await chatting.works()
    assert kinds(shown(chatting)) == ["text", *["document"] * 4]
    assert any("may have it twice" in note for note in await chatting.notes(1))
    [answer] = [one for one in await chatting.said(1) if one.part is Part.REPLY]
    assert answer.delivery is Delivery.SENT


async def test_an_album_counts_as_the_messages_that_it_is(chatting: Chatting) -> None:
    await asked(chatting)
    await chatting.replies(1, "Here", files=await at_hand(chatting, *[PDF] * 8))
    chatting.world.now += timedelta(minutes=1)
    await chatting.desk.reply.soon(1, ANN, "One", files=(await at_hand(chatting, *[PDF] * 8)))
    await chatting.works(14)
    assert len(shown(chatting)) == 18
    await chatting.desk.reply.soon(1, ANN, "Two")
    left = chatting.world.now
    while shown(chatting)[-1].get("text") != "Two":
        await chatting.drains()
        chatting.world.now += timedelta(seconds=1)
    assert chatting.world.now - left > timedelta(seconds=3), "the chat rests after so many"


def typed(chatting: Chatting) -> int:
    return calls(chatting, "sendchataction")


async def test_who_is_about_to_be_answered_sees_it(chatting: Chatting) -> None:
    await asked(chatting)
    await chatting.desk.about_to_answer.soon(1)
    await chatting.desk.about_to_answer.soon(1)
    await chatting.drains()
    assert typed(chatting) == 1, "it is enough once"


async def test_who_gets_something_long_sees_that_more_is_to_come(chatting: Chatting) -> None:
    await asked(chatting)
    await chatting.replies(1, "Short")
    assert typed(chatting) == 0
    await chatting.replies(1, "word " * 1600)
    assert typed(chatting) == 1


async def test_that_somebody_writes_is_not_said_later_nor_twice_and_nothing_waits_for_it(chatting: Chatting) -> None:
    await asked(chatting)
    await chatting.desk.about_to_answer.soon(1)
    chatting.world.now += timedelta(seconds=20)
    await chatting.drains()
    assert typed(chatting) == 0, "it is not true any more"
    await chatting.box.phone_block(CARLA, True)
    await chatting.hears()
    await chatting.desk.about_to_answer.soon(1)
    await chatting.works()
    assert typed(chatting) == 1
    assert await left(chatting) == [], "and it is not tried again"


async def test_where_nobody_can_see_it_nothing_is_to_be_done(chatting: Chatting) -> None:
    chatting.world.mail("My order has not arrived.")
    await chatting.drains()
    await chatting.desk.about_to_answer.soon(1)
    assert await left(chatting) == []

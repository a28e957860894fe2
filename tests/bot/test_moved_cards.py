"""A ticket that goes to another queue: its card stands in that queue's room, and the old room hears where."""

from __future__ import annotations

from typing import Any

import pytest

from core.storage.rooms import Post
from core.tickets.model import By
from tests.bot.office import ANN, ROOM, Office, buttons_of, key_of, words_of
from tests.core.test_moving import INVOICE, without_billing

OLD = "desk-billing"


async def moved(office: Office, **faults: Any) -> tuple[int, Post]:
    """A ticket whose queue is gone after its card stood; where that card stood."""
    number = await office.mail(subject=INVOICE)
    await office.card_of(number)
    await office.quiet()
    old = (await office.desk.card.soon(number)).post
    assert old is not None
    await office.sandbox.set_faults(**faults)
    await office.desk.apply.soon(without_billing(), "test")
    await office.desk.gather.soon([number], {}, "cli:test")
    for _ in range(4):
        await office.later(60)
    return number, old


def cards(office: Office, room: str, number: int) -> list[dict]:
    return [m for m in office.sandbox.messages(room) if key_of(m) == f"card:{number}" and buttons_of(m)]


async def test_the_old_room_hears_where_the_card_is_and_offers_nothing_to_press(office: Office) -> None:
    number, old = await moved(office)
    left = next(m for m in office.sandbox.messages(OLD) if m["ts"] == old.ts)
    assert f"#{number} has moved to another channel:" in words_of(left)
    assert buttons_of(left) == []
    assert INVOICE not in str(left)
    now = (await office.desk.card.soon(number)).post
    assert now is not None
    assert {"type": "channel", "channel_id": now.room} in left["blocks"][0]["elements"][0]["elements"]
    assert len(cards(office, ROOM, number)) == 1
    assert await office.desk.ticket_at.soon(old.team, old.room, old.ts) is None


@pytest.mark.parametrize("lost", ["chat.update", "chat.postMessage"])
async def test_an_answer_lost_between_the_steps_doubles_nothing(office: Office, lost: str) -> None:
    number, _ = await moved(office, lose_answers={lost: 1})
    assert cards(office, OLD, number) == []
    assert len(cards(office, ROOM, number)) == 1


async def test_an_old_room_that_is_gone_keeps_no_card_from_its_new_one(office: Office) -> None:
    number = await office.mail(subject=INVOICE)
    card = await office.card_of(number)
    await office.quiet()
    office.sandbox.slack.messages.delete(office.sandbox.room(OLD), card["ts"])
    await office.desk.apply.soon(without_billing(), "test")
    await office.desk.gather.soon([number], {}, "cli:test")
    await office.until(lambda: cards(office, ROOM, number))
    await office.desk.claim.soon(number, By(f"T0SANDBOX:{ANN}"))
    await office.until(lambda: "Ann Walker has it" in words_of(cards(office, ROOM, number)[0]))


async def test_who_writes_below_what_a_card_left_behind_is_told_that_it_is_kept_nowhere(office: Office) -> None:
    number, old = await moved(office)
    said = "This is no ticket's thread, so nothing was kept."
    await office.sandbox.say(ANN, OLD, "She called.", thread_ts=old.ts)
    for _ in range(3):
        await office.later(60)
    await office.told(ANN, said)
    assert all(message.text != "She called." for message in await office.desk.conversation.soon(number))

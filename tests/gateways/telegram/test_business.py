"""People's own accounts that they connect with the bot: customers are heard there, and answered as by their owners."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.views import card as cards
from core.engine.clock import look_at_due
from core.tickets.model import Delivery, Part, Status
from tests.gateways.telegram.conftest import CARLA, MAX, PRIYA, Chatting
from tests.world import ANN


class InAccount:
    """Priya has a shop of her own and lets the bot speak for her; Carla writes to Priya."""

    def __init__(self, chatting: Chatting):
        self.chatting, self.desk, self.box, self.world = chatting, chatting.desk, chatting.box, chatting.world

    async def writes(self, text: str, customer: int = CARLA, **more: Any) -> dict[str, Any]:
        said = await self.box.business_write(PRIYA, customer, text, **more)
        await self.chatting.works(5)
        return said

    async def connects(self, **more: bool) -> None:
        await self.box.connect_business(PRIYA, **more)
        await self.chatting.works(5)

    def there(self, customer: int = CARLA) -> list[dict[str, Any]]:
        connection = self.box.telegram.business_of(PRIYA)
        assert connection is not None
        return self.box.telegram.of(customer, connection["id"])

    def troubles(self) -> str:
        return str(self.world.warned)

    async def last_reply(self) -> Any:
        return [one for one in await self.chatting.said(1) if one.part is Part.REPLY][-1]


@pytest.fixture
async def account(chatting: Chatting) -> InAccount:
    made = InAccount(chatting)
    await made.connects()
    return made


async def test_the_card_says_whose_account_a_customer_wrote_to(account: InAccount) -> None:
    await account.writes("Do you repair kettles?")
    await account.chatting.works()
    card = await account.chatting.desk.card.soon(1)
    assert card.account == "Priya Nair"
    shown = json.dumps(cards.show(card), ensure_ascii=False)
    assert "Carla Gómez, in Priya Nair’s own account" in shown
    assert "in a group" not in shown


async def test_who_writes_to_somebodys_account_is_answered_there_as_by_them(account: InAccount) -> None:
    await account.writes("Do you repair kettles?")
    await account.chatting.replies(1, "We do.")
    *_, answer = account.there()
    assert (answer["text"], answer["from"]["id"]) == ("We do.", PRIYA)
    assert answer["sender_business_bot"]["id"] == account.box.telegram.bot["id"]
    assert account.box.telegram.of(CARLA) == [], "in the bot's own chat nothing was said"
    await account.writes("Great, when?", reply_to=answer["message_id"])
    assert (await account.chatting.heard(1))[-1] == "Great, when?"


async def test_what_is_said_there_and_to_the_bot_are_two_matters(account: InAccount) -> None:
    await account.writes("Do you repair kettles?")
    await account.box.phone_write(CARLA, "Where is my parcel?")
    await account.chatting.works(5)
    assert await account.chatting.heard(1) == ["Do you repair kettles?"]
    assert await account.chatting.heard(2) == ["Where is my parcel?"]


async def test_what_the_owner_says_there_is_an_answer(account: InAccount) -> None:
    await account.writes("Do you repair kettles?")
    said = await account.writes("Yes, bring it tomorrow.", by_owner=True)
    reply = await account.last_reply()
    assert (reply.text, reply.delivery, reply.author_name) == ("Yes, bring it tomorrow.", Delivery.SENT, "Priya Nair")
    ticket = account.world.ticket(1)
    assert (ticket.status, ticket.assignee) == (Status.PENDING, None)
    assert await account.chatting.heard(1) == ["Do you repair kettles?"]
    await account.box.business_edit(CARLA, said["message_id"], "Yes, bring it today.")
    await account.chatting.works(5)
    assert (await account.last_reply()).text == "Yes, bring it today."


async def test_what_the_owner_says_about_no_ticket_is_not_ours(account: InAccount) -> None:
    await account.writes("Hello Max, long time no see!", MAX, by_owner=True)
    assert await account.desk.jobs.soon() == []
    await account.writes("Moin, mein Wasserkocher ist kaputt", MAX)
    assert await account.chatting.heard(1) == ["Moin, mein Wasserkocher ist kaputt"]


async def test_edits_and_deletions_are_seen(account: InAccount) -> None:
    first = await account.writes("Do you repair kettles?")
    second = await account.writes("It is blue.")
    await account.box.business_edit(CARLA, first["message_id"], "Do you repair lamps?")
    await account.box.business_delete(PRIYA, CARLA, [second["message_id"]])
    await account.chatting.works(5)
    assert await account.chatting.heard(1) == ["Do you repair lamps?", ""]
    assert [one.deleted_at is None for one in await account.chatting.said(1) if one.part is Part.REQUESTER] == [
        True,
        False,
    ]


async def test_a_right_that_is_missing_is_told_in_a_sentence(account: InAccount) -> None:
    await account.writes("Do you repair kettles?")
    await account.connects(can_reply=False)
    assert "does not let it answer" in account.troubles()
    await account.chatting.replies(1, "We do.")
    reply = await account.last_reply()
    assert reply.delivery is Delivery.FAILED
    assert reply.reason is not None
    assert reply.reason.startswith("Our bot may not answer in the account that the customer writes to.")
    await account.connects(can_reply=True)
    await account.chatting.replies(1, "We really do.")
    assert account.there()[-1]["text"] == "We really do."


async def test_an_account_that_was_connected_again_is_answered_by_its_new_connection(account: InAccount) -> None:
    await account.writes("Do you repair kettles?")
    await account.connects(is_enabled=False)
    assert "has disconnected our bot" in account.troubles()
    await account.chatting.replies(1, "We do.")
    assert "is not connected" in ((await account.last_reply()).reason or "")
    await account.connects()
    await account.chatting.replies(1, "We do.")
    assert account.there()[-1]["text"] == "We do."


async def test_an_account_of_which_nobody_told_us_is_asked_for(chatting: Chatting) -> None:
    account = InAccount(chatting)
    await chatting.box.connect_business(PRIYA)
    chatting.box.telegram.confirm(1 << 60)
    await account.writes("Do you repair kettles?")
    assert await chatting.heard(1) == ["Do you repair kettles?"]


async def test_who_was_answered_there_can_say_how_it_was_there(account: InAccount) -> None:
    queues = tuple(queue.model_copy(update={"rating": True}) for queue in account.world.book.queues)
    account.desk.apply(account.world.book.model_copy(update={"queues": queues}), "test")
    await account.writes("Do you repair kettles?")
    await account.desk.close.soon(1, ANN)
    account.world.now += timedelta(minutes=2)
    await look_at_due(account.desk)
    await account.chatting.works(5)
    asked = account.there()[-1]["message_id"]
    await account.box.phone_press(CARLA, asked, "r:5")
    await account.chatting.works(5)
    assert account.world.ticket(1).rating == 5
    assert "✓ 5 ★" in str(account.there()[-1]["reply_markup"])

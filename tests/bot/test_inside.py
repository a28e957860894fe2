"""Internal talk never reaches a customer's thread in Slack: every path by which it could is tried."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.effects import deliver
from core.phrases import Refused, phrase
from core.rulebook import parse_toml
from core.rulebook.problems import RulebookError
from core.storage import ledger, tickets
from core.storage.handed import Handed
from core.storage.rooms import Room
from core.tickets.model import By
from sandbox import SandboxError, envelopes
from tests.bot.office import ANN, JONAS, SAM, words_of
from tests.bot.shop import ACME, NOOR, RULES, Shop

ANN_HERSELF = By(f"T0SANDBOX:{ANN}")
HELP = "Our printer is on fire, and nobody knows why."
SECRET = "quokka"
"""A word in everything that is said inside, and in nothing else."""


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Shop]:
    async with Shop(sqlite_url, tmp_path) as shop:
        yield await shop.open()


async def opened(shop: Shop) -> str:
    ts = await shop.asks(HELP)
    await shop.card_of(1)
    await shop.until(lambda: shop.shown(ts) or None)
    return ts


async def test_what_agents_say_among_themselves_stays_inside(shop: Shop) -> None:
    ts = await opened(shop)
    card = await shop.card_of(1)
    box, room = shop.sandbox, "desk-support"
    said = (await box.say(ANN, room, f"{SECRET}: a note in the thread", thread_ts=card["ts"]))["ts"]
    await box.edit(ANN, room, said, f"{SECRET}: an edited note")
    gone = (await box.say(JONAS, room, f"{SECRET}: a deleted note", thread_ts=card["ts"]))["ts"]
    await box.delete(JONAS, room, gone)
    await box.say(SAM, room, f"{SECRET}: beside the thread")
    await box.say(ANN, room, f"{SECRET}: with a file", thread_ts=card["ts"], files=[file(f"{SECRET}.txt")])
    await shop.desk.note.soon(1, ANN_HERSELF, f"{SECRET}: a note by the window")
    await shop.desk.trouble.soon(phrase("Slack says no to {method}: {code}", method=SECRET, code="supervisors hear it"))
    handed = Handed("T:F9", f"{SECRET}.pdf", "application/pdf", 6)
    await shop.desk.keep_file.soon(1, handed, SECRET.encode())
    message = await shop.desk.reply.soon(1, ANN_HERSELF, f"{SECRET}: taken back in time", files=[handed.id])
    assert message is not None
    await shop.desk.undo.soon(message, ANN_HERSELF)
    await shop.mail(f"{SECRET}: another customer's mail", sender="max@example.org")
    await shop.desk.reply.soon(2, ANN_HERSELF, f"{SECRET}: an answer to somebody else")
    with contextlib.suppress(SandboxError):
        await box.slash(ANN, ACME, "/desk", "show 1")  # among the customers, for her own eyes
    await shop.click(ANN, 1, "claim")
    await shop.desk.reply.soon(1, ANN_HERSELF, "Please leave the room.")
    await shop.until(lambda: "Please leave the room." in shop.shown(ts) or None)
    await shop.later(5)
    assert SECRET not in shop.seen_by_customer()
    assert shop.shown(ts)[1:] == ["Please leave the room."]
    assert sum(SECRET in words_of(one) for one in shop.in_thread(1)) >= 4, "it was said, and stands inside"


async def test_a_workspace_is_called_by_a_name_or_not_at_all(shop: Shop) -> None:
    """Its number says nothing to agents."""
    await opened(shop)
    first = words_of(await shop.card_of(1))
    assert "Noor Haddad" in first
    assert "T0" not in first


async def test_a_note_is_not_sent_whoever_asks_for_it(shop: Shop) -> None:
    await opened(shop)
    note = await shop.desk.note.soon(1, ANN_HERSELF, f"{SECRET}: a note")
    assert note is not None

    def ask(tx) -> None:
        ticket, words = tickets.look(tx, 1)
        ledger.add(tx, [deliver(ticket, note, after=shop.desk.undo_for * 0, to=words.answer_to)])

    shop.desk.db.run(ask)
    await shop.later(5)
    assert SECRET not in shop.seen_by_customer()


async def test_who_is_a_customer_can_press_nothing_of_the_agents(shop: Shop) -> None:
    ts = await opened(shop)
    await shop.desk.note.soon(1, ANN_HERSELF, f"{SECRET}: a note")
    await shop.until(lambda: any(SECRET in words_of(one) for one in shop.in_thread(1)) or None)
    box = shop.sandbox.slack
    noor = box.people.find(NOOR)
    for name in ("show", "whole", "story", "addresses", "reply", "note", "claim", "close", "files", "home"):
        room = shop.sandbox.room(ACME)
        trigger = box.interactions.trigger(NOOR)
        where = {
            "container": envelopes.message_container(room, ts, None, False),
            "channel": envelopes.room_brief(room),
        }
        action = {"type": "button", "action_id": name, "block_id": "b", "value": "1"}
        forged = envelopes.block_actions(noor, box.keys.verification_token, trigger, action, where)
        await box.deliveries.ask("interactive", forged)
    await shop.sandbox.open_home(NOOR)
    with contextlib.suppress(SandboxError):
        await shop.sandbox.slash(NOOR, ACME, "/desk", "show 1")
    await shop.quiet()
    assert SECRET not in shop.seen_by_customer()
    assert (await shop.ticket(1)).assignee is None


async def test_cards_are_never_shown_where_customers_are(shop: Shop) -> None:
    await opened(shop)
    with pytest.raises(RulebookError):
        parse_toml(RULES.replace(ACME, "desk-support"), "desk.toml")
    acme = shop.sandbox.room(ACME)["id"]
    with pytest.raises(Refused):
        await shop.desk.move_in.soon(Room("support", "T0SANDBOX", acme, ACME))
    inside = shop.sandbox.room("desk-support")["id"]
    with pytest.raises(Refused):
        await shop.desk.seat_customers.soon("T0SANDBOX", inside, "desk-support", False, "0")
    # the rulebook forgets the customers and gives their room to the queue
    book = parse_toml(
        RULES.partition("[[customers_rooms]]")[0].replace('title = "Support"', f'title = "Support"\nroom = "{ACME}"'),
        "desk.toml",
    )
    await shop.desk.apply.soon(book, "test")
    edition = await shop.desk.edition.soon()
    assert edition is not None
    await shop.bot.setup.move_in(edition)
    await shop.mail(f"{SECRET}: another customer's mail", sender="max@example.org")
    await shop.later(60)
    assert SECRET not in shop.seen_by_customer()


async def test_a_queues_room_that_is_shared_shows_no_card_any_more(shop: Shop) -> None:
    await opened(shop)
    await shop.sandbox.join(NOOR, "desk-billing")  # somebody shares the billing queue's room with the customer
    edition = await shop.desk.edition.soon()
    assert edition is not None
    await shop.bot.setup.move_in(edition)
    assert {room.queue for room in await shop.desk.rooms.soon()} == {"support"}
    await shop.mail("Please send it.", subject=f"My invoice, {SECRET}", sender="max@example.org")
    await shop.later(60)
    assert SECRET not in shop.seen_by_customer()
    assert (await shop.ticket(2)).queue == "billing"


def file(name: str) -> dict[str, str]:
    return {"name": name, "type": "text/plain", "base64": "cXVva2th"}

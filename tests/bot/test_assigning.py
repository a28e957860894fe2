"""In Slack: tickets that the desk gives and offers, why, and agents about themselves."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.routing.triage import Facts
from core.tickets.model import Ticket
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, SAM, Office, words_of
from tests.world import RULEBOOK

GIVING = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\nmode = "push"\nanswers_within = "4h"')
    .replace('title = "Billing"', 'title = "Billing"\nmode = "offer"\nanswers_within = "4h"')
    .replace('email = "ann@desk.example"', 'email = "ann@desk.example"\nlanguages = { en = 5, es = 4 }')
    .replace('email = "jonas@desk.example"', 'email = "jonas@desk.example"\nlanguages = { de = 5 }')
    .replace('role = "supervisor"', 'role = "supervisor"\nlanguages = ["it"]')
)
RULES = """
[[rules]]
name = "cannot pay"
when = { topic = ["payments"], scope = ["everyone"] }
then = { red_alert = true, urgency = 3, tags = ["outage"], template = "more-information" }
"""
SPANISH = "Hola, mi pedido no ha llegado todavía y necesito saber cuándo lo voy a recibir, por favor."


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office in which the desk gives tickets of one queue, and offers those of the other."""
    async with Office(sqlite_url, tmp_path, GIVING) as made:
        yield await made.open()


@pytest.fixture
async def ruled(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office with a room for red alerts."""
    async with Office(sqlite_url, tmp_path, RULEBOOK + RULES) as made:
        yield await made.open()


def told(office: Office, user: str, words: str) -> Json | None:
    """What the desk wrote to somebody directly."""
    rooms = [room["id"] for room in office.sandbox.rooms if room["id"].startswith("D") and user in room["members"]]
    said = [message for room in rooms for message in office.sandbox.messages(room)]
    return next((message for message in reversed(said) if words in words_of(message)), None)


async def held_by(office: Office, number: int, agent: str | None) -> Ticket:
    async def there() -> Ticket | None:
        ticket = (await office.desk.card.soon(number)).ticket
        return ticket if (ticket.assignee or "").rpartition(":")[2] == (agent or "") else None

    return await office.eventually(there)  # pyright: ignore[reportReturnType]


async def test_a_given_ticket_is_told_with_the_reason_and_can_be_given_on(office: Office) -> None:
    number = await office.mail(SPANISH)
    await held_by(office, number, ANN)
    await office.until(lambda: "Ann Walker has it" in words_of(office.find_card(number) or {}))
    message = await office.until(lambda: told(office, ANN, "This ticket is yours now."))
    assert "mi pedido" in words_of(message)
    await office.click(ANN, number, "more", value=f"assign:{number}")
    window = await office.modal(ANN, "assign")
    said = words_of(window)
    assert "Why me?" in said
    assert "Ann Walker: " in said
    assert "Jonas Becker: does not speak the language: es" in said
    [block] = [block for block in window["blocks"] if block.get("block_id") == "to"]
    [jonas] = [one for one in block["element"]["options"] if one["text"]["text"] == "Jonas Becker"]
    await office.sandbox.submit(ANN, window["id"], {"to": {"to": {"selected_option": jonas}}})
    await held_by(office, number, JONAS)
    await office.until(lambda: told(office, JONAS, "Ann Walker hat Ihnen dieses Ticket gegeben."))
    await office.click(SAM, number, "more", value=f"assign:{number}")
    window = await office.modal(SAM, "assign")
    [block] = [block for block in window["blocks"] if block.get("block_id") == "to"]
    back = block["element"]["options"][0]
    assert back["text"]["text"] == "Nobody: back into the queue"
    await office.sandbox.submit(SAM, window["id"], {"to": {"to": {"selected_option": back}}})
    await held_by(office, number, ANN)


async def test_an_offer_is_declined_and_accepted_by_its_buttons(office: Office) -> None:
    number = await office.mail(SPANISH, subject="Invoice 12")
    message = await office.until(lambda: told(office, ANN, "Do you take this ticket?"))
    await office.until(lambda: "Ann Walker is asked" in words_of(office.find_card(number) or {}))
    room = next(r["id"] for r in office.sandbox.rooms if r["id"].startswith("D") and ANN in r["members"])
    await office.sandbox.click(ANN, "offer-accept", room=room, ts=message["ts"])
    await held_by(office, number, ANN)
    other = await office.mail(SPANISH, subject="Invoice 13", sender="x@example.com")
    message = await office.until(lambda: told(office, ANN, "Invoice 13"))
    await office.sandbox.click(ANN, "offer-decline", room=room, ts=message["ts"])
    await office.told(ANN, f"Ticket #{other} goes on to the next.")
    await office.sandbox.click(ANN, "offer-accept", room=room, ts=message["ts"])
    await office.told(ANN, "is not offered to you any more")


async def test_a_red_alert_stands_in_its_room_with_its_reasons_and_follows_its_ticket(ruled: Office) -> None:
    number = await ruled.mail("I cannot pay, and neither can anybody here.", sender="ann@acme.example")
    await ruled.card_of(number)
    await ruled.desk.retriage.soon(number, Facts(topic="payments", scope="everyone"))
    room = next(room["id"] for room in ruled.sandbox.rooms if room["name"] == "desk-red")

    def alerts() -> list[Json]:
        return [message for message in ruled.sandbox.messages(room) if "Rule “cannot pay”" in words_of(message)]

    [alert] = await ruled.until(alerts)
    said = words_of(alert)
    assert "Red alert." in said
    assert "Rule “cannot pay”: it is about payments and it concerns everyone." in said
    assert "I cannot pay" in said
    await ruled.until(lambda: "Tags: outage" in words_of(ruled.find_card(number) or {}))
    await ruled.click(ANN, number, "claim")
    await ruled.until(lambda: "Ann Walker has it" in words_of(alerts()[0]))
    await ruled.click(ANN, number, "reply")
    reply = await ruled.modal(ANN, "reply")
    assert "Ann Walker" in str(reply["blocks"]), "the rule's template stands in the window"


async def test_what_would_happen_to_a_text_is_asked_in_a_window(office: Office) -> None:
    await office.sandbox.slash(ANN, "desk-support", "/desk", "test")
    window = await office.modal(ANN, "try")
    await office.sandbox.submit(ANN, window["id"], {"text": {"text": {"value": SPANISH}}})
    said = words_of(await office.until(lambda: _updated(office, "It would go to")))
    assert "It would go to Support, with urgency 0." in said
    assert "Ann Walker would get it" in said
    assert "Jonas Becker: does not speak the language: es." in said


def _updated(office: Office, words: str) -> Json | None:
    stack = office.sandbox.views.get(ANN) or []
    return stack[-1] if stack and words in words_of(stack[-1]) else None


async def test_in_their_home_agents_say_whether_they_are_there_and_what_they_can(office: Office) -> None:
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: home_of(office, ANN, "You are available."))
    assert "You carry 0 of 10 points." in words_of(home)
    assert "Languages: en 5, es 4" in words_of(home)
    [choose] = [b["accessory"] for b in home["blocks"] if (b.get("accessory") or {}).get("action_id") == "presence"]
    away = next(one for one in choose["options"] if one["value"] == "away-30")
    await office.sandbox.click(ANN, {"action_id": "presence", "selected_option": away}, view_id=home["id"])
    home = await office.until(lambda: home_of(office, ANN, "You are away"))
    await office.sandbox.click(ANN, "propose", view_id=home["id"])
    form = await office.modal(ANN, "propose")
    wrong = await office.sandbox.submit(ANN, form["id"], {"skills": {"skills": {"value": "refunds"}}})
    assert "has no level" in str(wrong)
    await office.sandbox.submit(ANN, form["id"], {"skills": {"skills": {"value": "refunds 4"}}})
    await office.until(lambda: told(office, SAM, "Ann Walker wants to change"))
    await office.sandbox.open_home(SAM)
    home = await office.until(lambda: home_of(office, SAM, "What colleagues say they can"))
    [grant] = [e for b in home["blocks"] for e in b.get("elements", ()) if e.get("action_id") == "proposal-grant"]
    await office.sandbox.click(SAM, {"action_id": "proposal-grant", "value": grant["value"]}, view_id=home["id"])

    async def counts() -> bool:
        return (await office.desk.book.soon()).agents[0].skills == {"refunds": 4}

    await office.eventually(counts)


def home_of(office: Office, user: str, words: str) -> Json | None:
    home = office.sandbox.home(user)
    return home if home and words in words_of(home) else None

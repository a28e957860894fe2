"""In Slack: who a customer is, joined and split by a click, and an answer that goes another way."""

from __future__ import annotations

from datetime import timedelta

from core.desk.greeting import Chat
from core.tickets.model import Address, Inbound
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, Office, filled, words_of

BOT = "@example_help_bot"


async def chat(office: Office, text: str, number: int = 7001) -> int:
    """Somebody writes to the bot; the ticket."""
    inbound = Inbound(
        channel="telegram",
        sender=Address("telegram", str(number), "Carla"),
        door=BOT,
        external_id=f"1:{number}:{text}",
        text=text,
        reply_text=text,
        reply_to=str(number),
        thread=f"1:{number}",
        is_direct=True,
    )
    piece = await office.desk.accept.soon("telegram", inbound.external_id, str(number), {}, text.encode())
    assert piece is not None
    found = await office.desk.receive.soon(piece, inbound)
    assert found is not None
    return found


async def window(office: Office, user: str, number: int) -> Json:
    await office.click(user, number, "more", value=f"addresses:{number}")
    return await office.modal(user, "person")


async def press(office: Office, user: str, view: Json, action: str) -> None:
    """Press a button of a window, the first of its kind."""
    elements = [e for b in view["blocks"] for e in (*b.get("elements", ()), b.get("accessory")) if e]
    found = next(one for one in elements if one.get("action_id") == action)
    await office.sandbox.click(user, {"action_id": action, "value": found["value"]}, view_id=view["id"])


async def test_a_suggestion_is_shown_with_its_reason_joined_and_split_again(office: Office) -> None:
    mail = await office.mail()
    number = await chat(office, "Please write to carla@example.com")
    await office.until(lambda: "somebody whom the desk knows" in str(office.posts))
    view = await window(office, ANN, number)
    assert "the customer wrote this mail address in a chat: carla@example.com" in words_of(view)
    await press(office, ANN, view, "person-unite")
    view = await office.until(lambda: _showing(office, ANN, "Ann Walker says that"))
    assert "Where is my order?" in words_of(view), "her other ticket"
    assert len(await office.desk.identities.soon(mail)) == 2
    await press(office, ANN, view, "person-split")
    view = await office.until(lambda: _showing(office, ANN, "The same person?"))
    assert len(await office.desk.identities.soon(mail)) == 1
    await press(office, ANN, view, "person-apart")
    view = await office.until(lambda: _showing(office, ANN, "are not the same person"))
    assert "The same person?" not in words_of(view)


async def test_an_address_that_an_agent_gives_is_where_the_next_answer_can_go(office: Office) -> None:
    number = await chat(office, "Hello, my kettle is broken")
    view = await window(office, ANN, number)
    await press(office, ANN, view, "add-address")
    asked = await office.modal(ANN, "add-address")
    wrong = await office.sandbox.submit(ANN, asked["id"], {"address": {"address": {"value": "carla"}}})
    assert "no mail address" in str(wrong)
    await office.sandbox.submit(ANN, asked["id"], {"address": {"address": {"value": "carla@example.com"}}})
    view = await office.until(lambda: _showing(office, ANN, "an agent says so"))
    await office.sandbox.close_view(ANN, view["id"])
    await office.click(ANN, number, "reply")
    reply = await office.modal(ANN, "reply")
    assert "Telegram, as before" in words_of(reply)
    [block] = [block for block in reply["blocks"] if str(block.get("block_id")).startswith("way-")]
    [chosen] = [one for one in block["element"]["options"] if "carla@example.com" in one["text"]["text"]]
    values = filled(reply, "The form is in this mail.", "wait")
    values[block["block_id"]] = {"way": {"selected_option": chosen}}
    await office.sandbox.submit(ANN, reply["id"], values)
    office.ahead += timedelta(seconds=31)
    office.runner.wake("out:email", office.desk.db.clock())
    await office.until(lambda: office.answers)
    [letter] = office.answers
    assert (letter.to[0].address, letter.door) == ("carla@example.com", "support@desk.example")
    assert (await office.ticket(number)).thread.channel == "email"


async def test_an_invitation_is_put_below_what_was_typed(office: Office) -> None:
    await office.desk.open_door.soon("telegram", BOT, "https://t.me/example_help_bot?start={token}")
    number = await office.mail()
    await office.click(JONAS, number, "reply")
    view = await office.modal(JONAS, "reply")
    values = filled(view, "Hello Carla.")
    value = f"telegram:{number}"
    await office.sandbox.click(JONAS, {"action_id": "invite", "value": value}, view_id=view["id"], values=values)
    shown = await office.until(lambda: _showing(office, JONAS, "https://t.me/example_help_bot?start="))
    [block] = [block for block in shown["blocks"] if block.get("element", {}).get("action_id") == "text"]
    text = block["element"]["initial_value"]
    assert text.startswith("Hello Carla.\n\nIf you would rather chat")
    token = text.partition("start=")[2].partition(" ")[0]
    piece = await office.desk.accept.soon("telegram", "start", "7001", {}, b"/start")
    assert piece is not None
    opened = Chat(BOT, "1:7001", "7001", token)
    await office.desk.greet.soon(piece, Address("telegram", "7001", "Carla"), opened, "en")
    assert {one.address.channel for one in await office.desk.identities.soon(number)} == {"email", "telegram"}


def _showing(office: Office, user: str, words: str) -> Json | None:
    stack = office.sandbox.views.get(user) or []
    return next((view for view in stack if words in f"{words_of(view)} {view}"), None)

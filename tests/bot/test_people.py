"""Who may work on tickets, and what whoever may not is told."""

from __future__ import annotations

from core.tickets.model import Part
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, Office, key_of, words_of


async def test_text_in_a_tickets_thread_is_an_internal_note(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.sandbox.say(ANN, ROOM, "@jonas she called; *really* urgent: https://x.example", thread_ts=card["ts"])
    await office.told(ANN, f"Kept as an internal note on ticket #{number}.")
    note = (await office.desk.conversation.soon(number))[-1]
    assert note.part is Part.NOTE
    assert note.text == "@Jonas Becker she called; really urgent: https://x.example"
    assert note.author == "T0SANDBOX:U0ANN"
    await office.later(31)
    assert office.answers == []
    assert len([m for m in office.in_thread(number) if "she called" in words_of(m)]) == 1


async def test_a_note_below_a_card_that_we_have_not_written_down_yet_is_not_lost(office: Office) -> None:
    await office.sandbox.set_faults(lose_answers={"chat.postMessage": 1})
    number = await office.mail()
    card = await office.until(lambda: office.find_card(number))
    await office.sandbox.say(ANN, ROOM, "quick", thread_ts=card["ts"])
    await office.card_of(number)
    await office.quiet()
    await office.later(16)
    assert await noted(office, number, "quick")
    assert len([m for m in office.posts if key_of(m) == f"card:{number}"]) == 1


async def test_the_hint_that_a_note_stays_inside_is_given_once(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    for text in ("one", "two"):
        await office.sandbox.say(ANN, ROOM, text, thread_ts=card["ts"])
        await office.eventually(lambda text=text: noted(office, number, text))
    await office.quiet()
    assert len(office.whispers(ANN)) == 1


async def test_what_is_said_outside_tickets_threads_is_not_even_kept(office: Office) -> None:
    await office.mail()
    said = await office.sandbox.say(ANN, ROOM, "lunch?")
    await office.sandbox.say(JONAS, ROOM, "yes", thread_ts=said["ts"])
    number = await office.mail()  # whatever came before is through by the time this card's note is
    card = await office.card_of(number)
    await office.sandbox.say(ANN, ROOM, "mind the step", thread_ts=card["ts"])
    await office.eventually(lambda: noted(office, number, "mind the step"))
    assert await office.desk.accept_act.soon("the next", {}) == 4  # after two mails and one note


async def test_a_member_who_is_no_agent_is_told_once_how_to_become_one(office: Office) -> None:
    mia = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.join(mia, ROOM)
    number = await office.mail()
    card = await office.card_of(number)
    await office.click(mia, number, "claim")
    await office.told(mia, "You are not an agent of this desk yet. Ask Sam Rivera to add you")
    for text in ("can I help?", "hello?"):
        await office.sandbox.say(mia, ROOM, text, thread_ts=card["ts"])
    await office.until(lambda: len(office.whispers(mia)) == 2)
    await office.quiet()
    assert len(office.whispers(mia)) == 2
    assert (await office.ticket(number)).assignee is None
    assert all(m.part is not Part.NOTE for m in await office.desk.conversation.soon(number))


async def test_a_guest_is_no_agent_whatever_address_their_profile_shows(office: Office) -> None:
    office.sandbox.slack.people.put({**office.sandbox.slack.people.find(ANN), "is_restricted": True})
    await office.later(3601)
    number = await office.mail()
    await office.click(ANN, number, "claim")
    await office.told(ANN, "Only members of this workspace can work on tickets here.")
    assert (await office.ticket(number)).assignee is None


async def test_who_becomes_an_agent_can_work_at_once(office: Office) -> None:
    mia = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.join(mia, ROOM)
    number = await office.mail()
    await office.click(mia, number, "claim")
    await office.told(mia, "You are not an agent")
    agents = (
        *office.book.agents,
        office.book.agents[0].model_copy(update={"name": "Mia", "email": "mia@desk.example"}),
    )
    await office.desk.apply.soon(office.book.model_copy(update={"agents": agents}), "test")
    await office.click(mia, number, "claim")
    await office.until(lambda: "Mia Long has it" in words_of(office.find_card(number) or {}))


async def test_who_changes_their_language_reads_the_new_one(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "note")
    assert (await office.modal(ANN, "note"))["submit"]["text"] == "Save"
    await office.sandbox.set_profile(ANN, locale="de-DE")
    await office.eventually(lambda: speaks(office, "T0SANDBOX:U0ANN", "de-DE"))
    await office.click(ANN, number, "note")
    view = await office.until(lambda: german(office.sandbox.views.get(ANN)))
    assert view["submit"]["text"] == "Speichern"


def german(stack: list[Json] | None) -> Json | None:
    return stack[-1] if stack and stack[-1]["submit"]["text"] != "Save" else None


async def speaks(office: Office, id: str, locale: str) -> bool:
    colleague = await office.desk.colleague.soon(id)
    return colleague is not None and colleague.locale == locale


async def noted(office: Office, number: int, text: str) -> bool:
    return any(m.text == text for m in await office.desk.conversation.soon(number))

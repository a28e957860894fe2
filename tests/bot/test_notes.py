"""Notes written in a ticket's thread, and what people make of them there."""

from __future__ import annotations

from core.tickets.model import Message, Part
from sandbox.errors import Json
from tests.bot.office import ANN, ROOM, Office, words_of


async def test_a_note_follows_what_its_author_makes_of_it_in_the_thread(office: Office) -> None:
    number = await office.mail()
    ts = await say(office, number, "He is angry.")
    await office.sandbox.edit(ANN, ROOM, ts, "She is angry, says @Jonas.")
    await office.eventually(lambda: has(office, number, "She is angry"))
    assert "edited" in words_of(await conversation(office, number))
    await office.sandbox.delete(ANN, ROOM, ts)
    await office.eventually(lambda: is_deleted(office, number))
    shown = words_of(await conversation(office, number))
    assert "Internal note by Ann Walker, deleted" in shown
    assert "angry" not in shown


async def test_news_of_a_note_that_comes_again_changes_nothing(office: Office) -> None:
    number = await office.mail()
    ts = await say(office, number, "One.")
    await office.sandbox.edit(ANN, ROOM, ts, "Two.")
    await office.sandbox.edit(ANN, ROOM, ts, "Three.")
    await office.eventually(lambda: has(office, number, "Three."))
    for told in [d for d in office.sandbox.slack.deliveries.log if is_about(d.payload, ts)]:
        await office.sandbox.slack.deliveries.ask(told.kind, told.payload)
    await office.quiet()
    assert [note.text for note in await notes(office, number)] == ["Three."]


async def test_a_note_written_while_nobody_listened_is_one_when_it_is_edited(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.bot.ingress.disconnect()
    ts = (await office.sandbox.say(ANN, ROOM, "One.", thread_ts=card["ts"]))["ts"]
    office.sandbox.slack.deliveries.log.clear()
    await office.bot.ingress.connect(office.sandbox.app_token)
    await office.sandbox.edit(ANN, ROOM, ts, "Two.")
    await office.eventually(lambda: has(office, number, "Two."))
    await office.quiet()
    assert [note.text for note in await notes(office, number)] == ["Two."]


async def test_what_somebody_who_is_no_agent_edits_is_no_note(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    stranger = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.join(stranger, ROOM)
    ts = (await office.sandbox.say(stranger, ROOM, "One.", thread_ts=card["ts"]))["ts"]
    await office.told(stranger, "You are not an agent of this desk yet.")
    await office.sandbox.edit(stranger, ROOM, ts, "Two.")
    await office.sandbox.delete(stranger, ROOM, ts)
    await office.quiet()
    assert await notes(office, number) == []


async def test_what_we_change_ourselves_is_not_even_kept(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "claim")
    await office.until(lambda: "Ann Walker has it" in words_of(office.find_card(number) or {}))
    await office.until(lambda: "message_changed" in {event.get("subtype") for event in told(office)})
    await office.quiet()
    kept = await office.desk.db.submit_soon(lambda tx: tx.sql.exec_driver_sql("select key from inbox").scalars().all())
    assert not [key for key in kept if key.startswith("message_changed")]


async def say(office: Office, number: int, text: str) -> str:
    """Ann writes a note in the ticket's thread, and it is kept."""
    card = await office.card_of(number)
    ts = (await office.sandbox.say(ANN, ROOM, text, thread_ts=card["ts"]))["ts"]
    await office.eventually(lambda: has(office, number, text))
    return ts


async def conversation(office: Office, number: int) -> Json:
    await office.click(ANN, number, "more", value=f"conversation:{number}")
    view = await office.modal(ANN, "read")
    await office.sandbox.close_view(ANN, view["id"])
    return view


def told(office: Office) -> list[Json]:
    """The events that were brought."""
    return [told.payload.get("event", {}) for told in office.sandbox.slack.deliveries.log]


def is_about(payload: Json, ts: str) -> bool:
    event = payload.get("event", {})
    return ts in (event.get("ts"), event.get("message", {}).get("ts"))


async def notes(office: Office, number: int) -> list[Message]:
    return [m for m in await office.desk.conversation.soon(number) if m.part is Part.NOTE]


async def has(office: Office, number: int, words: str) -> bool:
    return any(words in note.text for note in await notes(office, number))


async def is_deleted(office: Office, number: int) -> bool:
    return any(note.deleted_at for note in await notes(office, number))

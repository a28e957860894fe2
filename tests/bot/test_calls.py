"""Who is notified in Slack: whoever has a ticket, whoever wrote an answer, else the room; and nobody twice."""

from __future__ import annotations

from pathlib import Path

from core.tickets.model import By, Nature
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, Office, key_of, words_of
from tests.bot.test_views import mentions
from tests.world import RULEBOOK

FIRE = """
[[rules]]
name = "fire"
when = { subject = ["fire"] }
then = { urgency = 3 }
"""
BY_ANN, BY_JONAS = By(f"T0SANDBOX:{ANN}"), By(f"T0SANDBOX:{JONAS}")


async def test_whoever_has_the_ticket_is_called_to_what_the_customer_writes(office: Office) -> None:
    number = await answered(office)
    await office.mail("Number 4711.", answers=office.sent[-1].external_id)
    said = await said_in_thread(office, number, "Number 4711.")
    assert mentions(said["blocks"]) == [ANN]
    assert said["text"].startswith(f"<@{ANN}> ")
    assert "The customer wrote:" in words_of(said)
    assert said not in in_room(office)


async def test_what_is_written_into_a_ticket_that_nobody_has_is_seen_in_the_room(office: Office) -> None:
    number = await answered(office)
    await office.desk.release.soon(number, BY_ANN)
    await office.mail("Is anybody there?", answers=office.sent[-1].external_id)
    said = await said_in_thread(office, number, "Is anybody there?")
    assert mentions(said["blocks"]) == []
    assert said in in_room(office)


async def test_where_whoever_had_a_ticket_is_gone_the_room_sees_that_it_is_open_again(office: Office) -> None:
    number = await answered(office)
    await office.desk.close.soon(number, BY_ANN)
    others = tuple(agent for agent in office.book.agents if agent.name != "Ann Walker")
    await office.desk.apply.soon(office.book.model_copy(update={"agents": others}), "test")
    await office.mail("It broke again.", answers=office.sent[-1].external_id)
    said = await said_in_thread(office, number, "It broke again.")
    assert mentions(said["blocks"]) == []
    assert said in in_room(office)


async def test_a_room_in_which_nothing_may_be_shown_beside_its_thread_has_it_in_the_thread(office: Office) -> None:
    number = await answered(office)
    await office.desk.release.soon(number, BY_ANN)
    await office.quiet()
    await office.sandbox.set_faults(refuse_broadcasts=True)
    await office.mail("Is anybody there?", answers=office.sent[-1].external_id)
    assert await said_in_thread(office, number, "Is anybody there?") not in in_room(office)


async def test_machines_call_nobody(office: Office) -> None:
    number = await answered(office)
    await office.mail("I am away.", answers=office.sent[-1].external_id, nature=Nature.AUTO_REPLY)
    assert mentions((await said_in_thread(office, number, "I am away."))["blocks"]) == []
    await office.desk.release.soon(number, BY_ANN)
    await office.mail("Still away.", answers=office.sent[-1].external_id, nature=Nature.AUTO_REPLY)
    assert await said_in_thread(office, number, "Still away.") not in in_room(office)


async def test_the_whole_of_a_long_first_mail_calls_nobody(office: Office) -> None:
    letter = "\n".join(f"Line {n}: it still does not work." for n in range(200))
    number = await office.mail(letter)
    said = await said_in_thread(office, number, letter)
    assert mentions(said["blocks"]) == []
    assert said not in in_room(office)


async def test_nobody_is_called_twice_to_the_same_words(office: Office) -> None:
    number = await answered(office)
    await office.sandbox.set_faults(lose_answers={"chat.postMessage": 1})
    await office.mail("Number 4711.", answers=office.sent[-1].external_id)
    await said_in_thread(office, number, "Number 4711.")
    await office.quiet()
    assert len([m for m in office.in_thread(number) if "Number 4711." in words_of(m)]) == 1
    said = await said_in_thread(office, number, "Number 4711.")
    room = office.sandbox.room(ROOM)
    office.sandbox.slack.messages.delete(room, said["ts"])
    await office.desk.release.soon(number, BY_ANN)
    await office.desk.claim.soon(number, BY_JONAS)
    await office.quiet()
    assert not any(mentions(m.get("blocks")) == [JONAS] for m in office.posts)


async def test_whoever_wrote_an_answer_is_called_when_it_does_not_arrive(office: Office) -> None:
    office.refusing["carla@example.com"] = "5.1.1 No such <!channel> here"
    number = await office.mail()
    await office.desk.claim.soon(number, BY_JONAS)
    await office.answer(ANN, number, "It left today.")
    await office.later(31)
    told = await office.until(lambda: failures(office, number))
    assert [mentions(m["blocks"]) for m in told] == [[ANN]]
    assert "Not delivered: carla@example.com: 550 5.1.1 No such <!channel> here" in words_of(told[0])
    assert "It left today." in words_of(told[0])
    assert told[0]["text"].startswith(f"<@{ANN}> ")
    assert "<!" not in told[0]["text"]


async def test_an_answer_that_came_back_calls_whoever_wrote_it_once(office: Office) -> None:
    number = await answered(office)
    for _ in range(2):
        await office.mail(
            "User unknown",
            answers=office.answers[-1].external_id,
            nature=Nature.BOUNCE,
            sender="mailer-daemon@example.com",
        )
    await office.until(lambda: failures(office, number))
    await office.quiet()
    assert [mentions(m["blocks"]) for m in failures(office, number)] == [[ANN]]


async def test_an_acknowledgement_that_does_not_arrive_calls_nobody(office: Office) -> None:
    office.refusing["carla@example.com"] = "5.1.1 No such user"
    number = await office.mail()
    await office.card_of(number)
    await office.until(lambda: any("Not delivered:" in words_of(m) for m in office.in_thread(number)))
    await office.quiet()
    assert failures(office, number) == []


async def test_what_a_rule_calls_very_urgent_calls_the_room_once(sqlite_url: str, tmp_path: Path) -> None:
    async with Office(sqlite_url, tmp_path, RULEBOOK + FIRE) as office:
        await office.open()
        number = await office.mail(subject="Fire!")
        card = await office.card_of(number)
        assert mentions(card["blocks"]) == ["here"]
        assert card["text"].startswith("<!here> ")
        await office.click(ANN, number, "claim")
        await office.until(lambda: "Ann Walker has it" in words_of(office.find_card(number) or {}))
        await office.quiet()
        office.sandbox.slack.messages.delete(office.sandbox.room(ROOM), card["ts"])
        await office.desk.close.soon(number, BY_ANN)
        await office.until(lambda: "Closed" in words_of(office.find_card(number) or {}))
        assert "here" not in mentions([m.get("blocks") for m in office.posts])


async def test_what_customers_write_calls_nobody(office: Office) -> None:
    nasty = "<!here> <!channel> <@U0ANN> @here @channel"
    number = await office.mail(nasty, name=nasty, subject=nasty)
    await office.answer(ANN, number, "Which order?")
    await office.later(31)
    await office.mail(f"{nasty} 4711", name=nasty, answers=office.sent[-1].external_id)
    await said_in_thread(office, number, "4711")
    await office.quiet()
    assert mentions([m.get("blocks") for m in office.posts if "channel" in words_of(m)]) == [ANN]  # by us
    assert not any("<!" in m["text"] for m in office.posts)


async def answered(office: Office) -> int:
    """A ticket that Ann has answered."""
    number = await office.mail()
    await office.answer(ANN, number, "Which order?")
    await office.later(31)
    return number


async def said_in_thread(office: Office, number: int, words: str) -> Json:
    return await office.until(lambda: next((m for m in office.in_thread(number) if words in words_of(m)), None))


def failures(office: Office, number: int) -> list[Json]:
    return [m for m in office.in_thread(number) if (key_of(m) or "").startswith("failure:")]


def in_room(office: Office) -> list[Json]:
    """What somebody sees who looks into the room, and into no thread."""
    return [m for m in office.posts if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype") == "thread_broadcast"]

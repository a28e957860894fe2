"""What agents see of tickets, and how they work on them by buttons."""

from __future__ import annotations

import asyncio
import re

import pytest

from core.desk.answering import Then
from core.tickets.model import By, File, Nature, Status, Vouch, Vouched
from sandbox import SandboxError
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, SAM, Office, buttons_of, key_of, words_of


async def test_a_mail_becomes_a_card_with_the_customers_words(office: Office) -> None:
    number = await office.mail("My order has *not* arrived.")
    card = await office.card_of(number)
    assert f"#{number} Where is my order?" in words_of(card)
    assert "My order has *not* arrived." in words_of(card)
    assert "Carla Gómez <carla@example.com> · Email" in words_of(card)
    assert buttons_of(card) == ["claim", "reply", "note", "close", "split-open", "more"]


async def test_a_card_offers_what_can_be_done_now(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "claim")
    taken = ["reply", "note", "close", "split-open", "more"]
    await office.until(lambda: buttons_of(office.find_card(number) or {}) == taken)
    await office.click(ANN, number, "close")
    await office.until(lambda: buttons_of(office.find_card(number) or {}) == ["reopen", "more"])
    await office.click(JONAS, number, "reopen")
    await office.until(lambda: buttons_of(office.find_card(number) or {}) == taken)
    await office.click(ANN, number, "more", value=f"release:{number}")
    await office.until(lambda: "claim" in buttons_of(office.find_card(number) or {}))


async def test_a_closed_card_says_who_closed_it_and_when_and_of_nobody_that_they_have_it(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "close")
    card = await office.until(lambda: with_words(office, number, "Closed by Ann Walker"))
    assert "Nobody has it" not in words_of(card)
    closed = (await office.ticket(number)).closed_at
    assert closed is not None
    assert f"<!date^{int(closed.timestamp())}^" in words_of(card)
    await office.desk.reopen.soon(number, By("T0SANDBOX:U0ANN"))
    await office.until(lambda: with_words(office, number, "Nobody has it yet"))
    await office.desk.close.soon(number, By("rule:no-answer"))
    await office.until(lambda: with_words(office, number, "Closed by the desk itself"))


async def test_of_many_who_claim_at_once_one_wins_and_the_others_are_told_who_and_when(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    room = office.room_of(card)
    await asyncio.gather(*(office.sandbox.click(user, "claim", room=room, ts=card["ts"]) for user in (ANN, JONAS, SAM)))
    assert await office.eventually(lambda: assignee(office, number))
    winner = str(await assignee(office, number)).rpartition(":")[2]
    losers = {ANN, JONAS, SAM} - {winner}
    name = {ANN: "Ann Walker", JONAS: "Jonas Becker", SAM: "Sam Rivera"}[winner]
    for loser in losers:
        told = await office.told(loser, name)
        assert re.search(r"vor \d+ Sekunden?" if loser == JONAS else r"\d+ seconds? ago", told)
    assert office.whispers(winner) == []
    await office.until(lambda: f"{name} has it" in words_of(office.find_card(number) or {}))


async def test_a_click_on_an_old_copy_of_a_closed_ticket_changes_nothing_and_says_why(office: Office) -> None:
    number = await office.mail()
    await office.card_of(number)
    await office.sandbox.slash(ANN, "desk-support", "/desk", f"show {number}")
    copy = await office.until(lambda: next(iter(office.sandbox.ephemeral), None))
    await office.click(JONAS, number, "close")
    await office.eventually(lambda: has_status(office, number, Status.CLOSED))
    for action, said in (("claim", "is closed. Reopen it first."), ("reply", "is closed. Reopen it first.")):
        await office.sandbox.click(ANN, action, ephemeral_id=copy["id"])
        await office.told(ANN, said)
    await office.sandbox.click(ANN, "close", ephemeral_id=copy["id"])
    await office.told(ANN, "is closed already")
    assert not office.sandbox.views.get(ANN)
    assert (await office.ticket(number)).assignee is None


async def test_a_german_agent_reads_german_and_the_room_reads_the_desks_language(office: Office) -> None:
    number = await office.mail()
    await office.desk.claim.soon(number, By("T0SANDBOX:U0ANN"))
    await office.sandbox.slash(JONAS, "desk-support", "/desk", f"claim {number}")
    await office.told(JONAS, "vor ")
    assert "Ann Walker has it" in words_of(await office.card_of(number))
    await office.sandbox.slash(JONAS, "desk-support", "/desk", f"show {number}")
    copy = await office.until(lambda: next((e for e in office.sandbox.ephemeral if "#" in words_of(e)), None))
    assert "Ann Walker has it" not in words_of(copy)


async def test_what_a_customer_writes_is_never_read_as_markup(office: Office) -> None:
    nasty = "<!channel> <@U0ANN> *bold* <https://evil.example|click> & :smile:"
    number = await office.mail(nasty, name="<!here>", subject="<!everyone> <@U0SAM>")
    card = await office.card_of(number)
    assert nasty in words_of(card)
    assert "<!" not in card["text"]
    assert "<@" not in card["text"]
    markup = [part for part in every_object(card["blocks"]) if part.get("type") == "mrkdwn"]
    assert all(re.fullmatch(r"<!date\^\d+\^[^|]+\|[^<>]*>", part["text"]) for part in markup)


async def test_where_answers_go_is_said_when_it_is_not_where_the_mail_came_from(office: Office) -> None:
    number = await office.mail(sender="a@x.test", name="Ada", reply_to="other@z.test")
    card = await office.card_of(number)
    assert "From Ada <a@x.test>, answers go to other@z.test · Email" in words_of(card)
    await office.click(ANN, number, "reply")
    assert "To other@z.test" in words_of(await office.modal(ANN, "reply"))


async def test_long_words_are_cut_on_the_card_and_whole_in_the_thread(office: Office) -> None:
    letter = "\n".join(f"Line {n}: it still does not work." for n in range(200))
    number = await office.mail(letter)
    card = await office.card_of(number)
    assert "more characters)" in words_of(card)
    assert "The whole text is in the thread." in words_of(card)
    await office.until(lambda: any(letter in words_of(m) for m in office.in_thread(number)))


async def test_a_customers_files_come_into_the_thread_once(office: Office) -> None:
    files = (File("order.pdf", "application/pdf", b"%PDF-1.4"), File("empty.txt", "text/plain", b""))
    number = await office.mail(files=files)
    card = await office.card_of(number)
    assert "order.pdf (1 kB)" in words_of(card)
    posted = await office.until(lambda: [m for m in office.in_thread(number) if m.get("files")])
    assert [file["title"] for m in posted for file in m["files"]] == ["order.pdf"]
    await office.click(ANN, number, "claim")
    await office.until(lambda: "Ann Walker has it" in words_of(office.find_card(number) or {}))
    await office.quiet()
    assert len([m for m in office.in_thread(number) if m.get("files")]) == 1


async def test_what_the_customer_adds_comes_into_the_thread_in_their_name(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "Which order?")
    await office.later(31)
    assert await office.mail("Number 4711.", answers=office.sent[-1].external_id) == number
    said = await office.until(lambda: [m for m in office.in_thread(number) if "Number 4711." in words_of(m)])
    assert said[0]["username"] == "Carla Gómez (customer)"
    await office.until(lambda: "Open · " in words_of(office.find_card(number) or {}))


async def test_an_automatic_mail_says_what_it_is(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "Which order?")
    await office.later(31)
    await office.mail("I am away.", answers=office.sent[-1].external_id, nature=Nature.AUTO_REPLY)
    said = await office.until(lambda: [m for m in office.in_thread(number) if "I am away." in words_of(m)])
    assert "Automatic reply" in words_of(said[0])


async def test_an_answer_that_does_not_arrive_is_red_on_card_and_post_with_the_other_sides_words(
    office: Office,
) -> None:
    office.refusing["carla@example.com"] = "5.1.1 No such <user> here"
    number = await office.mail()
    await office.answer(ANN, number, "It left today.")
    await office.later(31)
    await office.until(lambda: "5.1.1 No such <user> here" in words_of(office.find_card(number) or {}))
    assert "Our last message did not arrive:" in words_of(await office.card_of(number))
    await office.until(
        lambda: any("Not delivered:" in words_of(m) and "5.1.1" in words_of(m) for m in office.in_thread(number))
    )


async def test_the_whole_conversation_and_the_customers_addresses_can_be_read(office: Office) -> None:
    number = await office.mail("First words.")
    await office.answer(ANN, number, "Our answer.")
    await office.click(JONAS, number, "more", value=f"conversation:{number}")
    window = words_of(await office.modal(JONAS, "read"))
    assert "First words." in window
    assert "Our answer." in window
    await office.sandbox.close_view(JONAS, (await office.modal(JONAS))["id"])
    await office.click(JONAS, number, "more", value=f"addresses:{number}")
    assert "carla@example.com" in words_of(await office.modal(JONAS, "person"))


async def test_the_whole_conversation_says_who_took_the_ticket_and_who_closed_it(office: Office) -> None:
    number = await office.mail("First words.")
    ann, jonas = By(f"T0SANDBOX:{ANN}"), By(f"T0SANDBOX:{JONAS}")
    await office.desk.claim.soon(number, jonas)
    await office.desk.release.soon(number, jonas)
    taken_back = await office.desk.reply.soon(number, ann, "Wrong answer.", Then.CLOSE)
    assert taken_back is not None
    await office.desk.undo.soon(taken_back, ann)
    await office.desk.reply.soon(number, ann, "Right answer.", Then.CLOSE)
    await office.later(31)
    await office.mail("Not yet.", answers=office.sent[-1].external_id)
    await office.desk.close.soon(number, By("rule:no-answer"))
    await office.click(SAM, number, "more", value=f"conversation:{number}")
    window = await office.modal(SAM, "read")
    assert [block["elements"][0]["text"] for block in window["blocks"] if block["type"] == "context"] == [
        "Carla Gómez wrote",
        "Acknowledgement",
        "Jonas Becker took the ticket",
        "Jonas Becker put the ticket back into its queue",
        "Ann Walker took the ticket",
        "Ann Walker took this answer back",
        "Ann Walker answered",
        "Ann Walker closed the ticket",
        "Carla Gómez wrote",
        "Open again, because the customer wrote",
        "The desk closed the ticket by itself",
    ]


async def test_a_button_of_an_older_version_says_that_it_does_nothing_any_more(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.slack.post(
        office.room_of(card), "old", [{"type": "actions", "elements": [button("escalate")]}], "old", card["ts"]
    )
    old = next(m for m in office.posts if key_of(m) == "old")
    await office.sandbox.click(ANN, "escalate", room=office.room_of(card), ts=old["ts"])
    await office.told(ANN, "This does nothing any more.")
    assert office.sandbox.ephemeral[-1]["thread_ts"] == card["ts"]


async def test_a_ticket_that_is_not_there_is_said_so(office: Office) -> None:
    with pytest.raises(SandboxError):
        await office.sandbox.click(ANN, "claim", room="desk-support", ts="1.0")
    await office.sandbox.slash(ANN, "desk-support", "/desk", "claim 4711")
    await office.told(ANN, "There is no ticket #4711.")


def with_words(office: Office, number: int, words: str) -> Json | None:
    card = office.find_card(number)
    return card if card and words in words_of(card) else None


def button(action: str) -> dict:
    return {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": "x"}, "value": "1"}


def every_object(part: object) -> list[dict]:
    if isinstance(part, dict):
        return [part, *(found for value in part.values() for found in every_object(value))]
    if isinstance(part, list):
        return [found for value in part for found in every_object(value)]
    return []


async def assignee(office: Office, number: int) -> str | None:
    return (await office.ticket(number)).assignee


async def has_status(office: Office, number: int, status: Status) -> bool:
    return (await office.ticket(number)).status is status


async def test_of_a_mail_that_may_be_forged_the_card_and_its_thread_say_so(office: Office) -> None:
    doubted = Vouched(Vouch.FAILED, "shop.<!here>.example")
    said = "⚠ This mail may be forged: shop.<!here>.example does not confirm that it comes from there."
    number = await office.mail("Send it to my new address.", vouched=doubted)
    assert said in words_of(await office.card_of(number))
    await office.answer(ANN, number, "To which?")
    await office.later(31)
    token = (office.sent[0].reply_token or "",)
    assert await office.mail("To mine.", reply_tokens=token, vouched=doubted) == number
    post = await office.until(lambda: next((p for p in office.in_thread(number) if "To mine." in words_of(p)), None))
    assert said in words_of(post)
    assert await office.mail("Thank you.", reply_tokens=token, vouched=Vouched(Vouch.PASSED)) == number
    post = await office.until(lambda: next((p for p in office.in_thread(number) if "Thank you." in words_of(p)), None))
    assert "forged" not in words_of(post)


async def test_a_mail_that_is_encrypted_says_so_with_what_can_be_done(office: Office) -> None:
    asc = File("encrypted.asc", "application/octet-stream", b"?")
    number = await office.mail("", notes=("encrypted",), files=(asc,))
    file = "This mail is encrypted, and the desk cannot read it. Ask the sender to write unencrypted, or open the file"
    assert file in words_of(await office.card_of(number))
    text = "Part of this mail is encrypted, and the desk cannot read it. Ask the sender to write unencrypted, or put"
    await office.click(ANN, number, "claim")
    await office.answer(ANN, number, "Please write unencrypted.")
    await office.later(31)
    token = (office.sent[-1].reply_token or "",)
    assert await office.mail("-----BEGIN PGP MESSAGE-----", reply_tokens=token, notes=("encrypted",)) == number
    post = await office.until(lambda: next((p for p in office.in_thread(number) if text in words_of(p)), None))
    assert "BEGIN PGP MESSAGE" in words_of(post)
    await office.click(ANN, number, "reply")
    assert text in words_of(await office.modal(ANN, "reply"))
    assert await office.mail("Here it is.", reply_tokens=token) == number
    post = await office.until(lambda: next((p for p in office.in_thread(number) if "Here it is." in words_of(p)), None))
    assert "encrypted" not in words_of(post)


async def test_a_mail_that_was_signed_says_that_nobody_has_checked_it(office: Office) -> None:
    signed = "This mail carries a signature, which the desk has not checked: it proves nothing."
    assert signed in words_of(await office.card_of(await office.mail("It is me.", notes=("signed",))))
    assert signed not in words_of(await office.card_of(await office.mail("It is I.", sender="bob@example.org")))


async def test_a_mail_without_words_says_that_there_are_none(office: Office) -> None:
    assert "There are no words in it." in words_of(await office.card_of(await office.mail("")))

"""The card of somebody who writes into a ticket without taking part in it: what it says, and what its buttons do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.desk.joining import AT_ONCE
from core.engine.clock import look_at_due
from core.tickets.model import Address, By, File, Nature, Status, Vouch, Vouched
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, Office, buttons_of, key_of, words_of
from tests.bot.test_blocking import decided
from tests.bot.test_moved_cards import without_billing
from tests.core.test_moving import INVOICE

DAN = "dan@example.org"
HOSTILE = "<!channel> *Let me in* <https://evil.example|click>"


async def opened(office: Office, **more: Any) -> int:
    """A customer's ticket, with its card. Its first mail is <1@example.com>."""
    number = await office.mail(**more)
    await office.card_of(number)
    await office.quiet()
    return number


async def asks(office: Office, number: int, text: str = "We need two of them.", sender: str = DAN, **more: Any) -> Json:
    """A stranger quotes the ticket's first mail; the card that asks what to do."""
    known = {"name": "Dan Brown", "answers": "<1@example.com>", **more}
    assert await office.mail(text, sender=sender, **known) == number
    card = await office.until(lambda: next((m for m in cards(office, number) if sender in words_of(m)), None))
    await office.quiet()
    return now(office, card)


def cards(office: Office, number: int) -> list[Json]:
    return [m for m in office.posts if (key_of(m) or "").startswith(f"stranger:{number}:")]


def now(office: Office, card: Json) -> Json:
    return next(m for m in office.posts if m["ts"] == card["ts"])


async def press(office: Office, user: str, card: Json, action: str) -> None:
    await office.sandbox.click(user, action, room=office.room_of(card), ts=card["ts"])


async def test_a_stranger_is_shown_in_the_thread_with_what_helps_to_decide(office: Office) -> None:
    number = await opened(office, copied=(Address("email", "Dan@example.org", "Dan"),))
    card = await asks(office, number, HOSTILE, files=(File("plan.pdf", "application/pdf", b"%PDF"),))
    assert card["thread_ts"] == (await office.card_of(number))["ts"]
    said = words_of(card)
    assert "Dan Brown <dan@example.org> wrote, and does not take part in this ticket." in said
    assert "Carla Gómez copied them in." in said
    assert HOSTILE in said
    assert "1 file came with it" in said
    assert "plan.pdf" not in str(card)
    assert buttons_of(card) == ["stranger-in", "stranger-out", "stranger-block"]
    assert {block["type"] for block in card["blocks"]} <= {"rich_text", "context", "actions"}
    assert "&lt;!channel&gt;" not in card["text"]
    assert "1 person who does not take part wrote" in words_of(await office.card_of(number))
    assert not [m for m in office.in_thread(number) if m.get("files")]


async def test_a_mail_of_a_colleague_is_shown_as_a_note_by_mail_with_its_files(office: Office) -> None:
    number = await opened(office)
    vouched = Vouched(Vouch.PASSED, "desk.example")
    said = {"sender": "jonas@desk.example", "answers": "<1@example.com>", "vouched": vouched}
    assert await office.mail(HOSTILE, files=(File("plan.pdf", "application/pdf", b"%PDF"),), **said) == number
    await office.quiet()
    [_, note, *files] = office.in_thread(number)  # the acknowledgement comes first
    shown = words_of(note)
    assert "Internal note by Jonas Becker, who wrote it by mail. The customer does not see it." in shown
    assert HOSTILE in shown
    assert {block["type"] for block in note["blocks"]} <= {"rich_text", "context"}
    [file] = [file for message in files for file in message.get("files", ())]
    assert file["name"].endswith("plan.pdf")
    assert cards(office, number) == []
    assert office.answers == [out for out in office.answers if HOSTILE not in out.text]


async def test_a_name_that_would_turn_the_line_around_or_pose_as_a_colleague_is_set_apart(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number, name="\u202eAnn Walker <ann@desk.example>\u202c")
    first = words_of(card).partition("wrote")[0]
    assert "\u202e" not in str(card)
    assert "Ann Walker <ann@desk.example> <dan@example.org>" in first
    assert card["username"] != "Ann Walker" if card.get("username") else True


async def test_whoever_has_the_ticket_is_called_once_and_else_the_room_sees_it(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number)
    assert card["subtype"] == "thread_broadcast"
    await office.click(ANN, number, "claim")
    await office.quiet()
    card = await asks(office, number, sender="eve@example.net", name="Eve")
    assert card.get("subtype") != "thread_broadcast"
    assert f"<@{ANN}>" in card["text"]
    assert "Please decide:" in words_of(card)


async def test_several_mails_of_one_stranger_are_one_card(office: Office) -> None:
    number = await opened(office)
    for text in ("One", "Two", "Three", "Four"):
        card = await asks(office, number, text)
    assert len(cards(office, number)) == 1
    said = words_of(card)
    assert [text in said for text in ("One", "Two", "Three", "Four")] == [False, True, True, True]
    assert "1 earlier message is not shown." in said


async def test_who_is_let_in_is_heard_in_the_thread_with_their_files(office: Office) -> None:
    number = await opened(office)
    await office.desk.close.soon(number, By("T0SANDBOX:U0ANN"))
    card = await asks(office, number, files=(File("plan.pdf", "application/pdf", b"%PDF"),))
    await press(office, JONAS, card, "stranger-in")
    await office.until(lambda: any("plan.pdf" in str(m.get("files")) for m in office.in_thread(number)))
    await office.quiet()
    assert (await office.ticket(number)).status is Status.NEW
    heard = [m for m in office.in_thread(number) if m.get("username") == "Dan Brown (customer)"]
    assert ["We need two of them." in words_of(m) for m in heard] == [True]
    card = now(office, card)
    assert "Jonas Becker let Dan Brown <dan@example.org> into this ticket." in words_of(card)
    assert buttons_of(card) == ["stranger-out"]
    assert "does not take part" not in words_of(await office.card_of(number))
    await office.click(ANN, number, "reply")
    [pick] = [b for b in (await office.modal(ANN, "reply"))["blocks"] if b.get("block_id") == "copied"]
    assert [one["value"] for one in pick["element"]["initial_options"]] == [DAN]


async def test_a_new_ticket_is_linked_both_ways(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number, subject="Two lamps")
    await press(office, ANN, card, "stranger-out")
    other = await office.card_of(number + 1)
    assert f"Follows ticket #{number}" in words_of(other)
    assert "We need two of them." in words_of(other)
    await office.quiet()
    card = now(office, card)
    said = f"Ann Walker gave Dan Brown <dan@example.org> a ticket of their own: #{number + 1}"
    assert said in words_of(card)
    assert buttons_of(card) == ["stranger-in"]
    await office.click(ANN, number, "more", selected_option={"value": f"conversation:{number}"})
    window = words_of(await office.modal(ANN, "read"))
    assert f"Ann Walker gave Dan Brown a ticket of their own: #{number + 1}" in window
    assert "We need two of them." not in window


async def test_what_is_held_is_told_in_the_whole_conversation_where_it_came(office: Office) -> None:
    number = await opened(office)
    await asks(office, number)
    await office.mail("And me?", answers="<1@example.com>")
    await office.click(ANN, number, "more", selected_option={"value": f"conversation:{number}"})
    said = words_of(await office.modal(ANN, "read"))
    assert said.index("Dan Brown wrote, and does not take part") < said.index("And me?")


async def test_of_two_agents_who_decide_the_second_is_told_who_did(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number)
    await press(office, ANN, card, "stranger-out")
    await office.quiet()
    payload = last_click(office)
    stale = {**payload, "user": {**payload["user"], "id": JONAS}, "trigger_id": "1.2.stale", "response_url": ""}
    await office.sandbox.slack.deliveries.ask("interactive", stale)
    assert await office.told(JONAS, "Ann Walker hat sie")  # he reads German
    await office.quiet()
    assert office.find_card(number + 2) is None


async def test_a_click_that_is_delivered_twice_or_after_a_crash_decides_once(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number)
    await press(office, ANN, card, "stranger-out")
    await office.quiet()
    await office.sandbox.slack.deliveries.ask("interactive", last_click(office))
    await office.later(20)
    assert office.whispers(ANN) == []
    assert office.find_card(number + 2) is None


async def test_a_click_whose_process_died_is_done_by_another(closed_office: Office) -> None:
    office = closed_office
    await office.open()
    number = await opened(office)
    card = await asks(office, number)
    await office.bot.stop()  # nobody answers clicks any more
    value = next(e["value"] for b in card["blocks"] if b["type"] == "actions" for e in b["elements"])
    kept = {
        "type": "block_actions",
        "user": {"id": ANN, "team_id": "T0SANDBOX"},
        "actions": [{"action_id": "stranger-in", "value": value}],
        "trigger_id": "1.2.died",
    }
    assert await office.desk.accept_act.soon("did:1.2.died", kept)
    await office.later(20)
    assert "Ann Walker let Dan Brown" in words_of(now(office, card))


async def test_somebody_who_is_no_agent_decides_nothing(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number)
    gus = (await office.sandbox.new_person("Gus Guest"))["user"]
    await office.sandbox.join(gus, ROOM)
    await press(office, gus, card, "stranger-in")
    assert await office.told(gus, "You are not an agent of this desk yet.")
    assert buttons_of(now(office, card)) == ["stranger-in", "stranger-out", "stranger-block"]


async def test_a_stranger_is_blocked_from_their_card_and_nobody_is_asked_about_them_any_more(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number)
    await press(office, ANN, card, "stranger-block")
    asked = await office.modal(ANN, "block")
    assert f"Mail from {DAN} will be kept" in words_of(asked)
    assert f"What they wrote into ticket #{number} counts for nothing" in words_of(asked)
    await decided(office, ANN, asked, "address", "sells watches")
    await office.told(ANN, f"{DAN} is blocked")
    await office.quiet()
    card = now(office, card)
    assert "Ann Walker blocked Dan Brown <dan@example.org>: their mail opens nothing any more." in words_of(card)
    assert "We need two of them." not in words_of(card)
    assert "does not take part" not in words_of(await office.card_of(number))
    assert office.find_card(number + 1) is None
    [shut] = await office.desk.blocked.soon()
    assert (shut.whom, shut.by, shut.why) == (DAN, "Ann Walker", "sells watches")


async def test_who_is_blocked_is_let_in_only_once_they_are_unblocked(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number)
    await press(office, ANN, card, "stranger-block")
    await decided(office, ANN, await office.modal(ANN, "block"), "address")
    await office.quiet()
    await press(office, ANN, now(office, card), "stranger-in")
    await office.told(ANN, "A supervisor can unblock them first: /desk held, then Blocked senders.")
    await office.desk.unblock.soon(DAN)
    await press(office, ANN, now(office, card), "stranger-in")
    await office.until(lambda: "let Dan Brown <dan@example.org> into this ticket" in words_of(now(office, card)))


async def test_who_was_decided_upon_while_the_window_stood_open_is_not_blocked(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number)
    await press(office, ANN, card, "stranger-block")
    asked = await office.modal(ANN, "block")
    await press(office, JONAS, card, "stranger-in")
    await office.quiet()
    answer = await decided(office, ANN, asked, "address")
    assert "Jonas Becker let them into ticket" in str(answer["errors"])
    assert await office.desk.blocked.soon() == []


async def test_what_a_stranger_wrote_encrypted_says_so_on_their_card(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number, "", notes=("encrypted",), files=(File("mail.asc", "text/plain", b"?"),))
    assert "Ask the sender to write unencrypted, or open the file" in words_of(card)


async def test_of_many_strangers_some_have_cards_and_the_tickets_card_counts_them_all(office: Office) -> None:
    number = await opened(office)
    for n in range(AT_ONCE + 3):
        await office.mail("Me too.", sender=f"p{n}@example.org", name=f"P{n}", answers="<1@example.com>")
    await office.later(30)
    assert len(cards(office, number)) == AT_ONCE
    assert f"{AT_ONCE + 3} people who do not take part wrote" in words_of(await office.card_of(number))
    await press(office, ANN, cards(office, number)[0], "stranger-in")
    await office.later(30)
    assert len(cards(office, number)) == AT_ONCE + 1


async def test_a_card_that_waits_follows_its_ticket_into_another_room(office: Office) -> None:
    number = await opened(office, subject=INVOICE)
    card = await asks(office, number)
    assert office.room_of(card) != ROOM
    await office.desk.apply.soon(without_billing(), "test")
    await office.desk.gather.soon([number], {}, "cli:test")
    for _ in range(3):
        await office.later(60)
    left, here = cards(office, number)
    if here["ts"] == card["ts"]:
        left, here = here, left
    assert f"#{number} has moved to another channel:" in words_of(left)
    assert buttons_of(left) == []
    post = (await office.desk.card.soon(number)).post
    assert post is not None
    assert here["thread_ts"] == post.ts
    await press(office, ANN, here, "stranger-in")
    await office.until(lambda: "let Dan Brown" in words_of(now(office, here)))


async def test_home_and_the_next_that_waits_name_the_tickets_that_somebody_would_join(office: Office) -> None:
    number = await opened(office)
    await office.click(JONAS, number, "claim")
    await asks(office, number)
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: office.sandbox.home(ANN))
    assert "Who may join?" in words_of(home)
    assert f"#{number}" in words_of(home)
    await office.sandbox.slash(ANN, ROOM, "/desk", "next")
    assert f"#{number}" in await office.told(ANN, "this for a decision:")


async def test_what_a_list_brings_says_so(office: Office) -> None:
    number = await opened(office)
    card = await asks(office, number, nature=Nature.LIST)
    assert "It came through a mailing list." in words_of(card)


async def test_supervisors_hear_of_what_waits_for_too_long_with_a_way_to_it(office: Office) -> None:
    number = await opened(office)
    await asks(office, number)
    await office.later(timedelta(days=1, minutes=1).total_seconds())
    await look_at_due(office.desk)
    said = await office.told("U0SAM", "does not take part")
    assert "Go to card" in said


def last_click(office: Office) -> Json:
    log = office.sandbox.slack.deliveries.log
    return [delivery.payload for delivery in log if delivery.payload.get("type") == "block_actions"][-1]

"""One person on several channels: a link of ours proves it, and a ticket goes on as one story wherever they write."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.desk.answering import Then
from core.phrases import NotFound, Refused
from core.tickets.model import Address, Message, Nature, Outcome, Outgoing, Part, Vouch, Vouched
from core.tickets.persons import Proof
from core.tickets.refusals import Refusal
from tests.world import ANN, BOT, JONAS, World

CHAT = 7001


def invitation(world: World, number: int) -> str:
    """What stands behind "start=" in the link that Ann gets for an answer."""
    world.desk.open_door("telegram", BOT, "https://t.me/example_help_bot?start={token}")
    said = world.desk.invite(number, "telegram", ANN)
    assert said is not None
    found = re.search(r"https://t\.me/example_help_bot\?start=([A-Za-z0-9_-]{1,64}) ", said)
    assert found, said
    return found[1]


def linked(world: World) -> int:
    """A ticket of Carla's, by mail, who has followed our link to Telegram."""
    number = world.mail(id="<first@example.com>")
    world.settle()
    world.starts(invitation(world, number))
    world.settle()
    return number


def heard(world: World, number: int) -> list[str]:
    return [one.text for one in world.said(number) if one.part is Part.REQUESTER]


def notes(world: World, number: int) -> list[Message]:
    return [one for one in world.said(number) if one.part is Part.NOTE]


def answered(world: World) -> Outgoing:
    """Our last answer, which has left by now, whatever else the chat was told before."""
    world.later(seconds=11)
    world.later(seconds=11)
    return [out for out in world.sent if out.part is Part.REPLY][-1]


def by(world: World, number: int, channel: str) -> int:
    """Which of the requester's addresses is on this channel, as a way to answer."""
    return next(one.person for one in world.desk.other_ways(number) if one.address.channel == channel)


# The link


def test_a_link_of_ours_proves_who_follows_it_and_the_ticket_goes_on_in_the_chat(world: World) -> None:
    number = linked(world)
    assert "number 1" in world.greeted[-1][1] or "request 1" in world.greeted[-1][1]
    assert world.chat("Here I am.") == number
    assert heard(world, number)[-1] == "Here I am."
    assert {one.address.channel: one.proof for one in world.desk.identities(number)} == {
        "email": Proof.WROTE,
        "telegram": Proof.LINK,
    }
    world.desk.reply(number, ANN, "Welcome!")
    out = answered(world)
    assert (out.to[0].channel, out.to[0].address, out.door) == ("telegram", str(CHAT), BOT)
    assert out.text == "Welcome!", "nobody signs in a chat"


def test_a_link_is_worth_nothing_to_a_second_one_nor_when_it_is_old_nor_changed(world: World) -> None:
    number = world.mail()
    world.settle()
    first, old = invitation(world, number), invitation(world, number)
    changed = first[:-1] + ("a" if first[-1] != "a" else "b")
    world.starts(changed, 7002, "Eve")
    world.starts(first)
    world.starts(first, 7003, "Mallory")
    world.now += timedelta(days=8)
    world.starts(old, 7004, "Eve")
    world.settle()
    assert {one.address.address for one in world.desk.identities(number)} == {"carla@example.com", str(CHAT)}
    assert world.chat("Who is it about?", 7003, "Mallory") != number
    assert world.chat("It is me.", CHAT) == number


def test_who_follows_a_link_twice_is_welcome_twice(world: World) -> None:
    number = world.mail()
    world.settle()
    token = invitation(world, number)
    world.starts(token)
    world.later(seconds=5)
    world.starts(token)
    world.later(seconds=5)
    assert len(world.greeted) == 2
    assert world.greeted[0] == world.greeted[1]
    assert len(notes(world, number)) == 1


def test_a_link_makes_nobody_one_with_a_third_who_was_found_to_be_somebody_else(world: World) -> None:
    linked(world)
    other = world.mail(sender="dan@example.org", name="Dan Brown")
    world.settle()
    world.starts(invitation(world, other))
    world.settle()
    assert [one.address.address for one in world.desk.identities(other)] == ["dan@example.org"]
    assert "known as somebody else" in notes(world, other)[-1].text
    assert world.chat("Which one is this?") == 1


def test_an_invitation_goes_to_the_customers_own_address_and_to_nobody_else(world: World) -> None:
    world.desk.open_door("telegram", BOT, "https://t.me/example_help_bot?start={token}")
    elsewhere = world.mail(reply_to="mallory@example.net")
    assert world.desk.invites(elsewhere) == []
    with pytest.raises(Refused, match="proves who follows it"):
        world.desk.invite(elsewhere, "telegram", ANN)
    number = world.mail(sender="dan@example.org", name="Dan Brown")
    assert world.desk.invites(number) == ["telegram"]
    said = world.desk.invite(number, "telegram", ANN)
    assert said is not None
    with pytest.raises(Refused, match="proves who follows it"):
        world.desk.reply(elsewhere, ANN, f"Hello. {said}")
    assert world.desk.reply(number, ANN, f"Hello. {said}")


def test_what_a_link_joined_is_taken_back_whole(world: World) -> None:
    number = linked(world)
    world.chat("Here I am.")
    [union] = world.desk.person(number).unions
    world.desk.split(number, union.id, JONAS)
    world.settle()
    assert [one.address.channel for one in world.desk.identities(number)] == ["email"]
    assert world.ticket(number).thread.channel == "email", "answers go where they went before"
    assert world.chat("Hello?") != number
    world.desk.reply(number, ANN, "By mail again.")
    assert answered(world).to[0].address == "carla@example.com"
    with pytest.raises(NotFound):
        world.desk.split(number, union.id, JONAS)


# One story


def test_an_answer_by_mail_instead_has_the_heads_of_the_mails_before_and_their_tags(world: World) -> None:
    number = linked(world)
    world.chat("I write from here.")
    assert world.ticket(number).thread.channel == "telegram"
    world.desk.reply(number, ANN, "By mail it is longer.", way=by(world, number, "email"))
    mail = answered(world)
    assert (mail.to[0].address, mail.door, mail.subject) == (
        "carla@example.com",
        "support@desk.example",
        "Where is my order?",
    )
    assert mail.in_reply_to == "<first@example.com>", "not what was said in the chat"
    assert mail.references[-1] == "<first@example.com>"
    assert mail.reply_token
    assert world.mail("Thank you, I read it.", answers=mail.external_id) == number
    assert world.chat("And from here, too.") == number
    assert heard(world, number)[1:] == ["I write from here.", "Thank you, I read it.", "And from here, too."]


def test_answers_follow_where_the_customer_writes(world: World) -> None:
    number = linked(world)
    world.chat("From the chat.")
    first = next(out for out in world.sent if out.part is Part.ACKNOWLEDGEMENT)
    world.mail("From the mail.", answers=first.external_id)
    assert world.ticket(number).thread.channel == "email"
    world.chat("From the chat again.")
    assert world.ticket(number).thread.channel == "telegram"


def test_a_mail_that_is_not_from_there_moves_no_answers(world: World) -> None:
    number = linked(world)
    world.chat("From the chat.")
    token = world.sent[0].reply_token
    assert token
    forged = Vouched(Vouch.FAILED, "example.com")
    world.mail("Send it here.", reply_tokens=(token,), vouched=forged, reply_to="mallory@example.net")
    assert world.ticket(number).thread.channel == "telegram"


def test_a_mail_moves_answers_to_its_senders_own_address_whatever_it_asks_for(world: World) -> None:
    number = world.chat("Hello, it is me.")
    world.desk.add_address(number, "carla@example.com", ANN)
    assert world.mail("And by mail.", subject=f"Re: [#{number}]", reply_to="mallory@example.net") == number
    world.desk.reply(number, ANN, "To you.")
    assert answered(world).to[0].address == "carla@example.com"


def test_a_chat_goes_on_by_mail_from_its_queues_mailbox(world: World) -> None:
    number = world.chat("My kettle does not get warm any more.")
    world.settle()
    world.desk.add_address(number, "Carla@Example.com", ANN)
    world.desk.reply(number, ANN, "Here is the form.", way=by(world, number, "email"))
    mail = answered(world)
    assert (mail.to[0].address, mail.door, mail.in_reply_to) == ("Carla@Example.com", "support@desk.example", None)
    assert mail.subject == "My kettle does not get warm any more."
    assert world.mail("I filled it in.", answers=mail.external_id, sender="carla@example.com") == number


def test_an_answer_that_is_taken_back_takes_the_ticket_back_to_where_it_was(world: World) -> None:
    number = linked(world)
    world.chat("From the chat.")
    world.desk.claim(number, ANN)
    before = world.ticket(number)
    message = world.desk.reply(number, ANN, "By mail.", Then.CLOSE, way=by(world, number, "email"))
    assert message
    assert world.ticket(number).thread.channel == "email"
    world.desk.undo(message, ANN)
    after = world.ticket(number)
    assert (after.thread, after.door, after.status) == (before.thread, before.door, before.status)
    world.desk.reply(number, ANN, "In the chat.")
    assert answered(world).to[0].address == str(CHAT)
    assert [out.text for out in world.sent if "By mail." in out.text] == []


def test_nobody_is_answered_at_an_address_that_is_not_theirs(world: World) -> None:
    number = linked(world)
    other = world.mail(sender="dan@example.org", name="Dan Brown")
    with pytest.raises(Refused, match="cannot be answered there"):
        world.desk.reply(number, ANN, "x", way=world.ticket(other).requester)


def test_what_is_stuck_in_a_chat_keeps_no_mail_waiting(world: World) -> None:
    number = linked(world)
    world.chat("From the chat.")
    world.desk.reply(number, ANN, "Slow.")
    chat, mail = 0, 0
    world.desk.reply(number, ANN, "By mail.", way=by(world, number, "email"))
    lanes = {job.kind: job.lane for job in world.desk.jobs() if job.kind.startswith("deliver:")}
    assert len(lanes) == 2
    assert lanes["deliver:telegram"] != lanes["deliver:email"], (chat, mail)


def test_whom_the_bot_cannot_write_to_any_more_is_offered_by_mail(world: World) -> None:
    number = linked(world)
    world.chat("From the chat.")
    piece = world.desk.accept("telegram", "blocked", str(CHAT), {}, b"blocked")
    assert piece is not None
    world.desk.shut_off(piece, "telegram", str(CHAT), Refusal.BLOCKED)
    blocked, other = [note.text for note in notes(world, number)[-2:]]
    assert "blocked our bot" in blocked
    assert "carla@example.com" in other


def test_a_copy_by_mail_does_not_go_along_into_a_chat(world: World) -> None:
    number = world.mail(id="<first@example.com>", copied=(Address("email", "eve@example.net", "Eve"),))
    world.settle()
    world.starts(invitation(world, number))
    world.desk.reply(number, ANN, "Hello.", way=by(world, number, "telegram"), copied=["eve@example.net"])
    assert answered(world).copied == ()


def test_where_an_answer_did_not_arrive_it_is_said_where_the_customer_is_instead(world: World) -> None:
    number = linked(world)
    world.chat("From the chat.")
    world.refusing[str(CHAT)] = Outcome(str(CHAT), 550, "5.1.1 bot was blocked by the user")
    message = world.desk.reply(number, ANN, "Hello?")
    assert message
    world.later(seconds=11)
    world.later(seconds=11)
    spoken = world.desk.spoken(message)
    assert [one.address.address for one in spoken.elsewhere] == ["carla@example.com"]
    world.desk.reply(number, ANN, "By mail, then.", way=spoken.elsewhere[0].person)
    assert answered(world).to[0].address == "carla@example.com"


def test_mail_that_bounces_says_nothing_against_the_chat_that_the_ticket_is_in_by_now(world: World) -> None:
    number = linked(world)
    message = world.desk.reply(number, ANN, "By mail.")
    assert message
    mail = answered(world)
    world.chat("From the chat.")
    world.mail("550 5.1.1 no such user", nature=Nature.BOUNCE, sender="", answers=mail.external_id, subject="Failed")
    assert [(one.channel, one.address) for one in world.desk.suppressed()] == [("email", "carla@example.com")]


def test_no_other_token_of_ours_opens_a_chat_of_the_customers(world: World) -> None:
    """They stand in the addresses and heads of every mail, which customers pass on."""
    number = world.mail()
    world.settle()
    out = world.sent[-1]
    assert out.reply_token
    assert out.report_token
    anchor = out.references[0].removeprefix("<t.").partition("@")[0]
    for n, payload in enumerate((out.reply_token, out.report_token, anchor, "1", "x" * 64)):
        world.starts(payload, 8000 + n, "Mallory")
        world.later(seconds=5)
    assert [one.address.address for one in world.desk.identities(number)] == ["carla@example.com"]
    assert len(world.greeted) == 5
    assert not any("request" in said for _, said in world.greeted)

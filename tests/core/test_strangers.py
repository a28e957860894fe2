"""Who writes into a ticket without taking part in it is held, until an agent decides."""

from __future__ import annotations

from typing import Any

import pytest

from core.desk.answering import Then
from core.desk.joining import AT_ONCE, Asked
from core.phrases import Refused
from core.rulebook import Organisation
from core.tickets.joining import Standing
from core.tickets.model import Address, By, File, Message, Nature, Part, Status, Vouch, Vouched
from tests.world import ANN, JONAS, SAM, World

DAN = "dan@example.org"


def asks(world: World, number: int, text: str = "We need two of them.", sender: str = DAN, **more: Any) -> int:
    """A stranger quotes the ticket's first mail; who that is."""
    known = {"name": "Dan Brown", "answers": "<first@example.com>", **more}
    assert world.mail(text, sender=sender, **known) == number
    world.settle()
    return who(world, sender)


def who(world: World, sender: str) -> int:
    [person] = {person for (_, person), asked in world.asked.items() if asked.address.casefold() == sender.casefold()}
    return person


def asked(world: World, number: int, person: int) -> Asked:
    return world.desk.asked(number, person)


def words(said: list[Message], part: Part = Part.REQUESTER) -> list[str]:
    return [message.text for message in said if message.part is part]


@pytest.fixture
def number(world: World) -> int:
    found = world.mail(id="<first@example.com>")
    world.settle()
    return found


# Held


def test_what_a_stranger_writes_is_held_and_changes_nothing(world: World, number: int) -> None:
    world.desk.reply(number, ANN, "It left today.", Then.CLOSE)
    world.later(seconds=11)
    before, sent = world.ticket(number), len(world.sent)
    letter = File("plan.pdf", "application/pdf", b"%PDF")
    person = asks(world, number, copied=(Address("email", "eve@example.net", "Eve"),), files=(letter,))
    found = world.ticket(number)
    assert (found.status, found.heard_at, found.closed_at) == (Status.CLOSED, before.heard_at, before.closed_at)
    assert found.held_at == world.now
    assert len(world.sent) == sent
    assert "We need two of them." not in words(world.said(number))
    assert [one.address.address for one in world.desk.copyable(number)] == []
    shown = asked(world, number, person)
    assert [message.text for message in shown.said] == ["We need two of them."]
    assert (shown.name, shown.address, shown.stranger.how) == ("Dan Brown", DAN, "reference")


def test_nobody_is_reminded_or_closed_while_words_are_held_that_may_be_their_answer(world: World, number: int) -> None:
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    world.later(days=3)
    assert world.parts_sent()[-1] == "reminder"
    person = asks(world, number)
    sent = len(world.sent)
    world.later(days=4)
    world.later(days=30)
    assert (world.ticket(number).status, len(world.sent)) == (Status.PENDING, sent)
    world.desk.let_in(number, person, ANN)
    world.later(days=30)
    assert (world.ticket(number).status, len(world.sent)) == (Status.OPEN, sent)


def test_once_a_stranger_is_turned_away_the_silence_of_the_customer_counts_again(world: World, number: int) -> None:
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    person = asks(world, number)
    world.later(days=9)
    assert "reminder" not in world.parts_sent()
    world.desk.turn_away(number, person, ANN)
    world.settle()
    assert world.parts_sent().count("reminder") == 1
    assert world.ticket(number).status is Status.PENDING
    world.later(days=4)
    assert world.ticket(number).status is Status.CLOSED


def test_a_signed_address_that_was_made_for_somebody_else_lets_nobody_in(world: World, number: int) -> None:
    token = world.sent[-1].reply_token
    assert token
    assert world.mail("Hello", sender=DAN, name="Dan Brown", reply_tokens=(token,)) == number
    world.settle()
    assert asked(world, number, who(world, DAN)).stranger.how == "token"
    assert world.mail("It is me.", reply_tokens=(token,)) == number
    assert words(world.said(number))[-1] == "It is me."


def test_whoever_our_answers_go_to_takes_part(world: World) -> None:
    number = world.mail(sender="form@example.com", name="", reply_to="Carla@Example.com")
    world.settle()
    token = world.sent[-1].reply_token
    assert world.mail("Number 7.", reply_tokens=(token,)) == number
    assert words(world.said(number))[-1] == "Number 7."


def test_several_mails_of_one_stranger_are_one_card(world: World, number: int) -> None:
    person = asks(world, number, "One")
    asks(world, number, "Two", sender=DAN.upper())
    assert [message.text for message in asked(world, number, person).said] == ["One", "Two"]
    assert list(world.asked) == [(number, person)]


def test_who_answers_what_a_stranger_wrote_is_judged_as_any_other(world: World, number: int) -> None:
    asks(world, number, id="<dans@example.org>")
    assert world.mail("I am Eve.", sender="eve@example.net", answers="<dans@example.org>") == number
    assert world.mail("He is with me.", answers="<dans@example.org>") == number
    assert words(world.said(number)) == ["My order has not arrived.", "He is with me."]
    assert words(world.said(number), Part.STRANGER) == ["We need two of them.", "I am Eve."]


def test_a_stranger_to_a_ticket_that_closed_long_ago_gets_a_ticket_of_their_own(world: World, number: int) -> None:
    world.desk.close(number, ANN)
    token = world.sent[-1].reply_token
    world.later(days=15)
    for evidence in ({"answers": "<first@example.com>"}, {"reply_tokens": (token,)}):
        other = world.mail("Hello?", sender=DAN, **evidence)
        assert world.ticket(other).follows == number
    assert world.ticket(number).held_at is None


def test_a_machine_of_somebody_else_makes_no_card(world: World, number: int) -> None:
    token = world.sent[-1].reply_token
    away = {"sender": DAN, "nature": Nature.AUTO_REPLY}
    assert world.mail_at_all("Away", answers="<first@example.com>", **away) is None
    assert world.mail_at_all("Away", reply_tokens=(token,), **away) == number
    assert world.ticket(number).held_at is None


def test_a_colleague_who_writes_by_mail_is_held_and_said_to_be_one(world: World, number: int) -> None:
    person = asks(world, number, sender="Jonas@desk.example", name="Jonas Becker")
    assert asked(world, number, person).signs.colleague == "Jonas Becker"


VOUCHED = Vouched(Vouch.PASSED, "desk.example")


def test_what_a_colleague_writes_by_mail_is_a_note_where_their_domain_vouches_for_it(world: World, number: int) -> None:
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    before, sent = world.ticket(number), len(world.sent)
    plan = File("plan.pdf", "application/pdf", b"%PDF")
    said = {"sender": "Jonas@desk.example", "name": "J.", "answers": "<first@example.com>", "vouched": VOUCHED}
    assert world.mail("It is lost, tell her nothing yet.", files=(plan,), id="<jonas@desk.example>", **said) == number
    world.settle()
    note = world.said(number)[-1]
    assert (note.part, note.author, note.author_name) == (Part.NOTE, JONAS.agent, "Jonas Becker")
    assert note.is_by_mail
    assert [file.name for file in note.attachments] == ["plan.pdf"]
    after = world.ticket(number)
    assert (after.status, after.pending_at, after.held_at) == (before.status, before.pending_at, None)
    assert (number, note.id) in world.shown
    assert (len(world.sent), world.asked) == (sent, {})
    world.desk.reply(number, ANN, "We look for it.")
    world.later(seconds=11)
    out = world.sent[-1]
    assert "<jonas@desk.example>" not in (*out.references, out.in_reply_to)
    assert "tell her nothing" not in out.text
    assert world.mail("And?", sender=DAN, answers="<jonas@desk.example>") == number
    assert world.ticket(number).held_at is not None


@pytest.mark.parametrize(
    "more",
    [
        {"vouched": Vouched(Vouch.NONE, "desk.example")},
        {"vouched": Vouched()},
        {"vouched": VOUCHED, "sender": "guest@desk.example"},
        {"vouched": VOUCHED, "nature": Nature.LIST},
    ],
    ids=["nothing vouches", "nobody looked", "no agent's address", "through a list"],
)
def test_a_colleague_for_whom_nothing_vouches_is_a_stranger(world: World, number: int, more: dict[str, Any]) -> None:
    asks(world, number, **{"sender": "jonas@desk.example", "name": "Jonas Becker", **more})
    assert world.ticket(number).held_at is not None
    assert Part.NOTE not in [message.part for message in world.said(number)]


def test_a_forged_colleague_makes_no_note(world: World, number: int) -> None:
    forged = Vouched(Vouch.FAILED, "desk.example")
    said = {"sender": "jonas@desk.example", "answers": "<first@example.com>", "vouched": forged}
    assert world.mail("Send her the money.", **said) == number
    assert world.ticket(number).held_at is not None
    kept_out = {**said, "vouched": forged._replace(asks="reject")}
    assert world.mail_at_all("Send her the money.", **kept_out) is None
    assert Part.NOTE not in [message.part for message in world.said(number)]


def test_an_agent_who_is_the_customer_takes_part(world: World) -> None:
    number = world.mail(sender="jonas@desk.example", id="<mine@desk.example>")
    assert world.mail("And?", sender="jonas@desk.example", answers="<mine@desk.example>") == number
    assert words(world.said(number))[-1] == "And?"


@pytest.mark.parametrize(
    ("sender", "name", "expected"),
    [
        ("eve@shop.example", "Eve", {"is_copied": True}),
        ("carla@home.example", "carla  gómez", {"has_same_name": True}),
        ("boss@example.com", "Boss", {"shared_domain": "example.com"}),
        ("sam@desk.example", "Sam", {"colleague": "Sam Rivera"}),
    ],
)
def test_what_helps_to_know_a_stranger_is_said(
    world: World, sender: str, name: str, expected: dict[str, object]
) -> None:
    number = world.mail(id="<first@example.com>", copied=(Address("email", "Eve@shop.example", "Eve"),))
    signs = asked(world, number, asks(world, number, sender=sender, name=name)).signs
    assert {name: value for name, value in signs._asdict().items() if value} == expected


def test_a_domain_that_anybody_has_an_address_at_says_nothing(world: World) -> None:
    number = world.mail(sender="carla@gmail.com", id="<first@example.com>")
    assert asked(world, number, asks(world, number, sender="dan@gmail.com")).signs.shared_domain is None


def test_what_a_stranger_calls_themselves_teaches_nothing_about_whom_we_know(world: World, number: int) -> None:
    world.mail(sender=DAN, name="Dan Brown")
    asks(world, number, name="Carla Gómez")
    assert world.desk.card(number + 1).requester == "Dan Brown"


def test_of_very_many_mails_of_one_stranger_the_last_are_shown_and_all_are_heard(world: World, number: int) -> None:
    for n in range(20):
        assert world.mail(f"Mail {n}", sender=DAN, answers="<first@example.com>") == number
    world.settle()
    person = who(world, DAN)
    shown = asked(world, number, person)
    assert ([message.text for message in shown.said], shown.older) == (["Mail 17", "Mail 18", "Mail 19"], 17)
    world.desk.let_in(number, person, ANN)
    assert len(words(world.said(number))) == 21


# Decided


def test_who_is_let_in_is_heard_opens_the_ticket_and_stays(world: World, number: int) -> None:
    world.desk.close(number, ANN)
    person = asks(world, number, files=(File("plan.pdf", "application/pdf", b"%PDF"),))
    world.later(hours=1)
    world.desk.let_in(number, person, JONAS)
    world.settle()
    found = world.ticket(number)
    assert (found.status, found.heard_at, found.held_at) == (Status.NEW, world.now, None)
    assert words(world.said(number)) == ["My order has not arrived.", "We need two of them."]
    assert (number, world.said(number)[-1].id) in world.shown
    assert world.mail("Soon?", sender=DAN, answers="<first@example.com>") == number
    assert words(world.said(number))[-1] == "Soon?"
    shown = asked(world, number, person)
    assert (shown.stranger.standing, shown.decided_by, shown.said) == (Standing.IN, "Jonas Becker", [])


def test_who_is_let_in_is_picked_for_the_next_answer_and_not_again_where_the_agent_leaves_them_out(
    world: World, number: int
) -> None:
    person = asks(world, number)
    assert world.desk.copyable(number) == []
    world.desk.let_in(number, person, ANN)
    assert [(one.address, one.before) for one in world.desk.copyable(number)] == [
        (Address("email", DAN, "Dan Brown"), True)
    ]
    world.later(seconds=1)
    world.desk.reply(number, ANN, "They leave today.", copied=[DAN])
    world.later(seconds=11)
    assert world.sent[-1].recipients == ("carla@example.com", DAN)
    world.desk.reply(number, ANN, "For Carla only.")
    world.later(seconds=11)
    assert [one.before for one in world.desk.copyable(number)] == [False]


def test_a_thank_you_of_whoever_is_let_in_leaves_a_closed_ticket_closed(world: World, number: int) -> None:
    world.desk.close(number, ANN)
    world.desk.let_in(number, asks(world, number, "Thank you!"), ANN)
    assert world.ticket(number).status is Status.CLOSED


def test_who_is_turned_away_gets_a_ticket_of_their_own_linked_both_ways(world: World, number: int) -> None:
    person = asks(world, number, "One", subject="Two lamps", id="<one@example.org>", reply_to="dan@home.example")
    asks(world, number, "Two", id="<two@example.org>")
    own = world.desk.turn_away(number, person, ANN)
    world.settle()
    assert own
    found = world.ticket(own)
    assert (found.follows, found.status, found.requester) == (number, Status.NEW, person)
    assert words(world.said(own)) == ["One", "Two"]
    assert words(world.said(number)) == ["My order has not arrived."]
    assert words(world.said(number), Part.STRANGER) == []
    card = world.desk.card(own)
    assert (card.subject, card.requester, card.address) == ("Two lamps", "Dan Brown", DAN)
    assert asked(world, number, person).stranger.own == own
    assert world.ticket(number).held_at is None
    last = world.sent[-1]
    assert (last.ticket, last.part, last.to[0].address) == (own, Part.ACKNOWLEDGEMENT, DAN)


def test_answers_to_a_ticket_of_their_own_go_where_they_wanted_them(world: World, number: int) -> None:
    person = asks(world, number, reply_to="dan@home.example")
    own = world.desk.turn_away(number, person, ANN)
    assert own
    assert world.desk.card(own).address == "dan@home.example"


def test_what_who_was_turned_away_writes_to_the_ticket_goes_to_their_own(world: World, number: int) -> None:
    token = world.sent[-1].reply_token
    own = world.desk.turn_away(number, asks(world, number), ANN)
    assert own
    for evidence in ({"answers": "<first@example.com>"}, {"reply_tokens": (token,)}):
        assert world.mail("Again", sender=DAN, **evidence) == own
    world.desk.close(own, ANN)
    world.later(days=15)
    third = world.mail("Hello?", sender=DAN, answers="<first@example.com>")
    assert world.ticket(third).follows == own
    assert world.mail("Hello??", sender=DAN, answers="<first@example.com>") == third
    assert words(world.said(number)) == ["My order has not arrived."]


def test_a_machine_that_somebody_admitted_gets_no_acknowledgement_of_its_own_ticket(world: World, number: int) -> None:
    form = {"sender": "form@shop.example", "name": "Form", "nature": Nature.AUTO_GENERATED}
    person = asks(world, number, **form)
    sent = len(world.sent)
    assert world.desk.turn_away(number, person, ANN)
    world.settle()
    assert len(world.sent) == sent


def test_of_two_who_decide_at_once_the_second_is_told_who_did(world: World, number: int) -> None:
    person = asks(world, number)
    world.desk.let_in(number, person, ANN)
    world.later(minutes=2)
    for decide in (world.desk.let_in, world.desk.turn_away):
        with pytest.raises(Refused, match="Ann Walker let them into ticket #1"):
            decide(number, person, JONAS)
    assert asked(world, number, person).stranger.own is None


def test_a_decision_is_done_once_however_often_it_is_asked_for(world: World, number: int) -> None:
    person = asks(world, number)
    act = world.desk.accept_act("did:1", {})
    assert act
    own = world.desk.turn_away(number, person, By(ANN.agent, act))
    assert own
    assert world.desk.turn_away(number, person, By(ANN.agent, act)) is None
    assert world.mail("Anybody?") == own + 1


def test_who_was_let_in_can_be_put_out_and_who_was_turned_away_let_in_after_all(world: World, number: int) -> None:
    person = asks(world, number)
    world.desk.let_in(number, person, ANN)
    assert world.desk.turn_away(number, person, ANN, Standing.IN) is None
    assert words(world.said(number))[-1] == "We need two of them."
    own = world.mail("And now?", sender=DAN, answers="<first@example.com>")
    assert world.ticket(own).follows == number
    assert world.mail("And then?", sender=DAN, answers="<first@example.com>") == own
    assert world.desk.copyable(number) == []
    world.desk.let_in(number, person, JONAS, Standing.OUT)
    assert world.mail("Thanks.", sender=DAN, answers="<first@example.com>") == number
    with pytest.raises(Refused, match="Jonas Becker let them into"):
        world.desk.let_in(number, person, ANN, Standing.OUT)


def test_somebody_whom_nobody_asked_about_cannot_be_decided_upon(world: World, number: int) -> None:
    with pytest.raises(Exception, match="does not take part"):
        world.desk.let_in(number, 999, ANN)


# Blocked


def test_who_is_blocked_over_their_card_is_asked_about_no_more_and_their_words_count_for_nothing(
    world: World, number: int
) -> None:
    person = asks(world, number)
    assert world.desk.shut_out(number, person, DAN, ANN, "sells watches") == DAN
    world.settle()
    shown = asked(world, number, person)
    assert (shown.said, shown.is_blocked, shown.stranger.own) == ([], True, None)
    assert not world.desk.card(number).strangers
    assert world.ticket(number).held_at is None
    assert words(world.said(number), Part.STRANGER) == ["We need two of them."]
    assert world.mail_at_all("Hello?", sender=DAN, answers="<first@example.com>") is None
    assert world.desk.kept_out(("blocked",))[0].sender == DAN


def test_once_unblocked_what_they_write_asks_anew_and_what_they_wrote_before_does_not(
    world: World, number: int
) -> None:
    person = asks(world, number)
    world.desk.shut_out(number, person, DAN, ANN)
    with pytest.raises(Refused, match=r"dan@example\.org is blocked"):
        world.desk.let_in(number, person, JONAS, Standing.OUT)
    world.desk.unblock(DAN, SAM)
    world.later(minutes=1)
    world.desk.let_in(number, person, JONAS, Standing.OUT)
    assert words(world.said(number)) == ["My order has not arrived."]
    assert world.mail("Two of them, please.", sender=DAN, answers="<first@example.com>") == number
    assert words(world.said(number))[-1] == "Two of them, please."


def test_who_is_blocked_already_is_put_out_all_the_same_and_only_while_there_is_something_to_decide(
    world: World, number: int
) -> None:
    person = asks(world, number)
    world.desk.block(DAN, SAM)
    world.desk.shut_out(number, person, DAN, ANN)
    assert asked(world, number, person).said == []
    with pytest.raises(Refused, match="Ann Walker turned them away"):
        world.desk.shut_out(number, person, DAN, JONAS)
    world.later(minutes=1)
    other = asks(world, number, sender="eve@example.net", name="Eve")
    with pytest.raises(Refused, match="that would shut out"):
        world.desk.shut_out(number, other, "ann@desk.example", JONAS)
    assert [message.text for message in asked(world, number, other).said] == ["We need two of them."]


# Many, and for long


def test_of_very_many_strangers_a_few_are_shown_and_others_as_these_are_decided(world: World, number: int) -> None:
    for n in range(AT_ONCE + 2):
        world.mail("Me too.", sender=f"p{n}@example.org", answers="<first@example.com>")
        world.later(seconds=1)
    assert len(world.asked) == AT_ONCE
    assert len(world.desk.card(number).strangers) == AT_ONCE + 2
    world.desk.let_in(number, who(world, "p1@example.org"), ANN)
    world.later(seconds=10)  # a room takes so many posts at a time
    assert who(world, f"p{AT_ONCE}@example.org")
    assert len(world.asked) == AT_ONCE + 1
    oldest = asked(world, number, who(world, "p0@example.org")).stranger
    assert world.ticket(number).held_at == oldest.waits_since
    world.desk.let_in(number, oldest.person, ANN)
    assert world.ticket(number).held_at == asked(world, number, who(world, "p2@example.org")).stranger.waits_since


def test_supervisors_hear_once_of_a_stranger_who_waits_for_too_long(world: World, number: int) -> None:
    person = asks(world, number)
    world.later(hours=23)
    assert world.warned == []
    world.later(hours=2)
    assert [(name, untold.first[0].ticket) for name, untold in world.warned] == [("Sam Rivera", number)]
    world.later(days=3)
    assert len(world.warned) == 1
    world.desk.let_in(number, person, SAM)
    asks(world, number, sender="eve@example.net")
    world.later(days=2)
    assert len(world.warned) == 2


def test_what_waits_is_listed_for_those_who_work_on_its_queue_closed_or_not(world: World, number: int) -> None:
    world.desk.close(number, ANN)
    person = asks(world, number)
    assert [line.ticket.number for line in world.desk.overview(JONAS.agent, ("support",)).strangers] == [number]
    assert world.desk.overview(JONAS.agent, ("billing",)).strangers == []
    world.desk.turn_away(number, person, JONAS)
    assert world.desk.overview(JONAS.agent, ("support",)).strangers == []


# Several tickets, and their subjects


def test_a_mail_that_answers_several_tickets_is_in_the_first_and_the_others_say_so(world: World, number: int) -> None:
    first = world.sent[-1].reply_token
    other = world.mail("Another thing.", id="<other@example.com>")
    world.desk.reply(other, ANN, "Which one?")
    world.later(seconds=11)
    both = (world.sent[-1].reply_token, first)
    assert world.mail("This for both.", reply_tokens=both) == other
    assert "#2" in world.said(number)[-1].text
    assert world.said(number)[-1].part is Part.NOTE
    assert world.mail("One more.", reply_tokens=(first,), answers="<other@example.com>") == number
    assert "#1" in world.said(other)[-1].text


def test_older_references_are_the_way_that_a_mail_came_and_no_answer(world: World, number: int) -> None:
    token = world.sent[-1].reply_token
    other = world.mail("Another thing.", id="<other@example.com>")
    mail = {"reply_tokens": (token,), "references": ("<other@example.com>", "<first@example.com>")}
    assert world.mail("Only this.", in_reply_to="<first@example.com>", **mail) == number
    assert world.said(other)[-1].part is not Part.NOTE


def test_a_stranger_leaves_no_line_in_tickets_of_others(world: World, number: int) -> None:
    token = world.sent[-1].reply_token
    mine = world.mail("Mine", sender=DAN, name="Dan Brown")
    world.settle()
    assert world.mail("Both", sender=DAN, reply_tokens=(world.sent[-1].reply_token, token)) == mine
    assert not [message for message in world.said(number) if message.part is Part.NOTE]


def test_mails_that_refer_to_each_other_in_a_circle_are_heard(world: World) -> None:
    one = world.mail("One", id="<one@example.com>", in_reply_to="<two@example.com>", references=("<one@example.com>",))
    two = world.mail("Two", id="<two@example.com>", answers="<one@example.com>")
    assert one == two
    circle = tuple(f"<{n}@example.com>" for n in range(5000)) * 2
    assert world.mail("Three", in_reply_to="<nowhere@example.com>", references=(*circle, "<two@example.com>")) == one


def test_a_subject_with_the_tickets_number_brings_back_who_takes_part(world: World, number: int) -> None:
    assert world.mail("It came.", subject=f"Re: [#{number}] Where is my order?") == number
    world.desk.let_in(number, asks(world, number), ANN)
    assert world.mail("For me too.", sender=DAN, subject=f"#{number}") == number
    world.desk.close(number, ANN)
    world.later(days=1)
    assert world.mail("Not quite.", subject=f"[#{number}]") == number
    assert world.ticket(number).status is Status.NEW
    assert world.said(number)[-1].part is not Part.STRANGER


def test_a_number_in_a_subject_is_nothing_to_a_stranger(world: World, number: int) -> None:
    other = world.mail("Let me in.", sender="eve@example.net", subject=f"[#{number}]")
    assert (other != number, world.ticket(other).follows, world.ticket(number).held_at) == (True, None, None)
    world.desk.turn_away(number, asks(world, number), ANN)
    third = world.mail("And now?", sender=DAN, subject=f"[#{number}]")
    assert world.ticket(third).follows is None


def test_a_number_in_a_subject_joins_nothing_that_closed_long_ago_or_never_was(world: World, number: int) -> None:
    world.desk.close(number, ANN)
    world.later(days=15)
    other = world.mail("Hello?", subject=f"[#{number}]")
    assert (other != number, world.ticket(other).follows) == (True, None)
    assert world.mail("Hello?", subject="[#4711]") not in (number, other)


def test_references_are_believed_before_a_number_in_the_subject(world: World, number: int) -> None:
    other = world.mail("Another thing.", id="<other@example.com>")
    assert world.mail("That.", answers="<other@example.com>", subject=f"[#{number}]") == other


def test_who_belongs_to_the_customers_organisation_takes_part(world: World) -> None:
    acme = Organisation(name="Acme", domains=("acme.example", "Acme.test"))
    world.desk.apply(world.book.model_copy(update={"organisations": (acme,)}), "test")
    number = world.mail(sender="carla@acme.example", id="<first@example.com>")
    assert world.mail("Me too.", sender="Boss@ACME.test", answers="<first@example.com>") == number
    assert words(world.said(number))[-1] == "Me too."
    asks(world, number, sender="boss@acme.test.evil.example")
    assert words(world.said(number), Part.STRANGER) == ["We need two of them."]
    other = world.mail(id="<other@example.com>")
    assert world.mail("Let me in.", sender="boss@acme.test", answers="<other@example.com>") == other
    assert words(world.said(other), Part.STRANGER) == ["Let me in."]

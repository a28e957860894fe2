"""What is not let in by itself, and is let in by hand: once, and heard as if a person had written it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.desk.answering import Then
from core.desk.keeping_out import FROM_OURSELVES, reason_of
from core.phrases import NotFound, Refused
from core.tickets.model import Nature, Status
from tests.world import ANN, World


def kept_out(world: World, text: str = "I am away.", nature: Nature = Nature.AUTO_REPLY, **more: Any) -> int:
    """A mail of a machine that comes in and is not let in; its number in the inbox."""
    assert world.mail_at_all(text, nature=nature, **more) is None
    return world.desk.kept_out()[0].id


MACHINES = [
    Nature.AUTO_REPLY,
    Nature.BOUNCE,
    Nature.BOUNCE_DELAY,
    Nature.DSN_SUCCESS,
    Nature.MDN,
    Nature.CHALLENGE_RESPONSE,
]


@pytest.mark.parametrize("nature", MACHINES)
def test_what_is_let_in_opens_a_ticket_and_its_sender_is_told_nothing(world: World, nature: Nature) -> None:
    assert world.desk.admit(kept_out(world, nature=nature))
    world.settle()
    [first] = world.said(1)
    assert first.text == "I am away."
    assert world.ticket(1).heard_at == world.now
    assert (1, 0) in world.shown
    assert world.sent == []
    assert world.desk.kept_out() == []


def test_what_is_let_in_can_be_answered_in_its_thread(world: World) -> None:
    world.desk.admit(kept_out(world, id="<away@example.com>"))
    world.settle()
    world.desk.reply(1, ANN, "Welcome back")
    world.later(seconds=11)
    assert world.sent[-1].in_reply_to == "<away@example.com>"


def test_what_is_let_in_joins_the_ticket_it_belongs_to_by_now_and_opens_it_again(world: World) -> None:
    late = kept_out(world, answers="<first@example.com>")  # it came before what it answers
    number = world.mail(id="<first@example.com>")
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    world.desk.admit(late)
    world.settle()
    assert [message.text for message in world.said(number)][-1] == "I am away."
    assert world.ticket(number).status is Status.OPEN


def test_a_strangers_mail_that_is_admitted_is_held_in_the_ticket_that_it_points_to(world: World) -> None:
    number = world.mail()
    world.settle()
    bounce = kept_out(world, nature=Nature.AUTO_REPLY, answers=world.sent[-1].external_id, sender="eve@example.org")
    world.desk.admit(bounce)
    world.settle()
    assert world.ticket(number).held_at == world.now
    assert [asked.address for asked in world.asked.values()] == ["eve@example.org"]


def test_however_often_it_is_asked_for_it_is_let_in_once(world: World) -> None:
    id = kept_out(world)
    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(world.desk.admit, [id] * 4)) == [False, False, False, True]
    world.settle()
    assert world.desk.admit(id) is False
    world.settle()
    assert len(world.said(1)) == 1
    with pytest.raises(NotFound):
        world.ticket(2)


def test_letting_in_wakes_who_understands_mail(world: World) -> None:
    id = kept_out(world)
    woken: list[str] = []
    world.desk.db.on_wake = lambda destination, due: woken.append(destination)
    world.desk.admit(id)
    assert [destination.rpartition(":")[0] for destination in woken] == ["in:email"]


def test_an_ordinary_mail_is_in_already(world: World) -> None:
    world.mail()
    assert world.desk.admit(1) is False


def test_what_could_not_be_understood_cannot_be_let_in_and_is_said_with_what_to_do(world: World) -> None:
    id = world.desk.accept("email", "key", "lane", {}, b"what is this")
    assert id
    world.desk.keep_out(id, "unreadable", "the reader failed")
    with pytest.raises(Refused, match=rf"\(the reader failed\).*inbox raw {id}.*inbox replay {id}"):
        world.desk.admit(id)
    assert [piece.state for piece in world.desk.kept_out()] == ["unreadable"]


def test_what_is_let_in_and_then_cannot_be_understood_is_kept_out_with_its_reason(world: World) -> None:
    id = kept_out(world)
    world.desk.admit(id)
    world.desk.keep_out(id, "unreadable", "the reader failed")
    assert [(piece.state, piece.reason) for piece in world.desk.kept_out()] == [("unreadable", "the reader failed")]


def test_what_is_being_understood_is_waited_for(world: World) -> None:
    id = world.desk.accept("email", "key", "lane", {}, b"Hello")
    assert id
    with pytest.raises(Refused, match="Ask again"):
        world.desk.admit(id)


@pytest.mark.parametrize("key", ["a click", None])
def test_what_is_no_mail_cannot_be_let_in(world: World, key: str | None) -> None:
    id = world.desk.accept_act(key, {}) if key else 4711
    assert id
    with pytest.raises(NotFound):
        world.desk.admit(id)


@pytest.mark.parametrize("sender", ["support@desk.example", "Support+4@DESK.example"])
@pytest.mark.parametrize("nature", [Nature.HUMAN, Nature.LIST, Nature.AUTO_GENERATED])
def test_what_one_of_our_own_mailboxes_sent_is_kept_out_as_a_loop(world: World, sender: str, nature: Nature) -> None:
    assert world.mail_at_all(sender=sender, nature=nature) is None
    world.settle()
    [piece] = world.desk.kept_out()
    assert reason_of(piece) == FROM_OURSELVES
    assert world.sent == []


def test_what_we_sent_ourselves_and_answers_a_ticket_does_not_go_round_in_it(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    assert world.mail_at_all("Again.", sender="support@desk.example", answers="<first@example.com>") is None
    assert world.ticket(number).status is Status.CLOSED
    assert len(world.desk.kept_out()) == 1


def test_a_copy_of_our_own_answer_is_nothing_to_look_after(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "It left today.")
    world.later(seconds=11)
    ours = world.sent[-1].external_id
    assert world.mail_at_all("It left today.", sender="support@desk.example", id=ours) is None
    assert world.desk.kept_out() == []
    assert [message.text for message in world.said(number)].count("It left today.") == 1


def test_what_our_own_mailbox_sent_is_heard_once_it_is_let_in_and_not_acknowledged(world: World) -> None:
    assert world.mail_at_all("For the archive.", sender="support@desk.example") is None
    assert world.desk.admit(world.desk.kept_out()[0].id)
    world.settle()
    assert world.said(1)[0].text == "For the archive."
    assert world.sent == []


def test_a_failure_that_our_own_server_reports_from_a_mailbox_reaches_its_ticket(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "It left today.")
    world.later(seconds=11)
    ours = world.sent[-1].external_id
    world.mail_at_all("550 no such user", sender="support@desk.example", nature=Nature.BOUNCE, answers=ours)
    assert world.desk.kept_out() == []
    assert world.ticket(number).status is Status.OPEN

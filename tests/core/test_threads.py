"""What keeps a ticket's mails together in customers' programs, and finds the ticket again."""

from __future__ import annotations

from core.tickets.follow_up import anchored
from core.tickets.model import Carried, Nature, Part
from gateways.email.outgoing.compose import compose
from tests.world import ANN, World


def answered(world: World, number: int, text: str = "Which order?") -> None:
    world.desk.reply(number, ANN, text)
    world.later(seconds=11)


def test_every_mail_of_a_ticket_refers_to_one_id_that_nobody_can_guess(world: World) -> None:
    one, two = world.mail(), world.mail(sender="max@example.org")
    for number in (one, one, two):
        answered(world, number)
    first = {out.ticket: {mail.references[0] for mail in world.sent if mail.ticket == out.ticket} for out in world.sent}
    assert [len(ids) for ids in first.values()] == [1, 1]
    assert first[one] != first[two]
    keys = world.desk.db.run(world.desk.keys_in)
    [id] = first[one]
    assert anchored(keys, id) == one
    other = "b" if id[-20] == "a" else "a"
    assert anchored(keys, f"{id[:20]}{other if id[20] != other else 'c'}{id[21:]}") is None
    assert anchored({0: b"another key" * 3}, id) is None


def test_an_answer_that_refers_to_nothing_but_that_id_finds_its_ticket_again(world: World) -> None:
    number = world.mail()
    answered(world, number)
    [id] = {out.references[0] for out in world.sent}
    assert world.mail("Order 7", references=(id,)) == number
    world.mail("Order 7", references=(id,), sender="mallory@evil.example")
    assert [message.text for message in world.said(number) if message.part is Part.STRANGER] == ["Order 7"]


def test_where_a_mail_names_only_what_it_answers_the_chain_goes_on_from_there(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    answered(world, number)
    ours = world.sent[-1].external_id
    world.mail("Order 7", answers=ours, references=(), id="<second@example.com>")
    answered(world, number, "Thank you.")
    assert world.sent[-1].references[1:] == (ours, "<second@example.com>")
    assert world.sent[-1].in_reply_to == "<second@example.com>"


def test_a_mail_that_is_sent_again_has_the_same_bytes_whatever_was_renamed_meanwhile(world: World) -> None:
    number = world.mail()
    message = world.desk.reply(number, ANN, "Which order?")
    assert message is not None
    before = world.desk.outgoing(message)
    assert before is not None
    world.mail("Hello", name="Carla Renamed", nature=Nature.HUMAN)
    book = world.book.model_copy(
        update={"mailboxes": tuple(replaced.model_copy(update={"name": "New"}) for replaced in world.book.mailboxes)}
    )
    world.desk.apply(book, "test")
    after = world.desk.outgoing(message)
    assert after is not None
    assert compose(after) == compose(before)


def test_what_outlook_keeps_a_conversation_by_is_that_of_the_mail_that_is_answered(world: World) -> None:
    number = world.mail(carried=Carried("Printer", "first"))
    message = world.desk.reply(number, ANN, "Which order?")
    assert message is not None
    world.mail("Order 7", answers=world.said(number)[0].external_id, carried=Carried("Printer", "second"))
    world.later(seconds=11)
    assert [out.carried for out in world.sent if out.part is Part.REPLY] == [Carried("Printer", "first")]
    answered(world, number, "Thank you.")
    assert world.sent[-1].carried == Carried("Printer", "second")


def test_where_a_mail_has_nothing_of_that_its_answer_has_none_either(world: World) -> None:
    number = world.mail()
    answered(world, number)
    assert world.sent[-1].carried == Carried()

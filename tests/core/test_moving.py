"""A queue that is gone: its tickets go where the others are, as something that happened to each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.rulebook import Rulebook, parse_toml
from core.storage import ledger, rooms, tickets
from core.tickets import events as e
from core.tickets.model import Status
from tests.world import ANN, RULEBOOK, World

BILLING = RULEBOOK[RULEBOOK.index('[[queues]]\nname = "billing"') : RULEBOOK.index("[[agents]]")]
INVOICE = "Invoice 12 is wrong"


def without_billing(more: str = "") -> Rulebook:
    rules = RULEBOOK[RULEBOOK.index("[[rules]]") :]
    return parse_toml(RULEBOOK.replace(BILLING, more).replace(rules, ""), "desk.toml")


def gather(world: World, book: Rulebook, **moves: str) -> None:
    world.desk.apply(book, "test")
    world.desk.gather([stray.number for stray in world.desk.strays()], moves, "cli:test")


def test_tickets_of_a_queue_that_is_gone_are_in_the_first_queue_with_their_cards_in_its_room(world: World) -> None:
    number, other = world.mail(subject=INVOICE), world.mail()
    world.settle()
    world.shown.clear()
    gather(world, without_billing())
    world.settle()
    assert world.ticket(number).queue == "support"
    assert world.desk.strays() == []
    assert world.shown == [(number, 0)]
    waiting = world.desk.overview(ANN.agent, ("support",)).waiting["support"].lines
    assert {line.ticket.number for line in waiting} == {number, other}
    moved = world.desk.db.run(lambda tx: tickets.history(tx, number))[-1]
    assert moved == e.Moved(at=world.now, queue="support", by="cli:test")


def test_a_moved_ticket_goes_where_it_is_said(world: World) -> None:
    number = world.mail(subject=INVOICE)
    gather(world, without_billing('[[queues]]\nname = "money"\ntitle = "Money"\n\n'), billing="money")
    assert world.ticket(number).queue == "money"
    assert world.desk.card(number).room is None  # it waits until the new queue has one
    world.desk.move_in(rooms.Room("money", "T1", "C-money", "desk-money"))
    world.settle()
    post = world.desk.card(number).post
    assert post
    assert post.room == "C-money"


def test_who_has_a_ticket_keeps_it_and_what_waits_for_it_still_leaves(world: World) -> None:
    number = world.mail(subject=INVOICE)
    world.desk.reply(number, ANN, "Corrected.")
    gather(world, without_billing())
    world.later(seconds=11)
    found = world.ticket(number)
    assert (found.queue, found.assignee, found.status) == ("support", ANN.agent, Status.PENDING)
    assert world.parts_sent() == ["reply"]


def test_a_ticket_that_waits_for_its_customer_waits_by_the_rules_of_its_new_queue(world: World) -> None:
    number = world.mail(subject=INVOICE)
    world.desk.reply(number, ANN, "Which one?")
    world.later(seconds=11)
    assert world.desk.next_due() is None  # billing reminds nobody
    gather(world, without_billing())
    assert world.desk.next_due() == world.now + timedelta(days=3)


def test_a_closed_ticket_moves_in_silence_and_is_shown_in_its_new_room_when_it_is_opened_again(world: World) -> None:
    number = world.mail(subject=INVOICE, id="<first@example.com>")
    world.desk.close(number, ANN)
    world.settle()
    world.shown.clear()
    gather(world, without_billing())
    world.settle()
    assert (world.ticket(number).queue, world.shown) == ("support", [])
    world.mail("It is wrong again.", answers="<first@example.com>")
    jobs = world.desk.db.run(lambda tx: ledger.entries(tx, None, 100))
    assert {job.destination for job in jobs if job.kind == "show"} == {"slack:support"}


def test_what_has_a_queue_is_left_where_it_is_however_often_it_is_asked_for(world: World) -> None:
    number = world.mail()
    before = world.ticket(number)
    world.desk.gather([number, number], {"support": "billing"}, "test")
    assert world.ticket(number) == before


@pytest.mark.parametrize("times", [1, 2])
def test_strays_are_open_ones_first_and_gathered_once(world: World, times: int) -> None:
    closed, opened = world.mail(subject=INVOICE), world.mail(subject=INVOICE)
    world.desk.close(closed, ANN)
    world.desk.apply(without_billing(), "test")
    assert [(stray.number, stray.is_open) for stray in world.desk.strays()] == [(opened, True), (closed, False)]
    for _ in range(times):
        world.desk.gather([opened, closed], {}, "test")
    for number in (opened, closed):
        history = world.desk.db.run(lambda tx, number=number: tickets.history(tx, number))
        assert [type(event) for event in history].count(e.Moved) == 1
        world.ticket(number)  # compares the row with the fold

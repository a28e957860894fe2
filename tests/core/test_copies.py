"""Whom a customer copied in: they may get copies, where an agent says so, and then they belong to the conversation."""

from __future__ import annotations

import sqlalchemy as sa

from core.desk.house import MOST_COPIED
from core.storage import schema
from core.tickets.model import Address, Delivery, Nature, Outcome, Part, Status
from tests.world import ANN, World

CARLA = "carla@example.com"
DAN, EVE = Address("email", "dan@example.com", "Dan Brown"), Address("email", "eve@example.org", "")
OURS = Address("email", "Support+t.x@desk.example", "Support")


def copyable(world: World, number: int) -> list[tuple[str, bool]]:
    return [(one.address.address, one.before) for one in world.desk.copyable(number)]


def test_nobody_gets_a_copy_unless_an_agent_says_so(world: World) -> None:
    number = world.mail(copied=(DAN,))
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    assert {address for out in world.sent for address in out.recipients} == {CARLA}


def test_who_is_chosen_gets_the_answer_and_is_offered_as_chosen_next_time(world: World) -> None:
    number = world.mail(copied=(DAN, EVE, OURS))
    assert copyable(world, number) == [(DAN.address, False), (EVE.address, False)]
    world.desk.reply(number, ANN, "Which order?", copied=["DAN@example.com"])
    world.later(seconds=11)
    assert world.sent[-1].recipients == (CARLA, DAN.address)
    assert world.said(number)[-1].copied == (DAN,)
    assert copyable(world, number) == [(DAN.address, True), (EVE.address, False)]


def test_whom_the_customer_did_not_copy_in_gets_nothing_whoever_asks(world: World) -> None:
    number = world.mail(copied=(DAN,))
    world.desk.reply(number, ANN, "Which order?", copied=["mallory@evil.example"])
    world.later(seconds=11)
    assert world.sent[-1].recipients == (CARLA,)


def test_who_is_answered_is_no_copy_and_the_newest_names_come_first(world: World) -> None:
    number = world.mail(id="<first@example.com>", copied=(DAN,))
    carla = Address("email", "Carla@Example.com", "Carla")
    world.mail("And Eve too.", answers="<first@example.com>", copied=(EVE, carla))
    assert [address for address, _ in copyable(world, number)] == [EVE.address, DAN.address]


def test_whom_a_machine_names_is_not_offered(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    world.mail("Away", answers="<first@example.com>", nature=Nature.AUTO_REPLY, copied=(EVE,))
    assert copyable(world, number) == []


def test_of_a_crowd_only_so_many_are_kept(world: World) -> None:
    crowd = tuple(Address("email", f"p{n}@example.com", "") for n in range(MOST_COPIED + 20))
    assert len(copyable(world, world.mail(copied=crowd))) == MOST_COPIED


def test_who_got_a_copy_may_answer_into_the_ticket_and_others_may_not(world: World) -> None:
    number = world.mail(copied=(DAN, EVE))
    world.desk.reply(number, ANN, "Which order?", copied=[DAN.address])
    world.later(seconds=11)
    answer = world.sent[-1].external_id
    assert world.mail("Number 7.", sender=DAN.address, name="Dan Brown", answers=answer) == number
    assert world.said(number)[-1].author_name == "Dan Brown"
    world.mail("Let me in.", sender=EVE.address, answers=answer)
    assert world.said(number)[-1].part is Part.STRANGER


def test_what_was_taken_back_lets_nobody_in_and_gives_its_copies_back(world: World) -> None:
    number = world.mail(copied=(DAN,))
    message = world.desk.reply(number, ANN, "Which order?", copied=[DAN.address])
    assert message
    taken = world.desk.undo(message, ANN)
    assert taken
    assert taken.copied == (DAN,)
    assert copyable(world, number) == [(DAN.address, False)]
    [undone] = [m for m in world.said(number) if m.delivery is Delivery.UNDONE]
    world.mail("Hi", sender=DAN.address, answers=undone.external_id)
    assert world.said(number)[-1].part is Part.STRANGER


def test_a_copy_that_does_not_arrive_leaves_the_ticket_waiting(world: World) -> None:
    number = world.mail(copied=(DAN,))
    world.refusing[DAN.address] = Outcome(DAN.address, 550, "no such user")
    world.desk.reply(number, ANN, "Which order?", copied=[DAN.address])
    world.later(seconds=11)
    assert world.said(number)[-1].delivery is Delivery.PARTLY
    assert world.ticket(number).status is Status.PENDING


def test_where_only_the_copy_arrives_the_ticket_is_open_again(world: World) -> None:
    number = world.mail(copied=(DAN,))
    world.settle()
    world.refusing[CARLA] = Outcome(CARLA, 550, "no such user")
    world.desk.reply(number, ANN, "Which order?", copied=[DAN.address])
    world.later(seconds=11)
    assert world.said(number)[-1].delivery is Delivery.PARTLY
    assert world.ticket(number).status is Status.OPEN


def test_where_nobody_is_copied_in_the_row_has_nothing_rather_than_an_empty_word(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    somebody = sa.select(sa.func.count()).where(schema.messages.c.copied.is_not(None))
    assert world.desk.db.run(lambda tx: tx.sql.execute(somebody).scalar()) == 0

"""What two do in the same moment, on both kinds of database: each guard holds without the other."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.phrases import Conflict, Refused
from core.storage import acknowledged, tickets
from core.storage.database import Tx
from core.templates.locales import translate
from core.tickets import events as e
from core.tickets.evolve import evolve
from core.tickets.model import Address
from tests.crossing import crossing
from tests.world import ANN, JONAS, World


def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_who(world: World) -> None:
    number = world.mail()
    first, other = crossing(world.desk.db, world.desk.claim.step(number, ANN), world.desk.claim.step(number, JONAS))
    first.result()
    with pytest.raises(Refused) as told:
        other.result()
    assert translate(told.value.phrase).startswith(f"Ann Walker took ticket #{number}")
    assert world.ticket(number).assignee == ANN.agent


def test_who_has_a_ticket_to_change_has_it_alone(world: World) -> None:
    number = world.mail()
    _, other = crossing(world.desk.db, world.desk.claim.step(number, ANN), lambda tx: tickets.load(tx, number))
    assert other.result().assignee == ANN.agent


def test_a_ticket_that_was_changed_since_it_was_read_is_not_written_over(world: World) -> None:
    number = world.mail()
    read = world.ticket(number)
    world.desk.claim(number, ANN)

    def write_over(tx: Tx) -> None:
        claimed = e.Claimed(at=tx.now, by=JONAS.agent)
        tickets.save(tx, read, evolve(read, claimed), [claimed], None)

    with pytest.raises(Conflict):
        world.desk.db.run(write_over)
    assert world.ticket(number).assignee == ANN.agent
    assert [event.by for event in history(world, number) if isinstance(event, e.Claimed)] == [ANN.agent]


def history(world: World, number: int) -> list[e.Event]:
    return world.desk.db.run(lambda tx: tickets.history(tx, number))


def test_of_two_mails_of_one_sender_at_once_one_is_acknowledged(world: World) -> None:
    carla = Address("email", "carla@example.com")

    def acknowledge(tx: Tx) -> bool:
        return acknowledged.seek(tx, carla, "").may_be_told

    first, other = crossing(world.desk.db, acknowledge, acknowledge)
    assert (first.result(), other.result()) == (True, False)


def test_of_many_mails_that_one_sender_writes_at_once_one_is_acknowledged_and_all_are_heard(world: World) -> None:
    senders = ["carla@example.com", "dan@example.com", "eve@example.com"]
    mails = [(sender, f"thing {n} of {sender}") for n in range(12) for sender in senders]
    with ThreadPoolExecutor(8) as workers:
        numbers = list(workers.map(lambda mail: world.mail(sender=mail[0], subject=mail[1]), mails))
    assert len(set(numbers)) == len(mails)
    for _ in range(len(mails)):
        world.later(seconds=11)
    told = Counter(to.address for out in world.sent for to in out.to)
    assert told == dict.fromkeys(senders, 1)
    requesters: set[int] = {world.ticket(number).requester for number in numbers}
    assert len(requesters) == len(senders)

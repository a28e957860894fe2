"""Tickets come to agents: to whom they suit, as far as they have room, and from those who are gone to the next."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from core.phrases import Refused
from core.routing.assignment import No, Presence
from core.routing.triage import Facts
from core.storage.database import Tx
from core.tickets import lifecycle
from core.tickets.model import Status
from tests.world import ANN, JONAS, RULEBOOK, SAM, World

GIVING = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\nmode = "push"\nanswers_within = "4h"')
    .replace('email = "ann@desk.example"', 'email = "ann@desk.example"\nlanguages = { en = 5, es = 4 }\ncapacity = 2')
    .replace(
        'email = "jonas@desk.example"', 'email = "jonas@desk.example"\nlanguages = { en = 4, de = 5 }\ncapacity = 2'
    )
    .replace('role = "supervisor"', 'role = "supervisor"\nqueues = ["billing"]')
)
SPANISH = "Hola, mi pedido no ha llegado todavía y necesito saber cuándo lo voy a recibir, por favor."
GERMAN = "Guten Tag, meine Bestellung ist noch immer nicht angekommen. Wann kann ich damit rechnen?"


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    """A desk that gives the tickets of its first queue to Ann and Jonas, two each."""
    with World(database_url, tmp_path, GIVING) as made:
        yield made


@pytest.fixture
def here(sqlite_url: str, tmp_path: Path) -> Generator[World]:
    """The same, for what has nothing to do with the kind of database."""
    with World(sqlite_url, tmp_path, GIVING) as made:
        yield made


def offering(world: World) -> World:
    world.desk.apply(world.book.model_copy(update={"queues": (_as(world, mode="offer"), *world.book.queues[1:])}), "t")
    return world


def _as(world: World, **changed: object):
    queue = world.book.queues[0]
    return type(queue).model_validate({**queue.model_dump(), **changed})


def open_mail(world: World, text: str = "Where is my order? It has not arrived yet.", **more: str) -> int:
    number = world.mail(text, **{"sender": f"c{len(world.shown)}@example.com", **more})
    world.settle()
    return number


def test_a_ticket_goes_to_whoever_speaks_its_language_and_they_are_told(desk: World) -> None:
    spanish, german = open_mail(desk, SPANISH), open_mail(desk, GERMAN)
    assert desk.ticket(spanish).assignee == ANN.agent
    assert desk.ticket(german).assignee == JONAS.agent
    assert desk.given == [(ANN.agent, spanish), (JONAS.agent, german)]
    why = desk.desk.why_whom(spanish)
    assert why.table is not None
    assert [(row.agent, row.no) for row in why.table.rows] == [(ANN.agent, None), (JONAS.agent, No.LANGUAGE)]
    assert why.table.rows[0].parts["language"] == pytest.approx(9.6)


def test_nobody_is_given_more_than_they_can_carry_and_what_waits_comes_when_there_is_room(desk: World) -> None:
    numbers = [open_mail(desk, sender=f"c{n}@example.com") for n in range(5)]
    assert sorted(filter(None, (desk.ticket(n).assignee for n in numbers))) == [ANN.agent] * 2 + [JONAS.agent] * 2
    [left] = [n for n in numbers if desk.ticket(n).assignee is None]
    done = next(n for n in numbers if desk.ticket(n).assignee == JONAS.agent)
    desk.desk.close(done, JONAS)
    desk.settle()
    assert desk.ticket(left).assignee == JONAS.agent


def test_the_most_urgent_comes_first(here: World) -> None:
    for agent in (ANN, JONAS):
        here.desk.set_presence(agent, Presence.BUSY)
    first, second = open_mail(here, sender="a@example.com"), open_mail(here, sender="b@example.com")
    here.desk.db.run(lambda tx: rank(here, tx, second, 3))
    here.desk.set_presence(JONAS, Presence.AVAILABLE)
    here.settle()
    assert here.ticket(second).assignee == JONAS.agent
    assert here.ticket(first).assignee is None, "a very urgent one weighs as much as two"


def rank(world: World, tx: Tx, number: int, urgency: int) -> None:
    with world.desk.changing(tx, number) as change:
        change.happen(lifecycle.rank(change.ticket, urgency, SAM, tx.now))


def test_who_says_that_they_are_away_gets_nothing_until_the_time_they_said(desk: World) -> None:
    desk.desk.set_presence(ANN, Presence.AWAY, timedelta(minutes=30))
    number = open_mail(desk, SPANISH)
    assert desk.ticket(number).assignee == JONAS.agent, "nobody else is there: the desk's own language must do"
    other = open_mail(desk, SPANISH, sender="x@example.com")
    desk.desk.put_back(other, JONAS)
    desk.settle()
    assert desk.ticket(other).assignee is None
    desk.later(minutes=31)
    assert desk.ticket(other).assignee == ANN.agent


def test_whoever_is_gone_loses_what_they_have_not_begun_with_a_note_in_the_thread(desk: World) -> None:
    begun, unbegun = open_mail(desk, SPANISH), open_mail(desk, SPANISH, sender="x@example.com")
    desk.desk.note(begun, ANN, "I have asked the carrier.")
    desk.desk.set_presence(ANN, Presence.AWAY)
    desk.later(minutes=1)
    assert desk.ticket(unbegun).assignee == ANN.agent, "they may be back in a moment"
    desk.later(minutes=2)
    assert desk.ticket(begun).assignee == ANN.agent
    assert desk.ticket(unbegun).assignee == JONAS.agent
    assert "Ann Walker is not there (away)" in desk.said(unbegun)[-1].text


def test_the_end_of_a_shift_hands_over_and_its_beginning_brings_tickets(desk: World) -> None:
    ann = type(desk.book.agents[0]).model_validate(
        {**desk.book.agents[0].model_dump(), "hours": ["Mon-Fri 10:00-12:00"], "time_zone": "UTC"}
    )
    desk.desk.apply(desk.book.model_copy(update={"agents": (ann, *desk.book.agents[1:])}), "test")
    desk.desk.set_presence(JONAS, Presence.AWAY)
    number = open_mail(desk, SPANISH)
    assert desk.ticket(number).assignee is None, "it is nine"
    desk.later(hours=1, seconds=1)
    assert desk.ticket(number).assignee == ANN.agent
    desk.later(hours=2, minutes=2)
    assert desk.ticket(number).assignee is None
    assert "off duty" in desk.said(number)[-1].text


def test_who_does_nothing_at_all_is_taken_for_away_until_they_do_something(desk: World) -> None:
    number = open_mail(desk, SPANISH)
    desk.now += timedelta(hours=1, minutes=1)
    desk.desk.rematch()
    desk.settle()
    assert desk.ticket(number).assignee == JONAS.agent
    myself = desk.desk.myself(ANN.agent)
    assert myself is not None
    assert (myself.state.status, myself.state.by_desk) == (Presence.AWAY, True)
    act = desk.desk.accept_act("did:1", {"x": 1})
    desk.desk.note(number, ANN._replace(act=act), "I was away.")
    myself = desk.desk.myself(ANN.agent)
    assert myself is not None
    assert myself.state.status is Presence.AVAILABLE


def test_one_who_does_much_and_leaves_much_hides_nobody_who_does_nothing(here: World) -> None:
    busy = [open_mail(here, GERMAN, sender=f"j{n}@example.com") for n in range(2)]
    idle = open_mail(here, SPANISH)
    here.now += timedelta(hours=1, minutes=1)
    act = here.desk.accept_act("did:1", {"x": 1})
    here.desk.release(busy[0], JONAS._replace(act=act))
    here.settle()
    assert here.ticket(busy[1]).assignee == JONAS.agent
    assert here.ticket(idle).assignee == JONAS.agent, "who is there, and has room again"


def test_an_offer_goes_on_when_it_is_declined_or_not_answered(desk: World) -> None:
    offering(desk)
    number = open_mail(desk, SPANISH)
    assert desk.ticket(number).assignee is None
    assert desk.offered == [(ANN.agent, number)]
    desk.desk.decline_offer(number, ANN)
    desk.settle()
    assert desk.offered[1:] == [(JONAS.agent, number)], "nobody else there speaks it"
    with pytest.raises(Refused, match="not offered to you any more"):
        desk.desk.accept_offer(number, ANN)
    desk.desk.accept_offer(number, JONAS)
    desk.settle()
    assert desk.ticket(number).assignee == JONAS.agent
    other = open_mail(desk, GERMAN, sender="x@example.com")
    assert desk.offered[2:] == [(JONAS.agent, other)]
    desk.later(seconds=31)
    assert desk.offered[3:] == [(ANN.agent, other)]
    with pytest.raises(Refused):
        desk.desk.accept_offer(other, JONAS)
    desk.desk.claim(other, SAM)
    with pytest.raises(Refused):
        desk.desk.accept_offer(other, ANN)


def test_two_offers_in_a_row_without_an_answer_are_a_sign_that_nobody_is_there(here: World) -> None:
    offering(here)
    here.desk.set_presence(JONAS, Presence.AWAY)
    first = open_mail(here, SPANISH)
    here.later(seconds=31)
    open_mail(here, SPANISH, sender="x@example.com")
    here.later(seconds=31)
    myself = here.desk.myself(ANN.agent)
    assert myself is not None
    assert (myself.state.status, myself.state.by_desk) == (Presence.AWAY, True)
    assert here.ticket(first).assignee is None


def test_what_nobody_can_have_grows_more_urgent_and_supervisors_hear_of_it_once(desk: World) -> None:
    for agent in (ANN, JONAS):
        desk.desk.set_presence(agent, Presence.AWAY)
    first, second = open_mail(desk), open_mail(desk, sender="x@example.com")
    desk.later(minutes=5)
    assert [desk.ticket(n).urgency for n in (first, second)] == [1, 1]
    told = [trouble.said.text for _, untold in desk.warned for trouble in untold.first]
    assert len([text for text in told if text.startswith("Nobody serves")]) == 1
    desk.desk.set_presence(ANN, Presence.AVAILABLE)
    desk.settle()
    assert desk.ticket(first).assignee == ANN.agent
    assert desk.ticket(first).status is Status.OPEN


def test_whoever_puts_a_ticket_back_is_not_given_it_again(here: World) -> None:
    here.desk.set_presence(JONAS, Presence.BUSY)
    number = open_mail(here, SPANISH)
    here.desk.release(number, ANN)
    here.settle()
    assert here.ticket(number).assignee is None
    here.desk.set_presence(JONAS, Presence.AVAILABLE)
    here.settle()
    assert here.ticket(number).assignee == JONAS.agent


def test_a_colleague_gives_a_ticket_and_the_other_is_told(here: World) -> None:
    number = open_mail(here, SPANISH)
    here.desk.assign(number, SAM.agent, ANN)
    here.settle()
    assert here.ticket(number).assignee == SAM.agent
    assert here.given[-1] == (SAM.agent, number)
    with pytest.raises(Refused, match="has ticket"):
        here.desk.assign(number, SAM.agent, ANN)
    with pytest.raises(Refused, match="no agent"):
        here.desk.assign(number, "T1:NOBODY", ANN)


def test_a_customers_last_agent_is_preferred(here: World) -> None:
    first = open_mail(here, sender="a@example.com")
    had = here.ticket(first).assignee
    other = open_mail(here, sender="b@example.com")
    assert here.ticket(other).assignee != had, "who has nothing yet comes first"
    for number in (first, other):
        here.desk.close(number, ANN)
    here.settle()
    again = open_mail(here, sender="b@example.com", subject="Another matter")
    assert here.ticket(again).assignee == here.ticket(other).assignee


def test_a_queue_that_agents_claim_from_is_left_alone(world: World) -> None:
    number = world.mail()
    world.settle()
    assert world.desk.match() == 0
    assert world.ticket(number).assignee is None
    assert [job for job in world.desk.jobs() if job.kind == "match"] == []


def test_what_an_agent_says_of_themselves_counts_when_a_supervisor_agrees(desk: World) -> None:
    with pytest.raises(Refused, match="Levels go from"):
        desk.desk.propose(ANN, {"skills": {"refunds": 9}})
    assert not desk.desk.propose(ANN, {"skills": {"refunds": 4}})
    desk.settle()
    assert any("Ann Walker" in str(untold.first[0].said.values) for _, untold in desk.warned)
    [asked] = desk.desk.proposed()
    desk.desk.decide_proposal(asked.proposal.id, True, SAM)
    assert desk.desk.book().agents[0].skills == {"refunds": 4}
    with pytest.raises(Refused, match="decided already"):
        desk.desk.decide_proposal(asked.proposal.id, False, SAM)
    assert desk.desk.propose(SAM, {"capacity": 5})
    assert desk.desk.book().agents[2].capacity == 5


EARLY = """
[[rules]]
name = "payments"
when = { topic = ["payments"] }
then = { queue = "billing", skills = { payments = 3 } }
"""


@pytest.fixture
def ruled(database_url: str, tmp_path: Path) -> Generator[World]:
    """The same with a rule about what is understood a moment after a ticket was given; who suits it is Jonas."""
    book = GIVING.replace('title = "Billing"', 'title = "Billing"\nmode = "push"\nanswers_within = "4h"')
    book = book.replace("de = 5 }\n", "de = 5 }\nskills = { payments = 4 }\n")
    with World(database_url, tmp_path, book + EARLY) as made:
        yield made


def test_what_was_given_before_it_was_understood_goes_on_to_whom_it_suits(ruled: World) -> None:
    ruled.desk.set_presence(JONAS, Presence.AWAY)
    number = open_mail(ruled)
    assert ruled.ticket(number).assignee == ANN.agent
    ruled.desk.set_presence(JONAS, Presence.AVAILABLE)
    ruled.desk.retriage(number, Facts(topic="payments"))
    ruled.settle()
    ticket = ruled.ticket(number)
    assert (ticket.queue, ticket.assignee) == ("billing", JONAS.agent)
    assert any("it is not for Ann Walker" in message.text for message in ruled.said(number))


@pytest.mark.parametrize("begun", ["noted", "claimed", "late"])
def test_what_somebody_has_begun_took_themselves_or_has_had_for_a_while_stays_theirs(ruled: World, begun: str) -> None:
    ruled.desk.set_presence(JONAS, Presence.AWAY)
    if begun == "claimed":
        ruled.desk.set_presence(ANN, Presence.AWAY)
    number = open_mail(ruled)
    if begun == "noted":
        ruled.desk.note(number, ANN, "I am looking into it")
    elif begun == "claimed":
        ruled.desk.claim(number, ANN)
    else:
        ruled.later(minutes=3)
    ruled.desk.retriage(number, Facts(topic="payments"))
    ruled.settle()
    assert ruled.ticket(number).assignee == ANN.agent

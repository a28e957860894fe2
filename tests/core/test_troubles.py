"""Supervisors hear of what goes wrong where nobody sees it: everything, and in few messages."""

from __future__ import annotations

from core.desk.alarming import AT_ONCE
from core.phrases import phrase
from core.rulebook import Role
from core.storage.ledger import State
from core.tickets.model import Outcome
from tests.world import ANN, World


def test_what_slack_never_takes_is_told_to_every_supervisor_with_what_to_do(world: World) -> None:
    agents = tuple(agent.model_copy(update={"role": Role.SUPERVISOR}) for agent in world.book.agents[:2])
    world.desk.apply(world.book.model_copy(update={"agents": agents}), "test")
    number = world.mail(subject="Invoice 12")
    world.deaf = True
    world.settle()
    [job] = world.desk.jobs(State.GIVEN_UP)
    assert sorted(name for name, _ in world.warned) == ["Ann Walker", "Jonas Becker"]
    for _, untold in world.warned:
        [trouble] = untold.first
        assert trouble.said.text == "Slack did not take the card of ticket #{number}: {reason}"
        assert trouble.said.values == {"number": number, "reason": "invalid_blocks"}
        assert (trouble.ticket, trouble.command) == (number, f"deskbell jobs retry {job.id}")


def test_a_flood_of_failures_is_one_message_a_minute(world: World) -> None:
    world.desk.trouble(phrase("The first of many."))
    world.settle()
    for n in range(500):
        world.desk.trouble(phrase("Number {number}.", number=n))
    world.later(seconds=50)
    assert [untold.total for _, untold in world.warned] == [1]
    world.later(seconds=10)
    assert [untold.total for _, untold in world.warned] == [1, 500]
    assert len(world.warned[1][1].first) == AT_ONCE
    world.later(minutes=5)
    assert len(world.warned) == 2


def test_nobody_is_told_of_a_job_that_was_tried_again_meanwhile(world: World) -> None:
    world.deaf = True
    world.mail(subject="Invoice 12")
    world.settle()
    number = world.mail(subject="Invoice 13", sender="max@example.org")
    world.settle()
    world.deaf = False
    assert world.desk.retry_job(world.desk.jobs(State.GIVEN_UP)[0].id)
    world.later(minutes=1)
    assert len(world.warned) == 1
    assert (number, 0) in world.shown


def test_a_mail_that_cannot_be_read_is_told_once(world: World) -> None:
    piece = world.desk.accept("email", "k", "lane", {}, b"?")
    assert piece is not None
    for _ in range(2):
        world.desk.keep_out(piece, "unreadable", "it takes too long")
    world.settle()
    [(_, untold)] = world.warned
    assert [trouble.command for trouble in untold.first] == [f"deskbell inbox replay {piece}"]


def test_of_an_answer_that_does_not_arrive_the_ticket_tells_and_not_the_supervisors(world: World) -> None:
    world.refusing["carla@example.com"] = Outcome("carla@example.com", 550, "no such user")
    number = world.mail()
    world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    assert world.warned == []


def test_what_a_person_must_do_is_told_to_whoever_is_a_supervisor_and_a_desk_without_one_goes_on(world: World) -> None:
    world.desk.trouble(phrase("The tickets of {queue} have no room.", queue="Support"))
    world.settle()
    assert [name for name, _ in world.warned] == ["Sam Rivera"]
    agents = tuple(agent.model_copy(update={"role": Role.AGENT}) for agent in world.book.agents)
    world.desk.apply(world.book.model_copy(update={"agents": agents}), "test")
    world.desk.trouble(phrase("The tickets of {queue} have no room.", queue="Support"))
    world.later(minutes=1)
    assert len(world.warned) == 1

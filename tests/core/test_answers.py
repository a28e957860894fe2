"""Answers that an agent takes back, and answers to what was closed meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.desk.answering import Shut, Then
from core.phrases import Refused
from core.storage.ledger import Lease
from core.templates.locales import translate
from core.tickets.model import Delivery, Outcome, Part, Status
from tests.world import ANN, JONAS, SAM, World


@pytest.mark.parametrize("then", list(Then))
def test_a_reply_taken_back_can_be_gone_on_with_as_it_was(world: World, then: Then) -> None:
    number = world.mail()
    message = world.desk.reply(number, ANN, " Oops ", then, template="solved")
    assert message
    assert world.desk.taken_back(number, ANN.agent) is None
    taken = world.desk.undo(message, ANN)
    assert taken == (number, "Oops", then, "solved", (), ())
    assert world.desk.taken_back(number, ANN.agent) == taken
    assert world.desk.taken_back(number, JONAS.agent) is None


def test_a_reply_that_a_colleague_took_back_can_be_gone_on_with_by_both(world: World) -> None:
    number = world.mail()
    message = world.desk.reply(number, ANN, "Oops", Then.CLOSE)
    assert message
    world.desk.undo(message, JONAS)
    assert world.desk.taken_back(number, JONAS.agent) == (number, "Oops", Then.CLOSE, None, (), ())
    assert world.desk.taken_back(number, ANN.agent) == (number, "Oops", Then.CLOSE, None, (), ())
    assert world.desk.taken_back(number, SAM.agent) is None


def test_a_reply_taken_back_is_past_when_the_ticket_was_answered(world: World) -> None:
    number = world.mail()
    message = world.desk.reply(number, ANN, "Oops", Then.CLOSE)
    assert message
    world.desk.undo(message, ANN)
    world.desk.reply(number, JONAS, "Done.")
    assert world.desk.taken_back(number, ANN.agent) is None


def test_nobody_answers_a_closed_ticket_unawares(world: World) -> None:
    number = world.mail()
    world.desk.close(number, JONAS)
    world.now += timedelta(minutes=3)
    with pytest.raises(Shut) as told:
        world.desk.reply(number, ANN, "Hello?")
    assert translate(told.value.phrase) == f"Jonas Becker closed ticket #{number} 3 minutes ago."


def test_whoever_answers_what_a_rule_has_closed_is_told_that_nobody_did(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    world.later(days=3)
    world.later(days=4)
    with pytest.raises(Shut) as told:
        world.desk.reply(number, ANN, "Hello?")
    assert translate(told.value.phrase) == f"The desk closed ticket #{number} by itself 1 second ago."


@pytest.mark.parametrize(("then", "status"), [(Then.WAIT, Status.PENDING), (Then.CLOSE, Status.CLOSED)])
def test_a_closed_ticket_is_answered_all_the_same_by_opening_it_again(world: World, then: Then, status: Status) -> None:
    number = world.mail()
    world.desk.close(number, JONAS)
    world.desk.reply_and_reopen(number, ANN, "It left today.", then)
    assert (world.ticket(number).status, world.ticket(number).assignee) == (status, ANN.agent)
    world.later(seconds=11)
    assert world.sent[-1].text == "It left today."


def test_a_ticket_that_was_opened_to_be_answered_stays_open_when_the_answer_is_taken_back(world: World) -> None:
    number = world.mail()
    world.desk.close(number, JONAS)
    message = world.desk.reply_and_reopen(number, ANN, "Oops", Then.CLOSE)
    assert message
    world.desk.undo(message, ANN)
    assert world.ticket(number).status is Status.OPEN


# Once the sending has begun


def being_sent(world: World, *, lease: timedelta) -> tuple[int, Lease]:
    """An answer that a worker has begun to send: its message, and the job as that worker holds it."""
    number = world.mail()
    world.settle()
    message = world.desk.reply(number, ANN, "It left today.")
    assert message
    world.now += timedelta(seconds=11)
    [job] = [job for job in world.desk.jobs() if job.facts.get("message") == message and job.kind == "deliver:email"]
    [held] = world.desk.claim_jobs(job.destination, {"deliver:email": 9}, "another worker", lease).leases
    return message, held


def nobody_can_take_it_back(world: World, message: int) -> None:
    with pytest.raises(Refused) as told:
        world.desk.undo(message, ANN)
    said = "This answer is on its way already and cannot be taken back. Send another that puts it right."
    assert translate(told.value.phrase) == said


def the_answer_left_once(world: World, message: int) -> bool:
    return [out.message for out in world.sent if out.part is Part.REPLY] == [message]


def test_an_answer_that_is_being_sent_cannot_be_taken_back_and_is_sent_once(world: World) -> None:
    message, held = being_sent(world, lease=timedelta(minutes=1))
    nobody_can_take_it_back(world, message)
    world.desk.finish_job(held, world.desk.delivered.step(message, [Outcome("carla@example.com", 250, "ok")]))
    world.later(minutes=5)
    nobody_can_take_it_back(world, message)
    assert world.said(1)[-1].delivery is Delivery.SENT
    assert Part.REPLY not in [out.part for out in world.sent], "whoever sent it was somebody else"


def test_an_answer_whose_sender_died_cannot_be_taken_back_and_is_sent_by_another_once(world: World) -> None:
    message, _ = being_sent(world, lease=timedelta(seconds=-5))
    nobody_can_take_it_back(world, message)
    world.later(minutes=5)
    assert the_answer_left_once(world, message)


def test_an_answer_that_was_tried_in_vain_cannot_be_taken_back_and_is_sent_once(world: World) -> None:
    message, held = being_sent(world, lease=timedelta(minutes=1))
    world.desk.put_back_job(held, world.now + timedelta(minutes=1), "the line broke", True, None, None)
    nobody_can_take_it_back(world, message)
    world.later(minutes=5)
    assert the_answer_left_once(world, message)

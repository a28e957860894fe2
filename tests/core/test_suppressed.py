"""Addresses that mail does not reach: no automatic mail, no endless waiting, and a way back."""

from __future__ import annotations

import pytest

from core.phrases import NotFound
from core.storage import suppressed
from core.storage.database import Tx
from core.templates.locales import translate
from core.tickets.model import DeliveryReport, Nature, Outcome, Part, Status
from core.tickets.suppression import Kind
from tests.world import ANN, World

CARLA = "carla@example.com"
GONE = Outcome(CARLA, 550, "5.1.1 user unknown")


def kinds(world: World) -> dict[str, Kind]:
    return {one.address: one.standing.kind for one in world.desk.suppressed()}


def answered(world: World, text: str = "Which order?", subject: str = "Where is my order?") -> int:
    number = world.mail(subject=subject)
    world.desk.reply(number, ANN, text)
    world.later(seconds=11)
    return number


def refused(world: World, outcome: Outcome) -> int:
    """An answer that was refused; its ticket."""
    world.refusing[outcome.address] = outcome
    number = answered(world)
    world.refusing.clear()
    return number


def comes_back(world: World, said: str, nature: Nature = Nature.BOUNCE) -> None:
    """What was sent last comes back."""
    about = DeliveryReport((), (world.sent[-1].external_id,), (Outcome(CARLA, 550, said),))
    world.mail_at_all("It came back.", sender="mailer-daemon@mx.example", nature=nature, report=about)


def test_an_address_that_is_not_there_gets_nothing_by_itself_any_more(world: World) -> None:
    refused(world, GONE)
    assert kinds(world) == {CARLA: Kind.GONE}
    [one] = world.desk.suppressed()
    assert one.reason == "5.1.1 user unknown"


def test_a_report_that_comes_later_counts_as_much(world: World) -> None:
    answered(world)
    comes_back(world, "5.1.1 user unknown")
    assert kinds(world) == {CARLA: Kind.GONE}
    comes_back(world, "5.1.1 user unknown")
    assert len(world.desk.suppressed()) == 1


def test_a_full_mailbox_counts_only_the_third_time(world: World) -> None:
    number = world.mail()
    world.settle()
    world.refusing[CARLA] = Outcome(CARLA, 552, "5.2.2 mailbox full")
    for is_enough in (False, False, True):
        world.desk.reply(number, ANN, "Which order?")
        world.later(seconds=11)
        assert bool(world.desk.unreachable(number)) is is_enough


def test_what_was_refused_for_policy_is_told_to_supervisors_once_and_suppresses_nobody(world: World) -> None:
    for _ in range(2):
        number = refused(world, Outcome(CARLA, 550, "5.7.26 DMARC policy"))
        world.desk.close(number, ANN)
    assert kinds(world) == {}
    told = [translate(one.said) for _, untold in world.warned for one in untold.first]
    assert len([said for said in told if "DMARC of desk.example" in said]) == 1
    world.later(hours=7)
    refused(world, Outcome(CARLA, 550, "5.7.26 DMARC policy"))
    told = [translate(one.said) for _, untold in world.warned for one in untold.first]
    assert len([said for said in told if "DMARC of desk.example" in said]) == 2


def test_a_mail_from_there_clears_it(world: World) -> None:
    refused(world, GONE)
    world.mail("I am away", nature=Nature.AUTO_GENERATED)
    assert kinds(world) == {CARLA: Kind.GONE}, "what a machine sends is no sign of life"
    world.mail("Here I am")
    assert kinds(world) == {}


def test_a_first_mail_from_an_address_that_was_copied_in_vain_clears_it(world: World) -> None:
    def known(tx: Tx) -> None:
        standing = suppressed.Standing(Kind.GONE, 0.0, tx.now)
        suppressed.keep(tx, suppressed.Suppressed("email", "Dan@Example.com", standing, "5.1.1", None))

    world.desk.db.run(known)
    world.mail(sender="dan@example.com", name="Dan")
    assert kinds(world) == {}
    world.settle()
    assert world.parts_sent() == ["acknowledgement"]


def test_an_answer_may_be_sent_all_the_same_and_its_arrival_clears_it(world: World) -> None:
    number = refused(world, GONE)
    assert [one.address for one in world.desk.unreachable(number)] == [CARLA]
    world.desk.reply(number, ANN, "Are you there?")
    world.later(seconds=11)
    assert world.sent[-1].text == "Are you there?"
    assert kinds(world) == {}


def test_an_answer_sent_all_the_same_and_refused_again_clears_nothing(world: World) -> None:
    number = refused(world, GONE)
    world.refusing[CARLA] = GONE
    world.desk.reply(number, ANN, "Are you there?")
    world.later(seconds=11)
    assert kinds(world) == {CARLA: Kind.GONE}


def test_no_reminder_goes_there_and_agents_have_the_ticket_again(world: World) -> None:
    number = answered(world)
    other = answered(world, subject="Another matter", text="And this?")
    comes_back(world, "5.1.1 user unknown")
    assert world.ticket(other).status is Status.OPEN
    world.later(days=3, minutes=1)
    assert "reminder" not in world.parts_sent()
    ticket = world.ticket(number)
    assert (ticket.status, ticket.pending_at) == (Status.OPEN, None)
    assert "mail to carla@example.com does not arrive: 5.1.1 user unknown" in world.said(number)[-1].text
    assert world.said(number)[-1].part is Part.NOTE


def test_who_reported_us_as_spam_gets_no_automatic_mail_and_their_ticket_is_closed_in_time(world: World) -> None:
    number = answered(world)
    comes_back(world, "", Nature.ARF)
    assert kinds(world) == {CARLA: Kind.COMPLAINT}
    notes = [m.text for m in world.said(number) if m.part is Part.NOTE]
    assert notes == ["carla@example.com reported our mail as spam: the desk writes nothing there by itself any more."]
    assert world.ticket(number).status is Status.PENDING
    before = world.parts_sent()
    world.later(days=3, minutes=1)
    assert world.ticket(number).status is Status.PENDING
    world.later(days=4, minutes=1)
    assert world.ticket(number).status is Status.CLOSED
    assert world.parts_sent() == before


def test_who_reported_us_as_spam_and_writes_again_is_answered_by_people_only(world: World) -> None:
    answered(world)
    comes_back(world, "", Nature.ARF)
    world.later(days=2)
    before = world.parts_sent()
    number = world.mail("Another question", subject="New")
    world.settle()
    assert kinds(world) == {CARLA: Kind.COMPLAINT}
    assert world.parts_sent() == before
    world.desk.reply(number, ANN, "Here.")
    world.later(seconds=11)
    assert world.sent[-1].text == "Here."
    assert kinds(world) == {CARLA: Kind.COMPLAINT}


def test_a_complaint_about_nothing_of_ours_suppresses_nobody(world: World) -> None:
    answered(world)
    about = DeliveryReport((), ("<made-up@desk.example>",), (Outcome(CARLA, 550, ""),))
    world.mail_at_all("spam!", sender="fbl@example.net", nature=Nature.ARF, report=about)
    assert kinds(world) == {}


def test_an_operator_takes_an_address_off_the_list_or_hears_that_it_is_not_there(world: World) -> None:
    refused(world, GONE)
    world.desk.unsuppress("email", "Carla@Example.com")
    assert kinds(world) == {}
    with pytest.raises(NotFound, match="not on the list"):
        world.desk.unsuppress("email", CARLA)


def test_what_an_operator_dropped_says_nothing_about_the_address(world: World) -> None:
    world.refusing[CARLA] = Outcome(CARLA, 451, "4.2.2 full")
    answered(world)
    [job] = [job for job in world.desk.jobs() if job.kind == "deliver:email" and job.attempts]
    world.desk.drop_job(job.id)
    assert kinds(world) == {}

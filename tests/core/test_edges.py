"""Where a desk is easily wrong: what is taken back, who may join, who is written to, what operators mend."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from core.desk.timing import AGAIN, AT_ONCE
from core.effects import deliver
from core.engine.clock import look_at_due
from core.phrases import Conflict, NotFound, Refused
from core.rulebook import parse_toml
from core.storage import ledger, people, schema
from core.storage.blobs import INLINE
from core.storage.database import StoreDown, Tx
from core.templates.macros import Template
from core.tickets.model import Address, Delivery, File, Nature, Outcome, Part, Status
from tests.world import ANN, JONAS, RULEBOOK, World

CARLA = "carla@example.com"


def test_taking_back_the_first_of_two_answers_leaves_the_second(world: World) -> None:
    number = world.mail()
    first = world.desk.reply(number, ANN, "First")
    world.now += timedelta(seconds=2)
    world.desk.reply(number, JONAS, "Second")
    assert first
    world.desk.undo(first, ANN)
    found = world.ticket(number)
    assert (found.status, found.replied_at, found.pending_at) == (Status.PENDING, world.now, None)
    world.later(seconds=30)
    assert [out.text for out in world.sent if out.part == "reply"] == ["Second"]


def test_taking_back_both_of_two_answers_leaves_none(world: World) -> None:
    number = world.mail()
    before = world.ticket(number)
    both = [world.desk.reply(number, ANN, "First"), world.desk.reply(number, ANN, "Second")]
    for message in both:
        assert message
        world.desk.undo(message, ANN)
    after = world.ticket(number)
    assert (after.status, after.first_replied_at, after.pending_at) == (Status.OPEN, None, before.pending_at)


def test_a_stranger_does_not_get_in_by_posing_as_a_machine(world: World) -> None:
    number = world.mail()
    world.settle()
    ours = world.sent[-1].external_id
    assert world.mail_at_all("I am away", answers=ours, nature=Nature.AUTO_REPLY, sender="eve@example.org") is None
    assert len(world.said(number)) == 2


def test_an_address_however_long_is_somebodys(world: World) -> None:
    long = f"carla@{secrets.token_hex(3000)}.example"  # nothing that a database could compress
    first, second = world.mail(sender=long), world.mail(sender=long.upper())
    assert world.ticket(first).requester == world.ticket(second).requester
    assert world.desk.card(first).address == long


def test_a_name_stays_with_the_address_that_it_came_with(world: World) -> None:
    number = world.mail(sender="a@x.test", name="Ada", reply_to="other@z.test")
    world.settle()
    assert [(to.address, to.name) for out in world.sent for to in out.to] == [("other@z.test", "")]
    other = world.mail(sender="other@z.test", name="")
    world.settle()
    assert (world.desk.card(number).requester, world.desk.card(other).requester) == ("Ada", "")
    assert world.sent[-1].to[0].name == ""


def test_what_one_mail_taught_is_not_undone_by_another_that_was_read_beside_it(world: World) -> None:
    address = Address("email", CARLA, "Carla")

    def beside(tx: Tx) -> tuple[str, str | None]:
        known = people.meet(tx, None, address, None)  # as both workers found her
        people.meet(tx, known, replace(address, name=""), "es")
        people.meet(tx, known, replace(address, name="Carla Gómez"), None)
        people.meet(tx, known, replace(address, name=""), "en")
        found = people.person_at(tx, address)
        assert found
        return found.name, found.language

    assert world.desk.db.run(beside) == ("Carla Gómez", "es")


def test_somebody_is_called_what_they_call_themselves_now(world: World) -> None:
    number = world.mail(name="Carla")
    world.mail(name="Carla Gómez", subject="Another thing")
    assert world.desk.card(number).requester == "Carla Gómez"
    world.mail(name="Somebody's robot", subject="A third thing", is_own_name=False)
    assert world.desk.card(number).requester == "Carla Gómez"


def test_made_up_senders_cannot_have_one_victim_written_to(world: World) -> None:
    for n in range(20):
        world.mail(sender=f"nobody{n}@example.org", reply_to="victim@example.net")
    world.settle()
    assert [out.to[0].address for out in world.sent] == ["victim@example.net"]


def test_whoever_gives_no_address_cannot_be_answered(world: World) -> None:
    number = world.mail(sender="", name="Carla")
    card = world.desk.card(number)
    assert (card.requester, card.address) == ("Carla", "")
    with pytest.raises(Refused, match="gave no address"):
        world.desk.reply(number, ANN, "Hello")
    world.settle()
    assert world.sent == []


def test_an_address_that_cannot_be_written_to_is_none_to_answer_to(world: World) -> None:
    number = world.mail(sender="carla@example..com", answerable=False)
    assert world.desk.card(number).address == ""
    assert [way.address for way in world.desk.addresses(number)] == ["carla@example..com"]


@pytest.mark.parametrize("ours", ["billing@desk.example", "Billing+x@DESK.example"])
@pytest.mark.parametrize(("named_as", "is_let_in_by_itself"), [("sender", False), ("reply_to", True)])
def test_a_mailbox_of_ours_is_never_acknowledged_by_whichever_header_it_is_named(
    world: World, ours: str, named_as: str, is_let_in_by_itself: bool
) -> None:
    second = '[[mailboxes]]\naddress = "billing@desk.example"\nname = "Billing"\nqueue = "support"\n\n[[queues]]'
    world.desk.apply(parse_toml(RULEBOOK.replace("[[queues]]", second, 1), "desk.toml"), "test")
    who: dict[str, Any] = {"sender": CARLA, named_as: ours}
    assert (world.mail_at_all(**who) is not None) is is_let_in_by_itself
    if not is_let_in_by_itself:
        assert world.desk.admit(world.desk.kept_out()[0].id)
    world.settle()
    assert [to.address for out in world.sent for to in out.to if to.address != CARLA] == []


def test_an_answer_goes_to_the_sender_where_they_name_a_mailbox_of_ours_to_answer_to(world: World) -> None:
    number = world.mail(sender=CARLA, reply_to="Support+x@desk.example")
    world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    assert [out.to[0].address for out in world.sent] == [CARLA, CARLA]


def test_of_those_who_give_no_address_each_is_somebody_else(world: World) -> None:
    number = world.mail(sender="", name="Carla", id="<a@example.com>")
    for name in ("Eve", "Mallory"):
        assert world.mail(sender="", name=name, answers="<a@example.com>") == number
        world.settle()
    assert world.desk.card(number).requester == "Carla"
    assert [asked.name for asked in world.asked.values()] == ["Eve", "Mallory"]


def test_an_answer_that_was_given_up_is_sent_when_an_operator_tries_again(world: World) -> None:
    world.refusing[CARLA] = Outcome(CARLA, 550, "mailbox full")
    number = world.mail()
    message = world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    assert message
    job = give_up(world, number, message)
    world.refusing.clear()
    assert world.desk.retry_job(job)
    world.settle()
    assert world.sent[-1].message == message
    assert world.said(number)[-1].delivery is Delivery.SENT


def test_an_answer_that_an_operator_drops_is_shown_as_not_sent(world: World) -> None:
    number = world.mail()
    message = world.desk.reply(number, ANN, "Hello")
    job = next(job for job in world.desk.jobs() if job.facts.get("message") == message and "deliver" in job.kind)
    assert world.desk.drop_job(job.id)
    world.later(seconds=30)
    assert world.said(number)[-1].delivery is Delivery.FAILED
    assert world.ticket(number).status is Status.OPEN


def give_up(world: World, number: int, message: int) -> int:
    """A delivery that was tried in vain for days; its job's number."""
    ticket = world.ticket(number)
    world.desk.db.run(lambda tx: ledger.add(tx, [deliver(ticket, message, timedelta(0))]))
    job = next(job for job in world.desk.jobs() if job.facts.get("message") == message and "deliver" in job.kind)
    claimed = world.desk.claim_jobs(job.destination, {"deliver:email": 9}, "dead", world.drainer.lease)
    for lease in claimed.leases:
        world.desk.give_up_job(lease, "in vain", None)
    return job.id


def test_an_answer_that_the_other_side_puts_off_is_queued_and_no_longer_held(world: World) -> None:
    world.refusing[CARLA] = Outcome(CARLA, 451, "greylisted")
    number = world.mail(subject="An invoice")  # a queue that acknowledges nothing, so that the answer is first in line
    message = world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    said = world.said(number)[-1]
    assert (said.delivery, said.send_at) == (Delivery.QUEUED, None)
    assert said.reason == f"{CARLA}: 451 greylisted"
    assert message
    with pytest.raises(Refused, match="on its way"):
        world.desk.undo(message, ANN)
    world.refusing.clear()
    world.later(hours=1)
    assert world.said(number)[-1].delivery is Delivery.SENT


def test_an_answer_to_a_contact_form_stands_in_its_thread(world: World) -> None:
    number = world.mail("Name: Carla", nature=Nature.AUTO_GENERATED, id="<form@example.com>")
    world.desk.reply(number, ANN, "Hello Carla")
    world.later(seconds=11)
    assert world.sent[-1].in_reply_to == "<form@example.com>"


def test_a_person_who_answers_through_a_list_opens_the_ticket_again(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Done?")
    world.later(seconds=11)
    world.mail("No.", answers=world.sent[-1].external_id, nature=Nature.LIST)
    assert world.ticket(number).status is Status.OPEN


def test_a_changed_rule_reaches_the_tickets_that_wait_already(world: World) -> None:
    patient = parse_toml(RULEBOOK.replace('remind_after = "3d"\nclose_after = "4d"\n', ""), "desk.toml")
    world.desk.apply(patient, "test")
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    world.later(days=30)
    assert world.parts_sent()[-1] == "reply"
    world.desk.apply(world.book, "test")
    world.settle()
    assert world.parts_sent()[-1] == "reminder"
    assert world.ticket(number).status is Status.PENDING


@pytest.mark.parametrize(("needs", "mail"), [("{subject}", {"subject": ""}), ("{customer}", {"name": "www.spam.com"})])
def test_a_mail_opens_a_ticket_and_is_acknowledged_whatever_the_desks_own_words_ask_for(
    world: World, needs: str, mail: dict[str, str]
) -> None:
    own = Template(name="acknowledgement", text={"en": f"We have it, about {needs}."})  # in force since long ago
    world.desk.apply(world.book.model_copy(update={"templates": (own,)}), "test")
    number = world.mail(**mail)
    world.settle()
    assert world.ticket(number).status is Status.NEW
    assert f"its number is {number}" in world.sent[-1].text


def test_a_rulebook_made_from_an_older_one_does_not_replace_a_newer(world: World) -> None:
    edition = world.desk.edition()
    assert edition
    world.desk.apply(world.book, "somebody else")
    with pytest.raises(Conflict):
        world.desk.apply(world.book, "me", expected=edition.version)


def test_a_blank_that_nobody_filled_does_not_leave(world: World) -> None:
    number = world.mail()
    with pytest.raises(Refused, match="customer"):
        world.desk.reply(number, ANN, "Hello {customer}, it is done.")


def test_bytes_that_are_gone_are_not_found_and_the_database_is_not_down(world: World) -> None:
    digest = world.desk.db.run(lambda tx: tx.blobs.put(tx, b"x" * (INLINE + 1)))
    folder = world.desk.db.blobs.folder
    if folder is None:
        pytest.skip("without a folder every blob lies in the database")
    (Path(folder) / digest[:2] / digest).unlink()
    with pytest.raises(NotFound):
        world.desk.blob(digest)


def test_errors_of_the_database_do_not_quote_customers(world: World) -> None:
    with pytest.raises((SQLAlchemyError, StoreDown)) as caught:
        world.desk.db.run(lambda tx: tx.sql.execute(sa.text("insert into nowhere values (:w)"), {"w": "MY IBAN"}))
    assert "MY IBAN" not in str(caught.value)


def test_attachments_beyond_those_that_are_kept_are_told_on_the_ticket(world: World) -> None:
    files = tuple(File(f"{n}.txt", "text/plain", b"x") for n in range(3))
    number = world.mail("See these.", files=files, left_out=12)
    [first, told] = [m for m in world.said(number) if m.part in (Part.REQUESTER, Part.NOTE)]
    assert len(first.attachments) == 3
    assert "3 attachments here, and 12 more" in told.text
    assert "deskbell inbox raw 1" in told.text
    world.settle()
    assert (number, told.id) in world.shown
    assert all("attachments" not in out.text for out in world.sent)


def test_what_is_told_of_attachments_is_told_in_the_desks_language(database_url: str, tmp_path: Path) -> None:
    with World(database_url, tmp_path, RULEBOOK.replace('locale = "en"', 'locale = "de"')) as world:
        number = world.mail("Anbei.", id="<first@example.com>")
        world.mail("Und das.", answers="<first@example.com>", left_out=1)
        note = world.said(number)[-1]
        assert (note.part, note.author_name) == (Part.NOTE, "Example Help")
        assert "dazu 1 weiterer" in note.text


def test_many_tickets_that_are_due_at_once_are_looked_at_some_at_a_time(world: World) -> None:
    numbers = [world.mail(sender=f"c{n}@example.com") for n in range(2 * AT_ONCE + 1)]
    for number in numbers:
        world.desk.reply(number, ANN, "Which order?")
    until_all_have_left(world)
    world.now += timedelta(days=3)
    assert len(world.desk.due_now()) == AT_ONCE
    world.run(look_at_due(world.desk))
    assert {world.ticket(number).reminded_at for number in numbers} == {world.now}


async def test_mail_comes_in_between_while_many_tickets_are_looked_at(sqlite_url: str, tmp_path: Path) -> None:
    with World(sqlite_url, tmp_path) as world:
        for n in range(3 * AT_ONCE):
            number = await asyncio.to_thread(world.mail, sender=f"c{n}@example.com")
            await world.desk.reply.soon(number, ANN, "Which order?")
        await asyncio.to_thread(until_all_have_left, world)
        world.now += timedelta(days=4)
        looking = asyncio.create_task(look_at_due(world.desk))
        await asyncio.sleep(0)  # it has asked what is due
        await world.desk.accept.soon("email", "key", "lane", {}, b"Hello")
        assert len(reminded(world)) <= AT_ONCE  # asked on the loop's own thread: nothing goes on meanwhile
        await looking
        assert len(await asyncio.to_thread(reminded, world)) == 3 * AT_ONCE


def until_all_have_left(world: World) -> None:
    """At the pace of the relay."""
    going = (Delivery.HELD, Delivery.QUEUED)
    waiting = sa.select(sa.func.count()).where(schema.messages.c.delivery.in_(going))
    for _ in range(100):
        if not world.desk.db.look(lambda tx: tx.sql.execute(waiting).scalar()).result():
            return
        world.later(seconds=11)
    raise AssertionError("they never leave")


def reminded(world: World) -> list[int]:
    with_time = sa.select(schema.tickets.c.number).where(schema.tickets.c.reminded_at.is_not(None))
    return list(world.desk.db.look(lambda tx: tx.sql.execute(with_time).scalars().all()).result())


def test_while_our_answer_is_on_its_way_the_customer_is_not_asked_why_they_are_silent(world: World) -> None:
    number = world.mail(sender=CARLA)
    world.settle()
    world.refusing[CARLA] = Outcome(CARLA, 450, "try later")
    world.desk.reply(number, ANN, "Which order?")
    for _ in range(5):
        world.later(days=1)
    assert world.parts_sent() == ["acknowledgement"]
    assert world.ticket(number).status is Status.PENDING
    world.refusing.clear()
    world.later(hours=6)
    left = world.now
    assert world.parts_sent() == ["acknowledgement", "reply"]
    assert world.desk.next_due() == left + timedelta(days=3)
    world.later(days=3)
    assert world.parts_sent()[2:] == ["reminder"]


def test_nobody_is_closed_for_not_answering_a_reminder_that_has_not_left(world: World) -> None:
    number = world.mail(sender=CARLA)
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    world.refusing[CARLA] = Outcome(CARLA, 450, "try later")
    world.later(days=3)
    assert world.said(number)[-1].part is Part.REMINDER
    for _ in range(5):
        world.later(days=1)
    assert world.desk.next_due() is None
    world.refusing.clear()
    world.later(hours=6)
    assert world.parts_sent()[-1] == "reminder"
    assert world.desk.next_due() == world.now + timedelta(days=4)


def test_a_reminder_that_cannot_be_delivered_gives_the_ticket_back_to_the_agents(world: World) -> None:
    number = world.mail(sender=CARLA)
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    world.refusing[CARLA] = Outcome(CARLA, 550, "no such user")
    world.later(days=3)
    assert world.said(number)[-1].delivery is Delivery.FAILED
    assert world.ticket(number).status is Status.OPEN


def test_a_ticket_that_cannot_be_looked_at_stops_no_other_and_supervisors_hear_of_it(world: World) -> None:
    broken, sound = world.mail(sender=CARLA), world.mail(sender="dan@example.com")
    for number in (broken, sound):
        world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    spoil = sa.text("update tickets set status = :now where number = :n").bindparams(n=broken)
    world.desk.db.run(lambda tx: tx.sql.execute(spoil, {"now": "no such status"}))
    world.later(days=3)
    assert world.ticket(sound).reminded_at == world.now
    [(_, untold)] = world.warned
    assert [trouble.ticket for trouble in untold.first] == [broken]
    assert world.desk.next_due() == world.now + AGAIN
    world.desk.db.run(lambda tx: tx.sql.execute(spoil, {"now": "pending"}))
    world.later(hours=1)
    assert world.ticket(broken).reminded_at == world.now

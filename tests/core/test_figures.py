"""The desk's figures: how much waits, where and since when, and not a word that anybody wrote."""

from __future__ import annotations

from datetime import timedelta

from core.storage import mailboxes, paces
from core.storage.mailboxes import Place
from core.tickets.model import Nature, Outcome
from tests.world import ANN, SAM, World


def test_a_desk_with_nothing_to_do_has_nothing_that_waits(world: World) -> None:
    found = world.desk.figures()
    assert (found.waiting, found.given_up, found.folders, found.relays) == ([], {}, [], [])
    assert (found.not_understood, found.not_sent) == (None, None)
    assert found.kept_out == {"suspended": 0, "unreadable": 0, "blocked": 0, "discarded": 0}
    assert (found.strangers.many, found.overdue.many, found.untold.many) == (0, 0, 0)


def test_the_oldest_mail_that_nobody_has_understood_is_known_by_when_it_came(world: World) -> None:
    world.desk.accept("email", "first", "carla@example.com", {}, b"first")
    came = world.now
    world.now += timedelta(minutes=7)
    world.desk.accept("email", "second", "bob@example.com", {}, b"second")
    found = world.desk.figures()
    assert found.not_understood == came
    assert sum(one.jobs for one in found.waiting) == 2
    assert {one.due for one in found.waiting} <= {came, world.now}


def test_a_mail_that_a_relay_puts_off_is_the_oldest_that_has_not_left_and_counts_as_tried(world: World) -> None:
    world.refusing["carla@example.com"] = Outcome("carla@example.com", 451, "later")
    number = world.mail()
    world.settle()
    asked = world.now
    world.later(minutes=2)
    world.refusing.clear()
    world.desk.reply(number, ANN, "It is on its way.")
    found = world.desk.figures()
    assert found.not_sent == asked
    (out,) = [one for one in found.waiting if one.destination == "out:email"]
    assert (out.jobs, out.failed) == (2, 1)
    world.later(hours=5)
    assert world.desk.figures().not_sent is None


def test_what_is_kept_out_is_counted_by_what_became_of_it(world: World) -> None:
    world.mail_at_all("I am away.", nature=Nature.AUTO_REPLY, answers="<nobody@knows.example>")
    world.desk.block("rude@example.org", SAM, why="rude")
    assert world.mail_at_all("Buy this.", sender="rude@example.org") is None
    unread = world.desk.accept("email", "odd", "x", {}, b"odd")
    assert unread is not None
    world.desk.keep_out(unread, "unreadable", "it crashed")
    assert world.desk.figures().kept_out == {"suspended": 1, "unreadable": 1, "blocked": 1, "discarded": 0}
    assert world.desk.figures().untold.many > 0


def test_words_of_strangers_and_tickets_that_the_clock_has_missed_are_counted_with_the_oldest(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.settle()
    world.later(minutes=1)
    answer = world.sent[-1].external_id
    world.mail("I am her husband.", sender="hugo@example.org", answers=answer)
    held_at = world.now
    world.now += timedelta(days=4)
    found = world.desk.figures()
    assert (found.strangers.many, found.strangers.oldest) == (1, held_at)
    assert found.overdue.many == 1
    assert found.overdue.oldest is not None
    assert held_at < found.overdue.oldest < world.now


def test_a_mailbox_is_read_by_whoever_has_its_lease_and_a_relay_rests_until_its_time(world: World) -> None:
    holder = world.desk.hold_mailbox("support", "reader", timedelta(minutes=1))
    assert holder is not None
    place = Place("support", "INBOX", 1)
    world.desk.begin_folder(holder, place, 0, True)
    assert world.desk.figures().folders == [("support", "INBOX", None, 0)]
    world.desk.looked(place)
    late = mailboxes.Seen(5, mailboxes.Fate.TO_FETCH, attempts=1, due=world.now)
    world.desk.db.run(lambda tx: mailboxes.note(tx, place, [late]))
    until = world.now + timedelta(minutes=5)
    world.desk.db.run(lambda tx: paces.pause(tx, "relay:email/billing", until))
    world.desk.relay_says("", 1000)
    found = world.desk.figures()
    assert found.folders == [("support", "INBOX", world.now, 1)]
    assert found.readers == {"support"}
    assert found.relays == [("", None, world.now), ("billing", until, None)]
    world.desk.let_mailbox_go("support", "reader")
    world.now = until
    found = world.desk.figures()
    assert (found.readers, found.relays) == (frozenset(), [("", None, found.relays[0].spoke_at)])

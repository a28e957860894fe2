"""The desk's figures: how much waits, where and since when, and not a word that anybody wrote."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from core.desk import holding
from core.storage import figures, mailboxes, paces
from core.storage import inbox as storage_inbox
from core.storage.database import Tx
from core.storage.mailboxes import Place
from core.storage.schema import fetched, inbox
from core.tickets.model import DeliveryReport, Nature, Outcome, Trail, Vouch, Vouched
from core.tickets.suppression import Verdict
from core.tickets.tallies import LABELS, OTHER, Tally
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


def counted(world: World, tally: Tally) -> dict[str, int]:
    """What is not none."""
    return {label: many for label, many in world.desk.figures().tallies[tally].items() if many}


def test_what_never_happened_is_counted_as_none(world: World) -> None:
    found = world.desk.figures().tallies
    assert {tally: set(many.values()) for tally, many in found.items()} == {tally: {0} for tally in Tally}
    assert set(found[Tally.BOUNCED]) == set(Verdict)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("5.1.1 user unknown", "gone"),
        ("5.2.2 mailbox full", "failing"),
        ("5.7.1 we do not want you", "policy"),
        ("5.3.4 too big", "too_large"),
        ("5.5.0 no", "other"),
    ],
)
def test_each_recipient_who_refuses_is_counted_once_by_what_that_means(world: World, said: str, label: str) -> None:
    number = world.mail()
    world.settle()
    world.refusing["carla@example.com"] = Outcome("carla@example.com", 550, said)
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    assert counted(world, Tally.BOUNCED) == {label: 1}


def test_a_report_that_comes_later_is_counted_and_said_twice_it_counts_once(world: World) -> None:
    number = world.mail()
    world.settle()
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    gone = (Outcome("carla@example.com", 550, "5.1.1 user unknown"),)
    for n in range(2):
        about = DeliveryReport((), (world.sent[-1].external_id,), gone)
        world.mail_at_all(f"It came back, {n}.", sender="mailer-daemon@mx.example", nature=Nature.BOUNCE, report=about)
    assert counted(world, Tally.BOUNCED) == {"gone": 1}


def test_what_goes_round_and_is_stopped_is_counted_by_how_that_was_known(world: World) -> None:
    world.mail()
    world.settle()
    mark = world.sent[0].mark
    assert mark
    for trail in (Trail((mark,)), Trail((mark,)), Trail(hops=99)):
        assert world.mail_at_all("Hello again", sender="list@other.example", trail=trail) is None
    assert counted(world, Tally.BRAKED) == counted(world, Tally.HELD) == {"our_mark": 2, "too_many_servers": 1}
    world.mail_at_all("Our own", sender="list@other.example", id=world.sent[0].external_id, trail=Trail((mark,)))
    assert sum(counted(world, Tally.BRAKED).values()) == 3  # a copy of our own mail is none


def test_mails_are_counted_by_why_they_were_held_also_when_they_are_let_in_later(world: World) -> None:
    world.mail_at_all("I am away.", nature=Nature.AUTO_REPLY, answers="<nobody@knows.example>")
    world.desk.admit(world.desk.kept_out()[0].id)
    world.settle()
    world.desk.block("rude@example.org", SAM, why="rude")
    world.mail_at_all("Buy this.", sender="rude@example.org")
    world.mail_at_all("It is us.", sender="support@desk.example")
    forged = Vouched(Vouch.FAILED, "example.com", "reject")
    world.mail_at_all("It is me.", vouched=forged)
    unread = world.desk.accept("email", "odd", "x", {}, b"odd")
    assert unread is not None
    world.desk.keep_out(unread, "unreadable", "it crashed")
    assert counted(world, Tally.HELD) == {"auto_reply": 1, "blocked": 1, "own_address": 1, "forged": 1}
    assert counted(world, Tally.UNREADABLE) == {"": 1}


def test_each_reason_for_which_mail_is_held_has_a_label_of_its_own() -> None:
    labels = [*holding.COUNTED.values()]
    assert len(set(labels)) == len(labels)
    assert {*labels, OTHER} == set(LABELS[Tally.HELD])


def test_figures_are_found_without_looking_through_what_is_over(world: World) -> None:
    """By indexes: of what came in and is done there is ever more."""
    done: list[dict[str, Any]] = [
        {"channel": "email", "key": str(n), "envelope": {}, "at": world.now, "state": "done"} for n in range(5_000)
    ]
    read: list[dict[str, Any]] = [
        {
            "mailbox": "m",
            "folder": "f",
            "uidvalidity": 1,
            "uid": n,
            "fate": 1,
            "digest": "",
            "likeness": "",
            "attempts": 1,
        }
        for n in range(5_000)
    ]

    def plans(tx: Tx) -> str:
        tx.sql.execute(inbox.insert(), done)
        tx.sql.execute(fetched.insert(), read)
        tx.sql.execute(sa.text("ANALYZE"))
        said: list[str] = []

        def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if statement.startswith("SELECT"):
                how = "EXPLAIN " if tx.pg else "EXPLAIN QUERY PLAN "
                said.extend(str(row) for row in connection.exec_driver_sql(how + statement, parameters))

        event.listen(tx.sql, "before_cursor_execute", explain)
        try:
            figures.take(tx)
            storage_inbox.kept_out(tx)
            storage_inbox.count_kept_out(tx)
        finally:
            event.remove(tx.sql, "before_cursor_execute", explain)
        return "\n".join(said)

    found = world.desk.db.run(plans)
    assert "tallies" in found
    assert "ix_inbox_kept_out" in found
    assert not re.search(r"(?:Seq Scan on|Parallel Seq Scan on) (?:inbox|fetched)\b", found), found
    assert not re.search(r"SCAN (?:inbox|fetched)(?! USING (?:COVERING )?INDEX ix_)", found), found

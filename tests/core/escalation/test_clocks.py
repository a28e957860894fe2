"""A customer who does not answer is asked once more, and then left in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.clocks import Look, due, look, tick
from core.tickets.events import Delivered, Replied
from core.tickets.evolve import evolve
from core.tickets.model import Part, Status, Thread, Ticket

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
THREE, FOUR = timedelta(days=3), timedelta(days=4)
WAITING = Ticket(
    number=1,
    thread=Thread("email", "<1@example.com>"),
    requester=1,
    door="support@desk.example",
    queue="support",
    status=Status.PENDING,
    pending_at=MONDAY,
)
REMINDED = replace(WAITING, reminded_at=MONDAY + THREE)


def test_a_waiting_ticket_is_due_for_a_reminder_and_then_for_closing() -> None:
    assert look(WAITING, THREE, FOUR) == Look(MONDAY + THREE, "remind")
    assert look(REMINDED, THREE, FOUR) == Look(MONDAY + THREE + FOUR, "close")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PENDING])
def test_a_ticket_that_does_not_wait_for_its_requester_is_never_due(status: Status) -> None:
    assert due(replace(REMINDED, status=status), THREE, FOUR) is None
    assert tick(replace(REMINDED, status=status), THREE, FOUR, MONDAY + timedelta(days=999)) is None


def test_a_queue_without_the_rule_does_nothing() -> None:
    assert due(WAITING, None, FOUR) is None
    assert due(REMINDED, THREE, None) is None


def test_too_early_nothing_is_owed_and_late_it_is_what_was_owed_in_time() -> None:
    assert tick(WAITING, THREE, FOUR, MONDAY + THREE - timedelta(microseconds=1)) is None
    assert tick(WAITING, THREE, FOUR, MONDAY + THREE) == "remind"
    assert tick(WAITING, THREE, FOUR, MONDAY + timedelta(days=99)) == "remind"


def test_after_a_long_downtime_the_customer_still_has_the_time_that_the_reminder_promised() -> None:
    late = MONDAY + timedelta(days=30)
    reminded = replace(WAITING, reminded_at=late)
    assert tick(reminded, THREE, FOUR, late) is None
    assert due(reminded, THREE, FOUR) == late + FOUR


def test_a_new_answer_of_ours_starts_the_wait_anew() -> None:
    on_its_way = evolve(REMINDED, Replied(at=MONDAY + timedelta(days=5), message=2, by="T1:ANN"))
    assert look(on_its_way, THREE, FOUR) is None
    there = evolve(on_its_way, Delivered(at=MONDAY + timedelta(days=6), message=2, part=Part.REPLY))
    assert look(there, THREE, FOUR) == Look(MONDAY + timedelta(days=9), "remind")


spans = st.none() | st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=60))


@given(spans, spans, st.lists(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)), max_size=40))
def test_however_often_and_whenever_one_looks_there_is_one_reminder_and_one_closing_in_order(
    remind_after: timedelta | None, close_after: timedelta | None, looks: list[timedelta]
) -> None:
    ticket = WAITING
    happened: list[tuple[str, datetime]] = []
    for now in sorted(MONDAY + after for after in looks):
        for _ in range(2):
            owed = tick(ticket, remind_after, close_after, now)
            if owed == "remind":
                ticket = replace(ticket, reminded_at=now)
            elif owed == "close":
                ticket = replace(ticket, status=Status.CLOSED, closed_at=now)
            if owed:
                happened.append((owed, now))
    assert [owed for owed, _ in happened] in ([], ["remind"], ["remind", "close"])
    if happened:
        assert remind_after is not None
        assert happened[0][1] >= MONDAY + remind_after
    if len(happened) == 2:
        assert close_after is not None
        assert happened[1][1] >= happened[0][1] + close_after

"""Tickets that are work for several queues: tasks begin, wait for each other, end; the customer sees one ticket."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.desk.answering import Then
from core.desk.splitting import Reason
from core.desk.tasking import Blocked
from core.phrases import Refused
from core.routing.triage import Facts
from core.rulebook import parse_toml
from core.storage import tasks, tickets
from core.tickets import events as e
from core.tickets.model import By, Part, Status
from core.tickets.passes import Purpose
from core.tickets.tasks import Planned, State, Task, Unplannable
from tests.world import ANN, JONAS, RULEBOOK, SAM, World

BOOK = (
    RULEBOOK.replace('title = "Billing"\nacknowledge', 'title = "Billing"\ncalendar = "office"\nacknowledge')
    + """
[[queues]]
name = "warehouse"
title = "Warehouse"

[[calendars]]
name = "office"
time_zone = "UTC"
hours = ["Mon-Fri 09:00-17:00"]

[[policies]]
name = "usual"
queue = ["billing"]
resolution = "8h"

[[rules]]
name = "parcels"
when = { text = ["parcel"] }
then = { queue = "warehouse" }

[[rules]]
name = "returns"
when = { subject = ["return"] }
then = { tasks = "refund" }

[[task_sets]]
name = "refund"
title = "Refund"
tasks = [
    { name = "check", title = "Check the return", queue = "warehouse", due = "1d" },
    { name = "pay", title = "Pay the amount back", queue = "billing", after = ["check"], text = "As on the invoice." },
    { name = "shelf", title = "Back on the shelf", queue = "warehouse", after = ["check"], blocks = false },
]
"""
)
CHECK = Planned("Check the return", "warehouse", "The red kettle.", target=timedelta(hours=2))
PAY = Planned("Pay the amount back", "billing", waits=(1,))
WHY = Reason("They were told by phone.")


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    with World(database_url, tmp_path, BOOK) as made:
        yield made


@pytest.fixture
def here(sqlite_url: str, tmp_path: Path) -> Generator[World]:
    with World(sqlite_url, tmp_path, BOOK) as made:
        yield made


def of(desk: World, number: int) -> list[Task]:
    return desk.desk.db.run(lambda tx: tasks.of(tx, number))


def states(desk: World, number: int) -> list[State]:
    return [task.state for task in of(desk, number)]


def work(desk: World, number: int, place: int = 1) -> int:
    found = of(desk, number)[place - 1].work
    assert found is not None
    return found


def split(desk: World, *wanted: Planned, by: By = ANN) -> int:
    number = desk.mail()
    desk.desk.split_into(number, wanted or (CHECK, PAY), by)
    desk.settle()
    return number


def steps(desk: World) -> list[tuple[str, str]]:
    return [(type(step.event).__name__, step.task.title) for step in desk.steps]


# The life of tasks


def test_each_task_is_a_ticket_of_its_queue_and_the_next_one_begins_when_it_is_done(desk: World) -> None:
    number = split(desk)
    assert states(desk, number) == [State.OPEN, State.WAITING]
    first = work(desk, number)
    ticket = desk.ticket(first)
    assert (ticket.queue, ticket.part_of, ticket.status) == ("warehouse", number, Status.NEW)
    assert (first, 0) in desk.shown
    desk.desk.claim(first, JONAS)
    desk.desk.note(first, JONAS, "It is here.")
    desk.desk.close(first, JONAS)
    desk.settle()
    assert states(desk, number) == [State.DONE, State.OPEN]
    second = work(desk, number, 2)
    assert desk.ticket(second).queue == "billing"
    desk.desk.close(second, SAM)
    desk.later(minutes=1)
    assert states(desk, number) == [State.DONE, State.DONE]
    assert desk.ticket(number).blocked == 0
    desk.desk.close(number, ANN)
    check, pay = CHECK.title, PAY.title
    happened = [("Opened", check), ("Claimed", check), ("Noted", check), ("Closed", check)]
    assert steps(desk) == [*happened, ("Opened", pay), ("Closed", pay)]
    assert [(step.by, step.said) for step in desk.steps if isinstance(step.event, e.Noted)] == [
        ("Jonas Becker", "It is here.")
    ]
    assert {step.ticket_queue for step in desk.steps} == {"support"}


def test_a_task_that_is_for_somebody_is_given_to_them(here: World) -> None:
    number = split(here, Planned("Call the shop", "billing", wanted=JONAS.agent))
    assert here.ticket(work(here, number)).assignee == JONAS.agent
    assert (JONAS.agent, work(here, number)) in here.given


def test_who_leaves_before_their_task_begins_does_not_get_it(here: World) -> None:
    number = split(here, CHECK, Planned("Call the shop", "billing", wanted=JONAS.agent, waits=(1,)))
    left = BOOK.replace('[[agents]]\nname = "Jonas Becker"\nemail = "jonas@desk.example"\n', "")
    here.desk.apply(parse_toml(left), "test")
    here.desk.close(work(here, number), SAM)
    assert here.ticket(work(here, number, 2)).assignee is None


def test_a_task_can_be_given_back_and_goes_on_with_somebody_else(here: World) -> None:
    number = split(here)
    first = work(here, number)
    here.desk.claim(first, JONAS)
    here.desk.release(first, JONAS)
    here.desk.put_on_hold(first, SAM)
    here.desk.take_up(first, SAM)
    here.later(minutes=1)
    assert [kind for kind, _ in steps(here)] == ["Opened", "Claimed", "Released", "PutOnHold", "TakenUp"]
    assert states(here, number)[0] is State.OPEN


def test_what_is_not_possible_is_said_with_its_reason_and_holds_up_what_waits_for_it(desk: World) -> None:
    number = split(desk)
    first = work(desk, number)
    with pytest.raises(Refused, match="Say why"):
        desk.desk.not_possible(first, "  ", JONAS)
    desk.desk.not_possible(first, "It never arrived.", JONAS)
    desk.settle()
    assert states(desk, number) == [State.NOT_POSSIBLE, State.WAITING]
    assert [(step.said, type(step.event).__name__) for step in desk.steps[1:]] == [("It never arrived.", "Closed")]
    glance = desk.desk.card(number).tasks
    assert glance is not None
    assert (glance.progress, glance.stuck) == ((1, 2), (CHECK.title,))
    assert glance.finish is not None
    assert not glance.finish.is_sure
    desk.desk.begin_task(of(desk, number)[1].id, ANN)
    assert states(desk, number) == [State.NOT_POSSIBLE, State.OPEN]
    with pytest.raises(Refused, match="does not wait"):
        desk.desk.begin_task(of(desk, number)[1].id, ANN)
    with pytest.raises(Refused, match="is no task"):
        desk.desk.not_possible(number, "It is none.", ANN)


def test_what_is_called_off_holds_up_nothing(desk: World) -> None:
    number = split(desk, CHECK, PAY, Planned("Tell the shop", "warehouse", waits=(2,)))
    desk.desk.call_off(of(desk, number)[1].id, "", ANN)
    assert states(desk, number) == [State.OPEN, State.CALLED_OFF, State.OPEN]
    desk.desk.call_off(of(desk, number)[0].id, "Not needed.", ANN)
    assert states(desk, number) == [State.CALLED_OFF, State.CALLED_OFF, State.OPEN]
    assert desk.ticket(number).blocked == 1
    with pytest.raises(Refused, match="ended already"):
        desk.desk.call_off(of(desk, number)[0].id, "Again.", ANN)


def test_a_task_that_is_opened_again_holds_its_ticket_up_again(desk: World) -> None:
    number = split(desk)
    first = work(desk, number)
    desk.desk.close(first, JONAS)
    desk.desk.reopen(first, JONAS)
    assert states(desk, number) == [State.OPEN, State.OPEN]
    assert desk.ticket(number).blocked == 2
    desk.desk.close(first, JONAS)
    assert desk.ticket(number).blocked == 1
    assert len(of(desk, number)) == 2


def test_the_same_click_splits_once(desk: World) -> None:
    number = desk.mail()
    act = desk.desk.accept_act("did:1", {})
    for _ in range(2):
        desk.desk.split_into(number, [CHECK], By(ANN.agent, act))
    assert len(of(desk, number)) == 1


def test_a_ticket_can_be_split_further_and_what_is_there_can_be_waited_for(here: World) -> None:
    number = split(here, CHECK)
    here.desk.split_into(number, [Planned("Tell the shop", "billing", waits=(1,))], SAM)
    assert states(here, number) == [State.OPEN, State.WAITING]
    here.desk.close(work(here, number), JONAS)
    assert states(here, number) == [State.DONE, State.OPEN]


@pytest.mark.parametrize(
    ("wanted", "said", "place", "part"),
    [
        ([PAY, Planned("Tell", "billing", waits=(1,))], "circle.*Pay the amount back → Pay", 0, "waits"),
        ([CHECK, Planned("Tell", "nowhere")], "no queue “nowhere”", 1, "queue"),
        ([CHECK, Planned("Tell", "billing", wanted="T1:GUEST")], "no agent of this desk", 1, "wanted"),
        ([Planned("", "billing")], "what is to be done", 0, "title"),
    ],
)
def test_what_cannot_be_planned_so_is_refused_and_changes_nothing(
    here: World, wanted: list[Planned], said: str, place: int, part: str
) -> None:
    number = here.mail()
    with pytest.raises(Unplannable, match=said) as no:
        here.desk.split_into(number, wanted, ANN)
    assert (no.value.place, no.value.part) == (place, part)
    assert of(here, number) == []
    assert here.ticket(number).tasks == 0


def test_neither_a_task_nor_a_closed_ticket_is_split(here: World) -> None:
    number = split(here, CHECK)
    with pytest.raises(Refused, match=f"Split its ticket #{number}"):
        here.desk.split_into(work(here, number), [CHECK], ANN)
    here.desk.close(work(here, number), ANN)
    here.desk.close(number, ANN)
    with pytest.raises(Refused, match="Reopen it first"):
        here.desk.split_into(number, [CHECK], ANN)


def test_of_tasks_that_end_at_the_same_moment_what_waits_for_them_begins_once(desk: World) -> None:
    two = [Planned(f"Part {n}", "warehouse") for n in range(4)]
    number = split(desk, *two, Planned("Put it together", "billing", waits=(1, 2, 3, 4)))
    works = [work(desk, number, place) for place in (1, 2, 3, 4)]
    threads = [threading.Thread(target=desk.desk.close, args=(one, JONAS)) for one in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(desk, number) == [State.DONE] * 4 + [State.OPEN]
    history = desk.desk.db.run(lambda tx: tickets.history(tx, number))
    assert sum(isinstance(event, e.TaskBegun) for event in history) == 5
    assert desk.desk.audit().found == ()


def test_what_ends_while_its_ticket_is_closed_over_it_ends_once(desk: World) -> None:
    number = split(desk, *(Planned(f"Part {n}", "warehouse") for n in range(3)))
    works = [work(desk, number, place) for place in (1, 2, 3)]

    def ends(one: int) -> None:
        with suppress(Refused):
            desk.desk.close(one, JONAS)

    threads = [threading.Thread(target=ends, args=(one,)) for one in works]
    reason = Reason("It is not needed.", call_off=True)
    threads.append(threading.Thread(target=lambda: _closes(desk, number, reason)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.ticket(number).status is Status.CLOSED
    assert desk.ticket(number).blocked == 0
    assert all(state.has_ended for state in states(desk, number))


def _closes(desk: World, number: int, reason: Reason) -> None:
    """As whoever is told that somebody was faster does it again."""
    for _ in range(5):
        try:
            desk.desk.close_despite(number, reason, ANN)
        except Refused:
            continue
        return


# Their time


def test_a_task_has_the_time_that_was_said_or_what_its_queue_promises_in_the_queues_hours(desk: World) -> None:
    desk.now = datetime(2026, 3, 6, 16, tzinfo=UTC)  # a Friday
    number = split(desk)
    first = desk.desk.card(work(desk, number))
    assert [due.at for due in first.dues] == [desk.now + timedelta(hours=2)]  # round the clock: it has no hours
    glance = desk.desk.card(number).tasks
    assert glance is not None
    assert glance.finish is not None
    # Done on Friday at 18:00, then eight hours of the office's: Monday from 9 to 17.
    assert glance.finish == (datetime(2026, 3, 9, 17, tzinfo=UTC), tuple(task.id for task in of(desk, number)), True)
    desk.desk.close(work(desk, number), JONAS)
    second = desk.desk.card(work(desk, number, 2))
    assert [(due.kind, due.at) for due in second.dues] == [("resolution", datetime(2026, 3, 9, 16, tzinfo=UTC))]


def test_whoever_has_a_task_is_warned_and_its_tickets_thread_hears_that_it_is_late(here: World) -> None:
    number = split(here)
    here.later(hours=1)
    here.later(hours=1)
    first = work(here, number)
    assert [(ticket, share) for ticket, _, share in here.due] == [(first, 50), (first, 100)]
    assert steps(here)[-1] == ("Breached", CHECK.title)


def test_a_task_climbs_its_queues_ladder_like_any_ticket_and_the_auditor_agrees(
    database_url: str, tmp_path: Path
) -> None:
    book = BOOK.replace('title = "Warehouse"', 'title = "Warehouse"\nladder = "usual"')
    ladder = (
        '[[ladders]]\nname = "usual"\nstill_on_it_after = "2h"\nsteps = [{ after = "10m", notify = ["supervisors"] }]'
    )
    with World(database_url, tmp_path, f"{book}\n{ladder}") as desk:
        number = split(desk)
        first = work(desk, number)
        desk.later(minutes=10)
        assert desk.pinged == [("Sam Rivera", first, "supervisors")]
        desk.desk.claim(first, JONAS)
        desk.later(hours=2)
        assert desk.pinged[-1] == ("Jonas Becker", first, "still on it")
        desk.later(minutes=30)
        assert desk.ticket(first).assignee is None
        assert desk.desk.audit().found == ()
        assert steps(desk)[-1] == ("Released", CHECK.title)


def test_tasks_are_given_by_the_desk_to_whoever_works_on_their_queue(sqlite_url: str, tmp_path: Path) -> None:
    book = BOOK.replace('title = "Warehouse"', 'title = "Warehouse"\nmode = "push"').replace(
        'email = "jonas@desk.example"', 'email = "jonas@desk.example"\nqueues = ["warehouse"]'
    )
    for other in ("ann", "sam"):
        book = book.replace(f'email = "{other}@desk.example"', f'email = "{other}@desk.example"\nqueues = ["billing"]')
    with World(sqlite_url, tmp_path, book) as desk:
        number = split(desk)
        assert desk.ticket(work(desk, number)).assignee == JONAS.agent


# Closing the ticket


def test_a_ticket_with_open_tasks_is_closed_for_a_reason_only_and_says_who_has_what(desk: World) -> None:
    number = split(desk, CHECK, PAY, Planned("On the shelf", "warehouse", blocks=False))
    desk.desk.claim(work(desk, number), JONAS)
    with pytest.raises(Blocked) as no:
        desk.desk.close(number, ANN)
    said = str(no.value)
    assert "Check the return" in said
    assert "Pay the amount back" in said
    assert "On the shelf" not in said
    with pytest.raises(Blocked):
        desk.desk.reply(number, ANN, "Your money is on its way.", Then.CLOSE)
    assert desk.said(number)[-1].part is not Part.REPLY
    with pytest.raises(Refused, match="Say why"):
        desk.desk.close_despite(number, Reason(" "), ANN)
    desk.desk.close_despite(number, WHY, ANN)
    assert desk.ticket(number).status is Status.CLOSED
    assert desk.said(number)[-1].text == WHY.words
    assert states(desk, number) == [State.OPEN, State.WAITING, State.OPEN]
    assert WHY.words in desk.said(work(desk, number))[-1].text
    desk.desk.close(work(desk, number), JONAS)  # they go on all the same, each in its turn
    assert states(desk, number) == [State.DONE, State.OPEN, State.OPEN]


def test_what_is_open_can_be_called_off_with_its_ticket(desk: World) -> None:
    number = split(desk)
    desk.desk.close_despite(number, Reason("It was found.", call_off=True), ANN)
    assert desk.ticket(number).status is Status.CLOSED
    assert states(desk, number) == [State.CALLED_OFF, State.CALLED_OFF]
    assert desk.ticket(number).blocked == 0
    assert of(desk, number)[1].work is None  # nothing began by that


def test_time_does_not_close_a_ticket_while_colleagues_are_at_it(here: World) -> None:
    number = split(here, CHECK)
    here.desk.reply(number, ANN, "We are looking into it.")
    here.later(minutes=1)
    here.later(days=3)
    assert here.parts_sent()[-1] == "reminder"
    here.later(days=10)
    assert here.ticket(number).status is Status.PENDING
    here.desk.close(work(here, number), JONAS)
    here.later(minutes=1)
    assert here.ticket(number).status is Status.CLOSED


# Nothing of it goes outside


def test_nothing_of_a_task_can_reach_the_customer(desk: World) -> None:
    number = split(desk)
    first = work(desk, number)
    before = list(desk.sent)
    for then in Then:
        with pytest.raises(Refused, match=f"ticket #{number}"):
            desk.desk.reply(first, JONAS, "Hello there.", then)
    customer = desk.ticket(number).requester
    for way in (0, customer):
        with pytest.raises(Refused, match="nothing of it goes to the customer"):
            desk.desk.reply_and_reopen(first, JONAS, "Hello there.", way=way)
        with pytest.raises(Refused, match="nothing of it goes to the customer"):
            desk.desk.may_answer(first, 0, way=way)
    with pytest.raises(Refused):
        desk.desk.invite(first, "telegram", JONAS)
    with pytest.raises(Refused):
        desk.desk.unite(first, customer, JONAS)
    with pytest.raises(Refused):
        desk.desk.unite(number, desk.ticket(first).requester, JONAS)
    with pytest.raises(Refused):
        desk.desk.add_address(first, "carla@example.com", JONAS)
    with pytest.raises(Refused):
        desk.desk.link(first, Purpose.READ)
    desk.desk.note(first, JONAS, "Internal.")
    desk.desk.close(first, JONAS)
    desk.later(days=30)  # neither reminded, nor closed, nor asked how it was
    assert desk.sent == before


def test_no_mail_finds_its_way_into_a_task(desk: World) -> None:
    number = split(desk)
    first = work(desk, number)
    seen = len(desk.said(first))
    for subject in (f"[#{first}] Where is it?", f"Re: #{first} {CHECK.title}"):
        assert desk.mail("And?", subject=subject) != first
        assert desk.mail("And?", subject=subject, sender="eve@else.example") != first
    assert len(desk.said(first)) == seen
    assert desk.ticket(first).held_at is None


def test_the_customer_has_one_ticket_and_colleagues_see_no_other_of_theirs(here: World) -> None:
    number = split(here)
    other = here.mail("Something else entirely.", subject="A question")
    glance = here.desk.card(other).glance
    assert glance.earlier == 1
    first = here.ticket(work(here, number))
    assert first.requester != here.ticket(number).requester
    assert here.desk.addresses(first.number)[0].channel == "task"
    assert here.said(number)[-1].part in (Part.REQUESTER, Part.ACKNOWLEDGEMENT)  # no word of it in the conversation


# By rules, and proposed


def test_a_rule_splits_a_ticket_into_a_set_once(desk: World) -> None:
    number = desk.mail("It does not work.", subject="A return")
    assert [(task.title, task.state, task.made_from, task.blocks) for task in of(desk, number)] == [
        ("Check the return", State.OPEN, "refund", True),
        ("Pay the amount back", State.WAITING, "refund", True),
        ("Back on the shelf", State.WAITING, "refund", False),
    ]
    assert desk.ticket(number).blocked == 2
    desk.desk.retriage(number, Facts(language="en"))
    assert len(of(desk, number)) == 3


def test_what_a_text_asks_of_several_queues_is_proposed(here: World) -> None:
    text = (
        "Hello,\n- please send me an invoice for May.\n- My parcel has not come! It is the second parcel.\nThank you."
    )
    number = here.mail(text, subject="Two things")
    found = here.desk.to_split(number)
    assert [(part.queue, part.title) for part in found.proposed] == [
        ("billing", "please send me an invoice for May"),
        ("warehouse", "My parcel has not come"),
    ]
    assert here.desk.card(number).asks_of == ["Billing", "Warehouse"]
    assert here.desk.card(here.mail("Where is my parcel?", subject="One")).asks_of == []
    here.desk.split_into(number, [CHECK], ANN)
    assert here.desk.card(number).asks_of == []


def test_a_hostile_text_is_proposed_within_bounds(here: World) -> None:
    number = here.mail("parcel " * 50_000 + "." * 100_000, subject="invoice " * 100)
    found = here.desk.to_split(number)
    assert all(len(part.title) <= 82 for part in found.proposed)


def test_the_history_folds_to_what_stands(desk: World) -> None:
    number = split(desk)
    desk.desk.not_possible(work(desk, number), "No.", JONAS)
    desk.desk.reopen(work(desk, number), JONAS)
    desk.desk.close(work(desk, number), JONAS)
    numbers = [number, work(desk, number), work(desk, number, 2)]
    assert desk.desk.db.run(lambda tx: tickets.unlike_their_history(tx, numbers)) == []

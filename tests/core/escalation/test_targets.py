"""Three clocks: what starts, pauses, stops and begins them anew, and what a change leaves of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.calendars.calendar import ALWAYS, Calendar, weekly
from core.escalation import targets
from core.escalation.targets import Clocks, Kind, Terms, at_share, due, owed, used, wakes
from core.tickets import events as e
from core.tickets.evolve import blank
from core.tickets.evolve import evolve as evolve_ticket
from core.tickets.model import Nature, Part, Status, Thread, Ticket

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
OFFICE = weekly(("Mon-Fri 09:00-17:00",), ZoneInfo("UTC"))
HOUR = timedelta(hours=1)
GOLD = Terms("gold", "always", 1, first=4 * 3600, next=2 * 3600, resolution=10 * 3600)


def calendar_of(terms: Terms) -> Calendar:
    return OFFICE if terms.calendar == "office" else ALWAYS


class Case:
    """A ticket to which things happen, with its clocks."""

    def __init__(self, terms: Terms = GOLD):
        opened = e.Opened(at=BEGAN, thread=Thread("email", "x"), requester=1, door="d", queue="support")
        self.ticket: Ticket = blank(1, opened)
        self.clocks = Clocks()
        self.steps: list[tuple[e.Event, Ticket]] = []
        self.now = BEGAN
        self.add(opened)
        self.add(e.RequesterWrote(at=BEGAN, message=1, nature=Nature.HUMAN))
        self.promise(terms)

    def add(self, event: e.Event) -> None:
        self.ticket = evolve_ticket(self.ticket, event)
        self.clocks = targets.evolve(self.clocks, event, self.ticket, calendar_of)
        self.steps.append((event, self.ticket))

    def promise(self, terms: Terms) -> None:
        self.add(e.Promised(at=self.now, **terms._asdict()))

    def wait(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    def writes(self, message: int = 2) -> None:
        self.add(e.RequesterWrote(at=self.now, message=message, nature=Nature.HUMAN))
        if self.ticket.status in (Status.PENDING, Status.ON_HOLD, Status.CLOSED):
            self.add(e.Reopened(at=self.now, message=message))

    def replies(self) -> e.ReplyUndone:
        """An answer; what would take it back."""
        was = self.ticket
        self.add(e.Replied(at=self.now, message=9, by="A"))
        return e.ReplyUndone(
            at=self.now,
            message=9,
            by="A",
            status=was.status,
            first_replied_at=was.first_replied_at,
            replied_at=was.replied_at,
            pending_at=was.pending_at,
            reminded_at=was.reminded_at,
            closed_at=was.closed_at,
        )

    def closes(self) -> None:
        self.add(e.Closed(at=self.now, by="A"))

    def due(self, kind: Kind) -> datetime | None:
        clock = self.clocks.of(kind)
        return None if clock is None else due(clock, calendar_of(self.clocks.terms))

    def left(self, kind: Kind) -> timedelta | None:
        at = self.due(kind)
        return None if at is None else at - self.now


def test_a_ticket_is_due_when_its_policy_says() -> None:
    case = Case()
    assert case.due(Kind.FIRST) == BEGAN + 4 * HOUR
    assert case.due(Kind.RESOLUTION) == BEGAN + 10 * HOUR
    assert case.due(Kind.NEXT) is None


def test_an_answer_in_time_stops_the_first_clock_and_pauses_the_last() -> None:
    case = Case()
    case.wait(1)
    case.replies()
    assert case.due(Kind.FIRST) is None
    assert case.due(Kind.RESOLUTION) is None, "we wait for the customer"
    case.wait(100)
    case.writes()
    assert case.left(Kind.RESOLUTION) == 9 * HOUR, "what they took does not count"
    assert case.left(Kind.NEXT) == 2 * HOUR


def test_what_the_desk_writes_by_itself_stops_nothing() -> None:
    case = Case()
    case.add(e.Announced(at=case.now, message=2, part=Part.ACKNOWLEDGEMENT))
    assert case.left(Kind.FIRST) == 4 * HOUR


def test_an_answer_that_is_taken_back_has_stopped_nothing() -> None:
    case = Case()
    case.wait(1)
    undone = case.replies()
    case.wait(0.5)
    case.add(replace(undone, at=case.now))
    assert case.left(Kind.FIRST) == 2.5 * HOUR
    assert case.left(Kind.RESOLUTION) == 8.5 * HOUR


def test_another_answer_while_the_customer_is_waited_for_changes_nothing() -> None:
    case = Case()
    case.wait(1)
    case.replies()
    case.wait(5)
    undone = case.replies()
    case.add(replace(undone, at=case.now))
    case.wait(5)
    case.writes()
    assert case.left(Kind.RESOLUTION) == 9 * HOUR


def test_a_second_question_does_not_give_more_time_for_the_first() -> None:
    case = Case()
    case.replies()
    case.writes()
    case.wait(1)
    case.writes(3)
    assert case.left(Kind.NEXT) == 1 * HOUR
    case.replies()
    case.writes(4)
    assert case.left(Kind.NEXT) == 2 * HOUR


def test_thanks_and_machines_ask_nothing() -> None:
    case = Case()
    case.replies()
    case.add(e.RequesterWrote(at=case.now, message=2, nature=Nature.AUTO_REPLY))
    assert case.due(Kind.NEXT) is None


def test_what_is_opened_again_begins_anew() -> None:
    case = Case()
    case.wait(3)
    case.closes()
    assert [case.due(kind) for kind in Kind] == [None, None, None]
    case.wait(50)
    case.writes()
    assert case.left(Kind.FIRST) == 4 * HOUR, "it was never answered"
    assert case.left(Kind.RESOLUTION) == 10 * HOUR


def test_on_hold_nothing_counts_where_the_policy_says_so() -> None:
    for terms, left in ((GOLD, 3 * HOUR), (GOLD._replace(pause_on_hold=False), 1 * HOUR)):
        case = Case(terms)
        case.wait(1)
        case.add(e.PutOnHold(at=case.now, by="A"))
        case.wait(2)
        case.add(e.TakenUp(at=case.now, by="A"))
        assert case.left(Kind.FIRST) == left


def test_a_shorter_target_leaves_the_same_share_of_it() -> None:
    case = Case()
    case.wait(2)
    case.promise(GOLD._replace(first=3600))
    assert case.left(Kind.FIRST) == 0.5 * HOUR, "half was used up, so half is left"
    case.wait(0.25)
    case.promise(GOLD)
    assert case.left(Kind.FIRST) == 1 * HOUR, "and nothing is gained by going back"


def test_another_calendar_measures_what_comes_and_not_what_was() -> None:
    case = Case()
    case.wait(2)  # 11:00
    case.promise(GOLD._replace(calendar="office", first=8 * 3600))
    assert case.due(Kind.FIRST) == BEGAN + 6 * HOUR
    case.wait(1)
    case.add(e.PutOnHold(at=case.now, by="A"))
    case.wait(100)
    case.promise(GOLD)
    case.add(e.TakenUp(at=case.now, by="A"))
    assert case.left(Kind.FIRST) == 1.5 * HOUR, "5/8 of it were used"


def test_without_a_policy_nothing_is_due_and_with_one_again_the_rest() -> None:
    case = Case()
    case.wait(1)
    case.promise(Terms(None, "", 2))
    assert case.due(Kind.FIRST) is None
    case.wait(30)
    case.promise(GOLD)
    assert case.left(Kind.FIRST) == 3 * HOUR


def test_who_is_late_is_told_once_for_each_share_and_once_that_it_was_not_kept() -> None:
    case = Case()
    shares = (50, 80, 100)
    assert wakes(case.clocks, ALWAYS, shares) == BEGAN + 2 * HOUR
    case.wait(2)
    assert [event for event in owed(case.clocks, ALWAYS, shares, case.now)] == [
        e.Warned(at=case.now, clock="first", share=50)
    ]
    case.add(e.Warned(at=case.now, clock="first", share=50))
    assert owed(case.clocks, ALWAYS, shares, case.now) == []
    case.wait(3)  # somebody slept over 80 and 100
    happened = owed(case.clocks, ALWAYS, shares, case.now)
    assert happened == [
        e.Breached(at=case.now, clock="first", due=BEGAN + 4 * HOUR),
        e.Warned(at=case.now, clock="first", share=100),
        e.Warned(at=case.now, clock="resolution", share=50),
    ]
    for event in happened:
        case.add(event)
    assert owed(case.clocks, ALWAYS, shares, case.now) == []
    assert case.due(Kind.FIRST) == BEGAN + 4 * HOUR, "it was due then, and still is"
    assert wakes(case.clocks, ALWAYS, shares) == BEGAN + 8 * HOUR


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("wait", "write", "reply", "undo", "close", "hold", "up", "urgent", "office", "none", "gold")),
        st.integers(0, 40_000),
    ),
    max_size=25,
)


def played(steps: list[tuple[str, int]]) -> Case:
    case, undo = Case(), None
    for number, (what, seconds) in enumerate(steps):
        case.now += timedelta(seconds=seconds, microseconds=seconds)
        status = case.ticket.status
        if what == "undo" and undo is not None:
            case.add(replace(undo, at=case.now))
        match what:
            case "write":
                case.writes(10 + number)
            case "close" if status is not Status.CLOSED:
                case.closes()
            case "hold" if status in (Status.NEW, Status.OPEN):
                case.add(e.PutOnHold(at=case.now, by="A"))
            case "up" if status is Status.ON_HOLD:
                case.add(e.TakenUp(at=case.now, by="A"))
            case "urgent":
                case.promise(GOLD._replace(first=600 + seconds, next=60 + seconds, resolution=7200))
            case "office":
                case.promise(GOLD._replace(calendar="office", edition=2))
            case "none":
                case.promise(Terms(None, "", 3))
            case "gold":
                case.promise(GOLD)
            case _:
                pass
        undo = case.replies() if what == "reply" and status is not Status.CLOSED else None
    return case


@given(STEPS)
def test_the_past_gives_the_clocks_back(steps: list[tuple[str, int]]) -> None:
    case = played(steps)
    assert targets.rebuilt(case.steps, calendar_of) == case.clocks


@given(STEPS)
def test_no_change_makes_late_what_was_in_time(steps: list[tuple[str, int]]) -> None:
    case = played(steps)
    for clock in case.clocks.each:
        assert clock.spent >= timedelta()
        before = calendar_of(case.clocks.terms)
        share = used(clock, before, case.now) / clock.target
        for terms in (GOLD._replace(first=60, next=60, resolution=60), GOLD._replace(calendar="office")):
            other = targets.evolve(case.clocks, e.Promised(at=case.now, **terms._asdict()), case.ticket, calendar_of)
            changed = other.of(clock.kind)
            assert changed is not None
            if not clock.done and not changed.done and case.clocks.terms.policy is not None:
                now = used(changed, calendar_of(terms), case.now) / changed.target
                assert abs(now - share) < 1e-6, "the share that is used stays"


@given(STEPS, st.integers(1, 250))
def test_a_share_is_reached_when_so_much_has_counted(steps: list[tuple[str, int]], share: int) -> None:
    case = played(steps)
    calendar = calendar_of(case.clocks.terms)
    for clock in case.clocks.each:
        at = at_share(clock, share, calendar)
        if at is not None and at > clock.since:
            assert used(clock, calendar, at) == clock.target * share / 100

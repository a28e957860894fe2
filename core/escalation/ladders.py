"""What happens, step by step, while nobody takes on a ticket that waits: planned from the moment it began to wait.

Each step is due so long after the one before it *was due*, not after it was done: whatever kept the desk, a day of
downtime or a clock that jumped, the plan stays the same, and what is late runs late, once and in its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from core.tickets.model import Status, Ticket

LATE = timedelta(minutes=1)
"""A step that runs so long after it was due says that it is late."""


class WorkTime(Protocol):
    """What a ladder asks of a calendar."""

    def is_open(self, at: datetime) -> bool: ...

    def add(self, start: datetime, working: timedelta) -> datetime: ...

    def next_open(self, at: datetime) -> datetime: ...


class Whom(StrEnum):
    """Whom a step may notify, beside those that are named ("roster:NAME", "agent:NAME", "group:ID", "webhook:NAME")."""

    ASSIGNEE = "assignee"
    ON_DUTY = "on duty"
    MANAGER = "manager"  # of who has it; else of who is on duty
    BACKUP = "backup"
    SUPERVISORS = "supervisors"


NAMED = ("roster", "agent", "group", "webhook")
"""What stands before the colon where somebody or something is named."""


_GROUP = re.compile(r"S[A-Z0-9]{1,30}", re.ASCII)
"""How Slack calls a user group."""


class Target(NamedTuple):
    """Whom a step notifies: a `Whom`, or a kind of NAMED with the name behind it."""

    kind: str
    name: str = ""


def target_of(written: str) -> Target | None:
    """As a rulebook has it; None for what names nobody."""
    if written in tuple(Whom):
        return Target(written)
    kind, colon, name = written.partition(":")
    if not colon or kind not in NAMED or not name.strip():
        return None
    if kind == "group" and not _GROUP.fullmatch(name.strip()):
        return None
    return Target(kind, name.strip())


class Only(NamedTuple):
    """When a step is done at all: in or outside working hours, from an urgency on, when more than so many tickets came
    into the queue within a time.
    """

    hours: str | None = None  # "open", "closed"
    urgency: int = 0
    more_than: int = 0
    within: timedelta = timedelta()


ALWAYS_DONE = Only()


@dataclass(frozen=True, slots=True)
class Step:
    """What happens so long after the step before it. One that is `important` happens at any time of the day; one that
    is not, and notifies somebody, waits for working hours.
    """

    after: timedelta = timedelta()
    wall: bool = False  # `after` is counted by the clock on the wall, not in working time
    notify: tuple[Target, ...] = ()
    important: bool = False
    raises: bool = False  # the ticket becomes more urgent
    moves: bool = False  # the ticket goes to the backup queue
    only: Only = ALWAYS_DONE


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in their order, done `repeat` times more, each time `repeat_after` later.

    Whoever has taken a ticket and does nothing on it for `sure_after` (working time) is asked whether they are still on
    it; who does not answer within `sure_within` has it no more.
    """

    name: str
    steps: tuple[Step, ...]
    repeat: int = 0
    repeat_after: timedelta = timedelta()
    sure_after: timedelta | None = None
    sure_within: timedelta = timedelta(minutes=30)

    @property
    def rungs(self) -> int:
        """How many steps it has with all repetitions."""
        return len(self.steps) * (1 + self.repeat)

    def at(self, rung: int) -> Step:
        return self.steps[rung % len(self.steps)]

    def round_of(self, rung: int) -> int:
        """In which repetition a step is; 0: the first time."""
        return rung // len(self.steps)


def due_at(ladder: Ladder, rung: int, since: datetime, hours: WorkTime) -> datetime | None:
    """When a step is due whose predecessor was due `since`; None where there is no such step."""
    if rung >= ladder.rungs:
        return None
    step = ladder.at(rung)
    at = since
    if rung and rung % len(ladder.steps) == 0:
        at = after(at, ladder.repeat_after, step.wall, hours)
    at = after(at, step.after, step.wall, hours)
    if step.notify and not step.important and not hours.is_open(at):
        at = hours.next_open(at)
    return at


def after(since: datetime, span: timedelta, wall: bool, hours: WorkTime) -> datetime:
    if not span:
        return since
    return since + span if wall else hours.add(since, span)


Came = Callable[[timedelta], int]
"""How many tickets had come within a time."""


class Skipped(StrEnum):
    """Why a step that was due did nothing."""

    OPEN = "open"
    CLOSED = "closed"
    URGENCY = "urgency"
    FEW = "few"


def skips(step: Step, due: datetime, hours: WorkTime, urgency: int, came: Came) -> Skipped | None:
    """Why a step is not done: judged by when it was due, so that it is the same late. `came`: how many tickets had come
    into the queue within a time before that.
    """
    only = step.only
    if only.hours == "open" and not hours.is_open(due):
        return Skipped.CLOSED
    if only.hours == "closed" and hours.is_open(due):
        return Skipped.OPEN
    if urgency < only.urgency:
        return Skipped.URGENCY
    if only.more_than and came(only.within) <= only.more_than:
        return Skipped.FEW
    return None


class Planned(NamedTuple):
    """A step as it would be done if nobody took the ticket on."""

    rung: int
    at: datetime
    step: Step
    skipped: Skipped | None


def plan(ladder: Ladder, since: datetime, hours: WorkTime, urgency: int, came: Came) -> Iterator[Planned]:
    """Every step of a ladder that begins at `since`, until its end or until the ticket goes to another queue."""
    first = due_at(ladder, 0, since, hours)
    return plan_from(ladder, 0, first, hours, urgency, came) if first is not None else iter(())


def plan_from(ladder: Ladder, rung: int, due: datetime, hours: WorkTime, urgency: int, came: Came) -> Iterator[Planned]:
    """The same from a step on that is due then."""
    following: datetime | None = due
    while (due_now := following) is not None:
        due = due_now
        step = ladder.at(rung)
        no = skips(step, due, hours, urgency, came)
        yield Planned(rung, due, step, no)
        if no is None:
            urgency = min(3, urgency + step.raises)
            if step.moves:
                return
        rung += 1
        following = due_at(ladder, rung, due, hours)


def calls(ticket: Ticket) -> bool:
    """Whether a ticket waits for somebody of ours."""
    return ticket.status in (Status.NEW, Status.OPEN)


def sure_due(ticket: Ticket, ladder: Ladder, hours: WorkTime) -> datetime | None:
    """When whoever has a ticket is asked whether they are still on it, or loses it because they did not say so."""
    if ticket.assignee is None or ticket.status is not Status.OPEN or ticket.rung_at is not None:
        return None
    if ticket.sure_until is not None:
        return ticket.sure_until
    since = ticket.active_at or ticket.claimed_at
    if ladder.sure_after is None or since is None:
        return None
    return hours.add(since, ladder.sure_after)

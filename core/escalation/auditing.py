"""What should have happened while nobody acted, reckoned anew from a ticket's history alone, and where that is not what
did. It shares no code with what decides: each ladder is laid out as a list of moments beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from core.escalation.ladders import Ladder, WorkTime
from core.tickets import events as e
from core.tickets.model import Status

GRACE = timedelta(minutes=5)
"""So much later than it was due a step may be done, or somebody be told: the desk may just have been started."""


class Fault(StrEnum):
    """What is not as it should be."""

    MISSED = "missed"  # a step was not done
    DOUBLED = "doubled"  # it was done twice
    EARLY = "early"
    ASTRAY = "astray"  # at another time than the ladder says, or when somebody had taken the ticket on
    NOT_BEGUN = "not begun"  # a ticket waited, and its ladder did not begin
    NOT_TOLD = "not told"  # the step was done, and somebody whom it tells was not told
    TASK_NOT_BEGUN = "task not begun"  # what it waited for had ended
    TASK_TOO_SOON = "task too soon"  # it began by itself before what it waits for had ended, or twice


class Finding(NamedTuple):
    """A fault, of which step or task (from 0), and when that was due."""

    fault: Fault
    rung: int
    due: datetime


class Told(Protocol):
    """What became of telling somebody."""

    @property
    def id(self) -> int: ...

    @property
    def is_done(self) -> bool: ...


@dataclass
class Run:
    """A ladder under way: when each of its steps is due, and which is next."""

    ladder: Ladder
    hours: WorkTime
    dues: list[datetime]
    next: int = 0
    rests_since: datetime | None = None


LadderOf = Callable[[str, int], tuple[Ladder, WorkTime] | None]
"""A ladder by its name and the rulebook's version, with its hours."""
HasLadder = Callable[[str, datetime], bool]
"""Whether a queue had one at a time."""


def layout(ladder: Ladder, since: datetime, hours: WorkTime, first: int = 0) -> list[datetime]:
    """When each step is due, from `first` on, whose predecessor was due `since`."""
    count, moments, at = len(ladder.steps), list[datetime](), since
    for place in range(first, count * (ladder.repeat + 1)):
        step = ladder.steps[place % count]
        waits = [ladder.repeat_after] if place and place % count == 0 else []
        for span in (*waits, step.after):
            if span > timedelta(0):
                at = at + span if step.wall else hours.add(at, span)
        if step.notify and not step.important:
            at = hours.next_open(at)
        moments.append(at)
    return moments


class Audit:
    """One ticket's history, gone through from its beginning."""

    def __init__(self, ladder_of: LadderOf, has_ladder: HasLadder, told: Mapping[int, Told], now: datetime):
        self._ladder_of, self._has_ladder, self._told, self._now = ladder_of, has_ladder, told, now
        self._run: Run | None = None
        self._queue = ""
        self._assigned = self._waits = False
        self._called: datetime | None = None  # somebody was called then, and it is not known yet whether a ladder began
        self.found: list[Finding] = []

    def look(self, history: Sequence[e.Event]) -> list[Finding]:
        for event in history:
            if self._called is not None and event.at > self._called:
                self._must_have_begun()
            self._heard(event)
        if self._called is not None:
            self._must_have_begun()
        if self._run is not None:
            self._overdue(self._run, self._now)
        return self.found

    def _heard(self, event: e.Event) -> None:
        match event:
            case e.LadderBegun():
                self._begin(event)
            case e.StepTaken():
                self._step(event)
            case e.Snoozed():
                self._called = None
                if self._run is not None:
                    self._overdue(self._run, event.at)
                    self._run.rests_since = event.at
            case e.Woken():
                self._wake(event)
            case e.SureAsked():
                if event.at < event.due:
                    self.found.append(Finding(Fault.EARLY, 0, event.due))
                self._tell(event.pings, event.at, 0, event.due)
            case _:
                self._taken_or_called(event)

    def _taken_or_called(self, event: e.Event) -> None:
        match event:
            case e.Opened():
                self._queue, self._waits = event.queue, True
                self._called = event.at
            case e.Claimed(given_by=str()):
                self._assigned = True
            case e.Claimed():
                self._assigned = True
                self._end(event.at)
            case e.Released():
                self._end(event.at)
                self._assigned = False
                self._called = event.at if self._waits else None
            case e.Moved():
                self._end(event.at)
                self._queue = event.queue
                self._called = event.at if self._waits and not self._assigned else None
            case e.ReplyUndone() | e.Unmerged():
                self._end(event.at)
                self._waits = event.status in (Status.NEW, Status.OPEN)
            case e.Reopened():
                self._end(event.at)
                self._called, self._waits = event.at, True
            case _:
                self._held_or_done(event)

    def _held_or_done(self, event: e.Event) -> None:
        match event:
            case e.Replied() | e.Closed() | e.PutOnHold():
                self._end(event.at)
                self._waits = False
            case e.TakenUp():
                self._end(event.at)
                self._called, self._waits = None if self._assigned else event.at, True
            case e.Acknowledged():
                self._end(event.at)
            case e.LetGo() | e.SplitOff() if event.status not in (Status.NEW, Status.OPEN):
                self._end(event.at)
                self._waits = False
            case _:
                pass

    def _begin(self, event: e.LadderBegun) -> None:
        self._called = None
        found = self._ladder_of(event.ladder, event.book)
        if self._run is not None:
            self.found.append(Finding(Fault.DOUBLED, 0, event.due))
        if found is None:
            return
        ladder, hours = found
        self._run = Run(ladder, hours, layout(ladder, event.at, hours))
        if self._run.dues[0] != event.due:
            self.found.append(Finding(Fault.ASTRAY, 0, event.due))

    def _step(self, event: e.StepTaken) -> None:
        run = self._run
        if event.at < event.due:
            self.found.append(Finding(Fault.EARLY, event.rung, event.due))
        if run is None or run.rests_since is not None:
            self.found.append(Finding(Fault.ASTRAY, event.rung, event.due))
            return
        if event.rung < run.next:
            self.found.append(Finding(Fault.DOUBLED, event.rung, event.due))
            return
        self.found += [Finding(Fault.MISSED, rung, run.dues[rung]) for rung in range(run.next, event.rung)]
        if event.rung >= len(run.dues) or run.dues[event.rung] != event.due:
            self.found.append(Finding(Fault.ASTRAY, event.rung, event.due))
        step = run.ladder.steps[event.rung % len(run.ladder.steps)]
        ids = (*event.pings, *event.hooks)
        if step.notify and event.skipped is None and not ids:
            self.found.append(Finding(Fault.NOT_TOLD, event.rung, event.due))
        self._tell(ids, event.at, event.rung, event.due)
        run.next = event.rung + 1
        if run.next >= len(run.dues):
            self._run = None

    def _tell(self, ids: Sequence[int], at: datetime, rung: int, due: datetime) -> None:
        """Whoever is told by a step has been, or it was no longer so."""
        if self._now - at <= GRACE:
            return
        for id in ids:
            told = self._told.get(id)
            if told is None or not told.is_done:
                self.found.append(Finding(Fault.NOT_TOLD, rung, due))

    def _wake(self, event: e.Woken) -> None:
        run = self._run
        if run is None or run.rests_since is None:
            return
        due = max(event.at, run.dues[run.next] + (event.at - run.rests_since))
        if event.due != due:
            self.found.append(Finding(Fault.ASTRAY, run.next, due))
        run.dues[run.next :] = [due, *layout(run.ladder, due, run.hours, run.next + 1)]
        run.rests_since = None

    def _end(self, at: datetime) -> None:
        """Somebody took it on, or it is called anew."""
        self._called = None
        if self._run is not None:
            self._overdue(self._run, at)
        self._run = None

    def _overdue(self, run: Run, at: datetime) -> None:
        if run.rests_since is not None:
            return
        late = [rung for rung in range(run.next, len(run.dues)) if run.dues[rung] + GRACE < at]
        self.found += [Finding(Fault.MISSED, rung, run.dues[rung]) for rung in late]

    def _must_have_begun(self) -> None:
        called, self._called = self._called, None
        if called is not None and self._run is None and self._has_ladder(self._queue, called):
            self.found.append(Finding(Fault.NOT_BEGUN, 0, called))


def look_at_tasks(history: Sequence[e.Event], waits: Sequence[tuple[int, Collection[int]]]) -> list[Finding]:
    """Where tasks of a ticket did not begin when they should, or began before. `waits`: each task, in their order, with
    those that it waits for.
    """
    audit = _Tasks(waits)
    for event in history:
        audit.overdue(event.at)
        audit.heard(event)
    audit.overdue(None)
    return audit.found


class _Tasks:
    """A ticket's tasks: which were planned, which have begun or never will, which let others begin, which are owed."""

    def __init__(self, waits: Sequence[tuple[int, Collection[int]]]):
        self._waits, self._place = dict(waits), {task: n for n, (task, _) in enumerate(waits)}
        self._planned, self._begun, self._over = set[int](), set[int](), set[int]()
        self._owed: dict[int, datetime] = {}
        self.found: list[Finding] = []

    def heard(self, event: e.Event) -> None:
        match event:
            case e.TasksPlanned():
                self._planned |= set(event.tasks)
            case e.TaskBegun():
                if event.task in self._begun or (event.by is None and not self._is_free(event.task)):
                    self._find(Fault.TASK_TOO_SOON, event.task, event.at)
                self._begins(event.task)
            case e.TaskEnded():
                self._begins(event.task)  # or it never will
                if event.outcome in LETS_GO:
                    self._over.add(event.task)
            case e.TaskResumed():
                self._over.discard(event.task)
            case _:
                return
        for task in self._planned - self._begun - self._owed.keys():
            if self._is_free(task):
                self._owed[task] = event.at

    def overdue(self, now: datetime | None) -> None:
        """What is owed at a moment is done in it."""
        for task, since in list(self._owed.items()):
            if now is None or now > since:
                self._find(Fault.TASK_NOT_BEGUN, task, since)
                self._begins(task)

    def _is_free(self, task: int) -> bool:
        return self._over.issuperset(self._waits[task])

    def _begins(self, task: int) -> None:
        self._begun.add(task)
        self._owed.pop(task, None)

    def _find(self, fault: Fault, task: int, at: datetime) -> None:
        self.found.append(Finding(fault, self._place[task], at))


LETS_GO = frozenset({"done", "called_off"})
"""Ends of a task after which what waits for it begins."""

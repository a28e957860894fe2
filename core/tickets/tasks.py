"""A ticket's tasks: what each is and waits for, whether they can be done in any order at all, and when all are done.

A task that waits for nothing is a ticket of its own (`Ticket.part_of`), on a channel that nobody outside is on: so
whatever holds for a ticket at the desk holds for it, and nothing of it has anywhere to go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from core.phrases import Phrase, Refused, phrase
from core.tickets.model import Address, Ticket

CHANNEL = "task"
"""The channel of tasks. No gateway has it."""

NOBODY = Address(CHANNEL, "desk")
"""The requester of tasks: the desk itself."""

MOST = 50
"""Tasks of a ticket."""
LONGEST_TITLE, LONGEST_TEXT = 200, 3000


class State(StrEnum):
    """How a task stands."""

    WAITING = "waiting"  # for others, or for its ticket
    OPEN = "open"
    DONE = "done"
    NOT_POSSIBLE = "not_possible"
    CALLED_OFF = "called_off"

    @property
    def has_ended(self) -> bool:
        return self not in (State.WAITING, State.OPEN)

    @property
    def lets_go(self) -> bool:
        """Whether what waits for it may begin. What is not possible leaves that to somebody who decides."""
        return self in (State.DONE, State.CALLED_OFF)


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of a ticket. `waits`: ids of those that have to be done before it; `work`: the ticket that it is."""

    id: int
    ticket: int
    place: int
    title: str
    text: str
    queue: str
    wanted: str | None = None
    target: timedelta | None = None
    blocks: bool = True
    made_from: str | None = None
    by: str = ""
    work: int | None = None
    outcome: State | None = None
    ended_at: datetime | None = None
    waits: tuple[int, ...] = ()

    @property
    def state(self) -> State:
        if self.outcome is not None:
            return self.outcome
        return State.WAITING if self.work is None else State.OPEN

    @property
    def holds_up(self) -> bool:
        """Whether its ticket cannot be closed without a reason because of it."""
        return self.blocks and not self.state.has_ended


@dataclass(frozen=True, slots=True)
class Planned:
    """A task as somebody wants it. `waits`: places of those that come before it, among the ticket's from 1."""

    title: str
    queue: str
    text: str = ""
    wanted: str | None = None
    target: timedelta | None = None
    waits: tuple[int, ...] = ()
    blocks: bool = True


Name = TypeVar("Name", int, str)


class Unplannable(Refused):
    """Tasks that cannot be made so. `place`: which of those that are wanted, from 0; `part`: what of it."""

    def __init__(self, said: Phrase, place: int = 0, part: str = ""):
        super().__init__(said)
        self.place, self.part = place, part


def check(known: Sequence[Task], wanted: Sequence[Planned]) -> None:
    """Raises Unplannable for tasks that nobody could do: without a name, waiting for what is not there or in a circle,
    or too many.
    """
    if not wanted:
        raise Unplannable(phrase("Give at least one task a name."))
    if len(known) + len(wanted) > MOST:
        raise Unplannable(phrase("A ticket can have {count} tasks at most.", count=MOST))
    names = {task.place: task.title for task in known} | {
        place: one.title for place, one in enumerate(wanted, len(known) + 1)
    }
    for place, one in enumerate(wanted):
        if not one.title.strip():
            raise Unplannable(phrase("Say what is to be done."), place, "title")
        if any(wait not in names for wait in one.waits):
            raise Unplannable(phrase("It waits for a task that is not there."), place, "waits")
    way = circle({place: one.waits for place, one in enumerate(wanted, len(known) + 1)})
    if way is not None:
        said = phrase(
            "These wait for each other in a circle, so none of them could begin: {way}. Take one of the waits out.",
            way=" → ".join(names[place] for place in way),
        )
        raise Unplannable(said, way[0] - len(known) - 1, "waits")


def circle(waits: Mapping[Name, Collection[Name]]) -> tuple[Name, ...] | None:
    """The way by which something waits for itself, from it and back to it; None: nothing does."""
    settled: set[Name] = set()
    for first in sorted(waits):
        way, ahead = [first], [sorted(waits[first])]
        while way:
            if not ahead[-1]:
                settled.add(way.pop())
                ahead.pop()
                continue
            wait = ahead[-1].pop(0)
            if wait in way:
                return (*way[way.index(wait) :], wait)
            if wait not in settled:
                way.append(wait)
                ahead.append(sorted(waits.get(wait, ())))
    return None


def ready(tasks: Sequence[Task]) -> list[Task]:
    """Those that wait for nothing any more and have not begun."""
    over = {task.id for task in tasks if task.state.lets_go}
    return [task for task in tasks if task.state is State.WAITING and over.issuperset(task.waits)]


class Progress(NamedTuple):
    """How far a ticket's tasks have come; those that were called off count no more."""

    done: int
    all: int


def progress(tasks: Sequence[Task]) -> Progress:
    count = [task.state.has_ended for task in tasks if task.state is not State.CALLED_OFF]
    return Progress(sum(count), len(count))


# When all of them are done

Add = Callable[[datetime, timedelta], datetime]
"""The moment that comes so much working time after another."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A task that has not ended, as far as its time goes. `due`: of one that has begun, when it has to be done; None:
    nothing says so, or its time stands still. `span`: what another one will have, counted by `add`. `is_stuck`: what it
    waits for was not possible.
    """

    id: int
    waits: tuple[int, ...] = ()
    began: bool = False
    due: datetime | None = None
    span: timedelta | None = None
    add: Add = lambda at, span: at + span
    is_stuck: bool = False


class Finish(NamedTuple):
    """When everything is done if each takes the time that it has, and the tasks of which that moment hangs, in order.

    `is_sure`: of each it is known how long it has; else it is then at the earliest.
    """

    at: datetime
    path: tuple[int, ...]
    is_sure: bool


def finish(legs: Sequence[Leg], now: datetime) -> Finish | None:
    """The critical path; None where nothing is left. Waits for what is not among them are over. No circles."""
    by_id = {leg.id: leg for leg in legs}
    ends: dict[int, Finish] = {}
    waiting = sorted(by_id)
    while waiting:
        left = [id for id in waiting if any(wait in by_id and wait not in ends for wait in by_id[id].waits)]
        if len(left) == len(waiting):
            raise ValueError(f"tasks that wait for each other: {left}")
        for id in waiting:
            if id not in left:
                ends[id] = _end(by_id[id], [ends[wait] for wait in by_id[id].waits if wait in ends], now)
        waiting = left
    if not ends:
        return None
    last = max(ends.values(), key=lambda one: (one.at, one.path))
    return last._replace(is_sure=all(one.is_sure for one in ends.values()))


def _end(leg: Leg, before: Sequence[Finish], now: datetime) -> Finish:
    if leg.began:
        return Finish(now if leg.due is None else max(leg.due, now), (leg.id,), leg.due is not None)
    start = max(before, key=lambda one: (one.at, one.path), default=Finish(now, (), True))
    at = start.at if leg.span is None else leg.add(start.at, leg.span)
    return Finish(at, (*start.path, leg.id), leg.span is not None and not leg.is_stuck)


# Nobody outside knows of them


def refuse_outside(ticket: Ticket) -> None:
    """Raises Refused where something would go from a task to a customer: they are answered in its ticket alone."""
    if ticket.part_of is not None:
        raise Refused(
            phrase(
                "#{number} is a task, and nothing of it goes to the customer. Answer them in ticket #{ticket}.",
                number=ticket.number,
                ticket=ticket.part_of,
            )
        )

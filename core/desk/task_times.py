"""How far a ticket's tasks have come, and when all of them are done: for its card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from core.calendars.calendar import NeverOpen
from core.desk.counting import task_terms
from core.storage import promises, rooms, tasks, tickets
from core.storage.database import Tx
from core.storage.rooms import Post
from core.tickets.model import Ticket
from core.tickets.tasks import Finish, Leg, Progress, State, Task, finish, progress

if TYPE_CHECKING:
    from core.desk.house import House


class TasksGlance(NamedTuple):
    """How far they have come. `finish` None: nothing is left, or nothing says how long that takes. `stuck`: titles of
    those that were not possible.
    """

    progress: Progress
    finish: Finish | None
    stuck: tuple[str, ...] = ()


class Piece(NamedTuple):
    """The task that a ticket is, and where its own ticket's card stands. `then`: what waits for it."""

    task: Task
    subject: str
    card: Post | None
    then: tuple[str, ...] = ()


def glance(house: House, tx: Tx, ticket: Ticket) -> TasksGlance | None:
    """What a ticket's card says of its tasks; None where it has none."""
    if not ticket.tasks:
        return None
    known = tasks.of(tx, ticket.number)
    stuck = tuple(task.title for task in known if task.state is State.NOT_POSSIBLE)
    ready = finish(legs(house, tx, ticket, known), tx.now)
    if ready is not None and not ready.is_sure and ready.at <= tx.now:
        ready = None
    return TasksGlance(progress(known), ready, stuck)


def piece(tx: Tx, ticket: Ticket) -> Piece | None:
    """What the card of a task says of its ticket; None where it is none."""
    task = tasks.of_work(tx, ticket.number) if ticket.part_of is not None else None
    if task is None:
        return None
    _, words = tickets.look(tx, task.ticket)
    then = tuple(one.title for one in tasks.of(tx, task.ticket) if task.id in one.waits and not one.state.has_ended)
    return Piece(task, words.subject, rooms.post_of(tx, task.ticket), then)


def legs(house: House, tx: Tx, ticket: Ticket, known: Sequence[Task]) -> list[Leg]:
    """What is left, each with the time that it has by its own queue's calendar and target."""
    dues = promises.due_of(tx, [task.work for task in known if task.work is not None])
    impossible = {task.id for task in known if task.state is State.NOT_POSSIBLE}
    left = [task for task in known if not task.state.has_ended]
    return [
        Leg(task.id, task.waits, began=True, due=dues.get(task.work))
        if task.work is not None
        else _waiting(house, tx, ticket, task, bool(impossible & set(task.waits)))
        for task in left
    ]


def _waiting(house: House, tx: Tx, ticket: Ticket, task: Task, is_stuck: bool) -> Leg:
    book = house.book_in(tx)
    seconds = None if task.target is None else round(task.target.total_seconds())
    terms = task_terms(book, house.edition_in(tx), task.queue, ticket.urgency, seconds)
    if terms.resolution is None:
        return Leg(task.id, task.waits, is_stuck=is_stuck)
    calendar = book.calendar(terms.calendar)
    span = timedelta(seconds=terms.resolution)
    return Leg(task.id, task.waits, span=span, add=_worked(calendar.add), is_stuck=is_stuck)


def _worked(add: Callable[[datetime, timedelta], datetime]) -> Callable[[datetime, timedelta], datetime]:
    def added(at: datetime, span: timedelta) -> datetime:
        try:
            return add(at, span)
        except NeverOpen:  # a calendar of an older rulebook in which there is no work any more
            return at

    return added

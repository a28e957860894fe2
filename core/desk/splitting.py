"""Use cases of tasks: split a ticket into them, say that one is not possible, call one off, close over open ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.desk import tasking
from core.desk.counting import Due, shown
from core.desk.house import Change, House
from core.desk.proposing import proposed
from core.desk.task_times import TasksGlance, glance
from core.desk.writing import note_of, remark
from core.phrases import Conflict, NotFound, Refused, phrase
from core.routing.parting import Part
from core.rulebook import Queue
from core.rulebook.tasks import TaskSet
from core.storage import messages, people, rooms, tasks, tickets
from core.storage.database import Tx, question, use_case
from core.storage.rooms import Post, Room
from core.tickets import events as e
from core.tickets import lifecycle
from core.tickets.model import By, Status, Ticket
from core.tickets.model import Part as Said
from core.tickets.tasks import Planned, State, Task, Unplannable

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class ToSplit:
    """What there is to choose from for whoever splits a ticket: what its words seem to ask of whom, the task sets, the
    queues, and the tasks that it has already.
    """

    ticket: Ticket
    subject: str
    proposed: Sequence[Part]
    sets: Sequence[TaskSet]
    queues: Sequence[Queue]
    known: Sequence[Task]


@dataclass(frozen=True, slots=True)
class Listed:
    """A task in the list of its ticket's. `work`: the ticket that it is, where it has begun."""

    task: Task
    queue: str
    work: Ticket | None
    holder: str | None
    due: Due | None
    card: Post | None


@dataclass(frozen=True, slots=True)
class Overseen:
    """A ticket's tasks, with what each waits for by title."""

    ticket: Ticket
    subject: str
    lines: Sequence[Listed]
    glance: TasksGlance | None
    titles: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Step:
    """What has happened to a task, and the thread in which it is told. `said`: the words of a note, or the reason.
    `concerns`: who has to hear of it.
    """

    event: e.Event
    task: Task
    work: Ticket
    by: str
    said: str
    queue: str
    card: Post | None  # the task's own
    thread: Post | None
    room: Room | None
    locale: str
    concerns: str | None
    ticket_queue: str


class Reason(NamedTuple):
    """Why a ticket is closed over its open tasks, and whether these are called off."""

    words: str
    call_off: bool = False


class Splitting(House):
    """Tickets that are work for several queues."""

    @use_case
    def split_into(self, tx: Tx, number: int, wanted: Sequence[Planned], by: By, made_from: str | None = None) -> None:
        """Split a ticket into tasks, behind those that it has. Raises Unplannable with the task that cannot be made."""
        if not self.begin_act(tx, by):
            return
        book = self.book_in(tx)
        for place, one in enumerate(wanted):
            if book.queue_named(one.queue) is None:
                raise Unplannable(phrase("There is no queue “{name}”.", name=one.queue), place, "queue")
            if one.wanted is not None and self.agent_in(tx, one.wanted) is None:
                said = phrase("Whom you picked is no agent of this desk. Pick somebody else.")
                raise Unplannable(said, place, "wanted")
        with self.changing(tx, number) as change:
            tasking.plan(self, tx, change, wanted, by, made_from)

    @use_case
    def not_possible(self, tx: Tx, number: int, reason: str, by: By) -> None:
        """End a task that cannot be done. What waits for it does not begin by itself: whoever has its ticket hears why,
        and decides.
        """
        if self.begin_act(tx, by):
            self._end_work(tx, number, State.NOT_POSSIBLE, reason, by)

    @use_case
    def call_off(self, tx: Tx, id: int, reason: str, by: By) -> None:
        """End a task that is not needed any more, whether it has begun or not."""
        if not self.begin_act(tx, by):
            return
        task = self._task(tx, id)
        if task.state.has_ended:
            raise Refused(phrase("“{task}” has ended already.", task=task.title))
        if task.work is not None:
            self._end_work(tx, task.work, State.CALLED_OFF, reason, by)
            return
        with self.changing(tx, task.ticket) as change:
            if self._task(tx, id).state is not State.WAITING:  # it has begun before its ticket was locked
                raise Conflict(phrase("“{task}” does not wait any more.", task=task.title))
            self._reason(tx, change, by, reason)
            tasking.end(tx, change, task, State.CALLED_OFF, by)
            tasking.begin_ready(self, tx, change)

    @use_case
    def begin_task(self, tx: Tx, id: int, by: By) -> None:
        """Let a task begin, whatever it waits for."""
        if not self.begin_act(tx, by):
            return
        task = self._task(tx, id)
        with self.changing(tx, task.ticket) as change:
            now = self._task(tx, id)  # as it is while the ticket is locked
            if now.state is not State.WAITING:
                raise Refused(phrase("“{task}” does not wait any more.", task=task.title))
            tasking.begin(self, tx, change, now, by)

    @use_case
    def close_despite(self, tx: Tx, number: int, reason: Reason, by: By) -> None:
        """Close a ticket whose tasks are open, and say why to all who are at them; they go on, or are called off."""
        if not self.begin_act(tx, by):
            return
        words = reason.words.strip()[:LONGEST_REASON]
        if not words:
            raise Refused(phrase("Say why it can be closed while tasks are open: those who are at them read that."))
        open_ones = sorted(task.work for task in tasks.of(tx, number) if task.work is not None and task.outcome is None)
        # Tasks are locked before their ticket, all of them before any is changed.
        works = [work for work in open_ones if tickets.load(tx, work).status is not Status.CLOSED]
        if reason.call_off:
            self._call_all_off(tx, number, words, works, by)
        else:
            self._say_to_all(tx, number, words, works)
        with self.changing(tx, number) as change:
            name = people.names(tx).get(by.agent, by.agent)
            note_of(self, tx, change, by, name, words)
            noted = change.events[-1]
            assert isinstance(noted, e.Noted)
            change.happen(lifecycle.close(change.ticket, by, tx.now, why=noted.message))

    # What agents see

    @question
    def to_split(self, tx: Tx, number: int) -> ToSplit:
        """What whoever splits a ticket can choose from. Raises NotFound."""
        ticket, words = tickets.look(tx, number)
        book = self.book_in(tx)
        known = tasks.of(tx, number)
        return ToSplit(
            ticket=ticket,
            subject=words.subject,
            proposed=() if known else proposed(self, tx, ticket, words),
            sets=book.task_sets,
            queues=book.queues,
            known=known,
        )

    @question
    def overseen(self, tx: Tx, number: int) -> Overseen:
        """A ticket's tasks as they are now. Raises NotFound."""
        ticket, words = tickets.look(tx, number)
        known = tasks.of(tx, number)
        lines = [self._listed(tx, task) for task in known]
        return Overseen(ticket, words.subject, lines, glance(self, tx, ticket), {one.id: one.title for one in known})

    @question
    def task_step(self, tx: Tx, number: int, work: int, seq: int) -> Step | None:
        """What has happened to a task; None where there is nothing to tell of it any more."""
        task = tasks.of_work(tx, work)
        event = next(iter(tickets.history(tx, work)[seq - 1 : seq]), None)
        if task is None or event is None:
            return None
        parent, _ = tickets.look(tx, number)
        ticket, _ = tickets.look(tx, work)
        said = self._said_with(tx, event)
        if said is None:
            return None
        has_it = parent.assignee if parent.assignee and self.agent_in(tx, parent.assignee) else None
        by = getattr(event, "by", "") or ""
        return Step(
            event=event,
            task=task,
            work=ticket,
            by="" if By(by).is_rule else people.names(tx).get(by, by),
            said=said,
            queue=self.queue_of(tx, ticket).title,
            card=rooms.post_of(tx, work),
            thread=rooms.post_of(tx, number),
            room=rooms.room_of(tx, parent.queue),
            locale=self.book_in(tx).desk.locale,
            concerns=None if has_it == by else has_it,
            ticket_queue=parent.queue,
        )

    # How it is done

    def _task(self, tx: Tx, id: int) -> Task:
        task = tasks.get(tx, id)
        if task is None:
            raise NotFound(phrase("There is no such task."))
        return task

    def _end_work(self, tx: Tx, number: int, outcome: State, reason: str, by: By) -> None:
        with self.changing(tx, number) as change:
            ticket = change.ticket
            if ticket.part_of is None:
                raise Refused(
                    phrase("#{number} is no task. Close it, or say in a note what is the matter.", number=number)
                )
            if not reason.strip():
                raise Refused(phrase("Say why: whoever has ticket #{number} reads that.", number=ticket.part_of))
            message = self._reason(tx, change, by, reason)
            change.happen(lifecycle.close(ticket, by, tx.now, outcome=outcome.value, why=message))

    def _reason(self, tx: Tx, change: Change, by: By, reason: str) -> int | None:
        if not reason.strip():
            return None
        name = people.names(tx).get(by.agent, by.agent)
        note_of(self, tx, change, by, name, reason.strip()[:LONGEST_REASON])
        noted = change.events[-1]
        assert isinstance(noted, e.Noted)
        return noted.message

    def _call_all_off(self, tx: Tx, number: int, words: str, works: Sequence[int], by: By) -> None:
        """Those that wait first: they would begin when what they wait for has ended."""
        with self.changing(tx, number) as change:
            for task in tasks.of(tx, number):
                if task.state is State.WAITING:
                    tasking.end(tx, change, task, State.CALLED_OFF, by)
        for work in works:
            self._end_work(tx, work, State.CALLED_OFF, words, by)

    def _say_to_all(self, tx: Tx, number: int, words: str, works: Sequence[int]) -> None:
        said = phrase("Ticket #{number} was closed while this task is open: {reason}", number=number, reason=words)
        for work in works:
            with self.changing(tx, work) as change:
                remark(self, tx, change, "tasks", said)

    def _listed(self, tx: Tx, task: Task) -> Listed:
        work = tickets.look(tx, task.work)[0] if task.work is not None else None
        book = self.book_in(tx)
        queue = book.queue_named(work.queue if work else task.queue)
        holder = work.assignee if work else task.wanted
        return Listed(
            task=task,
            queue=queue.title if queue else task.queue,
            work=work,
            holder=people.names(tx).get(holder, holder) if holder else None,
            due=next(iter(shown(self, tx, work)), None) if work else None,
            card=rooms.post_of(tx, task.work) if task.work is not None else None,
        )

    @staticmethod
    def _said_with(tx: Tx, event: e.Event) -> str | None:
        """The words that belong to what happened; None where they are gone, and nothing is to be told."""
        if isinstance(event, e.Noted):
            note = messages.message(tx, event.message)
            return note.text if note.deleted_at is None and note.part is Said.NOTE else None
        if isinstance(event, e.Closed) and event.why is not None:
            return messages.message(tx, event.why).text
        return ""

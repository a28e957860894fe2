"""What becomes of tasks and of their ticket when something happens to either, in that transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.desk import counting, remarks
from core.effects import show_card, tell_task
from core.phrases import Phrase, Refused, phrase
from core.storage import ledger, people, tasks, tickets
from core.storage.database import Tx
from core.tickets import events as e
from core.tickets import lifecycle
from core.tickets import tasks as plans
from core.tickets.evolve import blank
from core.tickets.model import By, Status, Thread, Ticket
from core.tickets.persons import Proof
from core.tickets.tasks import Planned, State, Task

if TYPE_CHECKING:
    from core.desk.house import Change, House

STEPS = (
    e.Opened,
    e.Claimed,
    e.Released,
    e.Moved,
    e.Noted,
    e.PutOnHold,
    e.TakenUp,
    e.Breached,
    e.Closed,
    e.Reopened,
)
"""What happens to a task of which its ticket's thread is told."""


class Blocked(Refused):
    """The ticket has open tasks that should end first. It can be closed all the same, for a reason. `what`: who has
    which of them.
    """

    def __init__(self, number: int, what: Phrase):
        super().__init__(
            phrase(
                "{what} To close it all the same, say why: with Close on its card, or with /desk close {number} WHY.",
                what=what,
                number=number,
            )
        )
        self.what = what


def plan(
    house: House, tx: Tx, change: Change, wanted: Sequence[Planned], by: By, made_from: str | None = None
) -> list[Task]:
    """Split a ticket; what waits for nothing begins at once. Raises Refused, also for what cannot be planned so."""
    ticket = change.ticket
    if ticket.part_of is not None:
        raise Refused(
            phrase(
                "#{number} is a task already. Split its ticket #{ticket} further.",
                number=ticket.number,
                ticket=ticket.part_of,
            )
        )
    lifecycle.refuse_closed(ticket)
    plans.check(tasks.of(tx, ticket.number), wanted)
    made = tasks.plan(tx, ticket.number, wanted, by.agent, made_from)
    blocking = sum(task.blocks for task in made)
    change.happen([e.TasksPlanned(at=tx.now, tasks=tuple(task.id for task in made), blocking=blocking, by=by.agent)])
    begin_ready(house, tx, change)
    return made


def begin_ready(house: House, tx: Tx, change: Change) -> None:
    """Let begin what waits for nothing any more."""
    for task in plans.ready(tasks.of(tx, change.ticket.number)):
        begin(house, tx, change, task)


def begin(house: House, tx: Tx, change: Change, task: Task, by: By | None = None) -> None:
    """Make a task the ticket that it is, in its queue; with whom it is for, where that is an agent."""
    queue = house.book_in(tx).queue_named(task.queue) or house.queue_of(tx, change.ticket)
    opened = e.Opened(
        at=tx.now,
        thread=Thread(plans.CHANNEL, f"{task.ticket}/{task.place}"),
        requester=people.meet(tx, people.person_at(tx, plans.NOBODY), plans.NOBODY, None, Proof.SAID).id,
        door="",
        queue=queue.name,
        urgency=change.ticket.urgency,
        part_of=task.ticket,
        target=None if task.target is None else round(task.target.total_seconds()),
    )
    words = tickets.Words(task.title, "")
    work = tickets.begin(tx, blank(0, opened), words)
    tasks.begin(tx, task.id, work.number)
    change.happen([e.TaskBegun(at=tx.now, task=task.id, work=work.number, by=by.agent if by else None)])
    begun = type(change)(tx, work, words)
    begun.happen([opened])
    if task.wanted is not None and house.agent_in(tx, task.wanted) is not None:
        begun.happen(lifecycle.assign(begun.ticket, task.wanted, By(task.by), tx.now, people.names(tx)))
    house.save(begun)


def follow(house: House, change: Change) -> None:
    """A task has changed: its ticket's thread is told of it, and where it ended or did not after all, so is what hangs
    on that. A task is always locked before its ticket.
    """
    number = change.ticket.part_of
    if number is None:
        return
    tx, queue = change.tx, tickets.look(change.tx, number)[0].queue
    ledger.add(
        tx,
        [
            tell_task(number, queue, change.ticket.number, seq)
            for seq, event in enumerate(change.events, change.before.version + 1)
            if isinstance(event, STEPS) and not _is_told_otherwise(event, change.events)
        ],
    )
    ledger.add(tx, [show_card(number, queue)])
    was, now = change.before.status is Status.CLOSED, change.ticket.status is Status.CLOSED
    if was != now:
        _settle(house, change, number)


def _is_told_otherwise(event: e.Event, happened: Sequence[e.Event]) -> bool:
    """Whether it is a note of the desk's own, or the reason that is told with what it is the reason for."""
    if not isinstance(event, e.Noted):
        return False
    return By(event.by).is_rule or any(isinstance(one, e.Closed) and one.why == event.message for one in happened)


def _settle(house: House, change: Change, number: int) -> None:
    """A task has ended, or is open again."""
    tx = change.tx
    task = tasks.of_work(tx, change.ticket.number)
    if task is None:
        return
    last = next(event for event in reversed(change.events) if isinstance(event, e.Closed | e.Reopened))
    with house.changing(tx, number) as ticket:
        if isinstance(last, e.Reopened):
            tasks.settle(tx, task.id, None)
            ticket.happen([e.TaskResumed(at=tx.now, task=task.id, blocks=task.blocks, by=last.by)])
        else:
            end(tx, ticket, task, State(last.outcome or State.DONE), By(last.by))
            begin_ready(house, tx, ticket)


def end(tx: Tx, change: Change, task: Task, outcome: State, by: By) -> None:
    """Let a task of a ticket have ended."""
    tasks.settle(tx, task.id, outcome)
    change.happen([e.TaskEnded(at=tx.now, task=task.id, outcome=outcome.value, blocks=task.blocks, by=by.agent)])


def refuse_blocked(house: House, tx: Tx, ticket: Ticket) -> None:
    """Raises Blocked where tasks are open that should end before the ticket does, with who has which of them."""
    if not ticket.blocked:
        return
    open_ones = [_who_and_what(house, tx, task) for task in tasks.of(tx, ticket.number) if task.holds_up]
    what = phrase("Ticket #{number} has open tasks: {tasks}.", number=ticket.number, tasks=tuple(open_ones))
    raise Blocked(ticket.number, what)


def _who_and_what(house: House, tx: Tx, task: Task) -> Phrase:
    queue = house.book_in(tx).queue_named(task.queue)
    title = queue.title if queue else task.queue
    if task.work is None:
        return phrase("“{task}” ({queue}, has not begun)", task=task.title, queue=title)
    ticket, _ = tickets.look(tx, task.work)
    title = house.queue_of(tx, ticket).title
    due = next(iter(counting.shown(house, tx, ticket)), None)
    holder = people.names(tx).get(ticket.assignee or "", ticket.assignee or "")
    known = {"task": task.title, "queue": title}
    if holder and due:
        return phrase("“{task}” ({queue}, {name}, due {at})", **known, name=holder, at=due.at)
    if holder:
        return phrase("“{task}” ({queue}, {name})", **known, name=holder)
    return phrase("“{task}” ({queue}, nobody has it yet)", **known)


def note_go_on(house: House, tx: Tx, change: Change) -> None:
    """Say in a ticket's thread that whoever is outside settled it while colleagues are still at it."""
    if change.ticket.blocked:
        said = phrase("The ticket was closed from outside. Its open tasks go on; call off in Tasks what is not needed.")
        remarks.leave(house.book_in(tx), tx, change, "tasks", said)

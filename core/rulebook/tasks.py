"""Task sets, as a rulebook has them: what a matter of a sort is split into, for which queues, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

from core.rulebook.faults import Fault, Path
from core.rulebook.kinds import Duration, Line, Slug
from core.tickets.tasks import LONGEST_TEXT, MOST, Planned, circle

if TYPE_CHECKING:
    from core.rulebook.model import Rulebook

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SetTask(_Written):
    """A task of a set. `due`: so much working time of its queue; else what the queue's policy promises. `after`: those
    of the set that have to be done before. Where it does not `block`, its ticket may be closed before it.
    """

    name: Slug
    title: Line
    queue: Slug
    text: Text = ""
    due: Duration | None = None
    after: tuple[Slug, ...] = ()
    blocks: Annotated[bool, Strict()] = True


class TaskSet(_Written):
    """What a ticket of a sort is split into."""

    name: Slug
    title: Line
    tasks: Annotated[tuple[SetTask, ...], Field(max_length=MOST)] = ()

    def planned(self, first: int = 1) -> list[Planned]:
        """Its tasks, whose first one gets this place on its ticket."""
        places = {task.name: place for place, task in enumerate(self.tasks, first)}
        return [
            Planned(
                title=task.title,
                queue=task.queue,
                text=task.text,
                target=task.due,
                waits=tuple(places[name] for name in task.after),
                blocks=task.blocks,
            )
            for task in self.tasks
        ]


def faults(book: Rulebook) -> Iterable[Fault]:
    """What sets and the rules that name them have wrong."""
    queues = [queue.name for queue in book.queues]
    for place, one in enumerate(book.task_sets):
        yield from _of_set(("task_sets", place, "tasks"), one, queues)
    sets = [one.name for one in book.task_sets]
    for place, rule in enumerate(book.rules):
        if rule.then.tasks is not None and rule.then.tasks not in sets:
            yield Fault(("rules", place, "then", "tasks"), "no_such_tasks", {"value": rule.then.tasks, "known": sets})


def _of_set(at: Path, one: TaskSet, queues: Sequence[str]) -> Iterable[Fault]:
    """No tasks, tasks of queues that are not there, and those that wait for none that is, or in a circle."""
    if not one.tasks:
        yield Fault(at, "empty", {})
    names = [task.name for task in one.tasks]
    for n, task in enumerate(one.tasks):
        if task.name in names[:n]:
            yield Fault((*at, n, "name"), "double", {"key": "name", "value": task.name})
        if queues and task.queue not in queues:
            yield Fault((*at, n, "queue"), "no_such_queue", {"value": task.queue, "known": queues})
        for m, name in enumerate(task.after):
            if name not in names:
                yield Fault((*at, n, "after", m), "not_known", {"value": name, "known": names})
    if len(set(names)) < len(names):
        return
    way = circle({task.name: [name for name in task.after if name in names] for task in one.tasks})
    if way is not None:
        yield Fault((*at, names.index(way[0]), "after"), "task_circle", {"value": " → ".join(way)})

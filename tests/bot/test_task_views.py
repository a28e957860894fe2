"""Whatever stands in tasks, their titles and reasons, every view of them keeps Slack's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.reader import Reader
from bot.views import card, split, task_step, tasks
from core.desk.showing import Card
from core.desk.splitting import Listed, Overseen, Step, ToSplit
from core.desk.task_times import Piece, TasksGlance
from core.phrases import phrase
from core.rulebook import Queue
from core.rulebook.tasks import SetTask, TaskSet
from core.tickets import events as e
from core.tickets.model import Status
from core.tickets.tasks import Finish, Progress, State, Task
from tests.bot.test_views import NOW, cards, is_right, is_right_view, keeps_its_order, readers, texts

some = settings(
    phases=[Phase.generate],  # what breaks a rule is seen at once: making it small takes longer than all the rest
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
outcomes = st.sampled_from([None, State.DONE, State.NOT_POSSIBLE, State.CALLED_OFF])
found = st.builds(
    Task,
    id=st.integers(1, 50),
    ticket=st.just(10**13),
    place=st.integers(1, 50),
    title=texts,
    text=texts,
    queue=st.just("support"),
    target=st.one_of(st.none(), st.integers(1, 10**6).map(lambda n: timedelta(seconds=n))),
    blocks=st.booleans(),
    work=st.one_of(st.none(), st.integers(1, 10**12)),
    outcome=outcomes,
    waits=st.lists(st.integers(1, 50), max_size=5).map(tuple),
)
glances = st.builds(
    TasksGlance,
    st.builds(Progress, st.integers(0, 50), st.integers(0, 50)).map(lambda one: Progress(min(one), max(one))),
    st.one_of(st.none(), st.builds(Finish, st.just(NOW), st.just((1,)), st.booleans())),
    st.lists(texts, max_size=6).map(tuple),
)
happened = st.sampled_from(
    [
        e.Claimed(at=NOW, by="T:U"),
        e.Released(at=NOW, by="rule:x"),
        e.Noted(at=NOW, message=1, by="T:U"),
        e.PutOnHold(at=NOW, by="T:U"),
        e.Breached(at=NOW, clock="resolution", due=NOW),
        e.Closed(at=NOW, by="T:U", outcome="not_possible"),
        e.Closed(at=NOW, by="T:U", outcome="called_off"),
        e.Closed(at=NOW, by="T:U"),
        e.Reopened(at=NOW, by="T:U"),
        e.Moved(at=NOW, by="T:U", queue="support"),
    ]
)


@some
@given(cards, found, glances, texts, st.lists(texts, max_size=4), st.one_of(st.none(), readers))
def test_every_card_of_tasks_keeps_the_rules(
    shown: Card, task: Task, glance: TasksGlance, name: str, then: list[str], reader: Reader | None
) -> None:
    whole = replace(shown, tasks=glance, can_split=True)
    for one in (whole, replace(shown, piece=Piece(task, name, None, tuple(then))), replace(shown, asks_of=then)):
        is_right(card.show(one, reader))
        keeps_its_order(card.show(one, reader))
        is_right(card.bare(one, "invalid_blocks"))


@some
@given(cards, st.lists(found, max_size=50), glances, texts, readers)
def test_every_window_of_tasks_keeps_the_rules(
    shown: Card, known: list[Task], glance: TasksGlance, name: str, reader: Reader
) -> None:
    lines = [Listed(task, name, None, name, None, None) for task in numbered(known)]
    overseen = Overseen(shown.ticket, name, lines, glance, {place: name for place in range(51)})
    view = tasks.listed(overseen, lambda post: "https://e.example", reader)
    is_right_view(view, "modal")
    keeps_its_order(view)
    is_right_view(tasks.closing(shown, phrase("{tasks}", tasks=name), reader), "modal")
    is_right_view(tasks.calling_off(1, 10**12, name, reader), "modal")
    is_right_view(tasks.why_not("not-possible", shown, reader), "modal")


@some
@given(cards, st.lists(found, max_size=50), st.lists(texts, max_size=12), readers)
def test_every_window_that_splits_keeps_the_rules(
    shown: Card, known: list[Task], typed: list[str], reader: Reader
) -> None:
    there = ToSplit(
        ticket=replace(shown.ticket, status=Status.OPEN),
        subject=shown.subject,
        proposed=(),
        sets=[_SET],
        queues=[Queue(name=f"q{n}", title=f"Queue {n}") for n in range(120)],
        known=numbered(known),
    )
    draft = split.begun(there)
    rows = tuple(
        split.Row(title=text, queue="q1", wanted="T0:U0ANN", due=text[:200], text=text, waits=(1, 2)) for text in typed
    )
    draft = replace(draft, rows=(*rows, *draft.rows)[: split.MOST_ROWS])
    for one in (draft, split.with_more(draft), split.with_set(draft, _SET)):
        view = split.show(one, there, reader, [phrase("{what}", what=shown.subject)])
        is_right_view(view, "modal")
        keeps_its_order(view)


def numbered(known: list[Task]) -> list[Task]:
    return [replace(task, id=place, place=place) for place, task in enumerate(known, 1)]


_SET = TaskSet(
    name="refund",
    title="Refund",
    tasks=tuple(
        SetTask(name=f"t{n}", title=f"Task {n}", queue="q1", after=(f"t{n - 1}",) if n else ()) for n in range(20)
    ),
)


@some
@given(cards, found, happened, texts, texts, st.one_of(st.none(), st.just("T0:U0ANN")))
def test_every_step_that_is_told_keeps_the_rules(
    shown: Card, task: Task, event: e.Event, by: str, said: str, concerns: str | None
) -> None:
    step = Step(event, task, shown.ticket, by, said, by, None, None, None, shown.locale, concerns, "support")
    told = task_step.show(step, lambda post: "https://e.example")
    is_right(told._replace(text=told.text.removeprefix("<@U0ANN> ")))
    assert told.text.startswith("<@U0ANN> ") is (concerns is not None and _decides(event))


def _decides(event: e.Event) -> bool:
    return isinstance(event, e.Breached) or (isinstance(event, e.Closed) and event.outcome == "not_possible")

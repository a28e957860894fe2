"""A ticket's tasks as whoever has it sees them: one bar on its card, the list, and why one ends or it closes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.reader import Reader
from bot.views.words import Where, small, title, when
from core.desk.showing import Card
from core.desk.splitting import Listed, Overseen
from core.desk.task_times import TasksGlance
from core.phrases import Phrase, phrase, phrases
from core.rulebook.kinds import written_duration
from core.tickets.model import Status
from core.tickets.tasks import State
from gateways.slack.wire.blocks import (
    VIEW_BLOCKS,
    Block,
    Blocks,
    Element,
    actions,
    anchor,
    button,
    context,
    field,
    label,
    modal,
    option,
    overflow,
    paragraph,
    plain,
    radio,
    rich,
    section,
    text_input,
    words,
)
from gateways.slack.wire.text import line, set_apart

SPLIT, LIST, MENU = "split-open", "tasks", "task-menu"
OFF, CLOSE = "task-off", "close-despite"
BEGIN = "begin"
GO_ON = "go-on"

CELLS = 10
"""Squares of the bar."""
NAMED = 3
"""Tasks or queues that a line of the card names."""

MARKS: Mapping[State, str] = {
    State.WAITING: "⏳",
    State.OPEN: "🔹",
    State.DONE: "✅",
    State.NOT_POSSIBLE: "⛔",
    State.CALLED_OFF: "✖",
}


# On the ticket's card


def glance(card: Card, reader: Reader) -> Blocks:
    """One bar for all tasks, and when they are done; or that the words ask for several things."""
    if card.tasks is None:
        return _asks_of(card, reader)
    return [context(*_bar(card.tasks, reader)), *_stuck(card.tasks, reader)]


def buttons(card: Card, reader: Reader) -> list[Element]:
    """What splits it, or shows what it was split into."""
    if card.tasks is not None:
        return [button(LIST, reader.say(phrase("Tasks …")), card.ticket.number)]
    if not card.can_split or card.ticket.status is Status.CLOSED:
        return []
    return [button(SPLIT, reader.say(phrase("Split into tasks …")), card.ticket.number)]


def _bar(found: TasksGlance, reader: Reader) -> list[Element]:
    done, all = found.progress
    full = CELLS if not all else done * CELLS // all
    said = phrases("{done} of {count} task done", "{done} of {count} tasks done", all, done=done)
    elements = [label(f"🧩 {'▰' * full}{'▱' * (CELLS - full)} {reader.say(said)}", 200)]
    if found.finish is None:
        return elements
    ready = phrase("All done by") if found.finish.is_sure else phrase("All done not before")
    return [*elements, label(reader.say(ready), 100), when(found.finish.at, reader)]


def _stuck(found: TasksGlance, reader: Reader) -> Blocks:
    if not found.stuck:
        return []
    named = tuple(f"“{set_apart(one, 60)}”" for one in found.stuck[:NAMED])
    said = reader.say(phrase("Not possible: {tasks}", tasks=named))  # not within the other: it would not be extracted
    return [small(f"⛔ {said}")]


def _asks_of(card: Card, reader: Reader) -> Blocks:
    if not card.asks_of:
        return []
    said = phrase(
        "It seems to ask something of several: {queues}",
        queues=tuple(set_apart(one, 60) for one in card.asks_of[:NAMED]),
    )
    return [small(f"🧩 {reader.say(said)}")]


# The list


def listed(found: Overseen, where: Where, reader: Reader) -> Block:
    """Every task, what it waits for, and what can be done about it."""
    number = found.ticket.number
    blocks: Blocks = [section(plain(title(number, found.subject, reader), 300))]
    if found.glance is not None:
        blocks.append(context(*_bar(found.glance, reader)))
    for one in found.lines:
        blocks += _line(one, found, where, reader)
    if not found.lines:
        blocks.append(small(reader.say(phrase("It has not been split into tasks."))))
    if found.ticket.status is not Status.CLOSED and found.ticket.part_of is None:
        more = button(SPLIT, reader.say(phrase("Add tasks …")), number)
        blocks = [*blocks[: VIEW_BLOCKS - 1], actions("more", more)]
    named = reader.say(phrase("Tasks of #{number}", number=number))
    return modal(LIST, named, reader.say(phrase("Close")), blocks, metadata=json.dumps({"ticket": number}))


def _line(one: Listed, found: Overseen, where: Where, reader: Reader) -> Blocks:
    task = one.task
    name = f"{task.place}. {set_apart(task.title, 100)}"
    runs = [words(f"{MARKS[task.state]} ")]
    runs.append(words(name, "bold") if one.card is None else anchor(where(one.card), name))
    blocks: Blocks = [rich(paragraph(*runs))]
    said = [line(one.queue, 60), reader.say(_standing(one))]
    if task.state is State.WAITING and task.waits:
        before = tuple(f"“{set_apart(found.titles[wait], 40)}”" for wait in task.waits[:NAMED])
        said.append(reader.say(phrase("after {tasks}", tasks=before)))
    if task.state is State.WAITING and task.target is not None:
        said.append(reader.say(phrase("has {span} then", span=written_duration(task.target))))
    if not task.blocks:
        said.append(reader.say(phrase("the ticket may be closed before it")))
    row = [label(" · ".join(said), 400)]
    if one.due is not None:
        due = phrase("was due") if one.due.breached else phrase("due")
        row += [label(reader.say(due), 40), when(one.due.at, reader)]
    blocks.append(context(*row))
    if not task.state.has_ended:
        blocks[-1:] = [blocks[-1], actions(f"task-{task.id}", _menu(one, reader))]
    return blocks


def _menu(one: Listed, reader: Reader) -> Element:
    options = [option(reader.say(phrase("Call off …")), f"{OFF}:{one.task.id}")]
    if one.task.state is State.WAITING:
        options.insert(0, option(reader.say(phrase("Begin now")), f"{BEGIN}:{one.task.id}"))
    return overflow(MENU, options)


def _standing(one: Listed) -> Phrase:
    holder = set_apart(one.holder or "", 80)
    match one.task.state:
        case State.WAITING:
            return phrase("waits, then {name}", name=holder) if holder else phrase("waits")
        case State.OPEN:
            return phrase("{name} has it", name=holder) if holder else phrase("nobody has it yet")
        case State.DONE:
            return phrase("done")
        case State.NOT_POSSIBLE:
            return phrase("not possible")
        case State.CALLED_OFF:
            return phrase("called off")


# Reasons


def why_not(callback: str, card: Card, reader: Reader) -> Block:
    """The window that asks why a task is not possible."""
    number = card.ticket.number
    said = phrase("Why is it not possible? Whoever has the ticket reads that, and decides how it goes on.")
    return modal(
        callback,
        reader.say(phrase("Not possible")),
        reader.say(phrase("Cancel")),
        [
            section(plain(title(number, card.subject, reader), 300)),
            field("text-0", reader.say(said), text_input("text")),
        ],
        submit=reader.say(phrase("Not possible")),
        metadata=json.dumps({"ticket": number}),
    )


def calling_off(one: int, number: int, name: str, reader: Reader) -> Block:
    """The window that asks why a task is not needed any more."""
    said = phrase("Why is it not needed any more? Whoever is at it reads that.")
    return modal(
        OFF,
        reader.say(phrase("Call off")),
        reader.say(phrase("Cancel")),
        [
            section(plain(set_apart(name, 200), 300)),
            field("text-0", reader.say(said), text_input("text")),
        ],
        submit=reader.say(phrase("Call off")),
        metadata=json.dumps({"ticket": number, "task": one}),
    )


def closing(card: Card, why: Phrase, reader: Reader) -> Block:
    """The window that asks why a ticket can be closed while tasks are open, and what becomes of these."""
    options = [
        option(reader.say(phrase("They go on")), GO_ON),
        option(reader.say(phrase("They are called off")), OFF),
    ]
    said = phrase("Why can it be closed now? Those who are at the tasks read that.")
    return modal(
        CLOSE,
        reader.say(phrase("Close #{number}", number=card.ticket.number)),
        reader.say(phrase("Cancel")),
        [
            section(plain(reader.say(why))),
            field("text-0", reader.say(said), text_input("text")),
            field("then", reader.say(phrase("And the open tasks?")), radio("then", options)),
        ],
        submit=reader.say(phrase("Close the ticket")),
        metadata=json.dumps({"ticket": card.ticket.number}),
    )

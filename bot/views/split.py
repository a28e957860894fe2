"""The window in which a ticket is split into tasks: each with its queue, who has it, its time and what comes before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.reader import Reader
from bot.views.words import small, title
from core.desk.splitting import ToSplit
from core.phrases import Phrase, phrase
from core.rulebook.kinds import written_duration
from core.rulebook.tasks import TaskSet
from core.tickets.tasks import LONGEST_TITLE
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    button,
    divider,
    field,
    line_input,
    modal,
    multi_select,
    option,
    paragraph,
    person_select,
    picked,
    plain,
    rich,
    section,
    select,
    text_input,
    words,
)
from gateways.slack.wire.text import line, set_apart

CALLBACK, SET, MORE = "split", "task-set", "task-more"

MOST_ROWS = 12
"""Tasks that a window takes at once; each is seven blocks, of which a window has a hundred."""
LEAST_ROWS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task as it stands in the window. `waits` are places among all tasks of the ticket, from 1."""

    title: str = ""
    queue: str = ""
    wanted: str = ""
    due: str = ""
    waits: tuple[int, ...] = ()
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.title.strip() or self.text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What stands in the window. `round` counts how often we put something into it: then its inputs are new ones."""

    ticket: int
    rows: tuple[Row, ...]
    round: int = 0
    made_from: str | None = None
    first: int = 1  # place of the first one among the ticket's tasks, as it was when the window was opened
    loose: tuple[int, ...] = ()  # places of those that may still be open when the ticket is closed

    @property
    def notes(self) -> str:
        """What comes back with the window: ids only."""
        ids = {"ticket": self.ticket, "round": self.round, "first": self.first, "set": self.made_from}
        return json.dumps(ids)


def begun(found: ToSplit) -> Draft:
    """A window as it is opened: with what the ticket's words seem to ask of whom, or empty."""
    rows = [Row(title=part.title, queue=part.queue, text=part.text) for part in found.proposed[:MOST_ROWS]]
    missing = (1 if found.known else LEAST_ROWS) - len(rows)
    rows += [Row() for _ in range(missing)]
    return Draft(ticket=found.ticket.number, rows=tuple(rows), first=len(found.known) + 1)


def with_set(draft: Draft, chosen: TaskSet) -> Draft:
    """With the tasks of a set behind what was written already."""
    kept = tuple(row for row in draft.rows if not row.is_empty)
    first = draft.first + len(kept)
    made = chosen.planned(first)
    rows = tuple(
        Row(
            title=one.title,
            queue=one.queue,
            due=written_duration(one.target) if one.target else "",
            waits=one.waits,
            text=one.text,
        )
        for one in made
    )
    loose = tuple(place for place, one in enumerate(made, first) if not one.blocks)
    return replace(
        draft,
        rows=(*kept, *rows)[:MOST_ROWS],
        round=draft.round + 1,
        made_from=chosen.name,
        loose=(*draft.loose, *loose),
    )


def with_more(draft: Draft) -> Draft:
    """With room for one more."""
    return replace(draft, rows=(*draft.rows, Row())[:MOST_ROWS], round=draft.round + 1)


def show(draft: Draft, found: ToSplit, reader: Reader, warnings: Sequence[Phrase] = ()) -> Block:
    """The window."""
    number, first = found.ticket.number, draft.first
    named = {place: row.title for place, row in enumerate(draft.rows, first)}
    blocks: Blocks = [
        section(plain(title(number, found.subject, reader), 300)),
        *(rich(paragraph(words("⚠ "), words(reader.say(one), "bold"))) for one in warnings),
        *_sets(found, reader),
    ]
    for place, row in enumerate(draft.rows, first):
        blocks += _row(place, row, draft, found, named, reader)
    blocks += _loose(draft, named, reader)
    if len(draft.rows) < MOST_ROWS:
        blocks.append(actions("more", button(MORE, reader.say(phrase("Add a task")), number)))
    blocks.append(small(reader.say(phrase("The customer sees none of this: for them it is one ticket."))))
    return modal(
        CALLBACK,
        reader.say(phrase("Split #{number}", number=number)),
        reader.say(phrase("Cancel")),
        blocks,
        submit=reader.say(phrase("Split")),
        metadata=draft.notes,
    )


def _sets(found: ToSplit, reader: Reader) -> Blocks:
    if not found.sets:
        return []
    options = [option(one.title, one.name) for one in found.sets]
    return [actions("set", select(SET, reader.say(phrase("Start from a task set")), options))]


def _row(place: int, row: Row, draft: Draft, found: ToSplit, named: dict[int, str], reader: Reader) -> Blocks:
    def at(part: str) -> str:
        return f"{part}-{place}-{draft.round}"

    queues = select(f"queue-{place}", reader.say(phrase("Pick a queue")), _queues(found))
    blocks: Blocks = [
        divider(),
        field(
            at("title"),
            reader.say(phrase("Task {place}: what is to be done?", place=place)),
            line_input(f"title-{place}", row.title[:LONGEST_TITLE]),
            optional=True,
        ),
        field(at("queue"), reader.say(phrase("By whom?")), picked(queues, row.queue), optional=True),
    ]
    pick = person_select(f"wanted-{place}", reader.say(phrase("Pick a colleague")), row.wanted.rpartition(":")[2])
    blocks.append(field(at("wanted"), reader.say(phrase("For whom of them?")), pick, optional=True))
    blocks.append(
        field(
            at("due"),
            reader.say(phrase("Within how much working time of theirs?")),
            line_input(f"due-{place}", row.due),
            hint=reader.say(phrase("For example 4h or 2d. Left empty: as their queue promises.")),
            optional=True,
        )
    )
    if others := _others(place, draft, found, named, reader):
        pick = multi_select(f"waits-{place}", reader.say(phrase("Pick tasks")), others, row.waits)
        blocks.append(field(at("waits"), reader.say(phrase("After which tasks?")), pick, optional=True))
    words_of = _quiet(text_input(f"text-{place}", row.text))
    blocks.append(field(at("text"), reader.say(phrase("What do they need to know?")), words_of, optional=True))
    return blocks


def _queues(found: ToSplit) -> list[Element]:
    return [option(queue.title, queue.name) for queue in found.queues]


def _others(place: int, draft: Draft, found: ToSplit, named: dict[int, str], reader: Reader) -> list[Element]:
    """What it may wait for: what is there and has not ended, and what stands in the window beside it."""
    there = [(task.place, task.title) for task in found.known if not task.state.has_ended and task.place < draft.first]
    return [_named(n, name, reader) for n, name in (*there, *named.items()) if n != place]


def _named(place: int, name: str, reader: Reader) -> Element:
    said = line(set_apart(name, 60), 60) or reader.say(phrase("(not named yet)"))
    return option(f"{place}. {said}", place)


def _loose(draft: Draft, named: dict[int, str], reader: Reader) -> Blocks:
    options = [_named(place, name, reader) for place, name in named.items()]
    pick = multi_select("loose", reader.say(phrase("Pick tasks")), options, draft.loose)
    asked = phrase("Which of them may still be open when the ticket is closed?")
    return [divider(), field(f"loose-{draft.round}", reader.say(asked), pick, optional=True)]


def _quiet(made: Element) -> Element:
    """An input that does not ask to be typed into first: of a window only one may."""
    return {name: value for name, value in made.items() if name != "focus_on_load"}

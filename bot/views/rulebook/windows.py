"""The windows of the rulebook: what there is of each kind and what was changed last; one thing; one part of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from bot.reader import Reader
from bot.views.rulebook import changes
from bot.views.rulebook.forms import FORMS, Field, Form, form_of
from bot.views.rulebook.inputs import asked, block_of, summary
from bot.views.words import small, when
from core.desk.editing import Changed
from core.phrases import Phrase, phrase, phrases
from core.rulebook import Rulebook
from core.rulebook.changes import NAMED_BY
from core.rulebook.editing import Record, Unfit, Wrong, item_of, records
from core.storage.drafts import Draft
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    asking,
    button,
    context,
    divider,
    header,
    label,
    modal,
    option,
    overflow,
    paragraph,
    plain,
    rich,
    section,
    verbatim,
    words,
)
from gateways.slack.wire.text import line, set_apart

LIST, RECORD, ITEM, LOOK = "rulebook", "rulebook-record", "rulebook-item", "rulebook-look"
KIND = "rulebook-kind-"
"""How the actions begin that lead to another kind of things."""
EACH = 20
"""Things that a page of the list has."""
MOST_ITEMS = 30
"""Parts of one kind that a window has."""
WARNED = 10
PREVIEWED = 6000

Way = Mapping[str, Phrase]
EDIT, COPY, UP, DOWN, REMOVE = "edit", "copy", "up", "down", "remove"
_WAYS: Way = {
    EDIT: phrase("Change …"),
    COPY: phrase("Take as a model …"),
    UP: phrase("Further up"),
    DOWN: phrase("Further down"),
    REMOVE: phrase("Take out"),
}


class Notes(NamedTuple):
    """What comes back with a window: ids only. `list` and `record` are the windows below it."""

    kind: str = ""
    page: int = 0
    draft: int = 0
    list: str = ""
    record: str = ""
    key: str = ""
    place: int = 0

    @property
    def kept(self) -> str:
        return json.dumps(self._asdict())

    @property
    def form(self) -> Form:
        return form_of(self.kind)


def notes_in(kept: Mapping[str, Any]) -> Notes:
    return Notes(**{name: kept[name] for name in Notes._fields if name in kept})


def sign(name: str) -> str:
    """A name in a few letters: what a menu gives back is short."""
    return sha256(name.encode()).hexdigest()[:16]


def at_home(reader: Reader) -> Blocks:
    """The way there from a supervisor's Home."""
    open_it = button(LIST, reader.say(phrase("Set up …")), next(iter(FORMS)))
    said = phrase("Calendars, promises, ladders, duties: set up here, or in the file of the rulebook.")
    return [divider(), section(plain(reader.say(said)), open_it)]


# What there is


def listed(
    book: Rulebook, changed: Sequence[Changed], notes: Notes, reader: Reader, warning: Sequence[Phrase] = ()
) -> Block:
    """Everything of a kind, a page of it, and the last changes of the rulebook, each of which can be taken back."""
    form, there = notes.form, records(book, notes.form.kind)
    pages = max(1, -(-len(there) // EACH))
    page = min(max(notes.page, 0), pages - 1)
    blocks: Blocks = [*warned(warning, reader), actions("rulebook-kinds", *_kinds(form, reader))]
    blocks.append(header(reader.say(form.title)))
    if form.about is not None:
        blocks.append(small(reader.say(form.about)))
    for said in there[page * EACH : (page + 1) * EACH]:
        name = str(said[NAMED_BY[form.kind]])
        shown = plain(f"{set_apart(name, 150)}\n{summary(form, said, book, reader)}", 1500)
        ways = overflow("rulebook-do", [_way(way, sign(name), reader) for way in _ways(form)])
        blocks.append(section(shown, ways if len(_ways(form)) > 1 else _edit(sign(name), reader)))
    if not there:
        blocks.append(section(plain(reader.say(phrase("There is none yet.")))))
    row = [button("rulebook-add", reader.say(phrase("Add …")), form.kind, "primary")] if form.grows else []
    if page:
        row.append(button("rulebook-newer", reader.say(phrase("Page {page}", page=page)), page - 1))
    if page < pages - 1:
        row.append(button("rulebook-older", reader.say(phrase("Page {page}", page=page + 2)), page + 1))
    blocks += [actions("rulebook-row", *row)] if row else []
    blocks += _last(changed, book, reader)
    kept = notes._replace(kind=form.kind, page=page)
    title = reader.say(phrase("Set up"))
    return modal(LIST, title, reader.say(phrase("Close")), blocks, metadata=kept.kept)


def _kinds(now: Form, reader: Reader) -> list[Element]:
    return [
        button(KIND + form.kind, reader.say(form.title), form.kind, "primary" if form is now else None)
        for form in FORMS.values()
    ]


def _ways(form: Form) -> list[str]:
    """What can be done with a thing of this kind."""
    return [EDIT, *([COPY] if form.grows else []), *([UP, DOWN] if form.ordered else []), *([REMOVE] * form.grows)]


def _way(way: str, about: str, reader: Reader) -> Element:
    return option(reader.say(_WAYS[way]), f"{way}:{about}")


def _edit(about: str, reader: Reader) -> Element:
    return button("rulebook-do", reader.say(_WAYS[EDIT]), f"{EDIT}:{about}")


def _last(changed: Sequence[Changed], book: Rulebook, reader: Reader) -> Blocks:
    """The last changes, by whom and when, each with a way back."""
    if not changed:
        return []
    blocks: Blocks = [divider(), header(reader.say(phrase("Last changes")))]
    back = asking(
        reader.say(phrase("Take this back?")),
        reader.say(phrase("It is as it was before. What was changed elsewhere since stays.")),
        reader.say(phrase("Take back")),
        reader.say(phrase("Leave it")),
    )
    for one in changed:
        said = "\n".join(line(changes.said(each, book, reader), 300) for each in one.changes[:3]) or "–"
        rest = len(one.changes) - 3
        if rest > 0:
            said += "\n" + reader.say(phrases("and {many} more", "and {many} more", rest, many=str(rest)))
        undo = button("rulebook-undo", reader.say(phrase("Take back")), one.version, confirm=back)
        blocks.append(section(plain(said, 1200), undo))
        version = reader.say(phrase("version {version}, {name}", version=one.version, name=set_apart(one.by, 100)))
        blocks.append(context(label(version, 300), when(one.at, reader)))
    return blocks


# One thing


def thing(draft: Draft, book: Rulebook, notes: Notes, reader: Reader, warning: Sequence[Phrase] = ()) -> Block:
    """A thing to be written: its fields, and the parts that have windows of their own."""
    form = form_of(draft.kind)
    blocks: Blocks = list(warned(warning, reader))
    if draft.name is not None:
        blocks.append(header(set_apart(draft.name, 140)))
    for one in form.fields:
        if one.new and draft.name is not None:
            continue
        if one.items is not None:
            blocks += _items(one, one.items, draft, book, reader)
        blocks += asked(form, one, draft.record, book, reader)
    if form.shows is not None:
        look = button("rulebook-look", reader.say(_LOOKS[form.shows]), draft.id)
        blocks += [divider(), actions("rulebook-looks", look)]
    return _window(RECORD, form.one, blocks, phrase("Put in force"), notes, reader)


_LOOKS = {
    "year": phrase("Look at its year first"),
    "steps": phrase("What would happen?"),
    "turns": phrase("Who would have it?"),
}


def _items(one: Field, form: Form, draft: Draft, book: Rulebook, reader: Reader) -> Blocks:
    """The parts of a thing, each with what can be done with it."""
    blocks: Blocks = [header(reader.say(one.label))]
    there = draft.record.get(one.key) or ()
    for n, said in enumerate(there[:MOST_ITEMS]):
        ways = [EDIT, *([UP, DOWN] if form.ordered else []), REMOVE]
        menu = overflow("rulebook-part", [_way(way, f"{one.key}:{n}", reader) for way in ways])
        blocks.append(section(plain(f"{n + 1}. {summary(form, said, book, reader)}", 1500), menu))
    rest = len(there) - MOST_ITEMS
    if rest > 0:
        more = phrases("and {many} more", "and {many} more", rest, many=str(rest))
        blocks.append(small(reader.say(more)))
    add = button("rulebook-part-add", reader.say(phrase("Add …")), one.key)
    return [*blocks, actions(f"rulebook-add-{one.key}", add)]


def part(
    draft: Draft,
    book: Rulebook,
    notes: Notes,
    reader: Reader,
    warning: Sequence[Phrase] = (),
    typed: Record | None = None,
) -> Block:
    """One part of a thing to be written: a step, a turn. `typed`: as it was sent."""
    field = form_of(draft.kind).field(notes.key)
    form = field.items if field else None
    assert form is not None
    said = typed if typed is not None else item_of(draft.record, notes.key, notes.place)
    blocks: Blocks = [*warned(warning, reader), header(f"{reader.say(form.one)} {notes.place + 1}")]
    for one in form.fields:
        blocks += asked(form, one, said, book, reader)
    return _window(ITEM, form.one, blocks, phrase("Take over"), notes, reader)


def looked(title: Phrase, lines: Sequence[str], notes: Notes, reader: Reader) -> Block:
    """What would be, before it counts."""
    blocks = [small(reader.say(phrase("Nothing of this counts yet."))), rich(verbatim("\n".join(lines), PREVIEWED))]
    return modal(LOOK, reader.say(title), reader.say(phrase("Back")), blocks, metadata=notes.kept)


def _window(callback: str, title: Phrase, blocks: Blocks, submit: Phrase, notes: Notes, reader: Reader) -> Block:
    close, send = reader.say(phrase("Back")), reader.say(submit)
    return modal(callback, reader.say(title), close, blocks, submit=send, metadata=notes.kept)


# What is wrong


def warned(said: Sequence[Phrase], reader: Reader) -> Blocks:
    return [rich(paragraph(words("⚠ "), words(line(reader.say(one), 1000), "bold"))) for one in said[:WARNED]]


def at_fields(
    unfit: Unfit, form: Form, blocks: Mapping[str, Any], prefix: tuple[str | int, ...], reader: Reader
) -> dict[str, str] | None:
    """What is wrong, at the inputs that it is about; None where something of it is at none."""
    found: dict[str, str] = {}
    for wrong in unfit.wrong:
        rest = _within(wrong, prefix)
        one = form.field(str(rest[0])) if rest else None
        block = block_of(one, rest[1:], blocks) if one and rest else ""
        if not one or not block:
            return None
        found.setdefault(block, line(reader.say(_remedied(wrong, one)), 300))
    return found


def _within(wrong: Wrong, prefix: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    if wrong.path is None or wrong.path[: len(prefix)] != prefix:
        return None
    return wrong.path[len(prefix) :]


def _remedied(wrong: Wrong, one: Field) -> Phrase:
    """With the field's own example where the remedy is how a file says it."""
    if one.hint is not None and "example" in wrong.remedy.values:
        return phrase("{sentence} {remedy}", sentence=wrong.sentence, remedy=one.hint)
    return wrong.said


def in_words(unfit: Unfit) -> list[Phrase]:
    """What is wrong, each with the part of the rulebook that it is about, where that is another one."""
    return [wrong.said if wrong.path else wrong.said_with_place for wrong in unfit.wrong]

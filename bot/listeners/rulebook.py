"""Setting up the desk in Slack: calendars, promises, ladders, duties, written in windows and put in force from there.

What is typed lies in a draft of the store until it counts, for a window's notes hold ids only. A draft is whatever was
typed, right or wrong; it is tried as a whole, by the checks of `deskbell rulebook check`, when it is put in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.acts import Act, Answer, Listener, number_in
from bot.rulebook import bring_up_to_date, open_rulebook, shown
from bot.views.rulebook import previews, windows
from bot.views.rulebook.forms import FORMS, Form
from bot.views.rulebook.inputs import read
from bot.views.rulebook.windows import Notes, notes_in
from core.phrases import Conflict, DeskError, NotFound, Phrase, Refused, phrase
from core.rulebook import Rulebook
from core.rulebook.changes import NAMED_BY
from core.rulebook.editing import Unfit, item_of, with_item, with_item_moved
from core.storage.drafts import Draft
from core.storage.rulebook import Edition

_TRIES = 4
"""Attempts to put something in force while others change the rulebook, too."""


# The list


async def begin(act: Act) -> Answer:
    """Open it, from the Home."""
    await open_rulebook(act, act.payload.value)


async def turn(act: Act) -> Answer:
    """Another kind, or another page."""
    await act.supervisor()
    value = act.payload.value
    notes = _notes(act)._replace(page=int(value)) if value.isdigit() else Notes(kind=value)
    await bring_up_to_date(act, _view(act), await shown(act, notes))


async def add(act: Act) -> Answer:
    await act.supervisor()
    await _write(act, await act.desk.begin_draft.soon(_notes(act).form.kind, None, act.by))


async def do(act: Act) -> Answer:
    """What was picked from a thing's menu."""
    await act.supervisor()
    notes = _notes(act)
    kind = notes.form.kind
    way, _, about = act.payload.value.partition(":")
    name = _named(await act.desk.book.soon(), notes.form, about)
    match way:
        case windows.EDIT:
            await _write(act, await act.desk.begin_draft.soon(kind, name, act.by))
        case windows.COPY:
            await _write(act, await act.desk.begin_draft.soon(kind, None, act.by, name))
        case windows.REMOVE:
            await _change(act, act.desk.drop_record.soon(kind, name, act.by))
        case _:
            await _change(act, act.desk.move_record.soon(kind, name, _places(way), act.by))


async def undo(act: Act) -> Answer:
    """Take one of the last changes back."""
    await act.supervisor()
    await _change(act, act.desk.take_back.soon(number_in(act.payload.value), act.by))


def _named(book: Rulebook, form: Form, about: str) -> str:
    names = [str(getattr(one, NAMED_BY[form.kind])) for one in getattr(book, form.kind)]
    found = next((name for name in names if windows.sign(name) == about), None)
    if found is None:
        raise NotFound(phrase("That is not in the rulebook any more. Open the window again."))
    return found


async def _change(act: Act, use: Any) -> None:
    """Do something to the rulebook, and show it as it is then; what speaks against it is said there."""
    warning: list[Phrase] = []
    try:
        await use
    except Unfit as no:
        warning = windows.in_words(no)
    except (Refused, NotFound) as no:
        warning = [no.phrase]
    await bring_up_to_date(act, _view(act), await shown(act, _notes(act), warning))


async def _write(act: Act, draft: Draft) -> None:
    notes = _notes(act)._replace(draft=draft.id, list=_view(act))
    await act.push(windows.thing(draft, await act.desk.book.soon(), notes, act.reader))


# One thing


async def add_part(act: Act) -> Answer:
    """A new step, turn, …, behind the others."""
    await act.supervisor()
    draft = await _kept(act)
    key = act.payload.value
    await _open_part(act, draft, key, len(draft.record.get(key) or ()))


async def do_part(act: Act) -> Answer:
    """What was picked from a part's menu."""
    await act.supervisor()
    way, key, place = (*act.payload.value.split(":"), "", "")[:3]
    draft, n = await _kept(act), number_in(place)
    if way == windows.EDIT:
        await _open_part(act, draft, key, n)
        return
    after = with_item(draft.record, key, n, None)
    if way != windows.REMOVE:
        after = with_item_moved(draft.record, key, n, _places(way))
    draft = await act.desk.write_draft.soon(draft.id, after, act.by)
    book = await act.desk.book.soon()
    await bring_up_to_date(act, _view(act), windows.thing(draft, book, _notes(act), act.reader))


async def _open_part(act: Act, draft: Draft, key: str, place: int) -> None:
    """Open a part's window over this one, whose words are kept as they stand now."""
    await act.desk.write_draft.soon(draft.id, draft.record, act.by)
    notes = _notes(act)._replace(record=_view(act), key=key, place=place)
    await act.push(windows.part(draft, await act.desk.book.soon(), notes, act.reader))


async def take_over(act: Act) -> Answer:
    """A part as it was written: what is wrong in it is said now, what it lacks around it when all is put in force."""
    await act.supervisor()
    notes = _notes(act)
    draft = await act.desk.drafted.soon(notes.draft, act.by)
    field = notes.form.field(notes.key)
    form = field.items if field else None
    if form is None:
        raise NotFound(phrase("That is not in the rulebook any more. Open the window again."))
    part = read(form, act.payload.inputs, item_of(draft.record, notes.key, notes.place))
    record = with_item(draft.record, notes.key, notes.place, part)
    prefix = (notes.key, notes.place)
    try:
        await act.desk.tried.soon(draft.id, record, act.by)
    except Unfit as no:
        mine = [one for one in no.wrong if one.path is not None and one.path[:2] == prefix]
        if mine and not act.late:
            book = await act.desk.book.soon()
            at = windows.at_fields(Unfit(mine), form, act.payload.inputs, prefix, act.reader)
            again = windows.part(draft, book, notes, act.reader, [one.said for one in mine], part)
            return _refused(at, again)
    draft = await act.desk.write_draft.soon(draft.id, record, act.by)
    below = windows.thing(draft, await act.desk.book.soon(), notes._replace(record="", key="", place=0), act.reader)
    await bring_up_to_date(act, notes.record, below)
    return None


async def put_in_force(act: Act) -> Answer:
    """All of it counts from now on; what speaks against it is said at the fields that it is about."""
    await act.supervisor()
    notes = _notes(act)
    draft = await act.desk.drafted.soon(notes.draft, act.by)
    record = read(notes.form, act.payload.inputs, draft.record)
    try:
        await _settled(act, draft, record)
    except Unfit as no:
        if act.late:
            raise
        await act.desk.write_draft.soon(draft.id, record, act.by)
        at = windows.at_fields(no, notes.form, act.payload.inputs, (), act.reader)
        told = windows.in_words(no)
        book = await act.desk.book.soon()
        return _refused(at, windows.thing(draft._replace(record=record), book, notes, act.reader, told))
    act.afterwards(_list_again(act, notes))
    return None


async def _settled(act: Act, draft: Draft, record: Mapping[str, Any]) -> None:
    """Try it on the rulebook in force and put it there; where that has changed between both, once more."""
    for attempt in range(_TRIES):
        made = await act.desk.tried.soon(draft.id, record, act.by)
        try:
            await act.desk.settle_draft.soon(draft.id, made, act.by)
        except Conflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return


async def _list_again(act: Act, notes: Notes) -> None:
    await bring_up_to_date(act, notes.list, await shown(act, Notes(kind=notes.kind, page=notes.page)))


def _refused(at: dict[str, str] | None, again: dict[str, Any]) -> Answer:
    """What is wrong at its inputs; where something is at none, above all of them."""
    return {"response_action": "errors", "errors": at} if at else {"response_action": "update", "view": again}


# Looking first


async def look(act: Act) -> Answer:
    """What a thing would be like as it is written now."""
    await act.supervisor()
    notes, draft = _notes(act), await _kept(act)
    await act.desk.write_draft.soon(draft.id, draft.record, act.by)
    title = FORMS[draft.kind].one
    try:
        lines = await _foreseen(act, draft, await act.desk.tried.soon(draft.id, draft.record, act.by))
    except Unfit as no:
        lines = [act.reader.say(one) for one in windows.in_words(no)]
    except DeskError as no:
        lines = [act.reader.say(no.phrase)]
    await act.push(windows.looked(title, lines, notes, act.reader))


async def _foreseen(act: Act, draft: Draft, made: Edition) -> list[str]:
    book, now = made.book, act.desk.db.clock()
    name = str(draft.name or draft.record.get("name"))
    match FORMS[draft.kind].shows:
        case "year":
            return previews.year(book, name, now, act.reader)
        case "turns":
            return previews.turns(book, name, now, act.reader)
        case _:
            queue = next((one for one in book.queues if one.ladder == name), book.queues[0])
            climbing = queue.model_copy(update={"ladder": name})
            queues = tuple(climbing if one.name == queue.name else one for one in book.queues)
            tried = Rulebook.model_construct(**{**dict(book), "queues": queues})
            return previews.steps(await act.desk.foresee.soon(queue.name, by=tried), act.reader)


# What these share


def _notes(act: Act) -> Notes:
    return notes_in(act.payload.notes)


def _view(act: Act) -> str:
    return str(act.payload.view.get("id") or "")


async def _kept(act: Act) -> Draft:
    """What somebody is writing, with what stands in the window now."""
    notes = _notes(act)
    draft = await act.desk.drafted.soon(notes.draft, act.by)
    return draft._replace(record=read(notes.form, act.payload.inputs, draft.record))


def _places(way: str) -> int:
    return -1 if way == windows.UP else 1


ACTIONS: Mapping[str, Listener] = {
    windows.LIST: begin,
    **{windows.KIND + kind: turn for kind in FORMS},
    "rulebook-newer": turn,
    "rulebook-older": turn,
    "rulebook-add": add,
    "rulebook-do": do,
    "rulebook-undo": undo,
    "rulebook-part": do_part,
    "rulebook-part-add": add_part,
    "rulebook-look": look,
}
SUBMISSIONS: Mapping[str, Listener] = {windows.RECORD: put_in_force, windows.ITEM: take_over}

"""Splitting tickets into tasks, and what is said of tasks: not possible, not needed, begun, closed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.acts import Act, Answer, Listener, number_in
from bot.posting import place_of
from bot.views import split, task_card, tasks
from core.desk.splitting import Reason
from core.phrases import Phrase, Refused, phrase
from core.rulebook.kinds import duration
from core.tickets.tasks import Planned, Unplannable
from gateways.slack.wire import Gone


async def open_split(act: Act) -> Answer:
    """Open the window, from the card or over the list of tasks."""
    agent = await act.agent()
    found = await act.desk.to_split.soon(act.number)
    view = split.show(split.begun(found), found, agent.reader)
    if act.payload.view:
        await act.push(view)
    else:
        await act.open(view)


async def pick_set(act: Act) -> Answer:
    """Put a task set into the window; what was typed there stays."""
    agent = await act.agent()
    if act.late:
        return  # what stands in the window now, if it is open at all, is not what stood there then
    book = await act.desk.book.soon()
    chosen = book.task_set(act.payload.value)
    draft, warnings = _draft(act), list[Phrase]()
    found = await act.desk.to_split.soon(draft.ticket)
    if chosen is None:
        warnings.append(phrase("There is no task set “{value}”.", value=act.payload.value))
    else:
        draft = split.with_set(draft, chosen)
    await _update(act, split.show(draft, found, agent.reader, warnings))


async def add_row(act: Act) -> Answer:
    """Room for one more task."""
    agent = await act.agent()
    if act.late:
        return  # as above
    draft = split.with_more(_draft(act))
    await _update(act, split.show(draft, await act.desk.to_split.soon(draft.ticket), agent.reader))


async def save(act: Act) -> Answer:
    """Split it. What speaks against it is said where it stands, and nothing typed is lost."""
    agent = await act.agent()
    draft = _draft(act)
    places = [place for place, row in enumerate(draft.rows, draft.first) if not row.is_empty]
    known = len((await act.desk.to_split.soon(draft.ticket)).known)
    try:
        wanted = _planned(draft, places, known)
        await act.desk.split_into.soon(draft.ticket, wanted, act.by, draft.made_from)
    except Unplannable as no:
        if act.late:
            raise
        place = places[no.place] if no.place < len(places) else draft.first
        block = act.payload.block_of(f"{no.part or 'title'}-{place}") or act.payload.block_of(f"title-{place}")
        return {"response_action": "errors", "errors": {block: agent.reader.say(no.phrase)}}
    return None


def _planned(draft: split.Draft, places: Sequence[int], known: int) -> list[Planned]:
    """What is wanted in the rows that are not empty. They come behind those that the ticket has by now, `known`."""
    moved = {place: n for n, place in enumerate(places, known + 1)}
    wanted: list[Planned] = []
    for n, place in enumerate(places):
        row = draft.rows[place - draft.first]
        due = duration(row.due) if row.due.strip() else None
        if row.due.strip() and due is None:
            said = phrase("“{value}” is no time. Write for example 4h or 2d.", value=row.due.strip())
            raise Unplannable(said, n, "due")
        if not row.queue:
            raise Unplannable(phrase("Pick the queue that does it."), n, "queue")
        wanted.append(
            Planned(
                title=row.title,
                queue=row.queue,
                text=row.text,
                wanted=row.wanted or None,
                target=due,
                waits=tuple(moved.get(wait, wait) for wait in row.waits if wait < draft.first or wait in moved),
                blocks=place not in draft.loose,
            )
        )
    return wanted


def _draft(act: Act) -> split.Draft:
    """What stands in the window."""
    notes = act.payload.notes
    named = (name for block in act.payload.inputs.values() for name in block)
    places = sorted(int(name.partition("-")[2]) for name in named if name.startswith("title-"))
    return split.Draft(
        ticket=act.number,
        rows=tuple(_row(act, place) for place in places),
        first=int(notes.get("first") or 1),
        round=int(notes.get("round") or 0),
        made_from=notes.get("set") or None,
        loose=_picked(act, "loose"),
    )


def _row(act: Act, place: int) -> split.Row:
    def typed(name: str) -> str:
        return str(act.payload.state(f"{name}-{place}").get("value") or "")

    def chosen(name: str) -> str:
        return str((act.payload.state(f"{name}-{place}").get("selected_option") or {}).get("value") or "")

    team = act.payload.person.partition(":")[0]
    user = act.payload.state(f"wanted-{place}").get("selected_user")
    return split.Row(
        title=typed("title"),
        queue=chosen("queue"),
        wanted=f"{team}:{user}" if user else "",
        due=typed("due"),
        waits=_picked(act, f"waits-{place}"),
        text=typed("text"),
    )


def _picked(act: Act, action: str) -> tuple[int, ...]:
    return tuple(int(one["value"]) for one in act.payload.state(action).get("selected_options") or ())


async def _update(act: Act, view: split.Block) -> None:
    try:
        await act.slack.update_view(str(act.payload.view.get("id")), view)
    except Gone:
        return  # the window was closed meanwhile


# What is there


async def show_list(act: Act) -> Answer:
    await act.agent()
    await act.open(await _listed(act, act.number))


async def menu(act: Act) -> Answer:
    """The "…" beside a task: its options say what they are."""
    agent = await act.agent()
    what, _, id = act.payload.value.partition(":")
    number = act.number
    if what == tasks.BEGIN:
        try:
            await act.desk.begin_task.soon(number_in(id), act.by)
        finally:
            await _update(act, await _listed(act, number))
        return
    found = await act.desk.overseen.soon(number)
    await act.push(tasks.calling_off(number_in(id), number, found.titles.get(number_in(id), ""), agent.reader))


async def call_off(act: Act) -> Answer:
    await act.agent()
    await act.desk.call_off.soon(number_in(str(act.payload.notes.get("task"))), _reason(act), act.by)
    return None


async def _listed(act: Act, number: int) -> tasks.Block:
    agent, workspace = await act.agent(), (await act.slack.me()).url
    found = await act.desk.overseen.soon(number)
    return tasks.listed(found, lambda post: place_of(workspace, post), agent.reader)


async def ask_why_not(act: Act) -> Answer:
    agent = await act.agent()
    await act.open(tasks.why_not(task_card.NOT_POSSIBLE, await act.desk.card.soon(act.number), agent.reader))


async def not_possible(act: Act) -> Answer:
    await act.agent()
    await act.desk.not_possible.soon(act.number, _reason(act), act.by)
    return None


async def close(act: Act) -> Answer:
    """Close a ticket while tasks are open."""
    await act.agent()
    chosen = str((act.payload.state("then").get("selected_option") or {}).get("value") or "")
    await act.desk.close_despite.soon(act.number, Reason(_reason(act), chosen == tasks.OFF), act.by)
    return None


def _reason(act: Act) -> str:
    reason = str(act.payload.state("text").get("value") or "")
    if not reason.strip():
        raise Refused(phrase("Say why."))
    return reason


ACTIONS: Mapping[str, Listener] = {
    tasks.SPLIT: open_split,
    tasks.LIST: show_list,
    tasks.MENU: menu,
    split.SET: pick_set,
    split.MORE: add_row,
    task_card.NOT_POSSIBLE: ask_why_not,
}
SUBMISSIONS: Mapping[str, Listener] = {
    split.CALLBACK: save,
    tasks.OFF: call_off,
    tasks.CLOSE: close,
    task_card.NOT_POSSIBLE: not_possible,
}

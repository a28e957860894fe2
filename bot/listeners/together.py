"""A ticket and others: the window of that, merging, splitting, linking, and taking each of it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.acts import Act, Answer, Listener, number_in
from bot.companions import numbers_in, window
from bot.views import together
from core.phrases import DeskError, NotFound, Phrase, Refused, phrase
from core.storage.database import Use
from core.tickets.relating import Kinship
from gateways.slack.wire import Gone
from gateways.slack.wire.blocks import Block


async def ask_to_merge(act: Act) -> Answer:
    agent = await act.agent()
    found = await act.desk.companions.soon(act.number)
    await act.push(together.merge(found, str(act.payload.view.get("id")), agent.reader))


async def ask_to_split(act: Act) -> Answer:
    agent = await act.agent()
    number = act.number
    try:
        offered = await act.desk.splittable.soon(number)
    except (Refused, NotFound) as no:
        await _update(act, str(act.payload.view.get("id")), await window(act, number, no.phrase))
        return
    await act.push(together.split(number, offered, str(act.payload.view.get("id")), agent.reader))


async def ask_to_relate(act: Act) -> Answer:
    agent = await act.agent()
    await act.push(together.relate(act.number, str(act.payload.view.get("id")), agent.reader))


async def merge(act: Act) -> Answer:
    """Merge what was chosen. What speaks against it is said in the window."""
    await act.agent()
    number, below = act.number, str(act.payload.notes.get("below"))
    others = list(dict.fromkeys([*_picked(act), *numbers_in(_line(act))]))
    if not others:
        raise Refused(phrase("Which ticket? Give its number, like 42."))
    chosen = act.payload.state("into").get("selected_option") or {}
    if chosen.get("value") == together.THERE:
        if len(others) > 1:
            raise Refused(phrase("Choose one ticket in which this one goes on."))
        await act.desk.merge.soon([number], others[0], act.by)
    else:
        await act.desk.merge.soon(others, number, act.by)
    await _update(act, below, await window(act, number))


async def split(act: Act) -> Answer:
    """Split off what was chosen; the window below says where it is."""
    await act.agent()
    number, below = act.number, str(act.payload.notes.get("below"))
    own = await act.desk.split_off.soon(number, _picked(act), act.by)
    said = phrase("It is in ticket #{number} now.", number=own) if own is not None else None
    await _update(act, below, await window(act, number, said))


async def relate(act: Act) -> Answer:
    await act.agent()
    number, below = act.number, str(act.payload.notes.get("below"))
    chosen = str((act.payload.state("kind").get("selected_option") or {}).get("value"))
    kind = next((kind for kind in Kinship if kind.value == chosen), Kinship.RELATED)
    await act.desk.relate.soon(number, number_in(_line(act)), kind, act.by)
    await _update(act, below, await window(act, number))


async def unmerge(act: Act) -> Answer:
    one, _, number = act.payload.value.partition(":")
    await _taken_back(act, number_in(number), act.desk.unmerge, number_in(one))


async def unrelate(act: Act) -> Answer:
    said, _, number = act.payload.value.partition(":")
    one, other, kind = said.split("-")
    await _taken_back(act, number_in(number), act.desk.unrelate, number_in(one), number_in(other), Kinship(kind))


async def _taken_back(act: Act, number: int, use: Use[..., None], *about: object) -> None:
    """Take something back, and show what there is now."""
    await act.agent()
    warning: Phrase | None = None
    try:
        await use.soon(*about, act.by)
    except DeskError as no:
        warning = no.phrase
    await _update(act, str(act.payload.view.get("id")), await window(act, number, warning))


async def _update(act: Act, id: str, view: Block) -> None:
    try:
        await act.slack.update_view(id, view)
    except Gone:
        return  # the window was closed meanwhile


def _picked(act: Act) -> list[int]:
    chosen: Sequence[Mapping[str, object]] = act.payload.state("picked").get("selected_options") or ()
    return [number_in(str(one.get("value"))) for one in chosen]


def _line(act: Act) -> str:
    return str(act.payload.state("numbers").get("value") or "")


ACTIONS: Mapping[str, Listener] = {
    together.MERGE: ask_to_merge,
    together.SPLIT: ask_to_split,
    together.RELATE: ask_to_relate,
    together.UNMERGE: unmerge,
    together.UNRELATE: unrelate,
}
SUBMISSIONS: Mapping[str, Listener] = {
    together.MERGE: merge,
    together.SPLIT: split,
    together.RELATE: relate,
}

"""Who a customer is: the window of it, joining and splitting, an address that an agent knows."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.knowing import known
from bot.views import person
from core.phrases import NotFound, Phrase, Refused
from core.storage.database import Use
from gateways.slack.wire import Gone


async def unite(act: Act) -> Answer:
    await _decide(act, act.desk.unite)


async def keep_apart(act: Act) -> Answer:
    await _decide(act, act.desk.keep_apart)


async def split(act: Act) -> Answer:
    await _decide(act, act.desk.split)


async def ask_address(act: Act) -> Answer:
    agent = await act.agent()
    await act.push(person.add(act.number, str(act.payload.view.get("id")), agent.reader))


async def add_address(act: Act) -> Answer:
    """Keep an address. What speaks against it is said below it."""
    agent = await act.agent()
    typed = str(act.payload.state("address").get("value") or "")
    try:
        await act.desk.add_address.soon(act.number, typed, act.by)
    except Refused as no:
        if act.late:
            raise
        return {"response_action": "errors", "errors": {"address": agent.reader.say(no.phrase)}}
    await _update(act, str(act.payload.notes.get("below")), await known(act, act.number))
    return None


async def _decide(act: Act, use: Use[..., None]) -> None:
    """Do it, and show what there is now."""
    await act.agent()
    about, _, number = act.payload.value.partition(":")
    warning: Phrase | None = None
    try:
        await use.soon(number_in(number), number_in(about), act.by)
    except (Refused, NotFound) as no:
        warning = no.phrase
    await _update(act, str(act.payload.view.get("id")), await known(act, number_in(number), warning))


async def _update(act: Act, id: str, view: person.Block) -> None:
    try:
        await act.slack.update_view(id, view)
    except Gone:
        return  # the window was closed meanwhile


ACTIONS: Mapping[str, Listener] = {
    "person-unite": unite,
    "person-apart": keep_apart,
    "person-split": split,
    person.ADD: ask_address,
}
SUBMISSIONS: Mapping[str, Listener] = {person.ADD: add_address}

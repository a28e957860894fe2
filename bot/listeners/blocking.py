"""Blocking a sender, over one of their mails or tickets, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.homes import publish
from bot.identity import Person
from bot.views import blocking, held, stranger
from core.phrases import NotFound, Phrase, Refused, phrase
from core.rulebook import Role
from gateways.slack.wire import Gone


async def ask(act: Act) -> Answer:
    """Ask whom to block, over a mail that was held back."""
    agent = await act.agent()
    id = number_in(act.payload.value)
    view, notes = act.payload.view, act.payload.notes
    in_list = view.get("callback_id") == held.LIST
    below = view.get("id") if in_list else notes.get("list")
    made = blocking.Notes(inbox=id, list=below, page=int(notes.get("page") or 0))
    await act.push(blocking.show(await _sender_of(act, id, 0), made, agent.reader, _is_supervisor(agent)))


async def ask_of_stranger(act: Act) -> Answer:
    """Ask whom to block, over the card of somebody who does not take part in a ticket."""
    agent = await act.agent()
    _, person = stranger.chosen(act.payload.value)
    asked = await act.desk.asked.soon(act.number, person)
    if not asked.said:
        raise Refused(phrase("There is nothing left to decide here."))
    notes = blocking.Notes(ticket=act.number, person=person)
    await act.open(blocking.show(asked.address, notes, agent.reader, _is_supervisor(agent)))


async def block(act: Act) -> Answer:
    """Block them. What speaks against it is said in the window."""
    agent = await act.agent()
    notes = act.payload.notes
    id, number, below = int(notes.get("inbox") or 0), int(notes.get("ticket") or 0), notes.get("list")
    person = int(notes.get("person") or 0)
    whom = await _sender_of(act, id, number, person)
    chosen = (act.payload.state("whose").get("selected_option") or {}).get("value")
    if chosen == blocking.DOMAIN:
        await act.supervisor()
        whom = whom.rpartition("@")[2]
    why = str(act.payload.state("text").get("value") or "")
    if person:
        done = await act.desk.shut_out.soon(number, person, whom, act.by, why)
    else:
        done = await act.desk.block.soon(whom, act.by, why, of=id)
    if below:
        shown = held.show(await act.desk.held.soon(int(notes.get("page") or 0)), agent.reader, _done(done))
        await _update(act, str(below), shown)
    elif number:
        act.afterwards(act.tell(_done(done)))
    act.afterwards(publish(act))


async def show(act: Act) -> Answer:
    """Whose mail opens nothing."""
    agent = await act.agent()
    await act.push(blocking.everybody(await act.desk.blocked.soon(), agent.reader, _is_supervisor(agent)))


async def unblock(act: Act) -> Answer:
    """Hear them again."""
    agent = await act.supervisor()
    warning: Phrase | None = None
    try:
        await act.desk.unblock.soon(act.payload.value, act.by)
    except (Refused, NotFound) as no:
        warning = no.phrase
    shown = blocking.everybody(await act.desk.blocked.soon(), agent.reader, True, warning)
    await _update(act, str(act.payload.view.get("id")), shown)


def _done(whom: str) -> Phrase:
    return phrase("{whom} is blocked: mail from there opens nothing any more.", whom=whom)


async def _sender_of(act: Act, inbox: int, number: int, person: int = 0) -> str:
    """The address that a mail or a ticket is from, or a stranger in it. Raises Refused where there is none."""
    if person:
        address = (await act.desk.asked.soon(number, person)).address
    elif number:
        address = (await act.desk.card.soon(number)).sender
    else:
        piece = await act.desk.kept.soon(inbox)
        address = held.about(piece)[1] if piece else ""
    if "@" not in address:
        raise Refused(phrase("It names no address that could be blocked."))
    return address


def _is_supervisor(person: Person) -> bool:
    return person.agent is not None and person.agent.role is Role.SUPERVISOR


async def _update(act: Act, id: str, view: held.Block) -> None:
    try:
        await act.slack.update_view(id, view)
    except Gone:
        return  # the window was closed meanwhile


ACTIONS: Mapping[str, Listener] = {
    "held-block": ask,
    "stranger-block": ask_of_stranger,
    "blocked": show,
    "unblock": unblock,
}
SUBMISSIONS: Mapping[str, Listener] = {blocking.BLOCK: block}

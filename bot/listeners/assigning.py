"""Giving tickets, taking what is offered; and agents about themselves: whether they are there, what they can."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.assigning import show_assignment
from bot.homes import publish
from bot.trying import look
from bot.views import assignment, myself, trying
from core.phrases import Refused, phrase


async def why(act: Act) -> Answer:
    await show_assignment(act)


async def assign(act: Act) -> Answer:
    """Give a ticket to whom was picked, or put it back."""
    await act.agent()
    chosen = str((act.payload.state("to").get("selected_option") or {}).get("value") or "")
    if chosen == assignment.QUEUE:
        await act.desk.put_back.soon(act.number, act.by)
    else:
        await act.desk.assign.soon(act.number, chosen, act.by)
    return None


async def accept(act: Act) -> Answer:
    await act.agent()
    await act.desk.accept_offer.soon(act.number, act.by)
    await act.tell(phrase("Ticket #{number} is yours.", number=act.number))


async def decline(act: Act) -> Answer:
    await act.agent()
    await act.desk.decline_offer.soon(act.number, act.by)
    await act.tell(phrase("Ticket #{number} goes on to the next.", number=act.number))


async def set_presence(act: Act) -> Answer:
    """Whether one is there, as picked in one's Home."""
    await act.agent()
    chosen = myself.CHOICES.get(act.payload.value)
    if chosen is None:
        raise Refused(phrase("This does nothing any more. Open the desk's Home anew."))
    _, status, lasts = chosen
    await act.desk.set_presence.soon(act.by, status, lasts)
    act.afterwards(publish(act))


async def ask(act: Act) -> Answer:
    """Open the window in which one says what one can."""
    person = await act.agent()
    known = await act.desk.myself.soon(person.id)
    if known is not None:
        await act.open(myself.form(known, person.reader))


async def propose(act: Act) -> Answer:
    """What one says one can; what speaks against it is said below it."""
    person = await act.agent()
    names = ("skills", "languages", "capacity", "hours")
    typed = {name: str(act.payload.state(name).get("value") or "") for name in names}
    try:
        await act.desk.propose.soon(act.by, myself.read(typed))
    except Refused as no:
        if act.late:
            raise
        return {"response_action": "errors", "errors": {"skills": person.reader.say(no.phrase)}}
    act.afterwards(publish(act))
    return None


async def grant(act: Act) -> Answer:
    await _decide(act, True)


async def refuse(act: Act) -> Answer:
    await _decide(act, False)


async def _decide(act: Act, granted: bool) -> None:
    await act.supervisor()
    try:
        await act.desk.decide_proposal.soon(number_in(act.payload.value), granted, act.by)
    finally:
        act.afterwards(publish(act))


ACTIONS: Mapping[str, Listener] = {
    "why": why,
    "offer-accept": accept,
    "offer-decline": decline,
    myself.PRESENCE: set_presence,
    "propose": ask,
    "proposal-grant": grant,
    "proposal-refuse": refuse,
}
SUBMISSIONS: Mapping[str, Listener] = {
    assignment.CALLBACK: assign,
    myself.CALLBACK: propose,
    trying.CALLBACK: look,
}

"""Duties: swapped, left out, handed over."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.homes import publish
from bot.views import duty
from core.phrases import Refused, phrase


async def ask_swap(act: Act) -> Answer:
    agent = await act.agent()
    book = await act.desk.book.soon()
    others = [one.name for one in book.agents if one != agent.agent]
    standing = await act.desk.duties.soon()
    if not standing or not others:
        raise Refused(phrase("There is nobody to swap with."))
    await act.open(duty.swapping(standing, others, agent.reader))


async def ask_absence(act: Act) -> Answer:
    await act.open(duty.being_absent((await act.agent()).reader))


async def ask_note(act: Act) -> Answer:
    agent = await act.agent()
    await act.open(duty.handing_over(await act.desk.duties.soon(), agent.reader))


async def swap(act: Act) -> Answer:
    """Ask the colleague who was picked. What speaks against it is said in the window."""
    agent = await act.agent()
    span = duty.read_span(_typed(act), agent.reader.zone)
    await act.desk.ask_swap.soon(_picked(act, "duty"), _picked(act, "to"), span, act.by)
    return None


async def absent(act: Act) -> Answer:
    agent = await act.agent()
    await act.desk.absent.soon(duty.read_span(_typed(act), agent.reader.zone), act.by)
    act.afterwards(publish(act))
    return None


async def note(act: Act) -> Answer:
    await act.agent()
    await act.desk.hand_over.soon(_picked(act, "duty"), str(act.payload.state("text").get("value") or ""), act.by)
    act.afterwards(publish(act))
    return None


async def accept(act: Act) -> Answer:
    await act.agent()
    await act.desk.answer_swap.soon(number_in(act.payload.value), True, act.by)
    await act.tell(phrase("Good. Your colleague is told that you take it."))


async def decline(act: Act) -> Answer:
    await act.agent()
    await act.desk.answer_swap.soon(number_in(act.payload.value), False, act.by)
    await act.tell(phrase("Your colleague is told that you cannot."))


def _picked(act: Act, name: str) -> str:
    return str((act.payload.state(name).get("selected_option") or {}).get("value") or "")


def _typed(act: Act) -> dict[str, str]:
    return {name: str(act.payload.state(name).get("value") or "") for name in ("begins", "ends")}


ACTIONS: Mapping[str, Listener] = {
    duty.SWAP: ask_swap,
    duty.ABSENT: ask_absence,
    duty.NOTE: ask_note,
    "swap-accept": accept,
    "swap-decline": decline,
}
SUBMISSIONS: Mapping[str, Listener] = {duty.SWAP: swap, duty.ABSENT: absent, duty.NOTE: note}

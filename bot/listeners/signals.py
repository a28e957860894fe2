"""What is understood of a ticket: why, and saying that it is otherwise; and what was learnt, for supervisors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.acts import Act, Answer, Listener, number_in
from bot.homes import publish
from bot.views import learning, signals
from core.phrases import Refused, phrase


async def menu(act: Act) -> Answer:
    """The "…" beside what is understood."""
    agent = await act.agent()
    card = await act.desk.card.soon(act.number)
    match act.payload.value.partition(":")[0]:
        case "correct":
            await act.open(signals.correct(card, card.taxonomy, agent.reader))
        case "why":
            await act.open(signals.why(card, agent.reader))
        case _:
            raise Refused(phrase("This does nothing any more. The newest card has what can be done now."))


async def save(act: Act) -> Answer:
    """What an agent says instead: saved once, and learnt."""
    await act.agent()
    answers: dict[str, Any] = {}
    for name in ("topic", "product", "urgency", "mood"):
        chosen = (act.payload.state(name).get("selected_option") or {}).get("value")
        if chosen is not None:
            answers[name] = "" if chosen == signals.NONE else str(chosen)
    if fields := _fields(act, signals.values(await act.desk.card.soon(act.number))):
        answers["fields"] = fields
    await act.desk.correct.soon(act.number, answers, act.by)


def _fields(act: Act, was: Mapping[str, str]) -> dict[str, str]:
    """Those that were changed."""
    names = act.payload.notes.get("fields") or []
    found: dict[str, str] = {}
    for place, name in enumerate(names):
        typed = act.payload.state(f"{signals.FIELD}{place}").get("value")
        if (typed or "") != was.get(name, ""):
            found[name] = str(typed or "")
    return found


async def choose(act: Act) -> Answer:
    """Read messages with another version of what was learnt."""
    await act.supervisor()
    await act.desk.choose_mind.soon(number_in(act.payload.value), act.by)
    act.afterwards(publish(act))


ACTIONS: Mapping[str, Listener] = {signals.MENU: menu, learning.CHOOSE: choose}
SUBMISSIONS: Mapping[str, Listener] = {signals.CORRECT: save}

"""What agents say while a ticket waits: that they are on it, that it can rest, that it rests no more."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener
from bot.views import ping
from core.phrases import Refused, phrase
from core.rulebook.kinds import duration


async def on_it(act: Act) -> Answer:
    """Take it, or say that one looks after it."""
    await act.agent()
    await act.desk.acknowledge_call.soon(act.number, act.by)
    await act.tell(phrase("Good. Nobody else is called about ticket #{number}.", number=act.number))


async def ask(act: Act) -> Answer:
    """Open the window in which one says for how long it can rest, and why."""
    agent = await act.agent()
    await act.open(ping.letting_rest(act.number, agent.reader))


async def snooze(act: Act) -> Answer:
    await act.agent()
    span = duration(str((act.payload.state("for").get("selected_option") or {}).get("value") or ""))
    if span is None:
        raise Refused(phrase("Pick for how long it can rest."))
    reason = str(act.payload.state("text").get("value") or "")
    until = await act.desk.snooze.soon(act.number, span, reason, act.by)
    if until is not None:
        card = await act.desk.card.soon(act.number)
        if any(due.at < until for due in card.dues):
            await act.tell(ping.resting(card, until))
    return None


async def wake(act: Act) -> Answer:
    await act.agent()
    await act.desk.wake_up.soon(act.number, act.by)


ACTIONS: Mapping[str, Listener] = {"on-it": on_it, "snooze": ask, "wake": wake}
SUBMISSIONS: Mapping[str, Listener] = {ping.CALLBACK: snooze}

"""Buttons on strangers' cards: let them in, or give them a ticket of their own."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, number_in
from core.phrases import Refused, phrase
from core.tickets.joining import Standing


async def let_in(act: Act) -> Answer:
    await act.agent()
    meant, person = _about(act)
    await act.desk.let_in.soon(act.number, person, act.by, meant)


async def turn_away(act: Act) -> Answer:
    """Their words become a ticket of their own; of two who decide at once the second is told who did."""
    await act.agent()
    meant, person = _about(act)
    await act.desk.turn_away.soon(act.number, person, act.by, meant)


def _about(act: Act) -> tuple[Standing, int]:
    """How the stranger stood for whoever pressed the button, and who it is."""
    meant, _, rest = act.payload.value.partition(":")
    if meant not in {one.value for one in Standing}:
        raise Refused(phrase("This does nothing any more. The newest card has what can be done now."))
    return Standing(meant), number_in(rest.partition(":")[0])


ACTIONS: Mapping[str, Listener] = {"stranger-in": let_in, "stranger-out": turn_away}

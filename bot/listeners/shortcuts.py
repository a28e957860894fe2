"""Shortcuts of messages, where they are called and nobody can do what they say."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener
from core.phrases import Refused, phrase


async def open_ticket(act: Act) -> Answer:
    """Customers' own rooms are looked after by their side; this is another one."""
    raise Refused(
        phrase("Customers are not heard in this channel, so no ticket can be opened here. /desk help says what can be.")
    )


SHORTCUTS: Mapping[str, Listener] = {"open_ticket": open_ticket}

"""The App Home: shown anew each time somebody opens it, and after they have claimed something there."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener
from bot.homes import publish


async def opened(act: Act) -> Answer:
    """Somebody looks at it."""
    if act.payload.event.get("tab", "home") == "home":
        await publish(act)


async def claim(act: Act) -> Answer:
    """Take a ticket off the list."""
    await act.agent()
    try:
        await act.desk.claim.soon(act.number, act.by)
    finally:
        act.afterwards(publish(act))  # also when somebody else was first: the list was old


EVENTS: Mapping[str, Listener] = {"app_home_opened": opened}
ACTIONS: Mapping[str, Listener] = {"claim-home": claim}

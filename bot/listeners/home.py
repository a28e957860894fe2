"""The App Home: shown anew each time somebody opens it, and after they have claimed something there."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener
from bot.identity import no_agent
from bot.lists import lists
from bot.views import home


async def opened(act: Act) -> Answer:
    """Somebody looks at it."""
    if act.payload.event.get("tab", "home") == "home":
        await _publish(act)


async def claim(act: Act) -> Answer:
    """Take a ticket off the list."""
    await act.agent()
    try:
        await act.desk.claim.soon(act.number, act.by)
    finally:
        act.afterwards(_publish(act))  # also when somebody else was first: the list was old


async def _publish(act: Act) -> None:
    person = await act.person()
    if person.agent is None:
        refused = no_agent(person, await act.desk.book.soon())
        await act.slack.publish_home(person.user, home.stranger(refused.phrase, person.reader))
        return
    found = await lists(act)
    await act.slack.publish_home(person.user, home.show(found.overview, found.queues, found.where, person.reader))


EVENTS: Mapping[str, Listener] = {"app_home_opened": opened}
ACTIONS: Mapping[str, Listener] = {"claim-home": claim}

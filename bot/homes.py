"""Putting up somebody's Home as it is now."""

from __future__ import annotations

from bot.acts import Act
from bot.identity import no_agent
from bot.lists import lists
from bot.views import duty, held, home, learning, myself
from bot.views.rulebook import windows


async def publish(act: Act) -> None:
    """The Home of whoever acts; supervisors also see what mail is held back."""
    person = await act.person()
    if person.agent is None:
        refused = no_agent(person, await act.desk.book.soon())
        await act.slack.publish_home(person.user, home.stranger(refused.phrase, person.reader))
        return
    found = await lists(act)
    known = await act.desk.myself.soon(person.id)
    more = myself.show(known, person.reader) if known else []
    more += duty.at_home(await act.desk.duties.soon(), person.reader)
    if found.is_supervisor:
        more += myself.proposals(await act.desk.proposed.soon(), person.reader)
        more += held.at_home(await act.desk.held.soon(), person.reader)
        more += learning.at_home(await act.desk.learning.soon(), person.reader)
        more += windows.at_home(person.reader)
    await act.slack.publish_home(person.user, home.show(found.overview, found.queues, found.where, person.reader, more))

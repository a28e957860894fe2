"""What is looked up to list tickets for an agent: their own, and what waits in their queues."""

from __future__ import annotations

from typing import NamedTuple

from bot.acts import Act
from bot.posting import place_of
from bot.views.words import Where
from core.desk.showing import Overview
from core.rulebook import Queue
from core.storage.tickets import Line


class Lists(NamedTuple):
    """`where` gives the address of what stands in a room."""

    overview: Overview
    queues: tuple[Queue, ...]
    where: Where
    is_supervisor: bool = False

    def next(self) -> Line | None:
        """Of the tickets that nobody has taken the one whose turn it is."""
        return next(iter(self.waiting), None)

    @property
    def waiting(self) -> list[Line]:
        """The tickets that nobody has taken, of all the agent's queues, as their turns are."""
        lines = (line for page in self.overview.waiting.values() for line in page.lines)
        return sorted(lines, key=lambda one: one.turn)


async def lists(act: Act) -> Lists:
    """An agent's lists. Raises Refused for whoever is none."""
    agent = (await act.agent()).agent
    book = await act.desk.book.soon()
    queues = tuple(queue for queue in book.queues if agent and agent in book.agents_of(queue.name))
    overview = await act.desk.overview.soon(act.payload.person, tuple(queue.name for queue in queues))
    workspace = (await act.slack.me()).url

    return Lists(overview, queues, lambda post: place_of(workspace, post), agent in book.supervisors)

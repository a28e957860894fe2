"""One thing that a person did, as a listener has it in hand: who, what, and how to answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot.identity import Identity, Person, no_agent
from bot.payloads import Payload
from bot.reader import Reader
from bot.views.shown import Shown, sentence
from core.desk import Desk
from core.phrases import Phrase, Refused, phrase
from core.tickets.inspected import Inspected
from core.tickets.model import By
from gateways.slack.wire import Gone, Slack, SlackError, TooLate
from gateways.slack.wire import Refused as NotTaken
from gateways.slack.wire.blocks import Block

log = logging.getLogger("deskbell.bot")

Look = Callable[[bytes, str], Awaitable[Inspected]]
"""Takes a stranger's mail apart, to be looked at; where it says why that cannot be, its head alone. Never raises over
what is in it."""

Answer = dict[str, Any] | None
"""What a submitted window is answered with; None closes it."""


REMEMBERED = 10_000


class Passing(Exception):
    """It could not be done now, and is done again later."""


class Told:
    """What has been once in this process, of the last ten thousand: hints given."""

    def __init__(self) -> None:
        self._told: dict[str, None] = {}

    def first(self, what: str) -> bool:
        if what in self._told:
            return False
        self._told[what] = None
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return True


@dataclass(slots=True)
class Act:
    """Something to be answered. `late`: it is done again from what was kept, and no window can be opened any more.

    `afterwards` takes what may be done when Slack has its answer.
    """

    desk: Desk
    slack: Slack
    identity: Identity
    told: Told
    look: Look
    payload: Payload
    id: int | None
    late: bool
    afterwards: Callable[[Coroutine[Any, Any, None]], None]
    _person: Person | None = field(default=None, repr=False)

    # Who

    async def person(self) -> Person:
        """Whoever did it."""
        if self._person is None:
            self._person = await self.identity.who(self.payload.person)
        return self._person

    async def supervisor(self) -> Person:
        """Whoever did it, who must be a supervisor. Raises Refused, saying whom to ask."""
        person = await self.agent()
        book = await self.desk.book.soon()
        if person.agent not in book.supervisors:
            names = [agent.name for agent in book.supervisors]
            raise Refused(phrase("Only supervisors can do this. Ask {names}.", names=names))
        return person

    async def agent(self) -> Person:
        """Whoever did it, who must be an agent. Raises Refused, saying how one becomes one."""
        person = await self.person()
        if person.agent is None:
            raise no_agent(person, await self.desk.book.soon())
        return person

    @property
    def reader(self) -> Reader:
        """How whoever did it reads, as far as that is known by now."""
        return self._person.reader if self._person else self.identity.last_reader(self.payload.person)

    @property
    def by(self) -> By:
        return By(self.payload.person, self.id)

    # What

    @property
    def number(self) -> int:
        """The ticket that a button or a window is about. Raises Refused for what says none."""
        said = self.payload.notes.get("ticket") or self.payload.value.rpartition(":")[2]
        return number_in(str(said))

    # How it is answered

    async def tell(self, said: Phrase | Shown) -> None:
        """For the eyes of whoever did it, where they did it; else as a direct message."""
        shown = said if isinstance(said, Shown) else sentence(said, self.reader)
        place = self.payload
        try:
            if place.response_url:
                await self.slack.respond(place.response_url, shown.text, shown.blocks, place.thread)
                return
            if place.room:
                await self.slack.whisper(place.room, place.user, shown.text, shown.blocks, place.thread)
                return
        except (Gone, NotTaken) as no:
            log.info("%s could not be told on the spot (%s)", place.person, no)
        await self.slack.write_to(place.user, shown.text, shown.blocks)

    async def write(self, said: Shown) -> None:
        """To whoever did it, as a direct message. That it fails undoes nothing."""
        try:
            await self.slack.write_to(self.payload.user, said.text, said.blocks)
        except SlackError as error:
            log.warning("%s could not be told: %s", self.payload.person, error)

    async def open(self, view: Block) -> str:
        """Open a window; its id. Raises Refused where the click is too old for that."""
        return await self._by_trigger(self.slack.open_view, view)

    async def push(self, view: Block) -> str:
        """Open a window over the one that is open; its id."""
        return await self._by_trigger(self.slack.push_view, view)

    async def _by_trigger(self, show: Callable[[str, Block], Awaitable[str]], view: Block) -> str:
        if self.late:
            raise _too_late()
        try:
            return await show(self.payload.trigger, view)
        except TooLate as late:
            raise _too_late() from late


Listener = Callable[[Act], Awaitable[Answer]]


def number_in(said: str) -> int:
    """A ticket's number as people write it. Raises Refused."""
    digits = said.strip().lstrip("#")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise Refused(phrase("Which ticket? Give its number, like 42."))
    return int(digits)


def _too_late() -> Refused:
    return Refused(phrase("That took too long, and Slack no longer opens a window for it. Please click again."))

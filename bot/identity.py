"""Who acts: a Slack user as an agent of the desk, and how that person reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.reader import Reader
from core.desk import Desk
from core.phrases import Refused, phrase
from core.rulebook import Agent, Rulebook
from core.storage.people import Colleague
from core.templates.locales import negotiate
from gateways.slack.wire import Slack
from gateways.slack.wire.people import ask, is_stale, learn


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack. `agent` is None for whoever is none of the desk's."""

    id: str  # "TEAM:USER"
    name: str
    email: str | None
    outside: bool
    reader: Reader
    agent: Agent | None

    @property
    def user(self) -> str:
        return self.id.rpartition(":")[2]


class Identity:
    """Knows people: asks the desk, and Slack where the desk does not know or has not asked for an hour."""

    def __init__(self, desk: Desk, slack: Slack):
        self.desk, self.slack = desk, slack
        self._readers: dict[str, Reader] = {}

    async def who(self, id: str) -> Person:
        """Raises SlackError where nobody can say who it is now."""
        colleague, agent, book = await self.desk.who.soon(id)
        if is_stale(colleague, self.desk.db.clock()):
            await ask(self.desk, self.slack, id, colleague)
            colleague, agent, book = await self.desk.who.soon(id)
        if colleague is None:
            return Person(id, "", None, True, Reader(book.desk.locale, book.desk.zone), None)
        reader = reader_of(colleague, book)
        self._readers[id] = reader
        return Person(id, colleague.name, colleague.email, colleague.outside, reader, agent)

    def last_reader(self, id: str) -> Reader:
        """How somebody read when we last knew: for when the store does not answer."""
        return self._readers.get(id) or Reader()

    async def learn(self, user: Mapping[str, Any]) -> Colleague:
        """Remember what Slack says of somebody."""
        return await learn(self.desk, self.slack, user)


def reader_of(colleague: Colleague, book: Rulebook) -> Reader:
    """A colleague's own language and zone where we have them, else the desk's."""
    locale = colleague.locale if negotiate(colleague.locale) else book.desk.locale
    return Reader(locale or book.desk.locale, _zone(colleague.zone) or book.desk.zone)


def _zone(name: str | None) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def no_agent(person: Person, book: Rulebook) -> Refused:
    """What somebody is told who is no agent: that, and how one becomes one."""
    if person.outside:
        return Refused(phrase("Only members of this workspace can work on tickets here."))
    asked = [agent.name for agent in book.supervisors]
    if not asked:
        return Refused(
            phrase(
                "This desk has no supervisor yet. Whoever installed it finds a code in its terminal; "
                "type /desk setup CODE to become the first."
            )
        )
    return Refused(
        phrase(
            "You are not an agent of this desk yet. Ask {names} to add you with your mail address.",
            names=asked,
        )
    )

"""Who acts: a Slack user as an agent of the desk, and how that person reads."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.reader import Reader
from core.desk import Desk
from core.phrases import Refused, phrase
from core.rulebook import Agent, Rulebook
from core.storage.people import Colleague
from core.templates.locales import negotiate
from gateways.slack.wire import Gone, Slack, SlackError

log = logging.getLogger("deskbell.bot")

STALE = timedelta(hours=1)
"""After this long we ask again who somebody is: a guest may have become a member, an address may have changed."""


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
        if colleague is None or self.desk.db.clock() - colleague.fetched_at > STALE:
            await self._ask(id, colleague)
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
        colleague = colleague_of(user, (await self.slack.me()).team, self.desk.db.clock())
        await self.desk.remember_colleague.soon(colleague)
        return colleague

    async def _ask(self, id: str, known: Colleague | None) -> None:
        try:
            await self.learn(await self.slack.person(id.rpartition(":")[2]))
        except Gone:
            log.warning("Slack does not know %s, who acts all the same", id)
        except SlackError as error:
            if known is None:
                raise
            log.warning("who %s is now could not be asked, so what we knew holds: %s", id, error)


def colleague_of(user: Mapping[str, Any], our_team: str, now: datetime) -> Colleague:
    """A Slack user object as the desk keeps it. Guests, strangers, bots and those who have left are outside."""
    profile = user.get("profile") or {}
    team = str(user.get("team_id") or our_team)
    outside = (
        team != our_team
        or any(user.get(sign) for sign in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"))
        or user.get("id") == "USLACKBOT"
    )
    return Colleague(
        team=team,
        user=str(user["id"]),
        name=str(profile.get("real_name") or user.get("real_name") or user.get("name") or ""),
        email=profile.get("email") or None if user.get("is_email_confirmed", True) else None,
        locale=user.get("locale") or None,
        zone=user.get("tz") or None,
        outside=outside,
        fetched_at=now,
    )


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

"""Which Slack user an agent of the rulebook is."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.desk import Desk
from core.rulebook import Agent
from gateways.slack.wire import Slack

ASK_AGAIN = timedelta(hours=1)
"""After this long an address that nobody in the workspace had is looked for again."""


class Finder:
    """Knows whom the desk knows, and asks Slack for the others. Every method raises SlackError."""

    def __init__(self, desk: Desk, slack: Slack):
        self.desk, self.slack = desk, slack
        self._users: dict[str, str] = {}  # by mail address
        self._missed: dict[str, datetime] = {}  # addresses that nobody had, and when

    async def refresh(self) -> None:
        """Look at whom the desk knows by now."""
        for colleague in await self.desk.colleagues.soon((await self.slack.me()).team):
            if colleague.email and not colleague.outside:
                self._users[colleague.email.casefold()] = colleague.user

    async def user_of(self, agent: Agent) -> str | None:
        """The agent's user id; None where nobody in the workspace is it."""
        if agent.slack:
            return agent.slack.rpartition(":")[2]
        return await self.user_at(agent.email) if agent.email else None

    async def user_at(self, email: str) -> str | None:
        """Asked of Slack once; where nobody has the address, again when somebody may have it by now."""
        folded, now = email.casefold(), self.desk.db.clock()
        if folded in self._users:
            return self._users[folded]
        missed = self._missed.get(folded)
        if missed is not None and now - missed < ASK_AGAIN:
            return None
        await self.refresh()
        user = self._users.get(folded) or await self.slack.person_at(email)
        if user is None:
            self._missed[folded] = now
        else:
            self._users[folded] = user
        return user

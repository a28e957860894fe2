"""How supervisors are told what goes wrong: a direct message, in their language, at most one a minute."""

from __future__ import annotations

from datetime import timedelta

from bot.finding import Finder
from bot.identity import reader_of
from bot.posting import place_of, put_off
from bot.reader import Reader
from bot.views import trouble
from core.desk import Desk
from core.engine.hands import Later, Record
from core.rulebook import Rulebook
from core.storage.ledger import Lease
from gateways.slack.wire import Refused, Slack, SlackError

NOBODY = timedelta(hours=1)
"""How long one waits who is not in the workspace, or takes no message of ours."""


class Warn:
    """Tells one supervisor everything that they have not heard of. What was told twice after a crash does no harm."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk
        self.finder = Finder(desk, slack)

    async def do(self, lease: Lease) -> Record | None:
        name = lease.facts["supervisor"]
        book = await self.desk.book.soon()
        agent = next((agent for agent in book.supervisors if agent.name == name), None)
        found = await self.desk.troubles.soon(name)
        if agent is not None and found.untold.first:
            try:
                user = await self.finder.user_of(agent)
                if user is None:
                    raise Later(f"{name} is not found in the workspace", NOBODY, counts=False)
                workspace = (await self.slack.me()).url
                shown = trouble.show(found, lambda post: place_of(workspace, post), await self._reader(user, book))
                await self.slack.write_to(user, shown.text, shown.blocks)
            except Refused as no:
                raise Later(str(no), NOBODY, counts=False) from no
            except SlackError as error:
                put_off(lease, error, "", self.desk.db.clock())
        return self.desk.told.step(name, found.untold.end)

    async def _reader(self, user: str, book: Rulebook) -> Reader:
        colleague = await self.desk.colleague.soon(f"{(await self.slack.me()).team}:{user}")
        return reader_of(colleague, book) if colleague else Reader(book.desk.locale, book.desk.zone)

"""How an agent who wanted a ticket of what a customer said in their room is told where its card is."""

from __future__ import annotations

from datetime import timedelta

from bot.identity import reader_of
from bot.posting import place_of, put_off
from bot.reader import Reader
from bot.views import opener
from core.desk import Desk
from core.engine.hands import Later, Record
from core.storage.ledger import Lease
from gateways.slack.wire import Slack, SlackError

LOOK_AGAIN = timedelta(seconds=2)
"""So often one looks whether it has a card."""

PATIENCE = timedelta(minutes=2)
"""After so long they are told without one."""


class TellOpener:
    """Tells them, where only they read it. Twice after a crash does no harm."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk

    async def do(self, lease: Lease) -> Record | None:
        agent = lease.facts["agent"]
        became = await self.desk.became.soon(lease.facts["channel"], lease.facts["message"], lease.facts["key"])
        is_early = self.desk.db.clock() - lease.created_at < PATIENCE
        if is_early and (became.waits or (became.ticket is not None and became.card is None)):
            raise Later("there is no card yet", LOOK_AGAIN, counts=False)
        colleague, book = await self.desk.colleague.soon(agent), await self.desk.book.soon()
        reader = reader_of(colleague, book) if colleague else Reader(book.desk.locale, book.desk.zone)
        try:
            workspace = (await self.slack.me()).url
            shown = opener.show(became, lambda post: place_of(workspace, post), reader)
            await self.slack.write_to(agent.rpartition(":")[2], shown.text, shown.blocks)
        except SlackError as error:
            put_off(lease, error, "", self.desk.db.clock())
        return None

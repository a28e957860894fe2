"""How agents hear of duties: that they have one from now on, that somebody asks them to take one, what was said."""

from __future__ import annotations

from bot.finding import Finder
from bot.identity import reader_of
from bot.posting import put_off
from bot.reader import Reader
from bot.views import duty
from core.desk import Desk
from core.engine.hands import Hand, Hands, Record
from core.rulebook import Agent
from core.storage.ledger import Lease
from gateways.slack.wire import Refused, Slack, SlackError


class Duties:
    """Tells them."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk
        self.finder = Finder(desk, slack)

    @property
    def hands(self) -> Hands:
        return {"tell-swap": Hand(self.tell_swap), "duty": Hand(self.tell_duty)}

    async def tell_swap(self, lease: Lease) -> Record | None:
        found = await self.desk.swap.soon(lease.facts["swap"])
        if found is None or found.whom is None:
            return None
        try:
            if (user := await self.finder.user_of(found.whom)) is not None:
                shown = duty.asked(found, await self._reader(user))
                await self.slack.write_to(user, shown.text, shown.blocks)
        except Refused:
            return None  # whoever takes no message of ours is not asked; their colleague sees that nothing is said
        except SlackError as error:
            put_off(lease, error, "", self.desk.db.clock())
        return None

    async def tell_duty(self, lease: Lease) -> Record | None:
        """Whoever has it newly hears so, and is told what was left; then it is looked at when it changes next."""
        roster = lease.facts["roster"]
        handed = await self.desk.handed_over.soon(roster, lease.facts["has"])
        if handed is None:
            return None
        if handed.is_new and handed.whom is not None:
            await self._tell(lease, handed.whom, handed)
        return self.desk.duty_looked_at.step(roster, handed.duty.person, handed.duty.ends)

    async def _tell(self, lease: Lease, whom: Agent, handed: duty.Handed) -> None:
        try:
            if (user := await self.finder.user_of(whom)) is not None:
                shown = duty.yours(handed, await self._reader(user))
                await self.slack.write_to(user, shown.text, shown.blocks)
        except Refused:
            return  # they see it in their Home
        except SlackError as error:
            put_off(lease, error, "", self.desk.db.clock())

    async def _reader(self, user: str) -> Reader:
        colleague = await self.desk.colleague.soon(f"{(await self.slack.me()).team}:{user}")
        book = await self.desk.book.soon()
        return reader_of(colleague, book) if colleague else Reader(book.desk.locale, book.desk.zone)

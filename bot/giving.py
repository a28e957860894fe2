"""How agents hear of tickets that the desk, or a colleague, gives or offers them: a direct message."""

from __future__ import annotations

from bot.identity import Identity
from bot.posting import place_of, put_off
from bot.views import assignment
from core.desk import Desk
from core.engine.hands import Hand, Hands, Record
from core.storage.ledger import Lease
from core.tickets.model import By, Status
from gateways.slack.wire import Refused, Slack, SlackError


def hands(slack: Slack, desk: Desk) -> Hands:
    """A hand for each thing that an agent is told."""
    giving = Giving(slack, desk)
    return {"tell-given": Hand(giving.tell_given), "tell-offered": Hand(giving.tell_offered)}


class Giving:
    """Tells agents, as it is when they are told: what is no longer so is not said."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk
        self.identity = Identity(desk, slack)

    async def tell_given(self, lease: Lease) -> Record | None:
        """That they have a ticket now."""
        agent = str(lease.facts["agent"])
        card = await self.desk.card.soon(lease.facts["ticket"])
        if card.ticket.assignee != agent or card.ticket.status is Status.CLOSED:
            return None
        giver = await self.desk.giver.soon(card.ticket.number)
        try:
            workspace = (await self.slack.me()).url
            person = await self.identity.who(agent)
            name = None if giver is None or By(giver.id).is_rule else giver.name
            shown = assignment.given(card, name, lambda post: place_of(workspace, post), person.reader)
            await self.slack.write_to(person.user, shown.text, shown.blocks)
        except Refused:
            return None  # whoever takes no message of ours sees it in their Home
        except SlackError as error:
            put_off(lease, error, card.ticket.queue, self.desk.db.clock())
        return None

    async def tell_offered(self, lease: Lease) -> Record | None:
        """Whether they take it."""
        offer = await self.desk.offer.soon(lease.facts["offer"])
        if offer is None:
            return None
        card = await self.desk.card.soon(offer.ticket)
        try:
            workspace = (await self.slack.me()).url
            person = await self.identity.who(offer.agent)
            seconds = max(1, round((offer.until - self.desk.db.clock()).total_seconds()))
            shown = assignment.offered(card, lambda post: place_of(workspace, post), person.reader, seconds)
            await self.slack.write_to(person.user, shown.text, shown.blocks)
        except Refused:
            return None  # the offer runs out, and the next one is asked
        except SlackError as error:
            put_off(lease, error, card.ticket.queue, self.desk.db.clock())
        return None

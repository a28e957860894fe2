"""How agents hear that what was promised is nearly due, or late: in the ticket's thread, for the room to see."""

from __future__ import annotations

from bot.posting import NO_ROOM, Place, put, put_off
from bot.views import promises
from core.desk import Desk
from core.engine.hands import Hand, Hands, Later, Record
from core.storage.ledger import Lease
from core.tickets.model import Status
from gateways.slack.wire import Slack, SlackError


def hands(slack: Slack, desk: Desk) -> Hands:
    """A hand for what is told of promises."""
    return {"tell-due": Hand(Promises(slack, desk).tell_due)}


class Promises:
    """Tells of promises as they are when they are told: what is no longer so is not said."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk

    async def tell_due(self, lease: Lease) -> Record | None:
        """How much of the time for one of them is used."""
        card = await self.desk.card.soon(lease.facts["ticket"])
        clock, share = str(lease.facts["clock"]), int(lease.facts["share"])
        due = next((one for one in card.dues if one.kind.value == clock and one.told >= share), None)
        if due is None or card.ticket.status is Status.CLOSED:
            return None
        if card.room is None or card.post is None or card.post.room != card.room.room:
            raise Later("there is no thread yet", NO_ROOM)
        place = Place(card.room, card.post.ts, f"due:{card.ticket.number}:{clock}:{share}:{lease.id}", in_room=True)
        try:
            await put(self.slack, lease, place, promises.warning(card, due, share))
        except SlackError as error:
            put_off(lease, error, card.ticket.queue, self.desk.db.clock())
        return None

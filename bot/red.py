"""Puts red alerts into their room, and keeps them as their tickets are."""

from __future__ import annotations

import logging

from bot.posting import NO_ROOM, Place, place_of, put, put_off, room_pace
from bot.reader import Reader
from bot.views import red
from bot.views.words import Where
from core.desk import Desk
from core.desk.showing import Card
from core.engine.hands import Hand, Hands, Later, Record
from core.rulebook.model import RED
from core.storage.ledger import Lease
from gateways.slack.wire import Gone, Refused, Slack, SlackError

log = logging.getLogger("deskbell.bot")


class Red:
    """Red alerts."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk

    @property
    def hands(self) -> Hands:
        return {"show-red": Hand(self.show)}

    async def show(self, lease: Lease) -> Record | None:
        """Into the room, where it does not stand there yet. It does not wait for the ticket's own card."""
        card = await self.desk.card.soon(lease.facts["ticket"])
        if card.routing is None or card.routing.red_at is None or card.routing.red_ts is not None:
            return None
        room = next((one for one in await self.desk.rooms.soon() if one.queue == RED), None)
        if room is None:
            raise Later("red alerts have no room in Slack yet", NO_ROOM, pace=room_pace(RED), counts=False)
        try:
            shown = red.first(card, await self._where(), Reader(card.locale))
            ts = await put(self.slack, lease, Place(room, None, f"red:{card.ticket.number}"), shown)
        except SlackError as error:
            put_off(lease, error, RED, self.desk.db.clock())
        return self.desk.red_posted.step(card.ticket.number, room.room, ts)

    async def refresh(self, card: Card) -> None:
        """As the ticket is now. What cannot be changed any more stays as it was: the card itself says how it stands."""
        if card.routing is None or card.routing.red_room is None or card.routing.red_ts is None:
            return
        shown = red.show(card, await self._where(), Reader(card.locale))
        try:
            await self.slack.update(card.routing.red_room, card.routing.red_ts, shown.text, shown.blocks)
        except (Gone, Refused) as no:
            log.info("ticket %s: its red alert stays as it was: %s", card.ticket.number, no)

    async def _where(self) -> Where:
        workspace = (await self.slack.me()).url
        return lambda post: place_of(workspace, post)

"""How a stranger's card comes into its ticket's thread, follows it, and stays as what was decided says."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.posting import Place, change
from bot.views import stranger as view
from bot.views.card import moved
from bot.views.shown import Shown
from core.desk import Desk
from core.desk.joining import Asked
from core.desk.showing import Card
from core.engine.hands import Record
from core.storage.ledger import Lease
from core.storage.rooms import Post, Room
from core.storage.strangers import Place as Stands
from gateways.slack.wire import Gone, Refused, Slack

log = logging.getLogger("deskbell.bot")

Put = Callable[[Lease, Place, Shown], Awaitable[str]]
"""Posts something, and gives its ts."""


class Strangers:
    """Shows those who wrote into tickets without taking part in them."""

    def __init__(self, slack: Slack, desk: Desk, put: Put):
        self.slack, self.desk, self.put = slack, desk, put

    async def show(self, lease: Lease, card: Card, room: Room, thread: str) -> Record | None:
        """Bring a stranger's card up to date, in the thread where the ticket's card stands now.

        One whose turn has not come yet is not shown; one that is decided is not posted any more.
        """
        asked = await self.desk.asked.soon(card.ticket.number, lease.facts["stranger"])
        shown, stands = view.show(asked), asked.place
        if stands is not None and (not asked.said or (stands.room, stands.thread) == (room.room, thread)):
            if stands.face == shown.face:
                return None
            if await self._changed(asked, stands, shown) or not asked.said:
                return self._record(asked, stands._replace(face=shown.face))
        elif stands is not None:
            await self._left(card, asked, stands, room)
        elif not (asked.said and asked.is_in_turn):
            return None
        ts = await self._posted(lease, asked, Place(room, thread, _key(asked), _is_for_all(asked)), shown)
        return self._record(asked, Stands(room.team, room.room, thread, ts, shown.face))

    def _record(self, asked: Asked, stands: Stands) -> Record:
        return self.desk.asked_at.step(asked.ticket.number, asked.stranger.person, stands)

    async def _posted(self, lease: Lease, asked: Asked, place: Place, shown: Shown) -> str:
        is_new = asked.place is None
        try:
            return await self.put(lease, place, view.first(asked, shown) if is_new else shown)
        except Refused as no:
            log.error("ticket %s: Slack does not take a stranger's card: %s", asked.ticket.number, no)
            return await self.put(lease, place, view.bare(asked, no.code))

    async def _changed(self, asked: Asked, stands: Stands, shown: Shown) -> bool:
        post = _post(asked, stands)
        try:
            return await change(self.slack, post, shown)
        except Refused as no:
            log.error("ticket %s: Slack does not take a stranger's card: %s", asked.ticket.number, no)
            return await change(self.slack, post, view.bare(asked, no.code))

    async def _left(self, card: Card, asked: Asked, stands: Stands, room: Room) -> None:
        """Say where it stood that the ticket is elsewhere now; where nothing can be changed any more, it stays."""
        try:
            await change(self.slack, _post(asked, stands), moved(card, room.room))
        except (Gone, Refused) as no:
            log.warning("ticket %s: what a stranger's card leaves behind stays: %s", card.ticket.number, no)


def _key(asked: Asked) -> str:
    return f"stranger:{asked.ticket.number}:{asked.stranger.person}"


def _is_for_all(asked: Asked) -> bool:
    return asked.place is None and view.is_for_all(asked)


def _post(asked: Asked, stands: Stands) -> Post:
    return Post(stands.team, stands.room, stands.ts, asked.ticket.number, 0, stands.face)

"""Puts proposals that tickets are about one matter where agents see them, and keeps them as they are."""

from __future__ import annotations

import logging

from bot.posting import NO_ROOM, Place, place_of, put, put_off, room_pace
from bot.reader import Reader
from bot.views import gathering
from core.desk import Desk
from core.engine.hands import Hand, Hands, Later, Record
from core.phrases import NotFound
from core.routing.clusters import Matter
from core.storage.ledger import Lease
from gateways.slack.wire import Gone, Slack, SlackError

log = logging.getLogger("deskbell.bot")


class Gatherings:
    """Proposals."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk

    @property
    def hands(self) -> Hands:
        return {"show-gathering": Hand(self.show)}

    async def show(self, lease: Lease) -> Record | None:
        """Of several customers into the queue's room, of one customer below the newer card; once, then as it stands."""
        try:
            found = await self.desk.together.soon(lease.facts["gathering"])
        except NotFound:
            return None
        known = found.gathering
        if found.room is None:
            raise Later("the queue has no room in Slack yet", NO_ROOM, pace=room_pace(known.queue), counts=False)
        if known.matter is Matter.DOUBLE and found.thread is None:
            raise Later("the card comes first", NO_ROOM)
        workspace = (await self.slack.me()).url
        shown = gathering.show(found, lambda post: place_of(workspace, post), Reader(found.locale))
        try:
            if known.room is not None and known.ts is not None:
                try:
                    await self.slack.update(known.room, known.ts, shown.text, shown.blocks)
                    return None
                except Gone as gone:  # it was deleted: what can still be said of it is posted anew
                    log.info("proposal %s is posted anew: %s", known.id, gone)
            thread = found.thread.ts if found.thread is not None else None
            ts = await put(self.slack, lease, Place(found.room, thread, f"gathering:{known.id}"), shown)
        except SlackError as error:
            put_off(lease, error, known.queue, self.desk.db.clock())
        return self.desk.together_posted.step(known.id, found.room.team, found.room.room, ts)

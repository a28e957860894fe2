"""Says where agents see it how far one answer to many has come, and keeps that as it is."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.posting import NO_ROOM, Place, put, put_off, room_pace
from bot.reader import Reader
from bot.views import many
from core.desk import Desk
from core.engine.hands import Hand, Hands, Later, Record
from core.phrases import NotFound
from core.storage.ledger import Lease
from gateways.slack.wire import Gone, Slack, SlackError

log = logging.getLogger("deskbell.bot")

NOT_YET = timedelta(seconds=1)
"""So long a progress is waited for that has nowhere to stand yet."""


class Circulars:
    """One answer to many."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk

    @property
    def hands(self) -> Hands:
        return {"show-circular": Hand(self.show)}

    async def show(self, lease: Lease) -> Record | None:
        """One line in the incident's thread; posted once, then as it stands."""
        try:
            found = await self.desk.progress.soon(lease.facts["circular"])
        except NotFound:
            return None
        known = found.circular
        if found.room is None:
            raise Later("the queue has no room in Slack yet", NO_ROOM, pace=room_pace(known.queue), counts=False)
        shown = many.progress(found, Reader(found.locale))
        try:
            if known.room is not None and known.ts is not None:
                try:
                    await self.slack.update(known.room, known.ts, shown.text, shown.blocks)
                    return None
                except Gone as gone:
                    log.info("answer %s to many is told of anew: %s", known.id, gone)
            ts = await put(self.slack, lease, Place(found.room, found.thread, f"circular:{known.id}"), shown)
        except SlackError as error:
            put_off(lease, error, known.queue, self.desk.db.clock())
        return self.desk.circular_posted.step(known.id, found.room.team, found.room.room, ts)

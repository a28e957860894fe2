"""What was said in customers' rooms and nobody told us, because we were away for longer than Slack repeats it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.desk import Desk
from core.engine.hands import Later, Record
from core.storage.ledger import Lease
from gateways.slack.keeping import keep, later, told
from gateways.slack.reading import (
    CHANNEL,
    moment,
)
from gateways.slack.wire import Gone, RateLimited, Slack, SlackError
from gateways.slack.writing import place

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=5)
"""So much is looked at again: what Slack tells comes late at times."""


class CatchingUp:
    """Looks what was said."""

    def __init__(self, desk: Desk, slack: Slack):
        self.desk, self.slack = desk, slack

    async def look(self, lease: Lease) -> Record | None:
        """Keep what was said in a room, and in the threads of its open tickets, and that we were not told of."""
        seat = await self.desk.seat_of.soon(lease.facts["seat"])
        if seat is None:
            return None
        now, since = self.desk.db.clock() - OVERLAP, float(seat.heard_to)
        threads = [place(thread) for thread in await self.desk.open_threads.soon(CHANNEL, seat.number)]
        found: dict[str, Mapping[str, Any]] = {}
        try:
            for thread in (None, *(one.thread for one in threads if one)):
                found |= {str(one["ts"]): one async for one in self.slack.messages(seat.room, since, thread)}
        except RateLimited as often:
            raise Later(str(often), often.retry_after, pace=f"{CHANNEL}-history", counts=False) from often
        except Gone as gone:
            log.warning("nobody can look what was said in #%s: %s", seat.name, gone)
            return None
        except SlackError as error:
            raise later(error) from error
        fresh = 0
        for ts in sorted(found, key=moment):
            fresh += await keep(self.desk, seat, told(seat, found[ts]))
            if found[ts].get("edited"):
                changed = told(seat, {"subtype": "message_changed", "message": found[ts]})
                fresh += await keep(self.desk, seat, changed)
        if fresh:
            log.info("%s things were said in #%s that we had not been told of", fresh, seat.name)
        return self.desk.heard_to.step(seat.number, f"{max(now.timestamp(), since):.6f}")

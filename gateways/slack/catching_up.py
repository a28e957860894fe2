"""What was said, changed or deleted in customers' rooms and nobody told us, because we were away for longer than Slack
repeats it.

A look is many jobs, each of one call: so it keeps to its pace, lets what customers wait for go first, and goes on where
it was when it was interrupted. First the room itself is read, from where the last look ended; then each thread that a
ticket may still go on in, whole; then what we have of its tickets and did not see there is asked for by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from core.desk import Desk
from core.effects import Look
from core.engine.hands import Later, Record
from core.storage.customers_rooms import Seat
from core.storage.ledger import Lease
from gateways.slack.keeping import keep, later, told
from gateways.slack.reading import CHANNEL, Deleted, external_id, moment
from gateways.slack.wire import Gone, RateLimited, Slack, SlackError, Stretch
from gateways.slack.writing import place

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=5)
"""So much is looked at again: what Slack tells comes late at times."""

REMEMBERED = timedelta(days=60)
"""What is older is not looked for: some workspaces hide old messages, and what is hidden is not deleted."""

MOST_ASKED = 50
"""Messages of a thread's tickets that one look asks for by themselves, the newest first."""

JUST_BEFORE = 0.000001
"""Seconds between two times of Slack's that can be told apart."""

_BURIED = "tombstone"


class CatchingUp:
    """Looks what was said."""

    def __init__(self, desk: Desk, slack: Slack):
        self.desk, self.slack = desk, slack

    async def look(self, lease: Lease) -> Record | None:
        """Look at one place, and say where to look next."""
        look = Look(**lease.facts)
        seat = await self.desk.seat_of.soon(look.seat)
        if seat is None:
            return None
        try:
            if look.ts:
                return await self._at_one(seat, look)
            return await (self._at_thread(seat, look) if look.thread else self._at_room(seat, look))
        except RateLimited as often:
            raise Later(str(often), often.retry_after, pace=f"{CHANNEL}-history", counts=False) from often
        except Gone as gone:
            log.warning("nobody can look what was said in #%s: %s", seat.name, gone)
            return None
        except SlackError as error:
            raise later(error) from error

    async def _at_room(self, seat: Seat, look: Look) -> Record:
        """The room from where the last look ended. Slack gives the newest of a time first: what there is more of is
        read before it is kept, so that all is heard in order.
        """
        now, since = self.desk.db.clock() - OVERLAP, float(seat.heard_to)
        times = look.to.split()
        found = await self.slack.stretch(seat.room, since, float(times[-1]) if times else None)
        first = min((str(one["ts"]) for one in found.messages), default="")
        if found.has_more and first:
            before = look._replace(to=" ".join([*times, first]), since=look.since or seat.heard_to)
            return self.desk.looked_back.step(CHANNEL, seat.number, [before])
        await self._keep(seat, found.messages)
        start = look.since or seat.heard_to
        then = [Look(seat.number, thread=root, since=start) for root in _answered(found.messages, float(start))]
        if times:
            rest, done = look._replace(to=" ".join(times[:-1])), max(since, float(times[-1]) - JUST_BEFORE)
            return self.desk.looked_back.step(CHANNEL, seat.number, [*then, rest], f"{done:.6f}")
        threads = [place(key) for key in await self.desk.going_threads.soon(CHANNEL, seat.number)]
        then += [Look(seat.number, thread=one.thread, since=start) for one in threads if one]
        return self.desk.looked_back.step(CHANNEL, seat.number, then, f"{max(now.timestamp(), since):.6f}")

    async def _at_thread(self, seat: Seat, look: Look) -> Record:
        """A part of a thread: what is new or changed in it is kept, and what we have of that time and do not see there
        is asked for.
        """
        key = f"{seat.number}/{look.thread}"
        ours = self._of_late(seat, await self.desk.said_in.soon(CHANNEL, key))
        after = float(look.after or 0)
        try:
            found = await self.slack.stretch(seat.room, after, None, look.thread)
        except Gone as gone:
            if gone.is_room:
                raise
            found = Stretch((), has_more=False)  # its first message was deleted before anybody answered it
        seen = {str(one["ts"]) for one in found.messages}
        last = max((float(ts) for ts in seen), default=after)
        goes_on = found.has_more and last > after
        heard = [one for one in found.messages if float(one["ts"]) > float(look.since) or str(one["ts"]) in ours]
        await self._keep(seat, heard, ours)
        missed = [ts for ts in ours - seen if float(ts) > after and (float(ts) <= last or not goes_on)]
        asked = [Look(seat.number, ts=ts) for ts in sorted(missed, key=moment, reverse=True)[:MOST_ASKED]]
        more = [look._replace(after=f"{last:.6f}")] if goes_on else []
        return self.desk.looked_back.step(CHANNEL, seat.number, [*asked, *more])

    async def _at_one(self, seat: Seat, look: Look) -> None:
        """A message that we have: it may stand elsewhere, with other words, or nowhere any more."""
        found = await self.slack.message_at(seat.room, look.ts)
        if found is None:
            await self._deleted(seat, look.ts)
        else:
            await self._keep(seat, [found], {look.ts})

    def _of_late(self, seat: Seat, ids: Sequence[str]) -> set[str]:
        """The times of those of these messages that were said in this room, and not so long ago."""
        since = (self.desk.db.clock() - REMEMBERED).timestamp()
        times = [ts for room, _, ts in (id.partition(":") for id in ids) if room == str(seat.number)]
        return {ts for ts in times if ts[:1].isdigit() and float(ts) > since}

    async def _keep(self, seat: Seat, found: Sequence[Mapping[str, Any]], ours: Collection[str] = ()) -> None:
        """Keep what was said in order, and what became of it since; what we have already is known."""
        fresh = 0
        for one in sorted(found, key=lambda one: moment(str(one["ts"]))):
            if one.get("subtype") == _BURIED:  # the first message of a thread is gone, for whose sake something stays
                if str(one["ts"]) in ours:
                    await self._deleted(seat, str(one["ts"]))
                continue
            fresh += await keep(self.desk, seat, told(seat, one))
            if one.get("edited"):
                fresh += await keep(self.desk, seat, told(seat, {"subtype": "message_changed", "message": one}))
        if fresh:
            log.info("%s things were said in #%s that we had not been told of", fresh, seat.name)

    async def _deleted(self, seat: Seat, ts: str) -> None:
        if await keep(self.desk, seat, Deleted(ts).as_told):
            log.info("%s was deleted, and we had not been told of it", external_id(seat.number, ts))


def _answered(found: Sequence[Mapping[str, Any]], since: float) -> list[str]:
    """The first messages, of these, of threads in which something was said since then: they may be tickets' soon."""
    return [str(one["ts"]) for one in found if float(one.get("latest_reply") or 0) > since]

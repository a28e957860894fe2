"""How what customers say in Slack comes in, kept before Slack is told that we have it; and which rooms are theirs.

It arrives among all that Slack tells us, so the agents' side asks here first whose it is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from core.desk import Desk
from core.phrases import DeskError, Phrase, phrase
from core.rulebook import CustomersRoom, Rulebook
from core.storage.customers_rooms import Seat
from gateways.slack.keeping import SETTLES, keep
from gateways.slack.reading import room_of
from gateways.slack.wire import Channel, Refused, Slack, TokenWrong
from gateways.slack.wire.events import is_of_a_person, team_of

log = logging.getLogger(__name__)


class Arriving:
    """Where customers speak to us in Slack."""

    def __init__(self, desk: Desk, slack: Slack):
        self.desk, self.slack = desk, slack

    async def takes(self, body: Mapping[str, Any]) -> bool:
        """Whether this is customers' side, and then it is kept. Raises StoreDown where it cannot be."""
        event = body.get("event") or {}
        if event.get("type") == "channel_id_changed":
            team = (await self.slack.me()).team
            await self.desk.renumber_room.soon(team, str(event["old_channel_id"]), str(event["new_channel_id"]))
            return True
        room = room_of(body)
        if room is None:
            return False
        seat = await self.desk.seat.soon((await self.slack.me()).team, room)
        if seat is None and event.get("channel_type") == "im":
            seat = await self._direct(event, room)
        if seat is None:
            return False
        await keep(self.desk, seat, body, SETTLES)
        return True

    async def _direct(self, event: Mapping[str, Any], room: str) -> Seat | None:
        """Somebody writes to the desk itself: a customer, unless they are known as an agent."""
        me = await self.slack.me()
        team = team_of(event, {"team_id": me.team})
        _, agent, book = await self.desk.who.soon(f"{team}:{event.get('user')}")
        if agent is not None or book.direct_room is None or not is_of_a_person(event):
            return None
        await self.desk.seat_customers.soon(me.team, room, "", team != me.team, str(event.get("ts")))
        return await self.desk.seat.soon(me.team, room)

    # Which rooms are customers'

    async def move_in(self, book: Rulebook, listed: Sequence[Channel]) -> list[Phrase]:
        """Be where the rulebook says that customers are; what a person must do so that we can."""
        told: list[Phrase] = []
        for room in book.customers_rooms:
            try:
                said = await self._enter(room, listed)
            except DeskError as no:
                said = no.phrase
            if said is not None:
                told.append(said)
        return told

    async def _enter(self, room: CustomersRoom, listed: Sequence[Channel]) -> Phrase | None:
        me = await self.slack.me()
        known = next((one for one in await self.desk.seats.soon() if one.name == room.room), None)
        found = find(room, known, listed)
        if found is None:
            return absent(room, me.name)
        if not found.is_member:
            try:
                await self.slack.join(found.id)
            except (Refused, TokenWrong) as no:
                if isinstance(no, TokenWrong) and no.code != "missing_scope":
                    raise
                return absent(room, me.name)
        if known is None or (known.room, known.shared) != (found.id, found.is_shared):
            now = f"{self.desk.db.clock().timestamp():.6f}"
            await self.desk.seat_customers.soon(me.team, found.id, room.room, found.is_shared, now)
            log.info("customers are heard in #%s", room.room)
        return None


def find(room: CustomersRoom, known: Seat | None, listed: Sequence[Channel]) -> Channel | None:
    """The room that it was until now, also under another name; else the one of its name."""
    same = next((one for one in listed if known is not None and one.id == known.room), None)
    return same or next((one for one in listed if one.name == room.room), None)


def absent(room: CustomersRoom, bot: str) -> Phrase:
    """What a person must do so that customers are heard."""
    return phrase(
        "Customers are not heard in #{room}: the desk is not there, or there is no such channel. Type there: "
        "/invite @{bot}",
        room=room.room,
        bot=bot,
    )

"""How agents, and groups of them, hear that a ticket waits: once, and where Slack cannot be reached, not by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

from bot.finding import Finder
from bot.identity import reader_of
from bot.posting import NO_ROOM, Place, place_of, put, put_off
from bot.reader import Reader
from bot.views import ping as view
from core.desk import Desk
from core.desk.escalating import Pinged
from core.desk.showing import Card
from core.engine.hands import GiveUp, Hand, Hands, Later, Record
from core.storage.ledger import Lease
from gateways.slack.wire import Refused, Slack, SlackError, Unreachable

WAY = "slack"
PATIENCE = 15
"""Seconds that Slack has for it: then it is away, and there are other ways."""
ANOTHER_WAY = timedelta(seconds=20)
"""So long one waits that is on another way: it may not arrive there."""


class Pinging:
    """Tells them."""

    def __init__(self, slack: Slack, desk: Desk):
        self.slack, self.desk = slack, desk
        self.finder = Finder(desk, slack)

    @property
    def hands(self) -> Hands:
        return {"ping": Hand(self.tell, self.lost, at_once=8)}

    async def tell(self, lease: Lease) -> Record | None:
        id = lease.facts["ping"]
        pinged = await self.desk.pinged.soon(id)
        if pinged is None:
            return None
        if not pinged.stands:
            return self.desk.ping_moot.step(id)
        card = await self.desk.card.soon(pinged.ping.ticket)
        if not await self.desk.begin_ping.soon(id, WAY):
            raise Later("it is on another way", ANOTHER_WAY, counts=False)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._told(lease, pinged, card)
        except TimeoutError as slow:
            error = Unreachable("chat.postMessage", "timeout")
            raise self._not_now(lease, card, error) from slow
        except SlackError as error:
            raise self._not_now(lease, card, error) from error
        return self.desk.ping_sent.step(id, WAY, lease.uncertain)

    def _told(self, lease: Lease, pinged: Pinged, card: Card) -> Awaitable[None]:
        kind, _, name = pinged.ping.target.partition(":")
        if kind == "group" and pinged.agent is None:
            return self._call_group(lease, name, pinged, card)
        return self._write(lease, pinged, card)

    async def _write(self, lease: Lease, pinged: Pinged, card: Card) -> None:
        agent = pinged.agent
        user = await self.finder.user_of(agent) if agent else None
        if user is None:
            raise Refused("users.lookupByEmail", "users_not_found", pinged.ping.target)
        me = await self.slack.me()
        colleague = await self.desk.colleague.soon(f"{me.team}:{user}")
        book = await self.desk.book.soon()
        reader = reader_of(colleague, book) if colleague else Reader(book.desk.locale, book.desk.zone)
        shown = view.show(pinged, card, lambda post: place_of(me.url, post), reader, lease.uncertain)
        await self.slack.write_to(user, shown.text, shown.blocks)

    async def _call_group(self, lease: Lease, group: str, pinged: Pinged, card: Card) -> None:
        """In the card's thread, seen in the room as well; what was posted already is found by its key."""
        if card.room is None or card.post is None:
            raise Later("there is no thread yet", NO_ROOM, counts=False, record=self._let_go(lease, "no thread yet"))
        workspace = (await self.slack.me()).url
        reader = Reader(card.locale)
        shown = view.for_group(group, pinged, card, lambda post: place_of(workspace, post), reader, False)
        place = Place(card.room, card.post.ts, f"ping:{pinged.ping.id}", in_room=True)
        await put(self.slack, lease, place, shown)

    def _let_go(self, lease: Lease, reason: str) -> Record:
        return self.desk.ping_failed.step(lease.facts["ping"], WAY, reason)

    def _not_now(self, lease: Lease, card: Card, error: SlackError) -> Exception:
        """Later, or never; what is important need not wait for that, and takes another way."""
        try:
            put_off(lease, error, card.ticket.queue, self.desk.db.clock())
        except Later as later:
            record = self._let_go(lease, str(error))
            return Later(later.reason, later.after, pace=later.pace, counts=later.counts, record=record)
        except GiveUp as never:
            return never

    def lost(self, lease: Lease, reason: str) -> Record | None:
        """Slack will never take it."""
        return self.desk.ping_refused.step(lease.facts["ping"], WAY, reason)

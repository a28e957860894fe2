"""The jobs done here: hear what was written on pages of ours."""

from __future__ import annotations

import logging
from dataclasses import replace

from core.desk import Desk
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Backoff, Hand, Hands, Record
from core.routing import signals
from core.storage.ledger import Lease
from core.tickets.model import Inbound
from core.tickets.written import CHANNEL, Act, Written

log = logging.getLogger(__name__)

READINGS = 8
"""How often something is read over which our reader fails."""


class Visitors:
    """The hands of pages. What comes here leaves by the channel that its ticket has."""

    def __init__(self, desk: Desk, apart: Apart):
        self.desk = desk
        self._apart = apart

    @property
    def hands(self) -> Hands:
        return {
            f"receive:{CHANNEL}": Hand(self.receive, self._unreadable, Backoff(tries=READINGS), at_once=8, refill=2)
        }

    async def receive(self, lease: Lease) -> Record | None:
        id = lease.facts["inbox"]
        came = await self.desk.piece.soon(id)
        if came is None:
            return None
        written = Written.as_said(came[1])
        if written.act is Act.CLOSE:
            return self.desk.close_at_page.step(id, written)
        if written.act is Act.RATE:
            return self.desk.rate_at_page.step(id, written)
        understand = self.desk.as_first if written.act is Act.CONTACT else self.desk.as_inbound
        inbound = await understand.soon(id, written)
        return self.desk.receive.step(id, await self._in_its_language(inbound, written))

    async def _in_its_language(self, inbound: Inbound, written: Written) -> Inbound:
        """With the language of its words, as far as they are enough to tell; else that of the page around them."""
        try:
            guess = await self._apart.call(signals.language, inbound.text, written.language)
        except GaveOutError as error:
            log.warning("the language of %s cannot be told: %s", inbound.external_id, error)
            guess = None
        return replace(inbound, language=guess.language if guess else written.language)

    def _unreadable(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.keep_out.step(lease.facts["inbox"], "unreadable", reason)

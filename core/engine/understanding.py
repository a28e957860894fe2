"""The jobs of understanding and learning: both are done in a child, and nobody waits for either."""

from __future__ import annotations

import asyncio
import logging

from core.desk import Desk
from core.desk.understanding import ToRead
from core.engine.apart import Apart, GaveOutError
from core.engine.hands import Backoff, Hand, Hands, Later, Record
from core.phrases import NotFound, phrase
from core.routing import minds
from core.routing.minds import Read
from core.storage.ledger import Lease

log = logging.getLogger("deskbell.engine")

_READ_WITHIN = 20.0
"""Seconds for one conversation, encoders and what was learnt being loaded; then the reason is shown instead."""

_TRIES = 3


class Understanding:
    """The hands of understanding. `apart` is a child of their own: mail does not wait for what is learnt there."""

    def __init__(self, desk: Desk, apart: Apart, encoders: str):
        self.desk = desk
        self._apart = apart
        self._encoders = minds.installed(encoders)

    @property
    def hands(self) -> Hands:
        return {
            "understand": Hand(self.understand, backoff=Backoff(tries=_TRIES + 1), at_once=2),
            "learn": Hand(self.learn, backoff=Backoff(tries=4), at_once=1),
        }

    async def understand(self, lease: Lease) -> Record | None:
        """Read what a ticket's requester wrote. Where that fails, its card says so."""
        number = lease.facts["ticket"]
        try:
            to_read = await self.desk.to_understand.soon(number, self._encoders)
        except NotFound:
            return None
        if to_read is None:
            return None
        try:
            read = await asyncio.wait_for(self._read(to_read), _READ_WITHIN)
        except (GaveOutError, TimeoutError) as error:
            log.warning("ticket %s could not be understood: %s", number, error or "it took too long")
            if lease.attempts < _TRIES:
                raise Later(str(error) or "it took too long") from error
            why = phrase("It took too long, or too much memory, to understand this message.")
            return self.desk.not_understood.step(number, to_read, why)
        except Exception as error:
            if lease.attempts < _TRIES:
                raise
            log.exception("ticket %s could not be understood", number)
            why = phrase("This message could not be understood ({cause}).", cause=type(error).__name__)
            return self.desk.not_understood.step(number, to_read, why)
        return self.desk.now_understood.step(number, to_read, read)

    async def learn(self, lease: Lease) -> Record | None:
        """Learn from everything that agents have said."""
        what = await self.desk.to_learn.soon(self._encoders)
        if not what.taught:
            return None
        grown = await self._apart.call(minds.learn, what.taxonomy, what.taught, self._encoders)
        return self.desk.learnt.step(what, grown) if grown is not None else None

    async def _read(self, to_read: ToRead) -> Read:
        asked = to_read.asked
        read = await self._apart.call(minds.read, asked)
        if read is None and asked.version is not None:  # the child is new, or something was learnt
            await self._apart.call(minds.hold, asked.version, await self.desk.mind.soon(asked.version))
            read = await self._apart.call(minds.read, asked)
        return read or await self._apart.call(minds.words_alone, asked)

"""How a channel on which what has left can be changed changes it: the same on each, but for the calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from core.desk import Desk
from core.engine.hands import Record
from core.phrases import Phrase, phrase
from core.storage.ledger import Lease

NOT_THERE = phrase("it does not stand there any more.")
TOO_LONG = phrase("it would be longer than there is room for where it stands. Send the rest as another answer.")


class NotChanged(Exception):
    """It can never be changed; `why` is for people."""

    def __init__(self, why: Phrase | str):
        super().__init__(str(why))
        self.why = why


class Copies(Protocol):
    """Where customers read what we sent, piece by piece. Each raises Later where it cannot be done now, and NotChanged
    where it never can. Done twice it is the same: so a repeat after a kill does nothing new.
    """

    async def change(self, to: str, id: str, text: str) -> None:
        """Let a piece say this."""
        ...

    async def take_away(self, to: str, id: str, is_file: bool) -> None:
        """Take a piece away; where it is gone already, all is well."""
        ...


class Amending:
    """The hand that does it. `cut` is how the channel cuts words into pieces when they leave."""

    def __init__(self, desk: Desk, copies: Copies, cut: Callable[[str], Sequence[str]]):
        self.desk, self._copies, self._cut = desk, copies, cut

    async def amend(self, lease: Lease) -> Record | None:
        message = lease.facts["message"]
        wanted = await self.desk.amendment.soon(message)
        if wanted is None:
            return None
        parts: Sequence[str] = () if wanted.is_withdrawn else self._cut(wanted.text)
        if len(parts) > len(wanted.words):
            return self.desk.not_amended.step(message, TOO_LONG)
        over = wanted.words[len(parts) :] + (wanted.files if wanted.is_withdrawn else ())
        try:
            for id, part in zip(wanted.words, parts, strict=False):
                await self._copies.change(wanted.to, id, part)
            for id in over:
                await self._copies.take_away(wanted.to, id, id in wanted.files)
        except NotChanged as no:
            return self.desk.not_amended.step(message, no.why)
        return self.desk.amended.step(message, wanted, over)

    def lost(self, lease: Lease, reason: str) -> Record | None:
        return self.desk.not_amended.step(lease.facts["message"], reason)

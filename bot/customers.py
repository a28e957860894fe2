"""The side of Slack that customers see, as far as the agents' side has to know that it is there.

One app is told of everything, and what customers say in their rooms is none of the agents' acts: whoever looks after
them takes it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.phrases import Phrase
from core.rulebook import Rulebook
from gateways.slack.wire import Channel


class Customers(Protocol):
    """Whoever looks after customers in Slack."""

    async def takes(self, body: Mapping[str, Any]) -> bool:
        """Whether what Slack tells is customers' side, and then it is kept. Raises StoreDown where it cannot be."""
        ...

    async def move_in(self, book: Rulebook, listed: Sequence[Channel]) -> Sequence[Phrase]:
        """Be in the rooms that the rulebook names; what a person must do so that we can."""
        ...


class Nobody:
    """Nobody does: no customers are heard in Slack."""

    async def takes(self, body: Mapping[str, Any]) -> bool:
        return False

    async def move_in(self, book: Rulebook, listed: Sequence[Channel]) -> Sequence[Phrase]:
        return ()

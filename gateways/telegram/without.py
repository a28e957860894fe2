"""What is to be done on Telegram where no bot is configured (any more): it waits, and says what for.

The library, which is large, is not loaded for it.
"""

from __future__ import annotations

from datetime import timedelta

from core.engine.hands import Hand, Hands, Later
from core.storage.ledger import Lease

AGAIN = timedelta(minutes=1)


def hands() -> Hands:
    return {f"{what}:telegram": Hand(_wait) for what in ("receive", "deliver", "amend", "greet", "typing")}


async def _wait(_: Lease) -> None:
    raise Later("no Telegram bot is configured (TELEGRAM_BOT_TOKEN)", AGAIN, counts=False)

"""The clock: tickets are looked at when they are due, and one that cannot be looked at stops no other."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime

from core.desk import Desk
from core.desk.timing import AT_ONCE
from core.engine.turns import go_on, outcome, report
from core.engine.virtual import seconds_until
from core.storage.database import StoreDown

_AT_LEAST = 0.02
_OTHERS = 0.1
"""Seconds that everything else has at most, between two looks at what is due."""
_LONGEST_REASON = 300


async def watch_the_clock(desk: Desk, woken: asyncio.Event, longest: float) -> None:
    """Look at tickets when they are due. `longest`: seconds to sleep at most, for what others have set."""
    while True:
        woken.clear()
        due = await go_on("the look at what is due", look_at_due(desk))
        seconds = longest
        if due is not None:
            seconds = min(longest, max(_AT_LEAST, seconds_until(due, desk.db.clock)))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), seconds)


async def look_at_due(desk: Desk) -> datetime | None:
    """Look at everything that is due, and say when there is something again. Raises StoreDown.

    Where more is due than is looked at at once, everything else has as long after it as it took: whoever brings mail
    must not wait until thousands of tickets were looked at.
    """
    while True:
        coming = await desk.coming.soon()
        if not coming.due:
            return coming.next
        began = time.monotonic()
        await asyncio.gather(*(_look_at(desk, number) for number in coming.due))
        if len(coming.due) == AT_ONCE:
            await asyncio.sleep(min(_OTHERS, time.monotonic() - began))


async def _look_at(desk: Desk, number: int) -> None:
    came = await outcome(desk.look_at.soon(number))
    if isinstance(came, StoreDown):
        raise came
    if isinstance(came, Exception):
        report(f"the look at ticket #{number}", came)
        await desk.look_later.soon(number, str(came)[:_LONGEST_REASON] or type(came).__name__)

"""How something that was said in a customers' room is kept, whoever tells us of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.desk import Desk
from core.engine.hands import Later
from core.storage.customers_rooms import Seat
from gateways.slack.reading import CHANNEL, Nothing, Said, kept, key, read
from gateways.slack.wire import RateLimited, SlackError, TokenWrong, Unreachable

TOKEN = timedelta(minutes=5)
"""So long is waited where Slack does not let us."""


SETTLES = timedelta(milliseconds=1500)
"""So long after something was said is waited for what was said before it: Slack tells in no order."""


async def keep(desk: Desk, seat: Seat, body: Mapping[str, Any], after: timedelta = timedelta(0)) -> bool:
    """Keep it, and ask for it to be understood, words `after` so long; whether it is new. What says nothing to a desk
    is not kept. Raises StoreDown where it cannot be.
    """
    heard = read(body)
    if isinstance(heard, Nothing):
        return False
    raw = json.dumps({**kept(body), "seat": seat.number}, ensure_ascii=False, sort_keys=True)
    content, waits = raw.encode("utf-8", "surrogatepass"), after if isinstance(heard, Said) else timedelta(0)
    id = await desk.accept.soon(CHANNEL, key(heard, seat.number), lane_of(seat), {}, content, after=waits)
    return id is not None


def lane_of(seat: Seat) -> str:
    """What is said in one room is heard in order."""
    return str(seat.number)


def told(seat: Seat, message: Mapping[str, Any]) -> dict[str, Any]:
    """As Slack would have told us of a message."""
    return {"event": {**message, "type": "message", "channel": seat.room}, "team_id": seat.team}


def later(error: SlackError) -> Later:
    """What came waits until Slack can be asked; however long that is, it is not given up."""
    match error:
        case RateLimited():
            return Later(str(error), error.retry_after, counts=False)
        case TokenWrong():
            return Later(str(error), TOKEN, counts=False)
        case _:
            return Later(str(error), timedelta(seconds=10), counts=not isinstance(error, Unreachable))

"""The hand that gives tickets: all of it is one transaction of the desk's, so nothing is done outside."""

from __future__ import annotations

from core.desk import Desk
from core.engine.hands import Hand, Hands, Record
from core.storage.ledger import Lease


def hands(desk: Desk) -> Hands:
    """For whoever works: one decides at a time, since all of it is one lane."""

    async def match(lease: Lease) -> Record | None:
        return desk.match.step()

    return {"match": Hand(match, at_once=1)}

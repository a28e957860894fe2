"""The hands of what is the desk's own: all of it is one transaction, so nothing is done outside."""

from __future__ import annotations

from core.desk import Desk
from core.engine.hands import Hand, Hands, Record
from core.storage.ledger import Lease


def hands(desk: Desk) -> Hands:
    """For whoever works. Tickets are given by one at a time, since all of it is one lane; so they are recounted."""

    async def match(lease: Lease) -> Record | None:
        return desk.match.step()

    async def answer_one(lease: Lease) -> Record | None:
        return desk.answer_one.step(lease.facts["circular"], lease.facts["ticket"])

    def not_answered(lease: Lease, reason: str) -> Record | None:
        return desk.not_answered.step(lease.facts["circular"], lease.facts["ticket"], reason)

    async def recount(lease: Lease) -> Record | None:
        return desk.recount.step(lease.facts["version"], lease.facts["due"], lease.facts["number"])

    return {
        "match": Hand(match, at_once=1),
        "recount": Hand(recount, at_once=1),
        "answer-one": Hand(answer_one, not_answered),
    }

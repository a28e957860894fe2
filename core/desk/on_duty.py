"""Who has which duty: by the rulebook's rosters, by what agents agreed, and by who is absent."""

from __future__ import annotations

from core.escalation import rosters
from core.escalation.rosters import Duty, StandIn
from core.rulebook import Rulebook
from core.storage import duties
from core.storage.database import Tx


def duty_now(tx: Tx, book: Rulebook, name: str) -> Duty | None:
    """Who has a roster's duty now; None where there is no such roster (any more)."""
    found = book.roster_named(name)
    return rosters.on_duty(found.plan(book.desk.zone), tx.now, agreed(tx)) if found else None


def agreed(tx: Tx) -> list[StandIn]:
    """What was agreed beside the rulebook and is not over; the newest first."""
    return [StandIn(one.roster, one.begins, one.ends, one.to, one.of) for one in duties.standing(tx)]

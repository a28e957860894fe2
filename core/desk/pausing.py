"""Use cases of waiting for others: put a ticket on hold, and go on with it."""

from __future__ import annotations

from core.desk.house import House
from core.storage.database import Tx, use_case
from core.tickets import lifecycle
from core.tickets.model import By


class Pausing(House):
    """Tickets that wait for somebody who is neither the requester nor one of us."""

    @use_case
    def put_on_hold(self, tx: Tx, number: int, by: By) -> None:
        """Put a ticket on hold. Raises Refused where it waits already, or is closed."""
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                change.happen(lifecycle.hold(change.ticket, by, tx.now))

    @use_case
    def take_up(self, tx: Tx, number: int, by: By) -> None:
        """Go on with what was on hold. Raises Refused where it was not."""
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                change.happen(lifecycle.take_up(change.ticket, by, tx.now))

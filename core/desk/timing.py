"""Use cases of time: look at what is due, early, late or twice, without harm."""

from __future__ import annotations

from datetime import datetime

from core.desk.house import Change, House
from core.desk.writing import announce, closing, reminder
from core.escalation import clocks
from core.storage import people, tickets
from core.storage.database import Tx, question, use_case
from core.tickets import lifecycle
from core.tickets.model import By, Part

AT_ONCE = 20
"""Tickets looked at in one transaction: SQLite's only writer takes no mail as long as these take.

Measured on SQLite with a rulebook that reminds, on two shared cores with other work beside it: a transaction of 100
reminders takes 35 to 45 ms, one of 20 takes 7 to 14, of which 8 are processor time and the rest is the disk.
"""


class Timing(House):
    """What happens because time has passed."""

    @use_case
    def look_at_due(self, tx: Tx) -> int:
        """Look at the tickets that are due. How many they were: AT_ONCE means that there are more."""
        numbers = tickets.due_by(tx, tx.now, AT_ONCE)
        for number in numbers:
            with self.changing(tx, number) as change:
                self._look(tx, change)
        return len(numbers)

    @question
    def next_due(self, tx: Tx) -> datetime | None:
        """When the next ticket is to be looked at."""
        return tickets.next_due(tx)

    def _look(self, tx: Tx, change: Change) -> None:
        queue = self.queue_of(tx, change.ticket)
        book = self.book_in(tx)
        name = people.person(tx, change.ticket.requester).name
        match clocks.tick(change.ticket, queue.remind_after, queue.close_after, tx.now):
            case "remind":
                announce(self, tx, change, Part.REMINDER, reminder(book, change, name, queue))
            case "close":
                announce(self, tx, change, Part.CLOSING, closing(book, change, name, queue))
                change.happen(lifecycle.close(change.ticket, By("rule:no-answer"), tx.now))
            case _:
                tickets.set_due(
                    tx, change.ticket.number, clocks.due(change.ticket, queue.remind_after, queue.close_after)
                )

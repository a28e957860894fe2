"""Use cases of looking at every ticket anew, where the rulebook changes what time says of them: a few at a time.

All of them at once would keep the desk from everything else for minutes where there are a hundred thousand. So they
come due in drips, those first about which time has something to say soonest, and only as fast as they are looked at.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.desk.house import CLOCK, House
from core.effects import recount
from core.rulebook import Rulebook
from core.storage import ledger, tickets
from core.storage.database import Tx, use_case

AT_ONCE = 16
"""Tickets of one drip: two looks of the clock."""
NUMBERS = 2000
"""Tickets looked through in one drip for those about which time had nothing to say."""
BETWEEN = timedelta(milliseconds=200)
"""From one drip to the next: meanwhile others have the store."""
FIRST = ""
"""Where it begins: before the ticket that is due first."""


class Recounting(House):
    """What time says of every ticket, by a rulebook that has changed. `drip`: tickets that come due together."""

    drip: int = AT_ONCE

    @use_case
    def recount(self, tx: Tx, version: int, due: str | None, number: int) -> None:
        """Let the next ones come due, behind the ticket of this `number` that is due then."""
        if len(tickets.due_by(tx, tx.now, self.drip)) == self.drip:  # those of the last drip are still to be looked at
            ledger.add(tx, [recount(version, due, number, BETWEEN)])
            return
        now = self.edition_in(tx)
        begun = self._shelf.at(tx, version)
        if now != version and (begun is None or says_otherwise(begun, self.book_in(tx))):
            version, due, number = now, FIRST, 0  # it has changed again since: those behind us know nothing of it
        room = self.drip
        if due is not None:
            found = tickets.due_after(tx, datetime.fromisoformat(due) if due else None, number, room)
            self._drip(tx, [one for _, one in found])
            if len(found) == room:
                at, last = found[-1]
                ledger.add(tx, [recount(version, at.isoformat(), last, BETWEEN)])
                return
            room, number = room - len(found), 0
        self._drip_undue(tx, version, number, room)

    def _drip_undue(self, tx: Tx, version: int, number: int, room: int) -> None:
        """The next ones of those about which time had nothing to say."""
        until = number + NUMBERS
        there = tickets.open_without_due(tx, number + 1, until)[:room]
        self._drip(tx, there)
        until = there[-1] if len(there) == room else until
        if until < tickets.last_number(tx):
            ledger.add(tx, [recount(version, None, until, BETWEEN)])

    def _drip(self, tx: Tx, numbers: list[int]) -> None:
        if numbers:
            tickets.look_at_now(tx, numbers)
            tx.wake(CLOCK, tx.now)


def says_otherwise(old: Rulebook | None, new: Rulebook) -> bool:
    """Whether time says something else of tickets by a rulebook than by another: something else is promised, it counts
    in other hours, or waiting has other rules.
    """
    if old is None:
        return False  # there are no tickets yet

    def waits(book: Rulebook) -> object:
        kept = ("name", "remind_after", "close_after", "answers_within", "rating")
        return [tuple(getattr(queue, name) for name in kept) for queue in book.queues]

    def counts(book: Rulebook) -> object:
        queues = [(queue.name, queue.calendar) for queue in book.queues]
        return (book.policies, book.calendars, queues, book.organisations, book.desk.time_zone)

    promised = bool(new.policies or old.policies)
    return waits(old) != waits(new) or (promised and counts(old) != counts(new))

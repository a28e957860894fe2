"""Use cases of a look at what was said in customers' rooms while nobody told us: where to look, and how far one is."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk.intake import Intake
from core.effects import Look, catch_up
from core.storage import customers_rooms, ledger, messages, tickets
from core.storage.database import Tx, question, use_case
from core.tickets.model import Thread

MOST_THREADS = 500
"""Threads of a room that one look reads: at a call each, less than half of what Slack allows within half an hour."""


class LookingBack(Intake):
    """A look into history."""

    @use_case
    def catch_up(self, tx: Tx, channel: str) -> None:
        """Look in every customers' room whether anything was said, changed or deleted that we were not told of."""
        ledger.add(tx, [catch_up(channel, Look(seat.number)) for seat in customers_rooms.every(tx)])

    @question
    def going_threads(self, tx: Tx, channel: str, seat: int) -> list[str]:
        """The threads of a room in which a ticket is open, or can still be opened again by who wrote it."""
        within = {queue.name: tx.now - queue.reopen_within for queue in self.book_in(tx).queues}
        return tickets.going_threads(tx, channel, f"{seat}/", within, MOST_THREADS)

    @question
    def said_in(self, tx: Tx, channel: str, thread: str) -> list[str]:
        """The ids of everything that people wrote in the tickets of a thread, also below other messages of theirs, and
        that is not deleted as far as we know.
        """
        return messages.said_outside(tx, channel, tickets.of_thread(tx, Thread(channel, thread)))

    @use_case
    def looked_back(self, tx: Tx, channel: str, seat: int, then: Sequence[Look], heard_to: str | None = None) -> None:
        """One look is done; `then` is where to look next. `heard_to`: everything that was said in the room up to then
        is kept.
        """
        if heard_to is not None:
            customers_rooms.heard(tx, seat, heard_to)
        ledger.add(tx, [catch_up(channel, look) for look in then])

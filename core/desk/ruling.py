"""Use cases of the rulebook: the one in force, a new one, and who is who in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.desk.house import CLOCK
from core.desk.recounting import FIRST, Recounting, says_otherwise
from core.effects import duty_changes, match, recount
from core.phrases import Conflict, phrase
from core.rulebook import Agent, Rulebook
from core.storage import invitations, ledger, people, tickets
from core.storage.database import Tx, question, use_case
from core.storage.rulebook import Edition
from core.storage.tickets import Stray
from core.tickets import lifecycle
from core.tickets.model import By

GATHERED = 50
"""Tickets to move in one transaction, so that mail need not wait long: measured on SQLite, 6 to 10 ms."""


class Ruling(Recounting):
    """The rulebook."""

    @question
    def edition(self, tx: Tx) -> Edition | None:
        """The rulebook in force with its version; None where the database is new."""
        return self._shelf.edition(tx)

    @question
    def book(self, tx: Tx) -> Rulebook:
        """The rulebook in force. Raises NotFound where the database is new."""
        return self.book_in(tx)

    @use_case
    def apply(self, tx: Tx, book: Rulebook, by: str, expected: int | None = None) -> int:
        """Put a rulebook in force. Its version.

        `expected` is the version it was made from. Raises Conflict where another is in force by now: nobody's change
        is lost.
        """
        edition = self._shelf.edition(tx)
        if expected is not None and (edition.version if edition else 0) != expected:
            raise Conflict(phrase("Somebody else changed the rulebook meanwhile. Look at it again."))
        return self._rule_by(tx, book, by)

    def _rule_by(self, tx: Tx, book: Rulebook, by: str) -> int:
        """The version of a rulebook that is in force from now on, with everything that follows from that."""
        edition = self._shelf.edition(tx)
        version = self._shelf.put(tx, book, by)
        if says_otherwise(edition.book if edition else None, book):
            ledger.add(tx, [recount(version, FIRST)])
        tx.wake(CLOCK, tx.now)
        if book.gives:
            ledger.add(tx, [match()])
        ledger.add(tx, [duty_changes(roster.name) for roster in book.rosters])
        return version

    @question
    def strays(self, tx: Tx) -> list[Stray]:
        """The tickets whose queue the rulebook in force has not (any more): open ones first."""
        return tickets.strays(tx, [queue.name for queue in self.book_in(tx).queues])

    @use_case
    def gather(self, tx: Tx, numbers: Sequence[int], moves: Mapping[str, str], by: str) -> None:
        """Move tickets whose queue is gone to the one that takes its place: by `moves`, else the first.

        What is in a queue of the rulebook by now stays there. A moved ticket's card is shown in its new queue's room.
        """
        queues = [queue.name for queue in self.book_in(tx).queues]
        for number in numbers:
            with self.changing(tx, number) as change:
                if change.ticket.queue not in queues:
                    queue = moves.get(change.ticket.queue, queues[0])
                    change.happen(lifecycle.move(change.ticket, queue, By(by), tx.now))

    @question
    def agent(self, tx: Tx, id: str) -> Agent | None:
        """The agent behind a Slack id ("TEAM:USER"); None for anybody else."""
        return self.agent_in(tx, id)

    @question
    def colleague(self, tx: Tx, id: str) -> people.Colleague | None:
        """What the workspace last said of somebody."""
        return people.colleague(tx, id)

    @question
    def colleagues(self, tx: Tx, team: str) -> list[people.Colleague]:
        """Everybody of a workspace whom it ever told us of."""
        return people.colleagues_of(tx, team)

    @question
    def who(self, tx: Tx, id: str) -> tuple[people.Colleague | None, Agent | None, Rulebook]:
        """What the workspace last said of somebody, the agent they are, and the rulebook that says so."""
        return people.colleague(tx, id), self.agent_in(tx, id), self.book_in(tx)

    @use_case
    def remember_colleague(self, tx: Tx, colleague: people.Colleague) -> None:
        people.remember(tx, colleague)

    @question
    def invited(self, tx: Tx, team: str, room: str) -> set[str]:
        """Whom we have invited into a room, or found in it."""
        return invitations.invited(tx, team, room)

    @use_case
    def keep_invited(self, tx: Tx, team: str, room: str, users: Collection[str]) -> None:
        """They have been invited into a room, or are in it: from now on it is theirs to leave."""
        invitations.keep_invited(tx, team, room, users)

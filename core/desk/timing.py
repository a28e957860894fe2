"""Use cases of time: look at what is due, early, late or twice, without harm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from core.desk import counting
from core.desk.braking import Braking
from core.desk.escalating import Escalating
from core.desk.house import Change, ask_after, decide_within
from core.desk.suppressing import Suppressing
from core.desk.writing import addressee, announce, asking_how, closing, remark, reminder
from core.escalation import clocks
from core.phrases import phrase
from core.storage import people, tickets
from core.storage.database import Tx, question, use_case
from core.storage.troubles import Trouble
from core.tickets import events as e
from core.tickets import lifecycle
from core.tickets.channels import manner
from core.tickets.model import By, Part, Status
from core.tickets.suppression import Kind

AT_ONCE = 8
"""Tickets looked at side by side. On SQLite they are committed together, and no mail is taken meanwhile.

Measured on SQLite with a rulebook that reminds, on two shared cores with other work beside it: a transaction of 100
reminders takes 35 to 45 ms, one of 20 takes 7 to 14, of which 8 are processor time and the rest is the disk. Of 20 a
mail that comes meanwhile waits several times as long as on an idle desk (`python -m bench timers`).
"""

AGAIN = timedelta(hours=1)
"""Until a ticket that could not be looked at is tried again: whatever is in its way needs a person. Also until one is
looked at again whose requester has had enough mails that leave by themselves."""


UNREACHABLE = "unreachable"
"""The rule that opens a ticket again whose customer no mail reaches."""


class Coming(NamedTuple):
    """The tickets that are due, the longest first, and when there is something to look at again, of those not due."""

    due: list[int]
    next: datetime | None


class Timing(Suppressing, Braking, Escalating):
    """What happens because time has passed."""

    @question
    def coming(self, tx: Tx) -> Coming:
        """What is due, at most AT_ONCE of it, and what is next: one look, for it is the most frequent of all."""
        found = tickets.coming(tx, AT_ONCE)
        later = next((due for _, due in found if due > tx.now), None)
        return Coming([number for number, due in found if due <= tx.now], later)

    @question
    def due_now(self, tx: Tx) -> list[int]:
        """The tickets that are due, the longest first. AT_ONCE of them means that there are more."""
        return tickets.due_by(tx, tx.now, AT_ONCE)

    @use_case
    def look_at(self, tx: Tx, number: int) -> None:
        """Do what is owed to a ticket now."""
        with self.changing(tx, number) as change:
            if not self.climb(tx, change) and not counting.tell(self, change):  # else the rest is looked at next
                self._look(tx, change)

    @use_case
    def look_later(self, tx: Tx, number: int, why: str) -> None:
        """A ticket could not be looked at: supervisors hear of it, and it is tried again."""
        tickets.set_due(tx, number, tx.now + AGAIN)
        said = phrase("The desk could not do what is due on ticket #{number}: {reason}", number=number, reason=why)
        self.alarm(tx, Trouble(said, number))

    @question
    def next_due(self, tx: Tx) -> datetime | None:
        """When the next ticket is to be looked at."""
        return tickets.next_due(tx)

    def _look(self, tx: Tx, change: Change) -> None:
        queue = self.queue_of(tx, change.ticket)
        book = self.book_in(tx)
        name = people.person(tx, change.ticket.requester).name
        may_ask = ask_after(change.ticket, queue)
        owed = clocks.tick(change.ticket, queue.remind_after, queue.close_after, tx.now, decide_within(queue), may_ask)
        if owed in ("remind", "close", "ask") and self.holds_back(tx, change):
            tickets.set_due(tx, change.ticket.number, tx.now + AGAIN)
            return
        match owed:
            case "remind":
                if self._may_write(tx, change, Part.REMINDER):
                    said = reminder(book, change, name, queue)
                    announce(self, tx, change, Part.REMINDER, said, addressee(tx, change))
            case "close":
                if self._may_write(tx, change, Part.CLOSING):
                    announce(self, tx, change, Part.CLOSING, closing(book, change, name, queue), addressee(tx, change))
                if change.ticket.status is Status.PENDING:
                    change.happen(lifecycle.close(change.ticket, By("rule:no-answer"), tx.now))
            case "ask":
                if self.withhold(tx, change, Part.RATING) is None:
                    said = asking_how(book, change, name)
                    announce(self, tx, change, Part.RATING, said, addressee(tx, change))
            case "tell":
                self._overlooked(tx, change)
            case _:
                tickets.set_due(tx, change.ticket.number, self.due_of(change))

    def _overlooked(self, tx: Tx, change: Change) -> None:
        """Supervisors hear that what a stranger wrote still waits: it may be a customer's answer."""
        number = change.ticket.number
        said = phrase(
            "Somebody who does not take part in ticket #{number} wrote into it, and nobody has decided yet whether "
            "they may. It can be a customer's answer from another address.",
            number=number,
        )
        self.alarm(tx, Trouble(said, number))
        change.happen([e.Overlooked(at=tx.now)])

    def _may_write(self, tx: Tx, change: Change, part: Part) -> bool:
        """Whether the desk writes by itself. Where nothing arrives, agents have the ticket again and are told why.

        Who only wants no such mail is not written to, and time goes on for their ticket as if they had been.
        """
        against = self.withhold(tx, change, part)
        if against is not None and against.standing.kind is not Kind.COMPLAINT:
            by_mail = phrase(
                "The customer was not written to, for mail to {address} does not arrive: {reason}. Reach them another "
                "way, or answer all the same.",
                address=against.address,
                reason=against.reason,
            )
            in_chat = phrase(
                "The customer was not written to, for what was sent to them last did not reach them. Reach them "
                "another way, or answer all the same."
            )
            is_letter = manner(change.ticket.thread.channel).letters
            remark(self, tx, change, UNREACHABLE, by_mail if is_letter else in_chat)
            change.happen([e.Reopened(at=tx.now, by=f"rule:{UNREACHABLE}")])
        return against is None

"""Use cases of whoever looks after the ladders: reckon from history what should have been, and tell what was not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from core.desk.alarming import Alarming
from core.escalation.auditing import GRACE, Audit, Fault, Finding, look_at_tasks
from core.escalation.ladders import Ladder, WorkTime
from core.phrases import Phrase, phrase
from core.rulebook.ladders import hours_of
from core.storage import audits, pings, tasks, tickets
from core.storage.database import Tx, use_case
from core.storage.schema import EPOCH
from core.storage.troubles import Trouble
from core.tickets import events as e

AT_ONCE = 100
"""Tickets looked through in one transaction."""


class Audited(NamedTuple):
    """How many tickets were looked through, and what was found that nobody had been told of. `stands_still`: since when
    something is due that nobody has looked at; None: the clock goes.
    """

    looked: int
    found: tuple[tuple[int, Finding], ...]
    stands_still: datetime | None = None


class Auditing(Alarming):
    """The auditor."""

    @use_case
    def audit(self, tx: Tx) -> Audited:
        """Look through what has changed; supervisors hear of each miss once. AT_ONCE tickets mean there are more."""
        known = audits.to_look_at(tx, tx.now - GRACE, AT_ONCE)
        there = {one.ticket for one in known}
        known += [one for one in audits.split_to_look_at(tx, AT_ONCE - len(known)) if one.ticket not in there]
        told = pings.of_tickets(tx, [one.ticket for one in known])
        has_ladder = self._ladder_known(tx)
        fresh: list[tuple[int, Finding]] = []
        for one in known:
            by_id = {ping.id: ping for ping in told.get(one.ticket, ())}
            audit = Audit(self._ladder_then(tx), has_ladder, by_id, tx.now)
            history = tickets.history(tx, one.ticket)
            found = audit.look(history) + self._of_tasks(tx, one.ticket, history)
            kept = [_as_kept(finding) for finding in found]
            new = [finding for finding, row in zip(found, kept, strict=True) if row not in one.found]
            audits.keep(tx, one.ticket, one.version, kept)
            fresh += [(one.ticket, finding) for finding in new]
            for finding in new:
                self.alarm(tx, Trouble(_said(one.ticket, finding, self.book_in(tx).desk.zone), one.ticket))
        return Audited(len(known), tuple(fresh), self._stands_still(tx))

    def _of_tasks(self, tx: Tx, number: int, history: Sequence[e.Event]) -> list[Finding]:
        """Of a ticket that was split, what became of its tasks."""
        if not any(isinstance(event, e.TasksPlanned) for event in history):
            return []
        return look_at_tasks(history, [(task.id, task.waits) for task in tasks.of(tx, number)])

    def _stands_still(self, tx: Tx) -> datetime | None:
        due = tickets.next_due(tx)
        return due if due is not None and due < tx.now - GRACE else None

    def _ladder_then(self, tx: Tx) -> Callable[[str, int], tuple[Ladder, WorkTime] | None]:
        def of(name: str, version: int) -> tuple[Ladder, WorkTime] | None:
            book = self._shelf.at(tx, version)
            found = book.ladder_named(name) if book else None
            return (found.plan, hours_of(book, found)) if book and found else None

        return of

    def _ladder_known(self, tx: Tx) -> Callable[[str, datetime], bool]:
        """Whether a queue had a ladder at a time."""
        history = audits.versions(tx)
        since = [at for at, _ in history]

        def had(queue: str, at: datetime) -> bool:
            place = bisect_right(since, at)
            if place == 0 or since[place - 1] == at:  # put in force at this very moment: either is right
                return False
            book = self._shelf.at(tx, history[place - 1][1])
            found = book.queue_named(queue) if book else None
            return found is not None and found.ladder is not None

        return had


def _as_kept(finding: Finding) -> list[Any]:
    return [finding.fault.value, finding.rung, int((finding.due - EPOCH).total_seconds())]


def _said(number: int, finding: Finding, zone: tzinfo) -> Phrase:
    due = f"{finding.due.astimezone(zone):%Y-%m-%d %H:%M %Z}"
    about: dict[str, Any] = {"number": number, "step": finding.rung + 1, "due": due}
    match finding.fault:
        case Fault.MISSED:
            return phrase("The auditor: step {step} of the ladder of ticket #{number} was missed. Due: {due}", **about)
        case Fault.DOUBLED:
            return phrase("The auditor: step {step} of the ladder of ticket #{number} was done twice.", **about)
        case Fault.EARLY:
            return phrase("The auditor: step {step} of ticket #{number} was done before it was due: {due}", **about)
        case Fault.ASTRAY:
            return phrase("The auditor: step {step} of ticket #{number} was done at a wrong time. Due: {due}", **about)
        case Fault.NOT_BEGUN:
            return phrase("The auditor: ticket #{number} waited, and its ladder did not begin.", **about)
        case Fault.TASK_NOT_BEGUN:
            return phrase("The auditor: task {step} of ticket #{number} should have begun, and did not: {due}", **about)
        case Fault.TASK_TOO_SOON:
            return phrase("The auditor: task {step} of ticket #{number} began though it had to wait: {due}", **about)
        case Fault.NOT_TOLD:
            return phrase(
                "The auditor: by step {step} of ticket #{number} somebody was to be told, and was not. Due: {due}",
                **about,
            )

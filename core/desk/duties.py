"""Use cases of rosters: who has a duty now and next, swaps and absences, and what is left to whoever comes next."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from core.desk.house import House
from core.desk.on_duty import agreed
from core.effects import duty_changes, tell_swap
from core.escalation import rosters
from core.escalation.rosters import Duty
from core.phrases import NotFound, Refused, phrase
from core.rulebook import Agent, Role
from core.rulebook.ladders import Roster
from core.storage import duties, keys, ledger
from core.storage.database import Tx, question, use_case
from core.storage.duties import HandOver, Swap
from core.tickets.model import By
from core.tickets.tokens import signed, verified

LONGEST_NOTE = 2000
LONGEST_SWAP = timedelta(days=62)
AHEAD = timedelta(days=92)
"""So far ahead a feed says who has a duty; and a month back."""
BEHIND = timedelta(days=31)
_SHAPE = struct.Struct(">B")
_KEYS = "duties"


class Standing(NamedTuple):
    """A duty: who has it until when, who comes next, and what was left for them."""

    name: str
    title: str
    now: Duty
    next: Duty | None
    note: HandOver | None


class Asked(NamedTuple):
    """A swap that somebody is asked about. `whom` None: they are no agent any more."""

    swap: Swap
    title: str
    whom: Agent | None


class Handed(NamedTuple):
    """A duty that has gone over to somebody, and what was left for them. `whom` None: to nobody known."""

    title: str
    duty: Duty
    whom: Agent | None
    note: HandOver | None
    is_new: bool  # whoever has it now had it not before


class Duties(House):
    """Rosters."""

    @question
    def duties(self, tx: Tx) -> list[Standing]:
        """Every duty as it stands now."""
        book, more, found = self.book_in(tx), agreed(tx), list[Standing]()
        for roster in book.rosters:
            plan = roster.plan(book.desk.zone)
            now = next(rosters.duties(plan, tx.now, tx.now + AHEAD, more))
            after = rosters.next_after(plan, tx.now, more)
            note = duties.last_note(tx, roster.name)
            found.append(Standing(roster.name, roster.title or roster.name, now, after, note))
        return found

    # Swaps and absences

    @use_case
    def ask_swap(self, tx: Tx, roster: str, to: str, span: tuple[datetime, datetime], by: By) -> int | None:
        """Ask a colleague to take one's duty for a time; its number. Raises Refused."""
        if not self.begin_act(tx, by):
            return None
        me, other = self._agent(tx, by), self._colleague(tx, to)
        found = self._roster(tx, roster)
        begins, ends = span
        if me.name == other.name:
            raise Refused(phrase("Ask somebody else than yourself."))
        self._check_span(tx, begins, ends)
        if not any(duty.person == me.name for duty in self._held(tx, found, begins, ends)):
            raise Refused(phrase("You do not have the duty “{name}” in that time.", name=found.title or found.name))
        id = duties.ask(tx, Swap(0, found.name, me.name, other.name, begins, ends, tx.now, by.agent, None))
        ledger.add(tx, [tell_swap(id)])
        return id

    @use_case
    def answer_swap(self, tx: Tx, id: int, accepts: bool, by: By) -> Swap | None:
        """Say whether one takes it. Raises Refused where one is not asked, or it was answered."""
        if not self.begin_act(tx, by):
            return None
        swap = duties.swap(tx, id)
        if swap is None or swap.to != self._agent(tx, by).name:
            raise Refused(phrase("You are not asked about this."))
        if swap.ends <= tx.now:
            raise Refused(phrase("This is over."))
        if not duties.answer(tx, id, duties.ACCEPTED if accepts else duties.DECLINED):
            raise Refused(phrase("This was answered already."))
        ledger.add(tx, [tell_swap(id), duty_changes(swap.roster)])
        return swap

    @use_case
    def absent(self, tx: Tx, span: tuple[datetime, datetime], by: By, who: str | None = None) -> int | None:
        """Somebody is not there for a time: whose turn is next has their duties. Supervisors may say it of others."""
        if not self.begin_act(tx, by):
            return None
        me = self._agent(tx, by)
        if who is not None and who != me.name and me.role is not Role.SUPERVISOR:
            raise Refused(phrase("Only supervisors can say of somebody else that they are absent."))
        person = self._colleague(tx, who).name if who else me.name
        begins, ends = span
        self._check_span(tx, begins, ends)
        id = duties.ask(tx, Swap(0, "", person, None, begins, ends, tx.now, by.agent, duties.ACCEPTED))
        ledger.add(tx, [duty_changes(roster.name) for roster in self.book_in(tx).rosters])
        return id

    @question
    def swap(self, tx: Tx, id: int) -> Asked | None:
        """A swap with whoever is to hear of it: whom it asks, and once that has answered, who asked."""
        found = duties.swap(tx, id)
        if found is None or found.to is None:
            return None
        book = self.book_in(tx)
        roster = book.roster_named(found.roster)
        whom = book.agent_named(found.to if found.answer is None else found.of)
        return Asked(found, (roster.title if roster else None) or found.roster, whom)

    # Going over

    @use_case
    def hand_over(self, tx: Tx, roster: str, text: str, by: By) -> None:
        """Leave a note for whoever has a duty next."""
        if not self.begin_act(tx, by):
            return
        found = self._roster(tx, roster)
        if not text.strip():
            raise Refused(phrase("A note needs words."))
        duties.leave(tx, found.name, self._agent(tx, by).name, text.strip()[:LONGEST_NOTE])

    @question
    def handed_over(self, tx: Tx, roster: str, had: str | None) -> Handed | None:
        """Who has a duty now, where `had` had it before; None where there is no such roster (any more)."""
        book = self.book_in(tx)
        found = book.roster_named(roster)
        if found is None:
            return None
        duty = next(rosters.duties(found.plan(book.desk.zone), tx.now, tx.now + AHEAD, agreed(tx)))
        whom = book.agent_named(duty.person) if duty.person else None
        return Handed(found.title or found.name, duty, whom, duties.last_note(tx, roster), duty.person != had)

    @use_case
    def duty_looked_at(self, tx: Tx, roster: str, has: str | None, until: datetime) -> None:
        """Whoever has a duty knows; it is looked at again when it changes.

        Where a look was asked for meanwhile, by a new rulebook or a swap, that is now; who knows is not told again.
        """
        asked = duty_changes(roster)
        again = ledger.drop_waiting(tx, asked.kind, asked.key or "")
        ledger.add(tx, [duty_changes(roster, has, timedelta(0) if again else max(timedelta(0), until - tx.now))])

    @use_case
    def watch_duties(self, tx: Tx) -> None:
        """Let every duty be looked at that nobody looks at yet, or that may be another's by a new rulebook."""
        ledger.add(tx, [duty_changes(roster.name) for roster in self.book_in(tx).rosters])

    # Elsewhere

    @use_case
    def feed_path(self, tx: Tx, roster: str) -> str:
        """Where a duty's calendar is, for programs that show calendars: whoever knows it reads it. Raises NotFound."""
        found = self._roster(tx, roster)
        known = keys.generations(tx, _KEYS)
        newest = max(known)
        return f"duties/{found.name}/{signed(known[newest], _purpose(found.name), _SHAPE.pack(newest))}.ics"

    @use_case
    def feed(self, tx: Tx, roster: str, token: str) -> list[Duty] | None:
        """A duty's calendar, behind a link that we signed; None where we made no such one."""
        if verified(keys.generations(tx, _KEYS), _purpose(roster), _SHAPE, token) is None:
            return None
        book = self.book_in(tx)
        found = book.roster_named(roster)
        if found is None:
            return None
        return list(rosters.duties(found.plan(book.desk.zone), tx.now - BEHIND, tx.now + AHEAD, agreed(tx)))

    @use_case
    def renew_feeds(self, tx: Tx) -> None:
        """Every link to a calendar that was given until now is good for nothing."""
        keys.generations(tx, _KEYS)
        keys.renew(tx, _KEYS)

    # What these share

    def _held(self, tx: Tx, roster: Roster, begins: datetime, ends: datetime) -> Iterable[Duty]:
        return rosters.duties(roster.plan(self.book_in(tx).desk.zone), begins, ends, agreed(tx))

    def _roster(self, tx: Tx, name: str) -> Roster:
        book = self.book_in(tx)
        found = book.roster_named(name)
        if found is None and not name and len(book.rosters) == 1:
            return book.rosters[0]
        if found is None:
            known = [roster.name for roster in book.rosters]
            raise NotFound(phrase("There is no roster “{name}”. There is: {names}.", name=name, names=known))
        return found

    def _agent(self, tx: Tx, by: By) -> Agent:
        agent = self.agent_in(tx, by.agent)
        if agent is None:
            raise Refused(phrase("You are not an agent of this desk."))
        return agent

    def _colleague(self, tx: Tx, name: str) -> Agent:
        found = [agent for agent in self.book_in(tx).agents if agent.name.casefold() == name.strip().casefold()]
        if not found:
            raise Refused(phrase("Nobody at this desk is called “{name}”.", name=name[:100]))
        return found[0]

    def _check_span(self, tx: Tx, begins: datetime, ends: datetime) -> None:
        if not begins < ends or ends <= tx.now or ends - begins > LONGEST_SWAP:
            raise Refused(phrase("Name a time that begins before it ends, is not over, and lasts two months at most."))


def _purpose(roster: str) -> bytes:
    return f"duties:{roster}".encode()

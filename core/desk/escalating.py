"""Use cases of what happens while nobody acts: steps of ladders, whom they tell, who takes on, rests and wakes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from core.desk.alarming import Alarming
from core.desk.climbing import Climb, climb_of, due_when_woken
from core.desk.house import Change
from core.desk.lining_up import as_of, roster
from core.desk.on_duty import duty_now
from core.desk.writing import note_of, remark
from core.escalation import ladders
from core.escalation.ladders import Target, Whom
from core.phrases import Phrase, Refused, phrase
from core.routing.assignment import Presence
from core.rulebook import Agent, Rulebook
from core.storage import ledger, lineup, people, pings, tickets
from core.storage.database import Tx, question, use_case
from core.storage.pings import Ping
from core.storage.troubles import Trouble
from core.tickets import events as e
from core.tickets import lifecycle
from core.tickets.model import By, Status, Ticket

BY_LADDER = By("rule:ladder")
BY_SURE = By("rule:still-on-it")

SURE, BACK, NOBODY = "still on it", "snooze is over", "nobody"
"""As what somebody is told: asked whether they are still on it; that what they let rest is back; for want of others."""

LONGEST_SNOOZE = timedelta(days=92)
LONGEST_REASON = 1000


class Pinged(NamedTuple):
    """Somebody who is to be told, with what there is to say. `agent` None: it is a group, or they left."""

    ping: Ping
    agent: Agent | None
    rung: int  # of the ladder, from 1; 0: none
    rungs: int
    next_at: datetime | None
    stands: bool  # it is still so


class Escalating(Alarming):
    """What happens while nobody acts."""

    # What is due

    def climb(self, tx: Tx, change: Change) -> bool:
        """Do what is owed to a ticket because nobody acts; whether there was anything. Late it is done in order."""
        ticket = change.ticket
        if ticket.status is Status.CLOSED:
            return False
        if ticket.snoozed_until is not None:
            return ticket.snoozed_until <= tx.now and self._rouse(tx, change, By("rule:snooze"))
        climb = climb_of(self._shelf, tx, ticket)
        if climb is None:
            return False
        before = ticket.version
        while (due := change.ticket.rung_at) is not None and due <= tx.now:
            self._take_step(tx, change, climb, due)
        if before == change.ticket.version:
            self._ask_whether_sure(tx, change, climb)
        return before != change.ticket.version

    def _take_step(self, tx: Tx, change: Change, climb: Climb, due: datetime) -> None:
        ticket, book = change.ticket, self.book_in(tx)
        step = climb.ladder.at(ticket.rung)

        def came(within: timedelta) -> int:
            return tickets.came_into(tx, ticket.queue, due - within, due)

        no = ladders.skips(step, due, climb.hours, ticket.urgency, came)
        backup = self.queue_of(tx, ticket).backup
        goes = step.moves and no is None and backup is not None
        late = tx.now - due > ladders.LATE
        told: list[tuple[int, str]] = []
        if no is None and step.notify:
            about = Ping(0, ticket.number, ticket.version + 1, "", "", due, tx.now, step.important, late)
            told = self._notify(tx, book, ticket, step.notify, about)
        taken = e.StepTaken(
            at=tx.now,
            rung=ticket.rung,
            due=due,
            next_due=None if goes else ladders.due_at(climb.ladder, ticket.rung + 1, due, climb.hours),
            pings=tuple(id for id, target in told if not target.startswith("webhook:")),
            hooks=tuple(id for id, target in told if target.startswith("webhook:")),
            important=step.important,
            late=late,
            skipped=no and no.value,
        )
        change.happen([taken])
        if no is None and step.raises:
            change.happen(lifecycle.rank(change.ticket, change.ticket.urgency + 1, BY_LADDER, tx.now))
        if goes and backup is not None:
            self._go_to_backup(tx, change, book, backup)

    def _go_to_backup(self, tx: Tx, change: Change, book: Rulebook, backup: str) -> None:
        title = book.queue(backup).title
        remark(self, tx, change, "ladder", phrase("Nobody took it on. It goes to {queue}, who step in.", queue=title))
        if change.ticket.assignee is not None:
            change.happen(lifecycle.put_back(change.ticket, BY_LADDER, tx.now))
        change.happen(lifecycle.move(change.ticket, backup, BY_LADDER, tx.now))

    def _ask_whether_sure(self, tx: Tx, change: Change, climb: Climb) -> None:
        """Ask whoever has it and does nothing; take it from who did not say."""
        ticket = change.ticket
        due = ladders.sure_due(ticket, climb.ladder, climb.hours)
        if due is None or due > tx.now or ticket.assignee is None:
            return
        agent = self.agent_in(tx, ticket.assignee)
        if ticket.sure_until is None and agent is not None:
            about = Ping(0, ticket.number, ticket.version + 1, agent.name, SURE, due, tx.now, False, False)
            until = climb.hours.add(tx.now, climb.ladder.sure_within)
            change.happen([e.SureAsked(at=tx.now, due=due, until=until, pings=(pings.make(tx, about),))])
            return
        name = agent.name if agent else people.names(tx).get(ticket.assignee, ticket.assignee)
        said = phrase(
            "{name} was asked whether they are still on it and did not say. The ticket waits again.", name=name
        )
        remark(self, tx, change, "still-on-it", said)
        change.happen(lifecycle.put_back(change.ticket, BY_SURE, tx.now))

    # Whom a step tells

    def _notify(
        self, tx: Tx, book: Rulebook, ticket: Ticket, targets: Sequence[Target], about: Ping
    ) -> list[tuple[int, str]]:
        """A row for everybody who is told, each once. Where nobody is found it is supervisors, who also hear why."""
        whom = dict[str, str]()
        for target in targets:
            for name in self._names_behind(tx, book, ticket, target):
                whom.setdefault(name, f"{target.kind}:{target.name}" if target.name else target.kind)
        if not whom:
            whom = {agent.name: NOBODY for agent in book.supervisors}
        if not whom:
            said = phrase("Nobody is there who could be told that ticket #{number} waits.", number=ticket.number)
            self.alarm(tx, Trouble(said, ticket.number))
        return [(pings.make(tx, about._replace(target=name, why=why)), name) for name, why in whom.items()]

    def _names_behind(self, tx: Tx, book: Rulebook, ticket: Ticket, target: Target) -> list[str]:
        """The agents' names behind a target, and what is no agent as it is called."""
        match target.kind:
            case Whom.ASSIGNEE:
                return self._having_it(tx, ticket)
            case Whom.ON_DUTY:
                return self._there(tx, book, ticket.queue)
            case Whom.MANAGER:
                return list(book.managers_of(self._having_it(tx, ticket) or self._there(tx, book, ticket.queue)))
            case Whom.BACKUP:
                backup = self.queue_of(tx, ticket).backup
                return self._there(tx, book, backup) if backup else []
            case Whom.SUPERVISORS:
                return [agent.name for agent in book.supervisors]
            case "roster":
                duty = duty_now(tx, book, target.name)
                return [duty.person] if duty and duty.person and book.agent_named(duty.person) else []
            case "agent":
                return [target.name] if book.agent_named(target.name) else []
            case _:
                return [f"{target.kind}:{target.name}"]

    def _having_it(self, tx: Tx, ticket: Ticket) -> list[str]:
        agent = self.agent_in(tx, ticket.assignee) if ticket.assignee else None
        return [agent.name] if agent else []

    def _there(self, tx: Tx, book: Rulebook, queue: str) -> list[str]:
        """Who works on a queue, is on duty and not away."""
        known = lineup.states(tx)
        away = {
            agent.name
            for colleague, agent in roster(tx, book)
            if (state := known.get(colleague.id)) and as_of(state, tx.now).status is Presence.AWAY
        }
        agents = (agent for agent in book.agents_of(queue) if book.on_duty(agent, tx.now))
        return [agent.name for agent in agents if agent.name not in away]

    # What agents say

    @use_case
    def acknowledge_call(self, tx: Tx, number: int, by: By) -> None:
        """Say that one looks after it: it climbs no further. Whoever has it keeps it."""
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                ticket = change.ticket
                if ticket.assignee == by.agent and ticket.sure_until is not None:
                    change.happen([e.Sure(at=tx.now, by=by.agent)])
                elif ticket.assignee is None:
                    change.happen(lifecycle.claim(ticket, by, tx.now, people.names(tx)))
                elif ladders.calls(ticket):
                    change.happen([e.Acknowledged(at=tx.now, by=by.agent)])
                else:
                    raise Refused(phrase("Ticket #{number} does not wait for us now.", number=number))

    @use_case
    def snooze(self, tx: Tx, number: int, span: timedelta, reason: str, by: By) -> datetime | None:
        """Let a ticket rest for so long; until when. Nobody is told of it meanwhile, unless the requester writes."""
        if not self.begin_act(tx, by):
            return None
        if not timedelta(minutes=1) <= span <= LONGEST_SNOOZE:
            raise Refused(phrase("A ticket can rest from one minute to three months."))
        if not reason.strip():
            raise Refused(phrase("Say why it can rest: whoever looks at it meanwhile reads that."))
        with self.changing(tx, number) as change:
            if not ladders.calls(change.ticket):
                raise Refused(phrase("Ticket #{number} does not wait for us now.", number=number))
            name = people.names(tx).get(by.agent, by.agent)
            note_of(self, tx, change, by, name, reason.strip()[:LONGEST_REASON])
            noted = change.events[-1]
            assert isinstance(noted, e.Noted)
            until = tx.now + span
            change.happen([e.Snoozed(at=tx.now, by=by.agent, until=until, message=noted.message)])
        return until

    @use_case
    def wake_up(self, tx: Tx, number: int, by: By) -> None:
        """Let a ticket rest no more."""
        if self.begin_act(tx, by):
            with self.changing(tx, number) as change:
                if change.ticket.snoozed_until is None:
                    raise Refused(phrase("Ticket #{number} does not rest.", number=number))
                self._rouse(tx, change, by)

    def _rouse(self, tx: Tx, change: Change, by: By) -> bool:
        ticket = change.ticket
        told: tuple[int, ...] = ()
        agent = self.agent_in(tx, ticket.assignee) if ticket.assignee else None
        if agent is not None and by.is_rule:
            until = ticket.snoozed_until or tx.now
            about = Ping(0, ticket.number, ticket.version + 1, agent.name, BACK, until, tx.now, False, False)
            told = (pings.make(tx, about),)
        change.happen([e.Woken(at=tx.now, by=by.agent, due=due_when_woken(ticket, tx.now), pings=told)])
        return True

    # What leaves

    @question
    def pinged(self, tx: Tx, id: int) -> Pinged | None:
        """Whom a ping is for, and whether what it says is still so; None where nothing is to be done for it."""
        ping = pings.get(tx, id)
        if ping is None or ping.is_done:
            return None
        ticket, _ = tickets.look(tx, ping.ticket)
        climb = climb_of(self._shelf, tx, ticket)
        agent = self.book_in(tx).agent_named(ping.target)
        rungs = climb.ladder.rungs if climb else 0
        return Pinged(ping, agent, ticket.rung, rungs, ticket.rung_at, _stands(ping, ticket))

    @use_case
    def begin_ping(self, tx: Tx, id: int, way: str) -> bool:
        """Whether a ping may leave by this way now: it has not by another, and none is on it."""
        return pings.begin(tx, id, way)

    @use_case
    def ping_sent(self, tx: Tx, id: int, way: str, repeated: bool) -> None:
        """It has left. `repeated`: it may have before, of which nothing is known."""
        pings.sent(tx, id, way, repeated)
        ledger.drop_waiting(tx, "ping-otherwise", f"ping-otherwise:{id}")

    @use_case
    def ping_moot(self, tx: Tx, id: int) -> None:
        """It is not so any more, and nobody is told."""
        pings.moot(tx, id)
        ledger.drop_waiting(tx, "ping-otherwise", f"ping-otherwise:{id}")

    @use_case
    def ping_failed(self, tx: Tx, id: int, way: str, reason: str) -> None:
        """It did not leave by this way. What is important leaves another way at once."""
        pings.let_go(tx, id, way, reason)
        ledger.hasten(tx, "ping-otherwise", f"ping-otherwise:{id}")

    @use_case
    def ping_refused(self, tx: Tx, id: int, way: str, reason: str) -> None:
        """It can never leave by this way. Where there is no other one, supervisors hear of it."""
        ping = pings.get(tx, id)
        if ping is None or ping.is_done:
            return
        pings.let_go(tx, id, way, reason)
        if not ledger.hasten(tx, "ping-otherwise", f"ping-otherwise:{id}"):
            self._nobody_told(tx, ping, reason)

    @use_case
    def ping_lost(self, tx: Tx, id: int, reason: str) -> None:
        """Nobody could be told, by no way: supervisors hear of it."""
        ping = pings.get(tx, id)
        if ping is None or ping.is_done:
            return
        pings.let_go(tx, id, ping.way or "", reason)
        self._nobody_told(tx, ping, reason)

    def _nobody_told(self, tx: Tx, ping: Ping, reason: str) -> None:
        said: Phrase = phrase(
            "{name} could not be told that ticket #{number} waits: {reason}",
            name=ping.target,
            number=ping.ticket,
            reason=reason[:LONGEST_REASON],
        )
        self.alarm(tx, Trouble(said, ping.ticket))


def _stands(ping: Ping, ticket: Ticket) -> bool:
    """Whether what somebody is to be told is still so."""
    if not ladders.calls(ticket) or ticket.snoozed_until is not None:
        return False
    if ping.why == SURE:
        return ticket.sure_until is not None
    if ping.why == BACK:
        return True
    return ticket.rung_at is not None or ticket.active_at is None or ticket.active_at < ping.at


def names_of(found: Iterable[Ping]) -> list[str]:
    """Whom these tell, each once."""
    return list(dict.fromkeys(one.target for one in found))

"""Use cases of rules: what they make of a ticket, of a text, and of the past, were they others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from core.desk import tasking
from core.desk.assigning import Assigning
from core.desk.house import Change
from core.desk.judged import Judged
from core.desk.lining_up import roster
from core.desk.writing import remark
from core.effects import match, show_card, show_red
from core.phrases import Phrase, as_kept, phrase
from core.routing import triage
from core.routing.assignment import Pick, Waiting, points, why_not
from core.routing.minds import URGENCY
from core.routing.triage import Facts
from core.rulebook import Rulebook
from core.storage import ledger, lineup, messages, people, routings, signals, tasks, tickets
from core.storage.database import Tx, question, use_case
from core.storage.routings import Routing
from core.tickets import events as e
from core.tickets import lifecycle
from core.tickets.channels import manner
from core.tickets.model import Address, By, Inbound, Status, Ticket
from core.tickets.persons import house_of
from core.tickets.tasks import MOST as MOST_TASKS

BY_RULES = By("rule:triage")

EARLY = timedelta(minutes=2)
"""So long what the desk gave may be taken back for what it finds out: later somebody reads it already."""
MOST_UNBEGUN = 1

MOST_NAMED = 10
"""Agents of whom it is said whether they would get it."""


class Verdict(NamedTuple):
    """What would become of a message: what rules say of it, and who would get it, where the desk gives tickets."""

    judged: Judged
    title: str  # of the queue
    gives: bool
    pick: Pick | None


class Difference(NamedTuple):
    """A ticket that another rulebook would have treated otherwise."""

    number: int
    before: Judged
    after: Judged


class Judging(Assigning):
    """Rules."""

    @use_case
    def retriage(self, tx: Tx, number: int, facts: Facts) -> None:
        """Look at the rules again for a ticket of which more is known now: `facts` are its signals.

        What nobody has begun goes where the rules say now. Asked again with the same, it changes nothing.
        """
        book = self.book_in(tx)
        with self.changing(tx, number) as change:
            known = routings.of(tx, number)
            judged = judge(book, self._facts_of(tx, book, change.ticket, change.words, known).knowing(facts))
            self._change_to(tx, change, judged, known)
            self._carry_out(tx, change, judged, known)
        if book.gives:
            ledger.add(tx, [match()])

    @question
    def would(self, tx: Tx, facts: Facts, book: Rulebook | None = None) -> Verdict:
        """What would become of a message now; by another rulebook where one is given."""
        book = book or self.book_in(tx)
        door = facts.door or book.mailboxes[0].address
        known = Facts(at=tx.now, zone=book.desk.zone).knowing(facts)
        judged = judge(book, self._placed(book, known, door, facts.sender))
        queue = book.queue(judged.queue)
        pick = self.would_get_in(tx, book, _as_waiting(tx, judged)) if queue.gives else None
        return Verdict(judged, queue.title, queue.gives, pick)

    @question
    def dry_run(self, tx: Tx, book: Rulebook, numbers: Sequence[int]) -> list[Difference]:
        """Which of these tickets another rulebook would have treated otherwise when they came."""
        now, found = self.book_in(tx), list[Difference]()
        for number in numbers:
            ticket, words = tickets.look(tx, number)
            known = routings.of(tx, number)
            before, after = (judge(one, self._facts_of(tx, one, ticket, words, known)) for one in (now, book))
            if _decided(before) != _decided(after):
                found.append(Difference(number, before, after))
        return found

    @question
    def newest(self, tx: Tx, most: int) -> list[int]:
        """The newest tickets' numbers, the newest first."""
        return tickets.newest(tx, most)

    @use_case
    def red_posted(self, tx: Tx, number: int, room: str, ts: str) -> None:
        """A red alert stands there now."""
        routings.keep(tx, number, red_room=room, red_ts=ts)

    # For what comes in

    def judge_inbound(self, tx: Tx, inbound: Inbound, door: str, language: str | None) -> Judged:
        """What the rules say of something that opens a ticket."""
        book = self.book_in(tx)
        facts = Facts(
            subject=inbound.subject,
            text=inbound.reply_text,
            channel=inbound.channel,
            language=language,
            urgency=inbound.urgency or None,
            at=tx.now,
            zone=book.desk.zone,
        )
        placed = self._placed(book, facts, inbound.door, inbound.sender.address, door, inbound.sender)
        wanted = book.queue_named(inbound.queue)
        return judge(book, replace(placed, queue=wanted.name) if wanted else placed)

    def carry_out(self, tx: Tx, change: Change) -> None:
        """What the rules say beside queue and urgency, once the ticket has its first words."""
        if change.judged is not None and change.judged.decision.fired:
            self._carry_out(tx, change, change.judged, None)

    # How it is done

    def _placed(
        self,
        book: Rulebook,
        facts: Facts,
        came_to: str,
        sender: str,
        door: str | None = None,
        address: Address | None = None,
    ) -> Facts:
        """With what the rulebook says of where it came to, and of whom it is from."""
        house = house_of(address or Address("email", sender))
        organisation = book.organisation_at(house) if house else None
        placed = Facts(
            door=door or came_to,
            sender=sender,
            queue=book.queue_of(came_to).name,
            organisation=organisation.name if organisation else None,
            tier=organisation.tier if organisation else None,
        )
        return facts.knowing(placed)

    def _facts_of(self, tx: Tx, book: Rulebook, ticket: Ticket, words: tickets.Words, known: Routing | None) -> Facts:
        """What was known of a ticket when it came, and what was found out since."""
        first = messages.first_words(tx, ticket.number)
        facts = Facts(
            subject=words.subject,
            text=(first.reply_text or first.text) if first else "",
            channel=ticket.thread.channel,
            language=ticket.language,
            at=ticket.opened_at,
            zone=book.desk.zone,
        )
        sender = people.address_of(tx, ticket.requester, ticket.thread.channel)
        address = Address(ticket.thread.channel, sender)
        placed = self._placed(book, facts, ticket.door, sender, ticket.door, address)
        return placed.knowing(Facts(**known.facts)) if known else placed

    def _change_to(self, tx: Tx, change: Change, judged: Judged, known: Routing | None) -> None:
        """Another queue and another urgency, as long as nobody has begun."""
        ticket = change.ticket
        if ticket.status is Status.CLOSED:
            return
        decision = judged.decision
        self._take_back_early(tx, change, judged)
        ticket = change.ticket
        may_say_where = decision.queue is not None or (known is not None and known.rules)  # what no rule moved stays
        if may_say_where and ticket.assignee is None and ticket.first_replied_at is None:
            change.happen(lifecycle.move(ticket, judged.queue, BY_RULES, tx.now))
        if not decision.says_how_urgent or self._is_said_by_agents(tx, ticket):
            return
        urgency = decision.urgency
        if known is not None and known.unserved_at is not None:
            urgency = max(urgency, ticket.urgency)
        change.happen(lifecycle.rank(change.ticket, urgency, BY_RULES, tx.now))

    def _take_back_early(self, tx: Tx, change: Change, judged: Judged) -> None:
        """What the desk gave to somebody before it was understood, and turns out to be another's: back it goes, as long
        as they can hardly have seen it and have not begun. Whoever is next finds a line about that in the thread.
        """
        ticket, decision = change.ticket, judged.decision
        agent = self.agent_in(tx, ticket.assignee) if ticket.assignee else None
        if agent is None or ticket.claimed_at is None or tx.now - ticket.claimed_at > EARLY:
            return
        lacks = any(agent.skills.get(name, 0) < level for name, level in decision.skills.items())
        is_named = decision.assignee is None or decision.assignee.casefold() == agent.name.casefold()
        stays = judged.queue == ticket.queue and not lacks and is_named
        if stays or not self.queue_of(tx, ticket).gives or not self._was_given_by_desk(tx, ticket.number):
            return
        if not lineup.unbegun(tx, [ticket.queue], [ticket.assignee or ""], MOST_UNBEGUN, ticket.number):
            return
        said = phrase(
            "By now the desk knows what it is about: it is not for {name}, who had not begun, and goes on to whom it "
            "suits.",
            name=agent.name,
        )
        remark(self, tx, change, f"early:{ticket.version}", said)
        change.happen(lifecycle.put_back(change.ticket, BY_RULES, tx.now))

    def _was_given_by_desk(self, tx: Tx, number: int) -> bool:
        claims = [event for event in tickets.history(tx, number) if isinstance(event, e.Claimed)]
        return bool(claims) and By(claims[-1].given_by or claims[-1].by).is_rule

    def _is_said_by_agents(self, tx: Tx, ticket: Ticket) -> bool:
        """Whether an agent said how urgent it is: rules have no say then."""
        known = signals.of(tx, ticket.number)
        return known is not None and URGENCY in known.corrected

    def _carry_out(self, tx: Tx, change: Change, judged: Judged, known: Routing | None) -> None:
        ticket, decision = change.ticket, judged.decision
        rules = [{"rule": one.rule, "why": as_kept(one.why)} for one in decision.fired]
        kept: dict[str, object] = {"facts": judged.facts.signals, "rules": rules, "outcome": decision.outcome}
        if decision.red_alert and (known is None or known.red_at is None):
            kept["red_at"] = tx.now
            ledger.add(tx, [show_red(ticket.number)])
        routings.keep(tx, ticket.number, **kept)
        if known is not None and (list(known.rules), dict(known.outcome)) != (rules, decision.outcome):
            ledger.add(tx, [show_card(ticket.number, ticket.queue)])
        if decision.assignee and ticket.assignee is None and not self.queue_of(tx, ticket).gives:
            self._give_to(tx, change, decision.assignee)
        if decision.tasks:
            self._split_into(tx, change, decision.tasks)

    def _split_into(self, tx: Tx, change: Change, name: str) -> None:
        """Into the tasks of a set, once, whatever becomes of them then."""
        ticket, wanted = change.ticket, self.book_in(tx).task_set(name)
        if wanted is None or ticket.part_of is not None or ticket.status is Status.CLOSED:
            return
        if tasks.is_made_from(tx, ticket.number, name):
            return
        known = tasks.of(tx, ticket.number)
        if len(known) + len(wanted.tasks) <= MOST_TASKS:
            tasking.plan(self, tx, change, wanted.planned(len(known) + 1), BY_RULES, name)

    def _give_to(self, tx: Tx, change: Change, name: str) -> None:
        """To whom a rule names, in a queue that agents claim from; where they are unknown in Slack it waits."""
        found = [one.id for one, agent in roster(tx, self.book_in(tx)) if agent.name.casefold() == name.casefold()]
        if found and change.ticket.status is not Status.CLOSED:
            change.happen(lifecycle.assign(change.ticket, found[0], BY_RULES, tx.now, people.names(tx)))


def sentences(verdict: Verdict) -> list[Phrase]:
    """What would become of a message, in sentences: where it would go, why, who would get it, why not others."""
    judged, decision = verdict.judged, verdict.judged.decision
    said = [
        phrase("It would go to {queue}, with urgency {urgency}.", queue=verdict.title, urgency=str(decision.urgency)),
        *(fired.why for fired in decision.fired or ()),
    ]
    if not decision.fired:
        said.append(decision.why)
    said += _beside(judged)
    if not verdict.gives:
        return [*said, phrase("Agents would take it from the queue themselves.")]
    return [*said, *_who(verdict.pick)]


def _beside(judged: Judged) -> list[Phrase]:
    """What rules decide beside queue and urgency."""
    decision = judged.decision
    said: list[Phrase] = []
    if decision.red_alert:
        said.append(phrase("It would be a red alert."))
    if decision.tags:
        said.append(phrase("It would have the tags: {tags}.", tags=decision.tags))
    if decision.skills:
        said.append(phrase("It would need the skills: {skills}.", skills=tuple(decision.skills)))
    if decision.template:
        said.append(phrase("Agents would begin with the template “{template}”.", template=decision.template))
    if decision.tasks:
        said.append(phrase("It would be split into the tasks “{tasks}”.", tasks=decision.tasks))
    if decision.suppress:
        said.append(phrase("The customer would not be told by itself that the desk has it."))
    return said


def _who(pick: Pick | None) -> list[Phrase]:
    said: list[Phrase] = []
    for row in pick.table.rows[:MOST_NAMED] if pick else ():
        if row.no is not None:
            said.append(phrase("{name}: {reason}.", name=row.name, reason=why_not(row.no, row.about)))
        elif pick is not None and row.agent == pick.agent:
            said.append(phrase("{name} would get it, with {points} points.", name=row.name, points=f"{row.score:g}"))
        else:
            said.append(phrase("{name}: {points} points.", name=row.name, points=f"{row.score:g}"))
    if pick is None or pick.agent is None:
        said.insert(0, phrase("Nobody would get it now."))
    return said


def judge(book: Rulebook, facts: Facts) -> Judged:
    """What a rulebook's rules say."""
    decision = triage.triage(facts, book.rules)
    return Judged(facts, decision, decision.queue or facts.queue or book.queues[0].name)


def _decided(judged: Judged) -> tuple[object, ...]:
    """What agents would notice."""
    return (judged.queue, judged.decision.urgency, judged.decision.outcome)


def _as_waiting(tx: Tx, judged: Judged) -> Waiting:
    facts, decision = judged.facts, judged.decision
    return Waiting(
        number=0,
        queue=judged.queue,
        urgency=decision.urgency,
        since=tx.now,
        points=points(decision.urgency, is_chat=not manner(facts.channel or "email").letters),
        language=facts.language,
        skills=tuple(sorted(decision.skills.items())),
        topics=tuple(one for one in (facts.topic, facts.product) if one),
        named=decision.assignee,
    )

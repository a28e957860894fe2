"""What is promised for a ticket, and how it is counted, in the transaction of whatever changes the ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from core.calendars.calendar import Calendar
from core.desk import remarks
from core.escalation import targets
from core.escalation.targets import Clocks, Kind, Terms
from core.phrases import Phrase, phrase
from core.rulebook import Organisation, Rulebook
from core.rulebook.times import ROUND_THE_CLOCK, Policy
from core.storage import people, promises, tickets
from core.storage.database import Tx
from core.templates.due import Moment
from core.tickets import events as e
from core.tickets import tasks
from core.tickets.evolve import blank
from core.tickets.evolve import evolve as evolve_ticket
from core.tickets.model import Address, Status, Ticket
from core.tickets.persons import house_of

if TYPE_CHECKING:
    from core.desk.house import Change, House

NAMES = {
    Kind.FIRST: phrase("first answer"),
    Kind.NEXT: phrase("next answer"),
    Kind.RESOLUTION: phrase("solution"),
}
"""What is promised, as agents call it."""


class Counted(NamedTuple):
    """The clocks of a ticket as they were stored and as they are now, and how many of a change's events they know."""

    before: Clocks
    now: Clocks
    events: int = 0


class Due(NamedTuple):
    """A promise that counts now: when it has to be kept, and at which share of its time somebody was told last."""

    kind: Kind
    at: datetime
    told: int
    breached: bool


def is_promised(book: Rulebook, ticket: Ticket) -> bool:
    """Whether anything is, or was, promised for a ticket."""
    return bool(book.policies) or ticket.policy is not None or ticket.target is not None


def count(house: House, change: Change) -> None:
    """Let the clocks of a ticket follow what has happened to it. Asked twice, the second time finds nothing to do."""
    tx = change.tx
    book = house.book_in(tx)
    if not is_promised(book, change.ticket):
        return
    counted = change.counted
    if counted is None:
        found = promises.of(tx, change.ticket.number) if change.before.version else Clocks()
        counted = Counted(found, found)
    counted = _followed(house, change, counted)
    wanted = _terms(house, tx, book, change)
    if wanted is not None and _differ(house, tx, counted.now.terms, wanted):
        change.happen([_promised(tx, wanted)])
        was = counted.now
        counted = _followed(house, change, counted)
        change.counted = counted
        _say_so(house, tx, book, change, was)
        counted = _followed(house, change, counted)
    change.counted = counted


def keep(house: House, change: Change) -> datetime | None:
    """Write down the clocks of a changed ticket. When somebody is to be told of them next."""
    counted = change.counted
    if counted is None:
        return None
    calendar = calendar_of(house, change.tx, counted.now.terms)
    if counted.now != counted.before:
        first = min((one.at for one in dues(counted.now, calendar)), default=None)
        promises.keep(change.tx, change.ticket.number, counted.before, counted.now, first)
        change.counted = Counted(counted.now, counted.now, counted.events)
    return targets.wakes(counted.now, calendar, _shares(house.book_in(change.tx), counted.now.terms, change.ticket))


def tell(house: House, change: Change) -> bool:
    """Warn of what is nearly due, and say what was not kept. Whether there was anything to say."""
    count(house, change)
    counted = change.counted
    if counted is None:
        return False
    calendar = calendar_of(house, change.tx, counted.now.terms)
    shares = _shares(house.book_in(change.tx), counted.now.terms, change.ticket)
    owed = targets.owed(counted.now, calendar, shares, change.tx.now)
    change.happen(owed)
    count(house, change)
    return bool(owed)


def calendar_of(house: House, tx: Tx, terms: Terms) -> Calendar:
    """The calendar that terms name, as it was in their version of the rulebook."""
    return house.calendar_in(tx, terms.edition, terms.calendar)


def dues(clocks: Clocks, calendar: Calendar) -> list[Due]:
    """What has to be kept, the soonest first."""
    found: list[Due] = []
    for clock in clocks.each:
        at = targets.due(clock, calendar)
        if at is not None:
            found.append(Due(clock.kind, at, clock.told, clock.breached_at is not None))
    return sorted(found, key=lambda one: one.at)


def answer_by(house: House, tx: Tx, change: Change) -> Moment | None:
    """By when a first answer is promised to whoever opens a ticket, told in their own zone where that is known."""
    count(house, change)
    counted = change.counted
    clock = counted.now.of(Kind.FIRST) if counted else None
    if counted is None or clock is None:
        return None
    at = targets.due(clock, calendar_of(house, tx, counted.now.terms))
    if at is None:
        return None
    book, requester = house.book_in(tx), change.ticket.requester
    organisation = organisation_of(tx, book, change.ticket)
    theirs = people.zone_of(tx, requester) or (organisation.time_zone if organisation else None)
    return Moment(at, tx.now, ZoneInfo(theirs) if theirs else book.desk.zone, theirs is not None)


def shown(house: House, tx: Tx, ticket: Ticket) -> list[Due]:
    """What is promised for a ticket, for whoever looks at it."""
    if ticket.policy is None or ticket.status is Status.CLOSED:
        return []
    clocks = promises.of(tx, ticket.number)
    return dues(clocks, calendar_of(house, tx, clocks.terms))


def history_differs(house: House, tx: Tx, number: int) -> list[str]:
    """What of a ticket's clocks is not what its history gives: a check, always empty."""
    steps: list[tuple[e.Event, Ticket]] = []
    happened = tickets.history(tx, number)
    first = happened[0]
    if not isinstance(first, e.Opened):
        raise ValueError(f"ticket {number} does not begin with Opened")
    ticket = blank(number, first)
    for event in happened:
        ticket = evolve_ticket(ticket, event)
        steps.append((event, ticket))
    rebuilt = targets.rebuilt(steps, lambda terms: calendar_of(house, tx, terms))
    return promises.unlike_their_history(promises.of(tx, number), rebuilt)


def _followed(house: House, change: Change, counted: Counted) -> Counted:
    """With the events that the clocks do not know yet. What was not kept by then is said, though it happened now."""
    clocks = counted.now
    steps = change.steps[counted.events :]
    late: list[e.Event] = []
    for event, ticket in steps:
        calendar = calendar_of(house, change.tx, clocks.terms)
        after = targets.evolve(clocks, event, ticket, lambda terms: calendar_of(house, change.tx, terms))
        if not isinstance(event, e.Breached | e.Warned | e.Promised):
            late += _late(clocks, after, calendar, change.tx.now)
        clocks = after
    known = counted.events + len(steps)
    if not late:
        return Counted(counted.before, clocks, known)
    change.happen(late)
    return _followed(house, change, Counted(counted.before, clocks, known))


def _late(before: Clocks, after: Clocks, calendar: Calendar, now: datetime) -> list[e.Event]:
    """What came to rest after it was due, before anybody looked."""
    rested = (one for one in before.each if one.runs and not ((then := after.of(one.kind)) and then.runs))
    return [event for one in rested for event in targets.missed(one, calendar, now)]


def _terms(house: House, tx: Tx, book: Rulebook, change: Change) -> Terms | None:
    """What is promised for it now; None where nothing is to be changed: what is closed stays as it was."""
    ticket = change.ticket
    if ticket.status is Status.CLOSED:
        return None
    if ticket.part_of is not None:
        return task_terms(book, house.edition_in(tx), ticket.queue, ticket.urgency, ticket.target)
    matters = any(policy.tier for policy in book.policies) or any(one.calendar for one in book.organisations)
    organisation = organisation_of(tx, book, ticket) if matters else None
    tier = organisation.tier if organisation else None
    policy = book.policy_for(ticket.queue, tier, ticket.thread.channel, ticket.urgency)
    if policy is None:
        return Terms(None, "", house.edition_in(tx))
    first, following, resolution = (
        None if target is None else round(target.total_seconds()) for target in policy.targets
    )
    calendar = book.counts_in(policy, ticket.queue, organisation)
    hold = policy.pause_on_hold
    return Terms(policy.name, calendar, house.edition_in(tx), first, following, resolution, hold)


def task_terms(book: Rulebook, edition: int, queue: str, urgency: int, target: int | None) -> Terms:
    """What is promised for a task of a queue: that it is done, in the queue's working time, within `target` seconds or
    what its policy says. Nobody waits for an answer.
    """
    policy = book.policy_for(queue, None, tasks.CHANNEL, urgency)
    usual = policy.resolution if policy else None
    seconds = target if target is not None else None if usual is None else round(usual.total_seconds())
    if seconds is None:
        return Terms(None, "", edition)
    own = book.queue_named(queue)
    calendar = book.counts_in(policy, queue, None) if policy else (own.calendar if own else None) or ROUND_THE_CLOCK
    hold = policy.pause_on_hold if policy else True
    return Terms(policy.name if policy else tasks.CHANNEL, calendar, edition, None, None, seconds, hold)


def organisation_of(tx: Tx, book: Rulebook, ticket: Ticket) -> Organisation | None:
    """Whom a ticket's requester belongs to."""
    if not book.organisations:
        return None
    channel = ticket.thread.channel
    house = house_of(Address(channel, people.address_of(tx, ticket.requester, channel)))
    return book.organisation_at(house) if house else None


def _differ(house: House, tx: Tx, known: Terms, wanted: Terms) -> bool:
    """Whether other terms count; the same ones of a later version are the same where their calendar is."""
    if wanted.policy is None:
        return known.policy is not None
    if known._replace(edition=wanted.edition) != wanted:
        return True
    return known.edition != wanted.edition and calendar_of(house, tx, known) != calendar_of(house, tx, wanted)


def _promised(tx: Tx, terms: Terms) -> e.Promised:
    return e.Promised(at=tx.now, **terms._asdict())


def _say_so(house: House, tx: Tx, book: Rulebook, change: Change, was: Clocks) -> None:
    """Agents hear on the ticket when what was promised already is due at another time."""
    counted = change.counted
    if counted is None or was.terms.policy is None:
        return
    before = {one.kind: one.at for one in dues(was, calendar_of(house, tx, was.terms))}
    now = {one.kind: one.at for one in dues(counted.now, calendar_of(house, tx, counted.now.terms))}
    moved = [kind for kind in Kind if kind in before and before[kind] != now.get(kind)]
    if moved:
        said = _moved(moved, now, counted.now.terms)
        remarks.leave(book, tx, change, "promises", said)


def _moved(moved: Sequence[Kind], now: dict[Kind, datetime], terms: Terms) -> Phrase:
    if terms.policy is None:
        return phrase("Nothing is promised for this ticket any more.")
    said = [
        phrase("{what} by {at}", what=NAMES[kind], at=now[kind])
        if kind in now
        else phrase("{what}: nothing is promised any more", what=NAMES[kind])
        for kind in moved
    ]
    return phrase(
        "What is promised has changed (policy “{policy}”); the share that was used stays used. Due now: {what}.",
        policy=terms.policy,
        what=tuple(said),
    )


def _shares(book: Rulebook, terms: Terms, ticket: Ticket) -> Sequence[int]:
    """At which shares of a target somebody is told; of a ticket that rests only when it is not kept, for its clocks go
    on. When it rests no more, the largest share that was reached meanwhile is told.
    """
    shares: Sequence[int] = next(
        (one.warn_at for one in book.policies if one.name == terms.policy), Policy.model_fields["warn_at"].default
    )
    rests = ticket.snoozed_until is not None
    return [share for share in shares if share == targets.WHOLE] if rests else shares

"""What is promised for a ticket, counted: three clocks, which start, pause, go on, stop and begin anew.

A clock is a value; each change of it follows from itself, an event, and the ticket as it is after that event. So the
history gives the clocks back that are stored, whatever was counted when. Time counts in a calendar, and what has
counted is kept as a span: changing the calendar measures what comes, not what was. Changing a target keeps the share of
it that is used: who had used up half has half left, so that nothing is late by a change, and nothing gains by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.calendars.calendar import Calendar, NeverOpen
from core.tickets import events as e
from core.tickets.model import Status, Ticket

_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta(0)
WHOLE = 100
"""The share of a target, in hundredths, that is all of it."""


class Kind(StrEnum):
    """What is promised."""

    FIRST = "first"  # a first answer
    NEXT = "next"  # an answer to what they wrote after that
    RESOLUTION = "resolution"  # that it is closed


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise. By `since`, `spent` of its target had counted; at rest nothing counts after `rest_at`.

    `done`: it rests because what was promised has happened, or is not wanted any more.
    """

    kind: Kind
    target: timedelta
    began_at: datetime
    since: datetime
    spent: timedelta = _NOTHING
    rest_at: datetime | None = None
    done: bool = False
    told: int = 0  # the share at which somebody was told last
    breached_at: datetime | None = None  # when it was due, where it was not kept

    @property
    def runs(self) -> bool:
        return self.rest_at is None


class Terms(NamedTuple):
    """By which policy a ticket's clocks run, in which calendar of which version of the rulebook. No policy: nothing is
    promised (any more), and its clocks rest.
    """

    policy: str | None
    calendar: str
    edition: int
    first: int | None = None  # targets in seconds
    next: int | None = None
    resolution: int | None = None
    pause_on_hold: bool = True

    def target(self, kind: Kind) -> timedelta | None:
        seconds = {Kind.FIRST: self.first, Kind.NEXT: self.next, Kind.RESOLUTION: self.resolution}[kind]
        return None if seconds is None or self.policy is None else timedelta(seconds=seconds)


NO_TERMS = Terms(None, "", 0)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of a ticket, each kind once."""

    terms: Terms = NO_TERMS
    each: tuple[Clock, ...] = ()

    def of(self, kind: Kind) -> Clock | None:
        return next((one for one in self.each if one.kind is kind), None)

    def with_(self, clock: Clock) -> Clocks:
        others = [one for one in self.each if one.kind is not clock.kind]
        return replace(self, each=tuple(sorted([*others, clock], key=lambda one: list(Kind).index(one.kind))))


CalendarOf = Callable[[Terms], Calendar]
"""The calendar that terms name, as it was in their version of the rulebook."""


def terms_in(event: e.Promised) -> Terms:
    """The terms that an event set."""
    return Terms(*(getattr(event, name) for name in Terms._fields))


def evolve(clocks: Clocks, event: e.Event, ticket: Ticket, calendar_of: CalendarOf) -> Clocks:
    """The clocks after an event. `ticket` is as it is after it, too."""
    match event:
        case e.Promised():
            return _promised(clocks, terms_in(event), event.at, ticket, calendar_of)
        case e.Warned():
            return _told(clocks, Kind(event.clock), event.share, None)
        case e.Breached():
            return _told(clocks, Kind(event.clock), WHOLE, event.due)
        case _ if clocks.terms.policy is None:
            return clocks
        case _:
            return _moved_on(clocks, event, ticket, calendar_of(clocks.terms))


def rebuilt(steps: Iterable[tuple[e.Event, Ticket]], calendar_of: CalendarOf) -> Clocks:
    """The clocks from the past: each event with the ticket after it."""
    clocks = Clocks()
    for event, ticket in steps:
        clocks = evolve(clocks, event, ticket, calendar_of)
    return clocks


def _told(clocks: Clocks, kind: Kind, share: int, due: datetime | None) -> Clocks:
    clock = clocks.of(kind)
    if clock is None:
        return clocks
    return clocks.with_(replace(clock, told=max(clock.told, share), breached_at=clock.breached_at or due))


def _moved_on(clocks: Clocks, event: e.Event, ticket: Ticket, calendar: Calendar) -> Clocks:
    for clock in clocks.each:
        clocks = clocks.with_(_follows(clock, clocks.terms, ticket, event, calendar))
    if asks(event, ticket):
        target, before = clocks.terms.target(Kind.NEXT), clocks.of(Kind.NEXT)
        if target is not None and (before is None or before.done):
            clocks = clocks.with_(Clock(Kind.NEXT, target, event.at, event.at))
    return clocks


def asks(event: e.Event, ticket: Ticket) -> bool:
    """Whether the requester waits for another answer from this event on."""
    if ticket.first_replied_at is None or ticket.status is Status.CLOSED:
        return False
    match event:
        case e.RequesterWrote():
            return event.nature.is_of_people and not event.thanks and not event.comment
        case e.Reopened():
            return event.message is not None
        case _:
            return False


def _follows(clock: Clock, terms: Terms, ticket: Ticket, event: e.Event, calendar: Calendar) -> Clock:
    """A clock as the ticket has it now: at rest or not, and done or not."""
    at, undone = event.at, isinstance(event, e.ReplyUndone | e.Unmerged)
    answered = isinstance(event, e.Replied) or (
        isinstance(event, e.LetGo | e.SplitOff) and ticket.status is Status.PENDING
    )
    done = _is_done(clock, ticket) or (clock.kind is Kind.NEXT and answered)
    rests = _rests(clock, terms, ticket)
    if done or rests:
        if clock.rest_at is None:
            return replace(clock, rest_at=at, done=done)
        # what went on after an answer was taken back has rested since another one
        return replace(clock, done=done)
    if clock.rest_at is None:
        return clock
    if undone:  # nothing has happened: time went on
        return _with_target(replace(clock, rest_at=None, done=False), terms.target(clock.kind))
    if clock.done:  # it was settled, and begins anew
        return Clock(clock.kind, terms.target(clock.kind) or clock.target, at, at)
    spent = clock.spent + calendar.between(clock.since, max(clock.rest_at, clock.since))
    return replace(clock, spent=spent, since=at, rest_at=None)


def _is_done(clock: Clock, ticket: Ticket) -> bool:
    if ticket.status is Status.CLOSED:
        return True
    match clock.kind:
        case Kind.FIRST:
            return ticket.first_replied_at is not None
        case Kind.NEXT:  # of two things at one moment, what is known of it says which was first
            replied = ticket.replied_at
            return replied is not None and (replied > clock.began_at or (clock.done and replied == clock.began_at))
        case Kind.RESOLUTION:
            return False


def _rests(clock: Clock, terms: Terms, ticket: Ticket) -> bool:
    """Whether nothing counts: nothing is promised of that, or others have to act."""
    if terms.target(clock.kind) is None or (ticket.status is Status.ON_HOLD and terms.pause_on_hold):
        return True
    return clock.kind is Kind.RESOLUTION and ticket.status is Status.PENDING


def _promised(clocks: Clocks, terms: Terms, at: datetime, ticket: Ticket, calendar_of: CalendarOf) -> Clocks:
    """Other terms: what has counted counts by the old ones, and the share of it that is used stays."""
    before = calendar_of(clocks.terms) if clocks.terms.policy is not None else None
    found = Clocks(terms, clocks.each)
    for kind in Kind:
        clock, target = clocks.of(kind), terms.target(kind)
        if clock is None:
            if target is not None and _is_owed(kind, ticket):
                found = found.with_(_begun(Clock(kind, target, at, at), terms, ticket, at))
            continue
        until = clock.rest_at or at
        if before is not None and not clock.done and until > clock.since:
            clock = replace(clock, spent=clock.spent + before.between(clock.since, until), since=until)
        if not clock.done:
            clock = _with_target(clock, target)
        found = found.with_(_renewed(clock, terms, ticket, at))
    return found


def _with_target(clock: Clock, target: timedelta | None) -> Clock:
    """The same share of another target is used."""
    if target is None or target == clock.target:
        return clock
    spent = (clock.spent // _MICROSECOND) * (target // _MICROSECOND) // (clock.target // _MICROSECOND)
    return replace(clock, target=target, spent=timedelta(microseconds=spent))


def _begun(clock: Clock, terms: Terms, ticket: Ticket, at: datetime) -> Clock:
    return replace(clock, rest_at=at) if _rests(clock, terms, ticket) else clock


def _renewed(clock: Clock, terms: Terms, ticket: Ticket, at: datetime) -> Clock:
    """At rest or not by the new terms; what has rested by the old ones is counted up to then."""
    done = _is_done(clock, ticket)
    if done or _rests(clock, terms, ticket):
        return replace(clock, rest_at=clock.rest_at or at, done=done or clock.done)
    if clock.rest_at is not None:
        return replace(clock, since=at, rest_at=None, done=False)
    return clock


def _is_owed(kind: Kind, ticket: Ticket) -> bool:
    """Whether there is something to wait for, of which nothing was promised so far."""
    if ticket.status is Status.CLOSED:
        return False
    match kind:
        case Kind.FIRST:
            return ticket.first_replied_at is None
        case Kind.NEXT:
            heard, replied = ticket.heard_at, ticket.replied_at
            return ticket.first_replied_at is not None and bool(heard and replied and heard > replied)
        case Kind.RESOLUTION:
            return True


# When something is due


def at_share(clock: Clock, share: int, calendar: Calendar) -> datetime | None:
    """When so many hundredths of its target are used; None where it rests, or that is never."""
    if not clock.runs:
        return None
    left = clock.target * share / WHOLE - clock.spent
    try:
        return calendar.add(clock.since, max(left, _NOTHING))
    except NeverOpen:
        return None


def due(clock: Clock, calendar: Calendar) -> datetime | None:
    """When what is promised has to have happened; None while nothing counts."""
    return clock.breached_at if clock.breached_at and clock.runs else at_share(clock, WHOLE, calendar)


def used(clock: Clock, calendar: Calendar, now: datetime) -> timedelta:
    """How much of its target has counted."""
    return clock.spent + calendar.between(clock.since, max(clock.since, clock.rest_at or now))


def wakes(clocks: Clocks, calendar: Calendar, shares: Sequence[int]) -> datetime | None:
    """When somebody is to be told of a clock next."""
    moments = [
        at
        for clock in clocks.each
        if clock.runs
        for share in {*shares, WHOLE}
        if share > clock.told and (at := at_share(clock, share, calendar)) is not None
    ]
    return min(moments, default=None)


def owed(clocks: Clocks, calendar: Calendar, shares: Sequence[int], now: datetime) -> list[e.Event]:
    """What is to be told of clocks now: of each the largest share that it has reached, and that it was not kept."""
    found: list[e.Event] = []
    for clock in clocks.each:
        if not clock.runs:
            continue
        found += missed(clock, calendar, now)
        reached = [
            share
            for share in shares
            if share > clock.told and (at := at_share(clock, share, calendar)) is not None and at <= now
        ]
        if reached:
            found.append(e.Warned(at=now, clock=clock.kind.value, share=max(reached)))
    return found


def missed(clock: Clock, calendar: Calendar, now: datetime) -> list[e.Event]:
    """That it was not kept, where that is so and was not said yet."""
    if clock.breached_at is not None:
        return []
    at = at_share(clock, WHOLE, calendar)
    return [e.Breached(at=now, clock=clock.kind.value, due=at)] if at is not None and at <= now else []

"""Who is on duty when: people who take turns in shifts, in zones of their own; stand-ins and absences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

from core.calendars.calendar import Calendar
from core.calendars.wall import moment

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours in which people take turns: each has them for `days`, the first one from `starts` on; they hand over at a
    time of the day in their zone.
    """

    people: tuple[str, ...]
    starts: date
    days: int
    hand_over: time
    zone: tzinfo
    hours: Calendar

    def turn(self, at: datetime) -> int:
        """Whose turn it is, by place."""
        return self._turns(at) % len(self.people)

    def _turns(self, at: datetime) -> int:
        day = at.astimezone(self.zone).date()
        if at < moment(datetime.combine(day, self.hand_over), self.zone):
            day -= _A_DAY
        return (day - self.starts).days // self.days

    def hands_over(self, at: datetime) -> datetime:
        """When the turn after this one begins."""
        first = self.starts + timedelta(days=self.days * (self._turns(at) + 1))
        return moment(datetime.combine(first, self.hand_over), self.zone)

    def changes(self, at: datetime) -> datetime:
        """When it may be otherwise next."""
        edge = self.hours.changes(at)
        turn = self.hands_over(at)
        return turn if edge is None else min(turn, edge)


@dataclass(frozen=True, slots=True)
class StandIn:
    """From one moment to another somebody has the duty: of `of`, or whoever has it. `to` None: `of` is absent, and
    whose turn is next has it. `roster` "": in every one.
    """

    roster: str
    begins: datetime
    ends: datetime
    to: str | None
    of: str | None = None

    def is_on(self, at: datetime, roster: str) -> bool:
        return self.begins <= at < self.ends and self.roster in ("", roster)


@dataclass(frozen=True, slots=True)
class Roster:
    """Shifts, in the order in which they are looked at: of several at one time the first one counts."""

    name: str
    shifts: tuple[Shift, ...]
    standins: tuple[StandIn, ...] = ()
    covers: Calendar | None = None  # when there must be somebody; None: always


class Duty(NamedTuple):
    """Who has it from one moment to another; None: nobody. `instead_of`: whose turn it is."""

    person: str | None
    begins: datetime
    ends: datetime
    instead_of: str | None = None


def on_duty(roster: Roster, at: datetime, more: Sequence[StandIn] = ()) -> Duty:
    """Who has the duty at a moment. `more`: what was agreed beside the rulebook; what was agreed last comes first."""
    standins = [one for one in (*more, *roster.standins) if one.roster in ("", roster.name)]
    turn = _turn(roster, at)
    whose = turn[0] if turn else None
    person = _standing_in(turn, [one for one in standins if one.is_on(at, roster.name)])
    edges = [shift.changes(at) for shift in roster.shifts]
    edges += [edge for one in standins for edge in (one.begins, one.ends) if edge > at]
    return Duty(person, at, min(edges), whose if whose != person else None)


def _turn(roster: Roster, at: datetime) -> tuple[str, ...]:
    """Whose turn it is at a moment, and who comes after them."""
    for shift in roster.shifts:
        if shift.hours.is_open(at):
            place = shift.turn(at)
            return shift.people[place:] + shift.people[:place]
    return ()


def _standing_in(turn: tuple[str, ...], on: Sequence[StandIn]) -> str | None:
    """Who has it instead of whose turn it is; a stand-in may be absent, and be stood in for."""
    absent = {one.of for one in on if one.to is None}
    whose = turn[0] if turn else None
    person, seen = whose, set[str | None]()
    while person not in seen:
        seen.add(person)
        found = next((one.to for one in on if one.to is not None and one.of in (None, person)), None)
        if found is None or found in absent or found in seen:
            break
        person = found
    if person in absent:
        person = next((one for one in turn if one not in absent), person)
    return person


def duties(roster: Roster, start: datetime, end: datetime, more: Sequence[StandIn] = ()) -> Iterator[Duty]:
    """Who has the duty from one moment to another, one after the other."""
    held: Duty | None = None
    at = start
    while at < end:
        found = on_duty(roster, at, more)
        until = min(found.ends, end)
        if held is not None and (held.person, held.instead_of) == (found.person, found.instead_of):
            held = held._replace(ends=until)
        else:
            if held is not None:
                yield held
            held = found._replace(ends=until)
        at = until
    if held is not None:
        yield held


def next_after(
    roster: Roster, at: datetime, more: Sequence[StandIn] = (), within: timedelta = _A_DAY * 60
) -> Duty | None:
    """The duty that comes after the one at this moment; None where it is the same for long."""
    found = duties(roster, at, at + within, more)
    next(found, None)
    return next((duty for duty in found if duty.person is not None), None)


def gap(roster: Roster, start: datetime, days: int) -> tuple[datetime, datetime] | None:
    """The first time, of so many days, at which there should be somebody and is nobody."""
    end = start + timedelta(days=days)
    wanted: Iterable[tuple[datetime, datetime | None]] = [(start, end)]
    if roster.covers is not None:
        wanted = roster.covers.open_from(start)
    for begins, closes in wanted:
        if begins >= end:
            break
        for duty in duties(roster, begins, min(closes or end, end)):
            if duty.person is None and duty.begins < duty.ends:
                return duty.begins, duty.ends
    return None


def overlap(standins: Sequence[StandIn]) -> tuple[int, int] | None:
    """Two that say who has the duty at one time, by place."""
    order = sorted(range(len(standins)), key=lambda place: standins[place].begins)
    for first, second in pairwise(order):
        if standins[second].begins < standins[first].ends:
            return first, second
    return None

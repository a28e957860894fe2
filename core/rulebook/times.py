"""When there is work, and what is promised by that, as a rulebook has it: calendars and policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, Strict

from core.calendars.calendar import Calendar, Day, Pattern, Yearly, week_of
from core.calendars.days import Exceptional, SpecialDay, exceptional
from core.calendars.hours import Hours
from core.routing.conditions import Urgency, Wanted
from core.rulebook.kinds import Duration, Place, Slug, Zone

ROUND_THE_CLOCK = "always"
"""The calendar that every desk has."""

Share = Annotated[int, Strict(), Field(ge=1, le=300)]


class Timetable(BaseModel):
    """A calendar as it is written: `hours` of each week, none of them on `holidays`, and on `days` others.

    `also`: calendars in whose hours there is work as well.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug
    time_zone: Zone | None = None  # of its hours, if not the desk's
    hours: tuple[Hours, ...] = ()  # none named: at any time
    holidays: tuple[Place, ...] = ()
    days: tuple[SpecialDay, ...] = ()
    also: tuple[Slug, ...] = ()

    @property
    def exceptional(self) -> Iterator[tuple[int, Exceptional]]:
        """Its days, each with its place among them."""
        return ((n, one) for n, one in enumerate(map(exceptional, self.days)) if one is not None)

    def pattern(self, usual: ZoneInfo, hours: tuple[Hours, ...] = (), time_zone: str | None = None) -> Pattern:
        """Its own hours. `hours` and `time_zone`: somebody's own, instead of them."""
        dates: dict[date, Day | None] = {}
        yearly: dict[Yearly, Day | None] = {}
        for _, one in self.exceptional:
            if one.yearly:
                yearly.update(dict.fromkeys(one.each_year, one.hours))
            else:
                dates.update(dict.fromkeys(one.dates, one.hours))
        zone = time_zone or self.time_zone
        return Pattern(
            ZoneInfo(zone) if zone else usual,
            week_of(hours or self.hours),
            tuple(sorted(dates.items())),
            tuple(sorted(yearly.items())),
            self.holidays,
        )


class Targets(NamedTuple):
    """How soon what is to happen; None: nothing is promised of that."""

    first_response: timedelta | None = None
    next_response: timedelta | None = None
    resolution: timedelta | None = None


class Policy(BaseModel):
    """What is promised for tickets like these, in working time of a calendar. Of several the first that fits counts.

    Whatever is given of a ticket must hold; of a list one is enough. `calendar`: else that of the customer's
    organisation, else that of the queue. `pause_on_hold`: nothing counts while somebody else is waited for.
    `warn_at`: shares of a target, in hundredths, at which the assignee and the room hear of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Slug
    queue: tuple[Slug, ...] = ()
    tier: tuple[Wanted, ...] = ()
    channel: tuple[Wanted, ...] = ()
    urgency_at_least: Urgency = 0
    calendar: Slug | None = None
    first_response: Duration | None = None
    next_response: Duration | None = None
    resolution: Duration | None = None
    pause_on_hold: Annotated[bool, Strict()] = True
    warn_at: tuple[Share, ...] = (50, 80, 100)

    @property
    def targets(self) -> Targets:
        return Targets(self.first_response, self.next_response, self.resolution)

    def fits(self, queue: str, tier: str | None, channel: str, urgency: int) -> bool:
        """Whether it is about a ticket like this."""
        return (
            urgency >= self.urgency_at_least
            and (not self.queue or queue in self.queue)
            and (not self.channel or channel.casefold() in {one.casefold() for one in self.channel})
            and (not self.tier or (tier or "").casefold() in {one.casefold() for one in self.tier})
        )


def patterns_of(
    name: str, known: Mapping[str, Timetable], pattern: Callable[[Timetable], Pattern]
) -> tuple[Pattern, ...]:
    """The hours of a calendar and of those that it names; each counts once, however they name each other."""
    found: dict[str, Pattern] = {}
    waiting = [name]
    while waiting:
        one = known.get(waiting.pop())
        if one is not None and one.name not in found:
            found[one.name] = pattern(one)
            waiting += one.also
    return tuple(found.values())


def calendars(tables: Iterable[Timetable], usual: ZoneInfo) -> Mapping[str, Calendar]:
    """Every calendar by its name."""
    known = {one.name: one for one in tables}
    return {name: Calendar(patterns_of(name, known, lambda one: one.pattern(usual))) for name in known}


def overlapping(table: Timetable) -> Iterator[tuple[int, int, str]]:
    """Two of its days that speak of the same date, and that date as it is written."""
    seen: dict[tuple[bool, date], int] = {}
    for n, one in table.exceptional:
        for day in one.dates:
            key = (one.yearly, day)
            if key in seen:
                yield seen[key], n, day.strftime("%m-%d" if one.yearly else "%Y-%m-%d")
                break
            seen[key] = n


def circle(name: str, known: Mapping[str, Timetable]) -> tuple[str, ...] | None:
    """The way by which a calendar names itself; None: it does not."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for other in known[way[-1]].also if way[-1] in known else ():
            if other == name:
                return (*way, name)
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return None

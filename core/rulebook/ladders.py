"""What happens while nobody acts, as a rulebook has it: ladders of steps, and rosters of who is on duty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from core.calendars.calendar import Calendar, weekly
from core.calendars.hours import Hours
from core.calendars.wall import moment
from core.escalation import ladders, rosters
from core.escalation.ladders import Only, Target, Whom, target_of
from core.rulebook.kinds import Duration, Line, Slug, Zone

if TYPE_CHECKING:
    from core.rulebook.model import Queue, Rulebook

Found = tuple[tuple[str | int, ...], str, Mapping[str, Any]]
"""A fault: where it is, what it is called, what is said of it."""

MOST_REPEATS = 20
"""Repetitions of a ladder: what is to go on for longer than this has no end."""
MOST_STEPS = 50
LOOKED_AT = 800
"""Days over which a roster is looked through for gaps: two years, with all their changes of clocks."""

_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


def _target(written: str) -> str:
    if target_of(written) is None:
        raise PydanticCustomError("bad_target", "nobody to notify: {value}", {"value": written})
    return written


def _moment(written: str) -> str:
    if _moment_of(written) is None:
        raise PydanticCustomError("bad_moment", "not a moment: {value}", {"value": written})
    return written


def _moment_of(written: str) -> datetime | None:
    found = _MOMENT.fullmatch(written)
    try:
        return (
            datetime.fromisoformat(f"{'-'.join(found.groups()[:3])}T{':'.join(found.groups()[3:])}") if found else None
        )
    except ValueError:
        return None


def _date(written: str) -> str:
    try:
        date.fromisoformat(written)
    except ValueError:
        raise PydanticCustomError("bad_date", "not a date: {value}", {"value": written}) from None
    return written


def _time(written: str) -> str:
    found = _TIME.fullmatch(written)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise PydanticCustomError("bad_time", "not a time of the day: {value}", {"value": written})
    return written


Whole = Annotated[int, Strict(), Field(ge=1, le=1000)]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Written):
    """What happens `after` the step before it: whom it notifies, and what becomes of the ticket.

    `clock`: whether `after` is counted in working time, or by the clock on the wall. Who is notified by an `important`
    step is so at any hour; by another in working hours. `during`, `urgency_at_least` and `more_than` tickets `within` a
    time: only then.
    """

    after: Duration | None = None
    clock: Literal["working", "wall"] = "working"
    notify: tuple[Annotated[str, AfterValidator(_target)], ...] = ()
    important: Annotated[bool, Strict()] = False
    raise_urgency: Annotated[bool, Strict()] = False
    to_backup: Annotated[bool, Strict()] = False
    during: Literal["open", "closed"] | None = None
    urgency_at_least: Annotated[int, Strict(), Field(ge=0, le=3)] = 0
    more_than: Whole | None = None
    within: Duration = timedelta(hours=1)

    @property
    def targets(self) -> tuple[Target, ...]:
        return tuple(found for written in self.notify if (found := target_of(written)) is not None)

    @property
    def is_nothing(self) -> bool:
        return not (self.notify or self.raise_urgency or self.to_backup)

    @property
    def plan(self) -> ladders.Step:
        """The same as decisions read it."""
        return ladders.Step(
            after=self.after or timedelta(),
            wall=self.clock == "wall",
            notify=self.targets,
            important=self.important,
            raises=self.raise_urgency,
            moves=self.to_backup,
            only=Only(self.during, self.urgency_at_least, self.more_than or 0, self.within),
        )


class Ladder(_Written):
    """What happens, step by step, to a ticket that nobody takes on. Its working hours are those of a
    `calendar`, or `hours` of its own in a `time_zone`; neither named: always.
    """

    name: Slug
    steps: Annotated[tuple[Step, ...], Field(max_length=MOST_STEPS)] = ()
    repeat: Annotated[int, Strict(), Field(ge=0)] = 0
    repeat_after: Duration | None = None
    hours: tuple[Hours, ...] = ()
    time_zone: Zone | None = None
    calendar: Slug | None = None
    still_on_it_after: Duration | None = None
    still_on_it_within: Duration = timedelta(minutes=30)

    @cached_property
    def plan(self) -> ladders.Ladder:
        """The same as decisions read it."""
        return ladders.Ladder(
            self.name,
            tuple(step.plan for step in self.steps),
            self.repeat,
            self.repeat_after or timedelta(),
            self.still_on_it_after,
            self.still_on_it_within,
        )


class Shift(_Written):
    """Hours in which people take turns, each for so many `days`; the first from `starts` on."""

    people: tuple[Line, ...]
    starts: Annotated[str, AfterValidator(_date)]
    days: Whole = 7
    hand_over: Annotated[str, AfterValidator(_time)] = "09:00"
    hours: tuple[Hours, ...] = ()
    time_zone: Zone | None = None


class Override(_Written):
    """Somebody has a duty from one moment to another, whoever's turn it is: moments of the roster's zone."""

    person: Line
    begins: Annotated[str, AfterValidator(_moment)]
    ends: Annotated[str, AfterValidator(_moment)]


class Roster(_Written):
    """Who is on duty when. `covers`: the hours in which there must be somebody; left out: always."""

    name: Slug
    title: Line | None = None
    time_zone: Zone | None = None
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()
    covers: tuple[Hours, ...] = ()

    def plan(self, zone: ZoneInfo) -> rosters.Roster:
        """The same as decisions read it. `zone` is the desk's."""
        here = ZoneInfo(self.time_zone) if self.time_zone else zone
        return rosters.Roster(
            self.name,
            tuple(_shift(shift, here) for shift in self.shifts if shift.people),
            tuple(_stand_in(self.name, one, here) for one in self.overrides),
            weekly(self.covers, here) if self.covers else None,
        )


def _shift(shift: Shift, here: ZoneInfo) -> rosters.Shift:
    zone = ZoneInfo(shift.time_zone) if shift.time_zone else here
    hour, minute = map(int, shift.hand_over.split(":"))
    hours = weekly(shift.hours, zone)
    return rosters.Shift(shift.people, date.fromisoformat(shift.starts), shift.days, time(hour, minute), zone, hours)


def _stand_in(name: str, one: Override, here: ZoneInfo) -> rosters.StandIn:
    begins, ends = _moment_of(one.begins), _moment_of(one.ends)
    assert begins is not None
    assert ends is not None
    return rosters.StandIn(name, moment(begins, here), moment(ends, here), one.person)


def hours_of(book: Rulebook, ladder: Ladder) -> Calendar:
    """The working hours by which a ladder goes."""
    if ladder.calendar is not None:
        return book.calendar(ladder.calendar)
    return weekly(ladder.hours, ZoneInfo(ladder.time_zone) if ladder.time_zone else book.desk.zone)


# What cannot be


def faults(book: Rulebook) -> Iterable[Found]:
    """Ladders without an end or a step that does something, circles of backups, names that nobody has."""
    yield from _of_queues(book)
    yield from _of_managers(book)
    for place, ladder in enumerate(book.ladders):
        yield from _endless(place, ladder)
        for n, step in enumerate(ladder.steps):
            yield from _of_step(book, ("ladders", place, "steps", n), ladder, n, step)
    for place, roster in enumerate(book.rosters):
        yield from _of_roster(book, place, roster)


def _of_queues(book: Rulebook) -> Iterable[Found]:
    known = {queue.name: queue for queue in book.queues}
    ladders_known = [ladder.name for ladder in book.ladders]
    for place, queue in enumerate(book.queues):
        if queue.ladder is not None and queue.ladder not in ladders_known:
            yield ("queues", place, "ladder"), "not_known", {"value": queue.ladder, "known": ladders_known}
        if queue.backup is None:
            continue
        if queue.backup not in known:
            yield ("queues", place, "backup"), "no_such_queue", {"value": queue.backup, "known": list(known)}
        elif circle := _circle(queue, known):
            yield ("queues", place, "backup"), "circle", {"path": circle}
    for place, ladder in enumerate(book.ladders):
        users = [queue for queue in book.queues if queue.ladder == ladder.name]
        needs = any(step.to_backup or "backup" in step.notify for step in ladder.steps)
        for queue in users if needs else ():
            if queue.backup is None:
                yield ("ladders", place, "steps"), "no_backup", {"value": ladder.name, "queue": queue.name}


def _of_managers(book: Rulebook) -> Iterable[Found]:
    names = [agent.name for agent in book.agents]
    for place, agent in enumerate(book.agents):
        if agent.manager == agent.name:
            yield ("agents", place, "manager"), "own_manager", {"value": agent.name}
        elif agent.manager is not None and agent.manager not in names:
            yield ("agents", place, "manager"), "not_known", {"value": agent.manager, "known": names}


def _circle(queue: Queue, known: Mapping[str, Queue]) -> list[str]:
    """The way from a queue over backups back to it; empty where it ends."""
    path, at = [queue.name], queue
    while at.backup is not None and at.backup in known:
        path.append(at.backup)
        if at.backup == queue.name:
            return path
        if at.backup in path[:-1]:
            return []
        at = known[at.backup]
    return []


def _endless(place: int, ladder: Ladder) -> Iterable[Found]:
    about = {"value": ladder.name, "most": MOST_REPEATS}
    if not ladder.steps:
        yield ("ladders", place, "steps"), "empty", about
    elif ladder.repeat > MOST_REPEATS:
        yield ("ladders", place, "repeat"), "endless", about
    elif ladder.repeat and not (ladder.repeat_after or any(step.after for step in ladder.steps)):
        yield ("ladders", place, "repeat"), "at_once", about
    elif ladder.repeat and any(step.to_backup for step in ladder.steps):
        yield ("ladders", place, "repeat"), "gone_before", about
    if ladder.steps and not ladder.steps[-1].to_backup and not ladder.steps[-1].notify:
        yield ("ladders", place, "steps", len(ladder.steps) - 1), "ends_with_nothing", about


def _of_step(book: Rulebook, path: tuple[str | int, ...], ladder: Ladder, n: int, step: Step) -> Iterable[Found]:
    if step.is_nothing and n < len(ladder.steps) - 1:
        yield path, "idle_step", {"value": ladder.name}
    if step.to_backup and n < len(ladder.steps) - 1:
        yield (*path, "to_backup"), "gone_before", {"value": ladder.name}
    agents, named = [agent.name for agent in book.agents], [roster.name for roster in book.rosters]
    for m, target in enumerate(step.targets):
        known = {"agent": agents, "roster": named}.get(target.kind)
        if known is not None and target.name not in known:
            yield (*path, "notify", m), "not_known", {"value": target.name, "known": known}
        elif target.kind == Whom.SUPERVISORS and not book.supervisors:
            yield (*path, "notify", m), "no_supervisor", {}
        elif target.kind == Whom.MANAGER and not any(agent.manager for agent in book.agents):
            yield (*path, "notify", m), "no_manager", {}


def _of_roster(book: Rulebook, place: int, roster: Roster) -> Iterable[Found]:
    agents = [agent.name for agent in book.agents]
    named: list[tuple[tuple[str | int, ...], str]] = [
        *(
            (("shifts", n, "people", m), one)
            for n, shift in enumerate(roster.shifts)
            for m, one in enumerate(shift.people)
        ),
        *((("overrides", n, "person"), one.person) for n, one in enumerate(roster.overrides)),
    ]
    for path, person in named:
        if person not in agents:
            yield ("rosters", place, *path), "not_known", {"value": person, "known": agents}
    if not roster.shifts or not all(shift.people for shift in roster.shifts):
        yield ("rosters", place, "shifts"), "empty", {}
        return
    yield from _of_overrides(place, roster, roster.plan(book.desk.zone).standins)


def gaps(book: Rulebook) -> Iterable[Found]:
    """Rosters by which nobody is on duty at some time. This takes a moment, so it is asked of what is written now."""
    for place, roster in enumerate(book.rosters):
        if roster.shifts and all(shift.people for shift in roster.shifts):
            yield from _gap(book, place, roster)


def _gap(book: Rulebook, place: int, roster: Roster) -> Iterable[Found]:
    made = roster.plan(book.desk.zone)
    first = max(shift.starts for shift in made.shifts)
    begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
    found = rosters.gap(rosters.Roster(made.name, made.shifts, (), made.covers), begins, LOOKED_AT)
    if found is not None:
        zone = ZoneInfo(roster.time_zone) if roster.time_zone else book.desk.zone
        said = [at.astimezone(zone).strftime("%a %Y-%m-%d %H:%M") for at in found]
        yield ("rosters", place, "shifts"), "gap", {"value": roster.name, "begins": said[0], "ends": said[1]}


def _of_overrides(place: int, roster: Roster, standins: Sequence[rosters.StandIn]) -> Iterable[Found]:
    for n, one in enumerate(standins):
        if one.ends <= one.begins:
            yield ("rosters", place, "overrides", n), "backwards", {"value": roster.overrides[n].ends}
    if (found := rosters.overlap(standins)) is not None:
        one, other = roster.overrides[found[0]], roster.overrides[found[1]]
        about = {"value": other.person, "other": one.person, "begins": other.begins, "ends": one.ends}
        yield ("rosters", place, "overrides", found[1]), "overlap", about

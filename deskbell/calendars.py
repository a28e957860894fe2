"""`deskbell calendars`: what a calendar says of a year before it counts; to and from other programs' calendars."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from core.calendars import ical
from core.calendars.days import Exceptional, exceptional, written
from core.desk import Desk
from core.desk.opening import wall_clock
from core.phrases import NotFound, Refused, phrase, phrases
from core.rulebook import Rulebook, years
from core.rulebook.times import Timetable
from deskbell.opening import desk_at_hand, read_rulebook, read_settings
from deskbell.speaking import show, speak

_SOME_WEEK = date(2026, 1, 5)  # begins with a Monday


def main(options: argparse.Namespace) -> int:
    """List, show a year, write it out, take days in."""
    if options.rulebook:
        _do(options, read_rulebook(Path(options.rulebook)), None)
        return 0
    with desk_at_hand(read_settings()) as desk:
        _do(options, desk.book(), desk)
    return 0


def _do(options: argparse.Namespace, book: Rulebook, desk: Desk | None) -> None:
    if options.what == "list":
        _list(book)
        return
    table = _named(book, options.name)
    year = options.year or wall_clock().year
    match options.what:
        case "show":
            _show(book, table, year)
        case "export":
            _export(book, table, year, options.file)
        case _:
            _import(book, table, options.file, desk if options.apply else None)


def _named(book: Rulebook, name: str | None) -> Timetable:
    known = [one.name for one in book.calendars]
    found = next((one for one in book.calendars if one.name == name), None)
    if found is None:
        raise NotFound(
            phrase("There is no calendar “{name}”. There is: {known}.", name=name or "", known=tuple(known) or ("–",))
        )
    return found


def _list(book: Rulebook) -> None:
    for one in book.calendars:
        used = [
            *(phrase("queue {name}", name=queue.name) for queue in book.queues if queue.calendar == one.name),
            *(phrase("agent {name}", name=agent.name) for agent in book.agents if agent.calendar == one.name),
            *(phrase("customers {name}", name=o.name) for o in book.organisations if o.calendar == one.name),
            *(phrase("policy {name}", name=policy.name) for policy in book.policies if policy.calendar == one.name),
        ]
        speak(phrase("{name}: {hours}", name=one.name, hours=one.hours or ("00:00-24:00",)))
        if used:
            speak(phrase("  used by {what}", what=tuple(used)))
    speak(phrases("{count} calendar", "{count} calendars", len(book.calendars)))


def _show(book: Rulebook, table: Timetable, year: int) -> None:
    """The hours of its weeks, every day of the year on which they are otherwise with the reason, and the sum."""
    for pattern in book.calendar(table.name).patterns:
        speak(phrase("In the zone {zone}:", zone=str(pattern.zone)))
        for day, hours in years.weeks(pattern):
            speak(phrase("  {days}  {hours}", days=f"{_SOME_WEEK + timedelta(days=day):%a}", hours=hours))
    for one in years.otherwise(book, table, year):
        about = {"date": f"{one.day}", "weekday": f"{one.day:%a}", "hours": one.hours or phrase("closed")}
        speak(phrase("{date} {weekday}  {hours}  {why}", **about, why=one.why))
    hours = years.hours_of_work(book, table, year)
    speak(phrases("{count} hour of work in {year}", "{count} hours of work in {year}", hours, year=year))


def _export(book: Rulebook, table: Timetable, year: int, file: str | None) -> None:
    special = [one for _, one in table.exceptional]
    raw = ical.written(table.name, book.calendar(table.name).patterns, special, year, wall_clock())
    if file:
        Path(file).write_bytes(raw)
    else:
        sys.stdout.buffer.write(raw)


def _import(book: Rulebook, table: Timetable, file: str | None, desk: Desk | None) -> None:
    """Say which days a file brings; put them in force where `desk` is given."""
    found = _read(Path(file or ""))
    merged, new = _merged(table, found.days)
    for one in new:
        show(written(one))
    for name in found.left_out:
        speak(phrase("Left out: “{name}”. It has a time of day, or does not come round each year.", name=name))
    speak(phrases("{count} new day", "{count} new days", len(new)))
    if desk is None:
        speak(phrase("Nothing is changed. To put it in force, say --apply; or write it into desk.toml:"))
        show("days = [" + ", ".join(f'"{one}"' for one in merged) + "]")
    elif new:
        tables = tuple(
            one.model_copy(update={"days": tuple(merged)}) if one.name == table.name else one for one in book.calendars
        )
        version = desk.apply(book.model_copy(update={"calendars": tables}), f"cli:{getpass.getuser()}")
        speak(phrase("Version {version} of the rulebook is in force.", version=version))


def _read(path: Path) -> ical.Found:
    try:
        raw = path.read_bytes() if path.stat().st_size <= ical.LARGEST else b""
    except OSError as error:
        cause = error.strerror or str(error)
        raise Refused(phrase("{path} cannot be read: {cause}", path=str(path), cause=cause)) from error
    if not raw:
        raise Refused(phrase("{path} is empty, or too large to be a calendar of days.", path=str(path)))
    try:
        return ical.days_in(raw)
    except ical.Unfit as error:
        said = phrase("{path} is no calendar that can be read: {reason}", path=str(path), reason=str(error)[:200])
        raise Refused(said) from error


def _merged(table: Timetable, days: Sequence[Exceptional]) -> tuple[list[str], list[Exceptional]]:
    """Its days with those that are new; of a date that it speaks of already, its own word stands."""
    taken = {(one.yearly, day) for _, one in table.exceptional for day in one.dates}
    new: list[Exceptional] = []
    for one in days:
        dates = {(one.yearly, day) for day in one.dates}
        if not dates & taken and exceptional(written(one)) is not None:
            taken |= dates
            new.append(one)
    return [*table.days, *map(written, new)], new

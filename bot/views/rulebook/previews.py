"""What a calendar, a ladder or a duty would be like, in lines, before it counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.reader import Reader
from core.desk.previewing import Foresight, sentences
from core.escalation import rosters
from core.phrases import phrase, phrases
from core.rulebook import Rulebook, years
from core.templates.locales import weekday

AHEAD = timedelta(days=28)
MOST = 40
"""Turns that are listed."""


def year(book: Rulebook, name: str, now: datetime, reader: Reader) -> list[str]:
    """A calendar's weeks, and the days of this year and the next that are otherwise."""
    table = next(one for one in book.calendars if one.name == name)
    lines: list[str] = []
    for pattern in book.calendar(name).patterns:
        lines.append(reader.say(phrase("In the zone {zone}:", zone=str(pattern.zone))))
        lines += [f"  {weekday(day, reader.locale)}  {hours}" for day, hours in years.weeks(pattern)]
    for this in (now.year, now.year + 1):
        count = years.hours_of_work(book, table, this)
        said = phrases("{count} hour of work in {year}", "{count} hours of work in {year}", count, year=str(this))
        lines += ["", reader.say(said)]
        lines += [_day(one, reader) for one in years.otherwise(book, table, this)]
    return lines


def _day(one: years.Otherwise, reader: Reader) -> str:
    hours = one.hours or reader.say(phrase("closed"))
    return f"{one.day} {weekday(one.day.weekday(), reader.locale)}  {hours}  {one.why}".rstrip()


def steps(seen: Foresight, reader: Reader) -> list[str]:
    """A ladder's steps, as if a ticket came now."""
    return [reader.say(one) for one in sentences(seen)]


def turns(book: Rulebook, name: str, now: datetime, reader: Reader) -> list[str]:
    """Who would have a duty in the coming weeks."""
    roster = next(one for one in book.rosters if one.name == name)
    found = rosters.duties(roster.plan(book.desk.zone), now, now + AHEAD)
    return list(_turns(found, reader))[:MOST]


def _turns(found: Iterable[rosters.Duty], reader: Reader) -> Iterable[str]:
    for one in found:
        person = one.person or reader.say(phrase("nobody"))
        yield f"{reader.moment(one.begins)} – {reader.moment(one.ends)}  {person}"

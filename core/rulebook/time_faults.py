"""What calendars and policies can have wrong, between themselves and with what names them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.calendars.calendar import NeverOpen
from core.calendars.holidays import countries, regions_of
from core.rulebook.faults import Fault, Path
from core.rulebook.times import ROUND_THE_CLOCK, circle, overlapping

if TYPE_CHECKING:
    from core.rulebook.model import Rulebook

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""From when on work is looked for: the days of a year that has passed count for nothing after it."""


def unknown_calendars(book: Rulebook) -> Iterable[Fault]:
    """Calendars and queues that are named and not there."""
    calendars = [ROUND_THE_CLOCK, *(one.name for one in book.calendars)]
    named: list[tuple[Path, str | None]] = [
        *((("queues", n, "calendar"), one.calendar) for n, one in enumerate(book.queues)),
        *((("agents", n, "calendar"), one.calendar) for n, one in enumerate(book.agents)),
        *((("organisations", n, "calendar"), one.calendar) for n, one in enumerate(book.organisations)),
        *((("ladders", n, "calendar"), one.calendar) for n, one in enumerate(book.ladders)),
        *((("policies", n, "calendar"), one.calendar) for n, one in enumerate(book.policies)),
        *((("calendars", n, "also", m), a) for n, one in enumerate(book.calendars) for m, a in enumerate(one.also)),
    ]
    for path, value in named:
        if value is not None and value not in calendars:
            yield Fault(path, "no_such_calendar", {"value": value, "known": calendars})
    for place, one in enumerate(book.calendars):
        if one.name == ROUND_THE_CLOCK:
            yield Fault(("calendars", place, "name"), "double", {"key": "name", "value": ROUND_THE_CLOCK})
    queues = [queue.name for queue in book.queues]
    for place, policy in enumerate(book.policies):
        for n, queue in enumerate(policy.queue):
            if queues and queue not in queues:
                yield Fault(("policies", place, "queue", n), "no_such_queue", {"value": queue, "known": queues})


def unworkable(book: Rulebook) -> Iterable[Fault]:
    """What nobody should write: calendars without work, in a circle or at odds with themselves, places without holidays
    that we know, targets that nothing counts.
    """
    known = {one.name: one for one in book.calendars}
    for place, one in enumerate(book.calendars):
        yield from _unknown_places(("calendars", place, "holidays"), one.holidays)
        for _, second, day in overlapping(one):
            yield Fault(("calendars", place, "days", second), "days_overlap", {"value": day})
        way = circle(one.name, known)
        if way is not None:
            if one.name == min(way):  # each circle once
                yield Fault(("calendars", place, "also"), "calendar_circle", {"value": " → ".join(way)})
            continue
        try:
            book.calendar(one.name).next_open(_SOME_DAY)
        except NeverOpen:
            yield Fault(("calendars", place, "hours"), "never_open", {"value": one.name})
    yield from _uncounted(book)


def _unknown_places(path: Path, places: Iterable[str]) -> Iterable[Fault]:
    for n, written in enumerate(places):
        country, _, region = written.partition("-")
        regions = regions_of(country)
        if regions is None:
            yield Fault((*path, n), "no_such_country", {"value": country, "known": countries()})
        elif region and region not in regions:
            about = {"value": region, "country": country, "known": [f"{country}-{one}" for one in regions]}
            yield Fault((*path, n), "no_such_region", about)


def _uncounted(book: Rulebook) -> Iterable[Fault]:
    """Policies that promise nothing, and targets of which nothing says in which hours they count."""
    tiers = list(dict.fromkeys(one.tier for one in book.organisations if one.tier))
    for place, policy in enumerate(book.policies):
        if not any(policy.targets):
            yield Fault(("policies", place), "no_target", {"value": policy.name})
        for n, tier in enumerate(policy.tier):
            if tier.casefold() not in {one.casefold() for one in tiers}:
                yield Fault(("policies", place, "tier", n), "not_known", {"value": tier, "known": tiers})
        if policy.calendar is not None:
            continue
        for queue in book.queues:
            if queue.calendar is None and (not policy.queue or queue.name in policy.queue):
                about = {"value": policy.name, "queue": queue.name}
                yield Fault(("policies", place, "calendar"), "no_calendar", about)
                break

"""Working time beside an oracle that looks at each minute: the law of tests/core/calendars, at length."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bench.figures import Figure, at_most
from bench.scale import Scale
from core.calendars.calendar import weekly
from tests.core.calendars.compared import every_difference
from tests.core.calendars.oracle import zones

_ADDED = 20_000
_ASKED = 20
"""Questions to each random calendar: each is a case."""


async def measure(scale: Scale) -> list[Figure]:
    """Differences in random cases over every zone, and what adding working time costs."""
    every = zones()
    differing = every_difference(2026, scale.cases, every, _ASKED)
    for case, said in differing[:10]:
        print(said, case)
    return [
        Figure(
            "calendars",
            f"differences in {scale.cases} cases over {len(every)} zones",
            "",
            [len(differing)],
            goal=at_most(0),
        ),
        Figure("calendars", "adding up to 40 working hours", "µs", [_added(n) for n in range(scale.rounds)]),
    ]


def _added(seed: int) -> float:
    chance = Random(seed)
    calendar = weekly(("Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:00"), ZoneInfo("Europe/Berlin"))
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    cases = [
        (begin + timedelta(minutes=chance.randrange(525_600)), timedelta(minutes=chance.randrange(2_400)))
        for _ in range(_ADDED)
    ]
    began = time.perf_counter()
    for start, working in cases:
        calendar.add(start, working)
    return (time.perf_counter() - began) / _ADDED * 1e6

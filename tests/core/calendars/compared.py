"""Calendars and the oracle beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from core.calendars.calendar import Calendar, NeverCloses, NeverOpen, Pattern
from tests.core.calendars.oracle import A_DAY, DAYS, Case, Minutes, Question, any_case

_MINUTE = timedelta(minutes=1)


def calendar_of(case: Case) -> Calendar:
    return Calendar(
        tuple(
            Pattern(ZoneInfo(one.zone), one.week, tuple(one.dates.items()), tuple(one.yearly.items()))
            for one in case.places
        )
    )


def differences(case: Case) -> list[str]:
    """What a calendar says otherwise than the oracle."""
    calendar, seen = calendar_of(case), Minutes(case)
    return [wrong for asked in case.questions for wrong in _wrong(calendar, seen, case, asked)]


def _wrong(calendar: Calendar, seen: Minutes, case: Case, asked: Question) -> Iterator[str]:
    start = case.start + timedelta(minutes=asked.after)
    worked = calendar.between(start, start + timedelta(minutes=asked.minutes))
    found = (
        ("between", round(worked / _MINUTE), seen.between(asked.after, asked.minutes)),
        ("is open", int(calendar.is_open(start)), int(seen.worked[asked.after])),
        ("add", _after(start, lambda: calendar.add(start, asked.working * _MINUTE)), seen.added(*asked[::2])),
        ("opens", _after(start, lambda: calendar.next_open(start)), seen.opens(asked.after)),
        ("closes", _after(start, lambda: calendar.next_close(start)), seen.closes(asked.after)),
    )
    for what, said, right in found:
        later = said is None or said >= DAYS * A_DAY - asked.after
        if said != right and not (right is None and later):
            yield f"{what} {asked}: {said} instead of {right}"


def _after(start: datetime, ask: Callable[[], datetime]) -> int | None:
    """After how many minutes; None: never."""
    try:
        moment = ask()
    except (NeverOpen, NeverCloses):
        return None
    minutes, rest = divmod(moment - start, _MINUTE)
    assert not rest
    return minutes


def every_difference(seed: int, cases: int, zones: list[str], questions: int = 5) -> list[tuple[Case, list[str]]]:
    """What is otherwise in so many random cases, zone by zone; a few are asked of each calendar."""
    chance = Random(seed)
    found: list[tuple[Case, list[str]]] = []
    for n in range(cases // questions):
        case = any_case(chance, zones[n % len(zones)], questions)
        if wrong := differences(case):
            found.append((case, wrong))
    return found

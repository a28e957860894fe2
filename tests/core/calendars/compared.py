"""Calendars and the oracle beside each other."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from core.calendars.calendar import Calendar, NeverCloses, NeverOpen, Pattern
from tests.core.calendars.oracle import A_DAY, DAYS, Case, Minutes, any_case


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
    start = case.start
    found: list[str] = []

    def compare(what: str, said: int | None, right: int | None) -> None:
        later = said is None or said >= DAYS * A_DAY
        if said != right and not (right is None and later):
            found.append(f"{what}: {said} instead of {right}")

    def after(what: str) -> int | None:
        try:
            at = {"opens": calendar.next_open, "closes": calendar.next_close}.get(what)
            moment = calendar.add(start, timedelta(minutes=case.working)) if at is None else at(start)
        except (NeverOpen, NeverCloses):
            return None
        minutes, rest = divmod(moment - start, timedelta(minutes=1))
        assert not rest
        return minutes

    worked = calendar.between(start, start + timedelta(minutes=case.minutes))
    compare("between", round(worked / timedelta(minutes=1)), seen.between(case.minutes))
    compare("is open", int(calendar.is_open(start)), int(seen.worked[0]))
    compare("add", after("add"), seen.added(case.working))
    compare("opens", after("opens"), seen.opens())
    compare("closes", after("closes"), seen.closes())
    return found


def every_difference(seed: int, cases: int, zones: list[str]) -> list[tuple[Case, list[str]]]:
    """What is otherwise in so many random cases, zone by zone."""
    chance = Random(seed)
    found: list[tuple[Case, list[str]]] = []
    for n in range(cases):
        case = any_case(chance, zones[n % len(zones)])
        if wrong := differences(case):
            found.append((case, wrong))
    return found

"""Public holidays of countries and their regions. What knows them is loaded when a calendar first asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from core.later import later

_holidays = later("holidays")


@lru_cache(maxsize=256)
def holidays_of(place: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country ("DE") or a region of it ("DE-BY") in a year, with their names.

    None where nobody knows that place (any more): who writes one is told so, and a rulebook in use goes on working.
    """
    country, _, region = place.partition("-")
    regions = regions_of(country)
    if regions is None or (region and region not in regions):
        return {}
    found: Any = _holidays.country_holidays(country, subdiv=region or None, years=year)
    return dict(sorted(found.items()))


def is_holiday(place: str, day: date) -> bool:
    """Whether a day is a public holiday there."""
    return day in holidays_of(place, day.year)


def regions_of(country: str) -> tuple[str, ...] | None:
    """The regions of a country that have holidays of their own; None where nobody knows the country's holidays."""
    known: Mapping[str, list[str]] = _countries()
    return tuple(known[country]) if country in known else None


def countries() -> tuple[str, ...]:
    """The countries whose holidays are known."""
    return tuple(_countries())


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, list[str]]:
    return _holidays.list_supported_countries(include_aliases=False)

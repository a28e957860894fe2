"""Calendars and policies in a rulebook: what they give, and what is refused with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.rulebook import diff, from_json, parse_toml, to_json, to_toml
from tests.core.test_rulebook_mistakes import GOOD, only

OFFICE = """
[[calendars]]
name = "office"
hours = ["Mon-Fri 09:00-17:00"]
holidays = ["DE-BY"]
days = ["12-24 09:00-12:00", "2026-12-28/2026-12-31 closed"]
also = ["shop"]

[[calendars]]
name = "shop"
time_zone = "America/New_York"
hours = ["Sat 10:00-14:00"]

[[policies]]
name = "gold"
tier = ["Gold"]
calendar = "always"
first_response = "30m"

[[policies]]
name = "usual"
queue = ["support"]
calendar = "office"
first_response = "4h"
resolution = "3d"
warn_at = [80]
"""
WHOLE = (GOOD + OFFICE).replace('name = "Acme"', 'name = "Acme"\ntier = "Gold"\ncalendar = "office"')
BOOK = parse_toml(WHOLE)


def test_calendars_and_policies_are_written_stored_and_compared_like_everything_else() -> None:
    assert parse_toml(to_toml(BOOK)) == BOOK
    assert from_json(to_json(BOOK)) == BOOK
    other = parse_toml(WHOLE.replace('"3d"\nwarn_at', '"4d"\nwarn_at'))
    assert [change.path for change in diff(BOOK, other)] == ["policies.usual.resolution"]


def test_a_calendar_has_the_hours_of_those_that_it_names() -> None:
    office = BOOK.calendar("office")
    assert office.is_open(datetime(2026, 3, 7, 16, tzinfo=UTC)), "Saturday morning in New York"
    assert not office.is_open(datetime(2026, 1, 6, 10, tzinfo=UTC)), "Epiphany in Bavaria"
    assert BOOK.calendar("always").is_always
    assert BOOK.calendar("gone").is_always


def test_the_first_policy_that_fits_counts() -> None:
    found = [BOOK.policy_for("support", tier, "email", 0) for tier in ("gold", None)]
    assert [one and one.name for one in found] == ["gold", "usual"]
    assert BOOK.policy_for("billing", None, "email", 3) is None


def test_an_agent_has_the_calendars_holidays_and_hours_of_their_own() -> None:
    own = 'name = "Ann"\ncalendar = "office"\nhours = ["Mon-Sun 06:00-08:00"]'
    book = parse_toml(WHOLE.replace('name = "Ann"', own).replace('name = "Sam"', 'name = "Sam"\ncalendar = "office"'))
    sam, ann = book.agents
    ordinary, epiphany = datetime(2026, 1, 7, 6, tzinfo=UTC), datetime(2026, 1, 6, 6, tzinfo=UTC)
    assert [book.on_duty(one, ordinary) for one in (sam, ann)] == [False, True]
    assert not book.on_duty(ann, epiphany)
    assert book.on_duty(sam, ordinary + timedelta(hours=4))
    assert book.duty_changes(sam, epiphany)[1] == datetime(2026, 1, 7, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence", "remedy"),
    [
        ('"Gold"\ncalendar = "office"', '"Gold"\ncalendar = "ofice"', 46, "no calendar “ofice”", "“office”"),
        ('also = ["shop"]\n\n[[calendars]]\nname = "shop"', '[[calendars]]\nname = "always"', 55, "twice", "Change"),
        ('also = ["shop"]', 'also = ["shp"]', 54, "There is no calendar “shp”", "“shop”"),
        ("[[policies]]", 'also = ["office"]\n[[policies]]', 54, "names itself: office → shop → office", "also"),
        ('"DE-BY"', '"DE-XX"', 52, "DE has no region “XX”", "DE-"),
        ('"DE-BY"', '"YY"', 52, "public holidays of “YY” are not known", ""),
        ('"DE-BY"', '"Germany"', 52, "neither a country", "DE-BY"),
        ("America/New_York", "America/NewYork", 58, "no time zone", "America/New_York"),
        ('"12-24 09:00-12:00"', '"Christmas"', 53, "“Christmas” is not a day", "12-24/12-26 closed"),
        ('"12-24 09:00-12:00"', '"2026-12-30 closed"', 53, "2026-12-30 is in two", "Take it out"),
        ('hours = ["Sat 10:00-14:00"]', 'days = ["01-01/12-31 closed"]', 56, "has no working time", "Mon-Fri"),
        ('calendar = "always"', 'calendar = "alway"', 64, "There is no calendar “alway”", "“always”"),
        ('tier = ["Gold"]\ncal', 'tier = ["Gld"]\ncal', 63, "“Gld” is not known", "“Gold”"),
        ('queue = ["support"]\ncal', 'queue = ["suport"]\ncal', 69, "There is no queue “suport”", "support"),
        ('first_response = "30m"', "", 61, "“gold” promises nothing", "first_response"),
        ('calendar = "always"\n', "", 61, "Nothing says in which hours the targets of “gold” count", "always"),
        ("warn_at = [80]", "warn_at = [0]", 73, "cannot be 0", "from 1 to"),
        ('resolution = "3d"', 'resolution = "soon"', 72, "not a length of time", "“1d12h”"),
    ],
)
def test_a_mistake_about_time_is_named_with_its_remedy(
    old: str, new: str, line: int, sentence: str, remedy: str
) -> None:
    assert WHOLE.count(old) >= 1
    found = only(WHOLE.replace(old, new, 1))
    assert sentence in found, found
    assert remedy in found
    assert f"line {line}" in found

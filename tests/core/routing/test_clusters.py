"""What makes tickets one matter: so many customers, near in time and words; and patterns of what agents typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from core.routing.clusters import Alike, Seen, Terms, of_one_matter, told_twice
from core.routing.suggesting import suggested

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
TERMS = Terms(3, timedelta(minutes=30), 0.5)


def seen(number: int, customer: int, **more: object) -> Seen:
    usual = {"queue": "support", "topic": "billing", "urgency": 1, "at": NOW, "is_open": True}
    return Seen(number, customer, **{**usual, **more})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (seen(1, 1), Alike(1, 0.9, True)),  # the same customer
        (seen(1, 2, queue="billing"), Alike(1, 0.9, True)),
        (seen(1, 2, at=NOW - timedelta(minutes=31)), Alike(1, 0.9, True)),
        (seen(1, 2, topic="delivery"), Alike(1, 0.9, False)),  # nearly the same meaning, about something else
        (seen(1, 2), Alike(1, 0.49, False)),
    ],
)
def test_what_only_looks_alike_is_no_incident(other: Seen, alike: Alike) -> None:
    assert not of_one_matter(seen(9, 1), {1: other}, [alike], TERMS)


def test_nothing_is_an_incident_that_is_as_it_should_be_or_where_nobody_wants_to_hear_of_any() -> None:
    near = {1: seen(1, 2)}, [Alike(1, 0.9, True)]
    assert of_one_matter(seen(9, 1), *near, TERMS)
    assert not of_one_matter(seen(9, 1, urgency=0), *near, TERMS)
    assert not of_one_matter(seen(9, 1), *near, Terms(0, timedelta(days=1), 0.5))


def test_a_customer_told_it_twice_only_where_the_first_is_open_and_not_long_ago() -> None:
    alike = [Alike(1, 0.7, False)]
    assert told_twice(seen(9, 1), {1: seen(1, 1)}, alike) == alike[0]
    assert told_twice(seen(9, 1), {1: seen(1, 1, is_open=False)}, alike) is None
    assert told_twice(seen(9, 1), {1: seen(1, 2)}, alike) is None
    assert told_twice(seen(9, 1), {1: seen(1, 1, at=NOW - timedelta(days=15))}, alike) is None


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["CT-481516", "CT-234200", "CT-108000"], r"\bCT\-[0-9]{6}\b"),
        (["AB12/7", "CD345/9", "EF67/1"], r"\b[A-Z]{2}[0-9]{2,3}/[0-9]{1}\b"),
        (["CT-481516", "CT-234200"], None),  # two are chance
        (["CT-481516", "481516", "CT-1"], None),  # of several shapes
        (["red", "green", "blue"], None),  # words
        (["12", "34", "56"], None),  # any number
        (["(a+)+$1", "(b+)+$2", "(c+)+$3"], None),
        (["", "CT-1", "CT-2"], None),
    ],
)
def test_a_pattern_is_made_of_values_of_one_shape(values: list[str], pattern: str | None) -> None:
    assert suggested(values) == pattern
    if pattern is not None:
        assert all(re.fullmatch(pattern, value) for value in values)

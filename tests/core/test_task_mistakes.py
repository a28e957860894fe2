"""Task sets in a rulebook: what they give, and what is refused with a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.rulebook import diff, from_json, parse_toml, to_json, to_toml
from core.tickets.tasks import Planned
from tests.core.test_rulebook_mistakes import GOOD, only

SETS = """
[[task_sets]]
name = "refund"
title = "Refund"
tasks = [
    { name = "check", title = "Check the return", queue = "support", due = "1d" },
    { name = "pay", title = "Pay the amount back", queue = "billing", after = ["check"], text = "As invoiced." },
    { name = "tell", title = "Tell the shop", queue = "support", after = ["check", "pay"], blocks = false },
]
"""
WHOLE = GOOD.replace("urgency = 1 }", 'urgency = 1, tasks = "refund" }') + SETS
BOOK = parse_toml(WHOLE)
LINE = GOOD.count("\n") + 2


def test_sets_are_written_stored_and_compared_like_everything_else() -> None:
    assert parse_toml(to_toml(BOOK)) == BOOK
    assert from_json(to_json(BOOK)) == BOOK
    other = parse_toml(WHOLE.replace('"1d"', '"2d"'))
    assert [change.path for change in diff(BOOK, other)] == ["task_sets.refund.tasks"]


def test_a_set_is_planned_behind_the_tasks_that_are_there() -> None:
    found = BOOK.task_set("refund")
    assert found is not None
    assert found.planned(4) == [
        Planned("Check the return", "support", target=timedelta(days=1)),
        Planned("Pay the amount back", "billing", "As invoiced.", waits=(4,)),
        Planned("Tell the shop", "support", waits=(4, 5), blocks=False),
    ]
    assert BOOK.task_set("gone") is None


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence", "remedy"),
    [
        ('queue = "billing", after', 'queue = "biling", after', LINE + 5, "no queue “biling”", "“billing”"),
        ('after = ["check"]', 'after = ["chek"]', LINE + 5, "“chek” is not known", "“check”"),
        ('"1d" }', '"1d", after = ["tell"] }', LINE + 4, "check → tell → check", "out of “after”"),
        ('"1d" }', '"1d", after = ["check"] }', LINE + 4, "check → check", "out of “after”"),
        ('name = "tell"', 'name = "pay"', LINE + 6, "“pay” is there twice", "Change"),
        ('name = "refund"\ntitle', 'name = "refnd"\ntitle', 34, "no task set “refund”", "“refnd”"),
        ('due = "1d"', 'due = "soon"', LINE + 4, "not a length of time", "“1d12h”"),
        ('due = "1d"', "time = 3", LINE + 4, "“time” is not known here", ""),
        ("blocks = false", 'blocks = "no"', LINE + 6, "true or false", "blocks = false"),
    ],
)
def test_a_mistake_in_a_set_is_named_with_its_remedy(old: str, new: str, line: int, sentence: str, remedy: str) -> None:
    assert WHOLE.count(old) == 1
    found = only(WHOLE.replace(old, new))
    assert sentence in found, found
    assert remedy in found
    assert f"line {line}" in found


def test_a_set_without_tasks_and_a_rule_of_a_desk_without_sets_are_refused() -> None:
    empty = SETS[: SETS.index("tasks = [")] + "tasks = []\n"
    assert "“tasks” is empty" in only(GOOD + empty)
    alone = GOOD.replace("urgency = 1 }", 'urgency = 1, tasks = "refund" }')
    assert "[[task_sets]]" in only(alone)

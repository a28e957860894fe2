"""What a desk reads of its own: fields by patterns of its rulebook, and words that only angry people write to it."""

from __future__ import annotations

import pytest

from core.routing.minds import Asked, words_alone
from core.rulebook import RulebookError, diff, parse_toml, to_toml
from tests.world import RULEBOOK

OWN = """
[signals]
swears = ["Sauladen"]

[[fields]]
name = "contract"
title = "Contract"
pattern = 'CT-([0-9]{6})'
"""


def test_a_field_of_the_rulebook_is_read_by_its_group_and_before_ours() -> None:
    book = parse_toml(RULEBOOK + OWN)
    found = words_alone(Asked("Bestellung CT-481516, das ist doch ein Sauladen", "", book.taxonomy, ())).understood
    assert [(one.name, one.value) for one in found.fields] == [("contract", "481516")]
    assert found.mood != "calm"
    assert found.mood_reasons[0].evidence == "Sauladen"


def test_what_is_written_out_reads_back_the_same_and_a_change_is_seen() -> None:
    book = parse_toml(RULEBOOK + OWN)
    assert parse_toml(to_toml(book)) == book
    other = parse_toml(RULEBOOK + OWN.replace("{6}", "{8}"))
    assert [one.path for one in diff(book, other)] == ["fields.contract.pattern"]


def test_a_pattern_that_cannot_be_used_is_named_with_its_line_and_a_remedy() -> None:
    lines = (RULEBOOK + OWN).splitlines()
    line = next(n for n, one in enumerate(lines, 1) if one.startswith("pattern = 'CT"))
    for bad in (r"(a+)\1", "(?<=x)y", "((a{50}){50}){50}", "(", r"[a&&b--c]("):
        with pytest.raises(RulebookError) as caught:
            parse_toml((RULEBOOK + OWN).replace("CT-([0-9]{6})", bad))
        assert [one.line for one in caught.value.problems] == [line], bad


def test_two_fields_of_one_name_and_one_without_a_pattern_are_mistakes() -> None:
    for wrong in (OWN + OWN.partition("\n\n")[2], OWN.replace("pattern = 'CT-([0-9]{6})'", "")):
        with pytest.raises(RulebookError) as caught:
            parse_toml(RULEBOOK + wrong)
        assert len(caught.value.problems) == 1

"""By what name our mail goes out and what stands below it, as the rulebook wants it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.rulebook import Rulebook, from_json, parse_toml, to_json
from core.tickets.model import Part
from tests.world import ANN, JONAS, RULEBOOK, World

OURS = RULEBOOK.replace(
    'name = "Example Support"\nqueue = "support"',
    'name = "Example Support"\nqueue = "support"\nsender = "{agent} ({desk})"',
).replace(
    'title = "Support"',
    'title = "Support"\nsignature = { en = "{agent|Your team}\\n{desk} · {mailbox}", de = "Gruß, {agent|Ihr Team}" }',
)
GERMAN = "Guten Tag, meine Bestellung ist leider immer noch nicht angekommen. Können Sie bitte nachsehen?"


@pytest.fixture
def ours(database_url: str, tmp_path: Path) -> Iterator[World]:
    with World(database_url, tmp_path, OURS) as made:
        yield made


def sent_answer(world: World, number: int, text: str = "Which order?") -> None:
    world.desk.reply(number, ANN, text)
    world.later(seconds=11)


def test_an_answer_is_named_and_signed_as_the_rulebook_says(ours: World) -> None:
    sent_answer(ours, ours.mail())
    answer = ours.sent[-1]
    assert answer.door_name == "Ann Walker (Example Help)"
    assert answer.text == "Which order?\n\n-- \nAnn Walker\nExample Help · Example Support"


def test_what_the_desk_writes_by_itself_bears_the_mailbox_s_name_and_no_agent_s(ours: World) -> None:
    ours.mail()
    ours.settle()
    assert ours.sent[0].part is Part.ACKNOWLEDGEMENT
    assert ours.sent[0].door_name == "Example Support"
    assert ours.sent[0].text.endswith("-- \nYour team\nExample Help · Example Support")


def test_a_signature_is_in_the_customer_s_language(ours: World) -> None:
    sent_answer(ours, ours.mail(GERMAN))
    assert ours.sent[-1].text.endswith("-- \nGruß, Ann Walker")


def test_the_preview_has_the_name_and_the_words_that_arrive(ours: World) -> None:
    number = ours.mail()
    letter = ours.desk.preview(number, "Which order?", ANN.agent)
    other = ours.desk.preview(number, "Which order?", JONAS.agent)
    sent_answer(ours, number)
    assert (letter.sender, letter.text) == (ours.sent[-1].door_name, ours.sent[-1].text)
    assert other.sender == "Jonas Becker (Example Help)"
    assert other.text != letter.text


def test_what_is_changed_before_an_answer_leaves_changes_nothing_of_it(ours: World) -> None:
    number = ours.mail()
    ours.desk.reply(number, ANN, "Which order?")
    ours.desk.apply(parse_toml(OURS.replace("{agent} ({desk})", "{mailbox}").replace("Your team", "We")), "test")
    ours.later(seconds=11)
    assert ours.sent[-1].door_name == "Ann Walker (Example Help)"
    assert "Ann Walker\nExample Help" in ours.sent[-1].text


def test_braces_in_somebody_s_name_are_no_placeholders(ours: World) -> None:
    named = ours.desk.colleague(ANN.agent)
    assert named is not None
    ours.desk.remember_colleague(named._replace(name="{desk} {customer}"))
    sent_answer(ours, ours.mail())
    assert ours.sent[-1].door_name == "{desk} {customer} (Example Help)"


def test_a_signature_of_long_ago_that_cannot_be_filled_is_shown_as_it_was(ours: World) -> None:
    stored = json.loads(to_json(ours.book))
    stored["queues"][0]["signature"] = {"en": "Ours {since 1999}"}
    old: Rulebook = from_json(json.dumps(stored))
    ours.desk.apply(old, "test")
    sent_answer(ours, ours.mail())
    assert ours.sent[-1].text.endswith("-- \nOurs {since 1999}")


def test_without_a_pattern_an_answer_bears_both_names(world: World) -> None:
    sent_answer(world, world.mail())
    assert world.sent[-1].door_name == "Ann Walker · Example Support"

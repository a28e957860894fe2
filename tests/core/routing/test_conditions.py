"""Rules about channels, people, signals, times and each other: each condition holds or does not, and says why."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.routing import patterns
from core.routing.checking import IDLE, LOOP, NEVER, NOBODY_TAGS, UNDOES, UNREACHABLE, covers, doubts
from core.routing.conditions import Conditions, Words, reasons
from core.routing.triage import Facts, Rule, triage
from core.templates.locales import translate

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
KNOWN = Facts(
    door="support@desk.example",
    sender="carla@acme.example",
    subject="Nothing works",
    text="Our order RMA-123456 is broken",
    channel="email",
    organisation="Acme",
    tier="Gold",
    queue="support",
    at=MONDAY,
    language="es-MX",
    urgency=3,
    mood="angry",
    anger=0.9,
    scope="everyone",
    topic="payments",
    product="shop",
    fields={"order": ("RMA-123456",)},
    tags=("vip",),
)


def rule(name: str, when: dict[str, object], then: dict[str, object] | None = None, on: bool = False) -> Rule:
    return Rule.model_validate({"name": name, "when": when, "then": then or {"urgency": 1}, "continue": on})


@pytest.mark.parametrize(
    ("fits", "other", "why"),
    [
        ({"channel": ["telegram", "email"]}, {"channel": ["slack"]}, "it came by email"),
        ({"organisation": ["acme"]}, {"organisation": ["Globex"]}, "the sender is of acme"),
        ({"tier": ["gold"]}, {"tier": ["Silver"]}, "the customer's tier is gold"),
        ({"language": ["es"]}, {"language": ["es-ES"]}, "it is written in es"),
        ({"pattern": r"\bRMA-\d{6}\b"}, {"pattern": r"^RMA"}, r"the pattern \bRMA-\d{6}\b fits"),
        ({"topic": ["payments"]}, {"topic": ["refunds"]}, "it is about payments"),
        ({"product": ["shop"]}, {"product": ["kettle"]}, "it is about the product shop"),
        ({"scope": ["many", "everyone"]}, {"scope": ["one"]}, "it concerns everyone"),
        ({"mood": ["angry"]}, {"mood": ["calm", "annoyed"]}, "the customer is angry"),
        ({"anger_at_least": 0.9}, {"anger_at_least": 0.95}, "the anger in it is at least 0.9"),
        ({"urgency_at_least": 3}, {"urgency_at_least": 3, "mood": ["calm"]}, "its words are as urgent as 3"),
        ({"fields": {"order": "rma-*"}}, {"fields": {"order": "*", "invoice": "*"}}, "it names: order"),
        ({"queue": ["support"]}, {"queue": ["billing"]}, "it would go to support"),
        ({"tags": ["VIP"]}, {"tags": ["press"]}, "it has the tag “vip”"),
        ({"during": ["Mon 09:00-11:00"]}, {"during": ["Tue 09:00-11:00"]}, "it came within Mon 09:00-11:00"),
        ({"outside": ["Tue 09:00-11:00"]}, {"outside": ["Mon 09:00-11:00"]}, "it came outside Tue 09:00-11:00"),
    ],
)
def test_each_condition_holds_for_its_like_and_says_so(
    fits: dict[str, object], other: dict[str, object], why: str
) -> None:
    decision = triage(KNOWN, [rule("other", other), rule("it", fits)])
    assert translate(decision.why) == f"Rule “it”: {why}."
    assert reasons(Conditions.model_validate(fits), Facts(), Words(Facts())) is None, "what nobody knows fits nothing"


def test_a_rule_that_goes_on_leaves_the_last_word_to_those_below_and_adds_up() -> None:
    rules = [
        rule("vip", {"tier": ["Gold"]}, {"tags": ["big"], "urgency": 2, "suppress": True}, on=True),
        rule("tagged", {"tags": ["big"]}, {"queue": "billing", "tags": ["seen"], "skills": {"law": 2}}, on=True),
        rule("moved", {"queue": ["billing"]}, {"urgency": 3, "red_alert": True}),
        rule("never", {}, {"queue": "support"}),
    ]
    decision = triage(KNOWN, rules)
    assert [fired.rule for fired in decision.fired] == ["vip", "tagged", "moved"]
    assert (decision.queue, decision.urgency, decision.tags) == ("billing", 3, ("big", "seen"))
    assert (decision.suppress, decision.red_alert, decision.skills) == (True, True, {"law": 2})


def test_where_no_rule_says_how_urgent_it_is_its_words_do() -> None:
    assert triage(KNOWN, []).urgency == 3
    assert triage(KNOWN, [rule("it", {}, {"urgency": 0})]).urgency == 0


# What rulebook check finds


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([rule("a", {"subject": ["fund"]}), rule("b", {"subject": ["refund", "funds"]})], [(1, UNREACHABLE)]),
        ([rule("a", {"subject": ["refund"]}), rule("b", {"subject": ["fund"]})], []),
        ([rule("a", {"sender": "*@acme.example"}), rule("b", {"sender": "ann@acme.example"})], [(1, UNREACHABLE)]),
        (
            [rule("a", {"urgency_at_least": 2}), rule("b", {"urgency_at_least": 3, "mood": ["angry"]})],
            [(1, UNREACHABLE)],
        ),
        ([rule("a", {"mood": ["angry"]}, on=True), rule("b", {"mood": ["angry"]}, {"tags": ["x"]})], []),
        ([rule("a", {"during": ["Mon 09:00-10:00"], "outside": ["Mon 09:00-10:00"]})], [(0, NEVER)]),
        ([rule("a", {"door": "a@x.example", "channel": ["telegram"]})], [(0, NEVER)]),
        ([rule("a", {"tags": ["vip"]})], [(0, NOBODY_TAGS)]),
        (
            [
                rule("a", {"tags": ["x"]}, {"tags": ["y"]}, on=True),
                rule("b", {"tags": ["y"]}, {"tags": ["x"]}, on=True),
            ],
            [(0, LOOP), (1, LOOP)],
        ),
        (
            [
                rule("a", {"queue": ["support"]}, {"queue": "billing"}, on=True),
                rule("b", {"queue": ["billing"]}, {"queue": "support"}),
            ],
            [(1, LOOP)],
        ),
        (
            [rule("a", {"topic": ["x"]}, {"queue": "a"}, on=True), rule("b", {"topic": ["x", "y"]}, {"queue": "b"})],
            [(1, UNDOES)],
        ),
        ([rule("a", {"topic": ["x"]}), rule("b", {"topic": ["y"]}, on=True)], [(1, IDLE)]),
    ],
)
def test_rules_that_are_probably_not_meant_are_named(rules: list[Rule], found: list[tuple[int, str]]) -> None:
    assert [(doubt.place, doubt.code) for doubt in doubts(rules)] == found


words = st.lists(st.sampled_from(["a", "ab", "b", "cab"]), max_size=2, unique=True)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "subject": words,
        "topic": words,
        "urgency_at_least": st.integers(0, 3),
        "sender": st.sampled_from(["*", "*@b", "a@b", "ab@b"]),
        "tags": words,
        "fields": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["*", "a"]), max_size=1),
    },
).map(Conditions.model_validate)
messages = st.builds(
    Facts,
    subject=st.sampled_from(["", "a", "ab", "cab"]),
    sender=st.sampled_from(["a@b", "ab@b", "x"]),
    topic=st.none() | st.sampled_from(["a", "ab", "b", "cab"]),
    urgency=st.none() | st.integers(0, 3),
    tags=words.map(tuple),
    fields=st.dictionaries(st.sampled_from(["a", "b"]), st.just(("a",)), max_size=1),
)


@given(conditions, conditions, messages)
def test_what_is_said_to_be_covered_is(wide: Conditions, narrow: Conditions, message: Facts) -> None:
    if covers(wide, narrow) and reasons(narrow, message, Words(message)) is not None:
        assert reasons(wide, message, Words(message)) is not None


# Hostile patterns


@pytest.mark.parametrize("hostile", [r"(a+)+$", r"(a|aa)+$", r"(.*a){20}b", r"^(([a-z])+.)+[0-9]([a-z])+$"])
def test_a_pattern_takes_no_time_that_grows_with_more_than_the_text(hostile: str) -> None:
    assert patterns.fault(hostile) is None
    assert not patterns.stands_in(hostile, "a" * 9_000 + "!" * 500_000)


@pytest.mark.parametrize("wrong", ["(", r"(?<=a)b", r"(a)\1", r"\w{200}", r"(a{20}){20}", "a" * 501])
def test_a_pattern_that_cannot_be_used_is_refused(wrong: str) -> None:
    assert patterns.fault(wrong)
    with pytest.raises(ValueError, match="not a pattern"):
        Conditions(pattern=wrong)

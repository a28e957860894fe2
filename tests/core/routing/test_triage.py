"""The first rule that fits decides where a ticket goes, and says so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.routing.triage import Conditions, Facts, Outcomes, Rule, triage
from core.templates.locales import translate


def facts(**values: Any) -> Facts:
    known: dict[str, Any] = {
        "door": "support@desk.example",
        "sender": "Carla@Example.com",
        "subject": "My REFUND",
        "text": "Where is my money?",
    }
    return Facts(**{**known, **values})


def rule(name: str, when: dict[str, object], queue: str | None = "billing", urgency: int | None = None) -> Rule:
    return Rule(name=name, when=Conditions.model_validate(when), then=Outcomes(queue=queue, urgency=urgency))


def fits(when: dict[str, object], **values: str) -> bool:
    return triage(facts(**values), [rule("it", when)]).rule == "it"


def test_without_a_rule_it_stays_in_the_mailboxs_queue() -> None:
    decision = triage(facts(), [])
    assert (decision.queue, decision.urgency, decision.rule) == (None, 0, None)
    assert translate(decision.why) == "It came to support@desk.example, and no rule says otherwise."


def test_a_rule_that_fits_says_why() -> None:
    decision = triage(
        facts(), [rule("refunds", {"subject": ["invoice", "refund"], "sender": "*@example.com"}, urgency=2)]
    )
    assert (decision.queue, decision.urgency, decision.rule) == ("billing", 2, "refunds")
    assert translate(decision.why) == (
        "Rule “refunds”: the sender is like *@example.com and “refund” stands in the subject."
    )
    assert "steht im Betreff" in translate(decision.why, "de")


def test_a_rule_may_leave_the_queue_as_it_is() -> None:
    decision = triage(facts(), [rule("hot", {"subject": ["refund"]}, queue=None, urgency=3)])
    assert (decision.queue, decision.urgency) == (None, 3)


def test_a_rule_without_conditions_takes_everything() -> None:
    decision = triage(facts(), [rule("rest", {})])
    assert decision.rule == "rest"
    assert translate(decision.why) == "Rule “rest” takes everything."


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"subject": ["refund"]}, True),
        ({"subject": ["REFUND"]}, True),
        ({"subject": ["ｒｅｆｕｎｄ"]}, True),
        ({"subject": ["invoice"]}, False),
        ({"text": ["money"]}, True),
        ({"text": ["refund"]}, False),
        ({"subject": ["refund"], "text": ["parcel"]}, False),
        ({"sender": "carla@*"}, True),
        ({"sender": "*@example.co?"}, True),
        ({"sender": "*@example.org"}, False),
        ({"sender": "*example"}, False),
        ({"sender": "[c]arla@example.com"}, False),
        ({"door": "SUPPORT@desk.example"}, True),
        ({"door": "billing@desk.example"}, False),
    ],
)
def test_every_condition_that_is_given_must_hold(when: dict[str, object], expected: bool) -> None:
    assert fits(when) is expected


def test_letter_case_does_not_count_in_german_or_turkish_either() -> None:
    assert fits({"subject": ["straße"]}, subject="STRASSE gesperrt")
    assert fits({"subject": ["İade"]}, subject="i̇ade talebi")


def test_a_pattern_of_many_stars_is_answered_at_once() -> None:
    assert not fits({"sender": "*a" * 30 + "@x"}, sender="a" * 20_000)


words = st.sampled_from(["refund", "invoice", "down", "hello"])
some_rules = st.lists(
    st.builds(
        lambda name, when, queue: rule(name, when, queue),
        st.text("abc", min_size=1, max_size=8),
        st.fixed_dictionaries(
            {}, optional={"subject": st.lists(words, min_size=1), "text": st.lists(words, min_size=1)}
        ),
        st.sampled_from(["support", "billing"]),
    )
)


@given(some_rules, st.lists(words).map(" ".join), st.lists(words).map(" ".join))
def test_the_first_rule_that_fits_alone_is_the_one_that_decides_among_many(
    rules: list[Rule], subject: str, text: str
) -> None:
    seen = facts(subject=subject, text=text)
    alone = [one for one in rules if triage(seen, [one]).rule is not None]
    decision = triage(seen, rules)
    assert decision == (triage(seen, alone[:1]) if alone else triage(seen, []))


@given(st.text(), st.text(), st.text(), st.text())
def test_no_letter_is_too_strange_for_a_rule(door: str, sender: str, subject: str, text: str) -> None:
    rules = [rule("it", {"subject": ["refund"], "sender": "*@example.com"})]
    assert triage(Facts(door=door, sender=sender, subject=subject, text=text), rules).urgency == 0

"""What rules make of tickets: when they come, when more is known of them, and before a rulebook is changed."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from core.desk.judging import sentences
from core.routing.triage import Facts
from core.rulebook import parse_toml
from core.templates.locales import translate
from core.tickets.model import Part, Status
from tests.world import ANN, JONAS, RULEBOOK, World

RULES = """
[[organisations]]
name = "Acme"
domains = ["acme.example"]
tier = "Gold"

[[rules]]
name = "gold"
when = { tier = ["Gold"] }
then = { tags = ["vip"] }
continue = true

[[rules]]
name = "quiet"
when = { subject = ["robot"] }
then = { suppress = true, assignee = "Jonas Becker" }

[[rules]]
name = "red"
when = { urgency_at_least = 3, scope = ["everyone"], topic = ["payments"] }
then = { red_alert = true, queue = "billing", urgency = 3, template = "more-information" }
"""


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Generator[World]:
    with World(database_url, tmp_path, RULEBOOK + RULES) as made:
        yield made


def test_a_rule_tags_tells_nobody_and_gives_to_whom_it_names(desk: World) -> None:
    number = desk.mail(sender="carla@acme.example", subject="I am a robot")
    desk.settle()
    assert [message.part for message in desk.said(number)] == [Part.REQUESTER], "no acknowledgement"
    assert desk.ticket(number).assignee == JONAS.agent
    assert desk.given == [(JONAS.agent, number)]
    card = desk.desk.card(number)
    assert card.routing is not None
    assert card.routing.outcome["tags"] == ["vip"]
    assert [translate(why) for why in desk.desk.why_whom(number).rules] == [
        "Rule “gold”: the customer's tier is Gold.",
        "Rule “quiet”: “robot” stands in the subject.",
    ]


def test_rules_are_looked_at_again_when_more_is_known_and_a_red_alert_is_raised_once(desk: World) -> None:
    number = desk.mail()
    desk.settle()
    assert desk.red == []
    signals = Facts(urgency=3, scope="everyone", topic="payments", anger=0.9, mood="angry")
    desk.desk.retriage(number, signals)
    desk.settle()
    assert desk.red == [number]
    ticket = desk.ticket(number)
    assert (ticket.queue, ticket.urgency) == ("billing", 3)
    before = desk.ticket(number).version
    desk.desk.retriage(number, signals)
    desk.settle()
    assert (desk.red, desk.ticket(number).version) == ([number], before), "the same changes nothing"
    desk.desk.retriage(number, Facts(topic="refunds"))
    assert desk.ticket(number).urgency == 3, "no rule says how urgent it is, and its words do"
    assert desk.ticket(number).queue == "support"


def test_what_somebody_has_begun_stays_where_it_is(desk: World) -> None:
    number = desk.mail()
    desk.desk.claim(number, ANN)
    desk.desk.retriage(number, Facts(urgency=3, scope="everyone", topic="payments"))
    assert desk.ticket(number).queue == "support"
    assert desk.ticket(number).urgency == 3
    desk.desk.close(number, ANN)
    desk.desk.retriage(number, Facts(urgency=1))
    assert (desk.ticket(number).urgency, desk.ticket(number).status) == (3, Status.CLOSED)


def test_what_would_happen_is_said_before_anything_does(desk: World) -> None:
    verdict = desk.desk.would(Facts(sender="x@acme.example", subject="An invoice", text="?"))
    said = [translate(one) for one in sentences(verdict)]
    assert said[0] == "It would go to Billing, with urgency 1."
    assert "Rule “invoices”: “invoice” stands in the subject." in said
    assert said[-1] == "Agents would take it from the queue themselves."
    assert desk.desk.newest(10) == []


def test_another_rulebook_is_tried_on_the_past_before_it_is_put_in_force(desk: World) -> None:
    same, other = desk.mail(subject="Hello"), desk.mail(subject="My invoice", sender="x@example.com")
    changed = RULEBOOK.replace('queue = "billing", urgency = 1', 'queue = "support", urgency = 2') + RULES
    found = desk.desk.dry_run(parse_toml(changed, "desk.toml"), desk.desk.newest(10))
    assert [(one.number, one.before.queue, one.after.queue) for one in found] == [(other, "billing", "support")]
    assert [one.after.decision.urgency for one in found] == [2]
    assert desk.ticket(same).queue == "support"


def test_signals_that_are_learnt_give_a_ticket_to_whom_they_suit(database_url: str, tmp_path: Path) -> None:
    giving = RULEBOOK.replace('title = "Support"', 'title = "Support"\nmode = "push"\nanswers_within = "4h"').replace(
        'email = "jonas@desk.example"', 'email = "jonas@desk.example"\nskills = { payments = 4 }'
    )
    with World(database_url, tmp_path, giving) as desk:
        verdict = desk.desk.would(Facts(text="I cannot pay.", topic="payments"))
        assert verdict.pick is not None
        assert verdict.pick.agent == JONAS.agent
        assert "Jonas Becker would get it" in " ".join(translate(one) for one in sentences(verdict))

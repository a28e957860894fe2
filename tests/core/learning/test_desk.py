"""What is understood of a ticket, what an agent says instead, and what comes of that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.desk.understanding import ToRead
from core.phrases import NotFound, Refused, phrase
from core.routing.minds import Grown, Read
from core.routing.reasons import Reason
from core.routing.understood import Understood
from core.rulebook import parse_toml
from core.tickets import events as e
from tests.world import ANN, JONAS, RULEBOOK, SAM, World

USE = ("use",)
FOUND = Understood(language="en", confidence=0.9, topic="delivery", topic_confidence=0.8)


def asked(world: World, number: int) -> ToRead:
    found = world.desk.to_understand(number, USE)
    assert found is not None
    return found


def understood(world: World, number: int, **more: Any) -> None:
    read = Read(replace(FOUND, **more), (Reason(phrase("these words are typical of it"), "order"),), b"\0" * 8)
    world.desk.now_understood(number, asked(world, number), read)


def events_of(world: World, number: int, kind: type[e.Event]) -> list[Any]:
    return [event for event in world.desk.story(number).happened if isinstance(event, kind)]


def waiting(world: World, kind: str) -> int:
    return sum(job.kind == kind for job in world.desk.jobs())


def test_what_a_customer_writes_is_to_be_understood_once_however_much_it_is(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    world.mail("And another thing.", answers="<first@example.com>")
    assert waiting(world, "understand") == 1
    to_read = asked(world, number)
    assert to_read.asked.text == "My order has not arrived."
    assert to_read.asked.later == ("And another thing.",)


def test_what_was_understood_stands_on_the_card_with_the_words_it_is_known_by(world: World) -> None:
    number = world.mail()
    understood(world, number)
    known = world.desk.card(number).known
    assert known is not None
    assert known.found.topic == "delivery"
    assert known.topic_reasons[0].evidence == "order"
    assert [event.topic for event in events_of(world, number, e.Understood)] == ["delivery"]


def test_the_same_again_is_no_news(world: World) -> None:
    number = world.mail()
    understood(world, number)
    understood(world, number)
    assert len(events_of(world, number, e.Understood)) == 1


def test_words_that_sound_urgent_raise_a_ticket_and_calm_ones_never_lower_it(world: World) -> None:
    number = world.mail()
    understood(world, number, urgency=2)
    assert world.ticket(number).urgency == 2
    understood(world, number, urgency=0)
    assert world.ticket(number).urgency == 2


def test_a_rule_that_says_how_urgent_it_is_has_the_last_word(world: World) -> None:
    number = world.mail(subject="Your invoice")
    understood(world, number, urgency=3)
    assert world.ticket(number).urgency == 1


@pytest.mark.parametrize(("policy", "urgency"), [("raise_urgency = false", 0), ("raise_to = 1", 1)])
def test_the_rulebook_says_how_far_words_may_raise_a_ticket(world: World, policy: str, urgency: int) -> None:
    world.desk.apply(parse_toml(f"{RULEBOOK}\n[signals]\n{policy}\n"), "test")
    number = world.mail()
    understood(world, number, urgency=3)
    assert world.ticket(number).urgency == urgency


def test_what_could_not_be_understood_says_why_and_keeps_what_is_known(world: World) -> None:
    number = world.mail()
    understood(world, number)
    world.desk.not_understood(number, asked(world, number), phrase("It took too long."))
    known = world.desk.card(number).known
    assert known is not None
    assert known.found.topic == "delivery"
    assert [fault.text for fault in known.found.faults] == ["It took too long."]


def test_what_an_agent_says_counts_and_is_learnt_and_the_same_words_are_right_at_once(world: World) -> None:
    number = world.mail()
    understood(world, number)
    world.desk.correct(number, {"topic": "refund", "urgency": "2", "mood": "calm"}, ANN)
    known = world.desk.card(number).known
    assert known is not None
    assert (known.found.topic, known.found.urgency) == ("refund", 2)
    assert world.ticket(number).urgency == 2
    assert waiting(world, "learn") == 1
    again = world.mail("My  order has not ARRIVED.", sender="dan@example.org")
    assert dict(asked(world, again).asked.same) == {"topic": "refund", "urgency": "2"}
    [fresh] = asked(world, again).asked.fresh
    assert fresh.answers == {"topic": "refund", "urgency": "2"}


def test_what_is_understood_later_does_not_undo_what_an_agent_said(world: World) -> None:
    number = world.mail()
    understood(world, number)
    world.desk.correct(number, {"topic": "refund", "urgency": "1"}, ANN)
    understood(world, number, urgency=3)
    known = world.desk.card(number).known
    assert known is not None
    assert known.found.topic == "refund"
    assert world.ticket(number).urgency == 1


def test_a_window_that_changes_nothing_teaches_nothing(world: World) -> None:
    number = world.mail()
    understood(world, number)
    world.desk.correct(number, {"topic": "delivery", "urgency": "0", "mood": "calm", "product": ""}, ANN)
    assert not events_of(world, number, e.Corrected)
    assert waiting(world, "learn") == 0


def test_two_agents_who_correct_one_ticket_make_one_example_of_it(world: World) -> None:
    number = world.mail()
    understood(world, number)
    world.desk.correct(number, {"topic": "refund"}, ANN)
    world.desk.correct(number, {"mood": "angry", "topic": "billing"}, JONAS)
    [taught] = world.desk.to_learn(USE).taught
    assert taught.answers == {"topic": "billing", "mood": "angry"}


def test_fields_are_corrected_and_the_others_stay(world: World) -> None:
    number = world.mail()
    understood(world, number)
    world.desk.correct(number, {"fields": {"order": "4711"}}, ANN)
    world.desk.correct(number, {"fields": {"invoice": "R-1"}}, ANN)
    known = world.desk.card(number).known
    assert known is not None
    assert known.corrected is not None
    assert known.corrected["fields"] == {"order": "4711", "invoice": "R-1"}
    assert waiting(world, "learn") == 1  # it is shown; there is nothing to learn from it, and learning finds that


@pytest.mark.parametrize("answers", [{"topic": "weather"}, {"urgency": "9"}, {"mood": "sad"}, {"product": "Nothing"}])
def test_what_the_desk_does_not_know_cannot_be_said(world: World, answers: dict[str, str]) -> None:
    number = world.mail()
    with pytest.raises(Refused, match="Open the window again"):
        world.desk.correct(number, answers, ANN)


def quality(right: float) -> dict[str, Any]:
    return {"topic": {"of": 40, "of_examples": True, "right": right}}


def learn(world: World, right: float) -> int:
    return world.desk.learnt(world.desk.to_learn(USE), Grown(b"mind", quality(right)))


def standing(world: World) -> int:
    found = world.desk.learning().standing
    assert found is not None
    return found.version


def test_what_is_learnt_is_used_for_the_next_message(world: World) -> None:
    first = learn(world, 0.9)
    assert asked(world, world.mail()).asked.version == first
    assert world.desk.mind(first) == b"mind"
    assert learn(world, 0.88) == standing(world) == first + 1


def test_what_is_worse_than_before_is_not_used_and_supervisors_hear_of_it(world: World) -> None:
    first = learn(world, 0.9)
    learn(world, 0.7)
    assert standing(world) == first
    assert world.desk.learning().waits
    world.settle()
    assert "worse" in world.warned[-1][1].first[0].said.text
    better = learn(world, 0.91)
    assert standing(world) == better


def test_going_back_stands_until_somebody_chooses_the_newest_again(world: World) -> None:
    first, second = learn(world, 0.9), learn(world, 0.9)
    world.desk.choose_mind(first, SAM)
    third = learn(world, 0.95)
    assert standing(world) == first
    world.desk.choose_mind(third, SAM)
    fourth = learn(world, 0.95)
    assert standing(world) == fourth
    assert second < third
    with pytest.raises(NotFound, match="no version 99"):
        world.desk.choose_mind(99, SAM)


def test_other_topics_make_what_was_learnt_for_the_old_ones_useless(world: World) -> None:
    learn(world, 0.9)
    world.desk.apply(parse_toml(f'{RULEBOOK}\n[[topics]]\nname = "boats"\nseeds = ["my boat leaks"]\n'), "test")
    assert asked(world, world.mail()).asked.version is None
    other = learn(world, 0.2)
    assert standing(world) == other

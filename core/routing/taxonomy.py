"""What messages are about: a desk's own topics and products, or the usual ones where it names none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.phrases import Phrase, phrase
from core.routing.patterns import Pattern

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$", max_length=60)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]
Seed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]

MOST = 100
"""Topics of a desk: what Slack offers in one list, and nobody reads more."""
MOST_FIELDS, MOST_SWEARS = 20, 100
"""Of a desk's own; each is looked for in every message."""


class Topic(BaseModel):
    """A kind of matter. `seeds` are sentences typical of it, in any language; `product` is what it is always about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    title: Title | None = None
    description: Title | None = None
    seeds: Annotated[tuple[Seed, ...], Field(max_length=200)] = ()
    product: Title | None = None


class OwnField(BaseModel):
    """What a desk reads from messages beside what every desk does: the number of a contract, of a machine.

    The value is the first group of the pattern where there is one, else all that was found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    title: Title | None = None
    pattern: Pattern


class Signals(BaseModel):
    """What follows from what is understood.

    `products` are those that messages are told apart by, as customers write them. Below `sure` (a chance) nothing is
    said of a topic. `raise_urgency`: whether what words say raises a ticket, up to `raise_to`. `swears` are words that
    only angry people write to this desk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    products: tuple[Title, ...] = ()
    sure: Annotated[float, Field(gt=0, lt=1)] = 0.5
    raise_urgency: bool = True
    raise_to: Annotated[int, Field(ge=0, le=3, strict=True)] = 3
    swears: Annotated[tuple[Title, ...], Field(max_length=MOST_SWEARS)] = ()


class Taxonomy(NamedTuple):
    """Everything that a message may be found to be about, and what of the desk's own is looked for in it."""

    topics: tuple[Topic, ...]
    products: tuple[str, ...] = ()
    sure: float = 0.5
    fields: tuple[OwnField, ...] = ()
    swears: tuple[str, ...] = ()

    def topic(self, name: str | None) -> Topic | None:
        return next((one for one in self.topics if one.name == name), None)

    def field(self, name: str) -> OwnField | None:
        """A field of the desk's own."""
        return next((one for one in self.fields if one.name == name), None)


NO_TOPICS = Taxonomy(())


def taxonomy(topics: tuple[Topic, ...], signals: Signals, fields: tuple[OwnField, ...] = ()) -> Taxonomy:
    """A desk's own; the usual topics where it names none."""
    topics = topics or usual()
    named = [one.product for one in topics if one.product]
    return Taxonomy(topics, tuple(dict.fromkeys([*signals.products, *named])), signals.sure, fields, signals.swears)


@cache
def usual() -> tuple[Topic, ...]:
    """Topics that most desks have."""
    return tuple(Topic(name=name, seeds=tuple(seeds)) for name, seeds in _shipped()["topics"].items())


@cache
def sentences() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """What people write, by how they sound, how urgent it is, and whom it concerns: by question, then by its answer."""
    asked = {name: answers for name, answers in _shipped().items() if name != "topics"}
    return {name: {said: tuple(seeds) for said, seeds in answers.items()} for name, answers in asked.items()}


def titled(topic: Topic) -> Phrase:
    """What people read."""
    if topic.title:
        return phrase("{title}", title=topic.title)
    return _TITLES.get(topic.name) or phrase("{title}", title=topic.name.replace("_", " ").replace("-", " "))


@cache
def _shipped() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("seeds.toml").read_text("utf-8"))


_TITLES: Mapping[str, Phrase] = {
    "delivery": phrase("Delivery"),
    "refund": phrase("Refund"),
    "account_access": phrase("Access to an account"),
    "outage": phrase("Outage"),
    "billing": phrase("Payment"),
    "how_to": phrase("How to do something"),
    "defect": phrase("Something is broken"),
    "cancellation": phrase("Cancellation"),
    "invoice": phrase("Invoice"),
    "thanks": phrase("Thanks"),
    "security": phrase("Security"),
    "complaint": phrase("Complaint"),
    "feature_request": phrase("A wish"),
    "performance": phrase("Something is slow"),
    "greeting": phrase("A greeting"),
}

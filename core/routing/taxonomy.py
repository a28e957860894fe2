"""What messages are about: a desk's own topics and products, or the usual ones where it names none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.phrases import Phrase, phrase

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$", max_length=60)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]
Seed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]

MOST = 100
"""Topics of a desk: what Slack offers in one list, and nobody reads more."""


class Topic(BaseModel):
    """A kind of matter. `seeds` are sentences typical of it, in any language; `product` is what it is always about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    title: Title | None = None
    description: Title | None = None
    seeds: Annotated[tuple[Seed, ...], Field(max_length=200)] = ()
    product: Title | None = None


class Signals(BaseModel):
    """What follows from what is understood.

    `products` are those that messages are told apart by, as customers write them. Below `sure` (a chance) nothing is
    said of a topic. `raise_urgency`: whether what words say raises a ticket, up to `raise_to`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    products: tuple[Title, ...] = ()
    sure: Annotated[float, Field(gt=0, lt=1)] = 0.5
    raise_urgency: bool = True
    raise_to: Annotated[int, Field(ge=0, le=3, strict=True)] = 3


class Taxonomy(NamedTuple):
    """Everything that a message may be found to be about."""

    topics: tuple[Topic, ...]
    products: tuple[str, ...] = ()
    sure: float = 0.5

    def topic(self, name: str | None) -> Topic | None:
        return next((one for one in self.topics if one.name == name), None)


NO_TOPICS = Taxonomy(())


def taxonomy(topics: tuple[Topic, ...], signals: Signals) -> Taxonomy:
    """A desk's own; the usual topics where it names none."""
    topics = topics or usual()
    named = [one.product for one in topics if one.product]
    return Taxonomy(topics, tuple(dict.fromkeys([*signals.products, *named])), signals.sure)


@cache
def usual() -> tuple[Topic, ...]:
    """Topics that most desks have."""
    return tuple(Topic(name=name, seeds=tuple(seeds)) for name, seeds in _shipped()["topics"].items())


@cache
def moods() -> Mapping[str, tuple[str, ...]]:
    """Sentences of people who are angry, and of people who are not."""
    return {name: tuple(seeds) for name, seeds in _shipped()["mood"].items()}


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

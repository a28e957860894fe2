"""Where a new ticket goes and how urgent it is: the desk's rules, in order, the first that fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

from core.phrases import Phrase, phrase

Wanted = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


LOOKED_AT = 50_000
"""Characters of a letter that rules look at: who sends megabytes has said by then what it is about."""


class Conditions(BaseModel):
    """When a rule fits: every condition that is given holds. Letter case and width do not count."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    door: Wanted | None = None  # our address that it came to
    sender: Wanted | None = None  # a pattern: * for any letters, ? for one
    subject: tuple[Wanted, ...] = ()  # one of these stands in it
    text: tuple[Wanted, ...] = ()


class Outcomes(BaseModel):
    """What a rule decides; what it leaves open stays as the mailbox has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: Wanted | None = None
    urgency: Annotated[int, Strict(), Field(ge=0, le=3)] | None = None


class Rule(BaseModel):
    """Conditions → outcomes. `name` is what is said when somebody asks why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    when: Conditions = Conditions()
    then: Outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a message when it comes in. `door` is the mailbox's address; `text` is what is new in it."""

    door: str
    sender: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Where it goes, None for the mailbox's own queue, and why. `why` quotes the rule, never the customer."""

    queue: str | None
    urgency: int
    why: Phrase
    rule: str | None = None
    says_how_urgent: bool = False  # a rule does: whoever brought it has no say then


def triage(facts: Facts, rules: Sequence[Rule]) -> Decision:
    """The first rule that fits decides; without one it is the mailbox's queue and urgency 0."""
    subject, text = folded(facts.subject[:LOOKED_AT]), folded(facts.text[:LOOKED_AT])
    for rule in rules:
        reasons = _reasons(rule.when, facts, subject, text)
        if reasons is None:
            continue
        why = (
            phrase("Rule “{rule}”: {reasons}.", rule=rule.name, reasons=reasons)
            if reasons
            else phrase("Rule “{rule}” takes everything.", rule=rule.name)
        )
        return Decision(rule.then.queue, rule.then.urgency or 0, why, rule.name, rule.then.urgency is not None)
    return Decision(None, 0, phrase("It came to {door}, and no rule says otherwise.", door=facts.door))


def _reasons(when: Conditions, facts: Facts, subject: str, text: str) -> tuple[Phrase, ...] | None:
    """Why every condition holds; None where one does not."""
    reasons: list[Phrase] = []
    if when.door is not None:
        if folded(facts.door) != folded(when.door):
            return None
        reasons.append(phrase("it came to {door}", door=when.door))
    if when.sender is not None:
        if not fnmatchcase(folded(facts.sender), _pattern(when.sender)):
            return None
        reasons.append(phrase("the sender is like {pattern}", pattern=when.sender))
    if when.subject:
        word = _first_in(when.subject, subject)
        if word is None:
            return None
        reasons.append(phrase("“{word}” stands in the subject", word=word))
    if when.text:
        word = _first_in(when.text, text)
        if word is None:
            return None
        reasons.append(phrase("“{word}” stands in the text", word=word))
    return tuple(reasons)


def _first_in(words: Sequence[str], text: str) -> str | None:
    return next((word for word in words if folded(word) in text), None)


def _pattern(written: str) -> str:
    return re.sub(r"\[", "[[]", folded(written))  # fnmatch's character classes are not offered


def folded(text: str) -> str:
    """Text as it is compared: compatible forms made one, letter case gone (Unicode §3.13, NFKC after case folding)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())

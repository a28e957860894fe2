"""Where a ticket goes, how urgent it is, and what else rules say of it: in order, until one has the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

from core.phrases import Phrase, phrase
from core.routing.conditions import Conditions, Facts, Tag, Urgency, Wanted, Words, folded, reasons
from core.routing.levels import Skills

__all__ = ["Conditions", "Decision", "Facts", "Fired", "Outcomes", "Rule", "folded", "triage"]


class Outcomes(BaseModel):
    """What a rule decides; what it leaves open stays as it was.

    `suppress`: the desk does not write back by itself that it has it. `template`: what agents answer with, at first.
    `tasks`: what it is split into.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: Wanted | None = None
    urgency: Urgency | None = None
    tags: tuple[Tag, ...] = ()
    assignee: Wanted | None = None  # an agent, by name
    skills: Skills = Field(default_factory=dict)
    suppress: Annotated[bool, Strict()] = False
    red_alert: Annotated[bool, Strict()] = False
    template: Wanted | None = None
    tasks: Wanted | None = None  # a task set, by name

    @property
    def is_nothing(self) -> bool:
        """Whether it decides nothing at all."""
        named = (self.queue, self.urgency, self.assignee, self.template, self.tasks)
        return all(one is None for one in named) and not (self.tags or self.skills or self.suppress or self.red_alert)


class Rule(BaseModel):
    """Conditions → outcomes. `name` is what is said when somebody asks why.

    With `goes_on` ("continue" where it is written) the rules below are looked at, too, and may say otherwise.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    when: Conditions = Conditions()
    then: Outcomes
    goes_on: Annotated[bool, Strict()] = Field(default=False, alias="continue")


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fitted, and why. `why` quotes the rule, never the customer."""

    rule: str
    why: Phrase


@dataclass(frozen=True, slots=True)
class Decision:
    """Where it goes, None for the mailbox's own queue, and why: `fired` are the rules that fitted, in order; `rule` is
    the one that had the last word.
    """

    queue: str | None
    urgency: int
    why: Phrase
    rule: str | None = None
    says_how_urgent: bool = False  # a rule does, and its words have no say then
    fired: tuple[Fired, ...] = ()
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    skills: dict[str, int] = field(default_factory=dict[str, int])
    suppress: bool = False
    red_alert: bool = False
    template: str | None = None
    tasks: str | None = None

    @property
    def outcome(self) -> dict[str, Any]:
        """What was decided beside queue and urgency, as it is kept."""
        known: dict[str, Any] = {
            "tags": list(self.tags),
            "assignee": self.assignee,
            "skills": self.skills,
            "suppress": self.suppress,
            "red_alert": self.red_alert,
            "template": self.template,
            "tasks": self.tasks,
        }
        return {name: value for name, value in known.items() if value}


def triage(facts: Facts, rules: Sequence[Rule]) -> Decision:
    """What the rules that fit say: the first, and where it goes on those below it, whose word counts then.

    Without one it is the mailbox's queue, and as urgent as its words say.
    """
    words = Words(facts)
    nothing = phrase("It came to {door}, and no rule says otherwise.", door=facts.door)
    decided = Decision(None, facts.urgency or 0, nothing)
    for rule in rules:
        queue = decided.queue or facts.queue
        so_far = replace(facts, queue=queue, tags=(*facts.tags, *decided.tags)) if decided.fired else facts
        why = reasons(rule.when, so_far, words)
        if why is None:
            continue
        decided = _with(decided, rule, why)
        if not rule.goes_on:
            break
    return decided


def _with(decided: Decision, rule: Rule, why: tuple[Phrase, ...]) -> Decision:
    said = (
        phrase("Rule “{rule}”: {reasons}.", rule=rule.name, reasons=why)
        if why
        else phrase("Rule “{rule}” takes everything.", rule=rule.name)
    )
    then = rule.then
    return Decision(
        queue=then.queue or decided.queue,
        urgency=decided.urgency if then.urgency is None else then.urgency,
        why=said,
        rule=rule.name,
        says_how_urgent=decided.says_how_urgent or then.urgency is not None,
        fired=(*decided.fired, Fired(rule.name, said)),
        tags=tuple(dict.fromkeys((*decided.tags, *then.tags))),
        assignee=then.assignee or decided.assignee,
        skills={**decided.skills, **then.skills},
        suppress=decided.suppress or then.suppress,
        red_alert=decided.red_alert or then.red_alert,
        template=then.template or decided.template,
        tasks=then.tasks or decided.tasks,
    )

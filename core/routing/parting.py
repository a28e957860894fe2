"""What a text asks of several queues at once: its parts, and where the rules would send each of them alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.routing.conditions import Conditions, Facts
from core.routing.triage import Rule, triage

MOST_PARTS = 40
LONGEST_TITLE = 80
LOOKED_AT = 10_000
"""Characters, and parts, of what somebody wrote that are looked at: whoever asks for more has said the most of it."""

_ENDS = re.compile(r"[\r\n]+|(?<=[.!?…])\s+|(?<=[。！？])")
_BULLET = re.compile(r"\A(?:[-*•–·]|\(?[0-9]{1,2}[.)])\s+")


class Part(NamedTuple):
    """What is asked of one queue."""

    queue: str
    title: str
    text: str


def parts_of(text: str) -> list[str]:
    """Sentences, and the lines of lists."""
    said = (_BULLET.sub("", part.strip()) for part in _ENDS.split(text[:LOOKED_AT]) if part)
    return [part for part in said if part][:MOST_PARTS]


def propose(facts: Facts, rules: Sequence[Rule], text: str) -> list[Part]:
    """What is asked of which queue, by the rules that look at words; nothing where it is all for the queue it is in.

    `facts` are those of the whole, of which each part has all but the words.
    """
    telling = [rule for rule in rules if rule.then.queue is not None and _looks_at_words(rule.when)]
    if not telling:
        return []
    asked: dict[str, list[str]] = {}
    for part in parts_of(text):
        queue = triage(replace(facts, subject=part, text=part), telling).queue
        if queue is not None:
            asked.setdefault(queue, []).append(part)
    if set(asked) <= {facts.queue}:
        return []
    return [Part(queue, _title(said[0]), "\n".join(said)) for queue, said in asked.items()]


def _looks_at_words(when: Conditions) -> bool:
    return bool(when.subject or when.text or when.pattern)


def _title(said: str) -> str:
    line = " ".join(said.split()).rstrip(".!?…。！？")
    if len(line) <= LONGEST_TITLE:
        return line
    return f"{line[:LONGEST_TITLE].rpartition(' ')[0] or line[:LONGEST_TITLE]} …"

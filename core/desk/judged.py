"""What rules were asked about, and what they decided."""

from __future__ import annotations

from typing import NamedTuple

from core.routing.triage import Decision, Facts


class Judged(NamedTuple):
    """What was known of a message, and what the rules made of it; `queue` is where it goes then."""

    facts: Facts
    decision: Decision
    queue: str

"""What is counted for whoever looks after the desk: how often, never of whom."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.tickets import brakes
from core.tickets.suppression import Verdict


class Tally(StrEnum):
    """What happens often enough to be counted, since the desk began."""

    BOUNCED = "bounced"  # addresses that refused a message of ours, at once or by a report, by what that means
    BRAKED = "braked"  # what went round, or seemed to, by how that was known
    HELD = "held"  # mails that were not let in, by why
    UNREADABLE = "unreadable"  # mails that could not be understood


SAME_WORDS, FLOOD, ECHO = "same_words", "flood", "echo"

BRAKES: Mapping[str, str] = {
    brakes.CARRIES_OUR_MARK.text: "our_mark",
    brakes.TOO_MANY_HOPS.text: "too_many_servers",
    brakes.ANSWERS_TOO_OFTEN.text: "automatic_answers",
}
"""The reasons of core.tickets.brakes as they are counted."""

NATURES = ("auto_reply", "bounce", "bounce_delay", "dsn_success", "mdn", "challenge_response")
"""Of what belongs to none of our messages, and opens nothing."""

OTHER = "other"

LABELS: Mapping[Tally, tuple[str, ...]] = {
    Tally.BOUNCED: tuple(Verdict),
    Tally.BRAKED: (*BRAKES.values(), SAME_WORDS, FLOOD, ECHO),
    Tally.HELD: (*NATURES, "own_address", "forged", "blocked", "spam", *BRAKES.values(), OTHER),
    Tally.UNREADABLE: ("",),
}
"""Every one that there is: those that never happened are shown, too, as none."""

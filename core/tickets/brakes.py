"""When mail may be going round: two machines that answer each other, a mailbox that forwards to another.

Headers say so where a machine is polite (the gateway's business). What is decided here holds where they say nothing.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from core.phrases import Phrase, phrase
from core.tickets.model import Trail

MOST_HOPS = 50
"""Servers on a mail's way; what has passed more goes round (RFC 5321 §6.3 counts to a hundred, ours stops sooner)."""

ONCE_IN = timedelta(days=1)
"""How often an address is told by itself that we have its message."""

FLOOD, FLOOD_IN = 10, timedelta(minutes=10)
"""More tickets than these from one address in this time are a machine's, or somebody's who needs no receipts."""

ALIKE = 3
"""So many addresses of one domain may write the same words, numbers aside, and be acknowledged within `ONCE_IN`.

A desk that answers each of our mails from another address writes the same words each time.
"""

OF_A_TICKET, OF_A_PERSON = 5, 3
"""Mails that leave by themselves: those to one ticket in a day, those to one person in an hour."""

ANSWERS_BY_MACHINE = 5
"""Automatic answers that are heard in one ticket in a day."""

REOPENED_ALIKE = 3
"""So often in a day the same words open a closed ticket again."""

CARRIES_OUR_MARK = phrase("it carries the mark of this desk, so it has come round")
TOO_MANY_HOPS = phrase("it has passed more than 50 servers, so it may be going round")
ANSWERS_TOO_OFTEN = phrase("it is an automatic answer, and this ticket has had five of them within a day")
REASONS = (CARRIES_OUR_MARK, TOO_MANY_HOPS, ANSWERS_TOO_OFTEN)

_LEAST_LETTERS = 40
_MOST_LETTERS = 2_000
_CHANGING = re.compile(r"[\d@/]")
_LETTERS = re.compile(r"[^\W_]+")


def mark_of(key: bytes) -> str:
    """What every mail of a desk carries, to be known should it come round: it tells nothing but that it is ours."""
    return hmac.digest(key, b"mark", sha256).hex()[:24]


def gist(subject: str, text: str) -> str:
    """The same for what says the same, whatever numbers, ids and addresses stand in it; empty for a few words, which
    many people write alike.
    """
    letters: list[str] = []
    for word in f"{subject} {text[:_MOST_LETTERS]}"[:_MOST_LETTERS].casefold().split():
        if word.isalpha():
            letters.append(word)
        elif not _CHANGING.search(word):
            letters += _LETTERS.findall(word)
    words = " ".join(letters)
    return sha256(words.encode("utf-8", "replace")).hexdigest()[:32] if len(words) >= _LEAST_LETTERS else ""


def goes_round(trail: Trail, marks: Collection[str]) -> Phrase | None:
    """Why a mail is taken for one that has come round; `marks` are our own."""
    if not set(marks).isdisjoint(trail.marks):
        return CARRIES_OUR_MARK
    return TOO_MANY_HOPS if trail.hops > MOST_HOPS else None


class Sought(NamedTuple):
    """What is known of an address when another acknowledgement would go there.

    `muted`: tickets that it opened since the last one without being told so. `opened`: those within `FLOOD_IN`, this
    one among them. `alike`: addresses of its domain that wrote the same within `ONCE_IN`, this one among them.
    """

    muted: int
    opened: int
    alike: int

    @property
    def may_be_told(self) -> bool:
        return self.muted == 0 and self.alike <= ALIKE

    @property
    def floods(self) -> bool:
        return self.opened > FLOOD

    @property
    def echoes(self) -> bool:
        return self.alike > ALIKE


def holds_back(of_ticket: int, of_person: int) -> bool:
    """Whether a reminder or a closing waits, since so many mails left by themselves lately."""
    return of_ticket >= OF_A_TICKET or of_person >= OF_A_PERSON

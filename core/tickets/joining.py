"""Decisions about strangers: who wrote into a ticket without taking part in it, and what becomes of that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.phrases import Refused, phrase
from core.tickets import events as e
from core.tickets.lifecycle import Names
from core.tickets.model import By, Message


class Standing(StrEnum):
    """What an agent decided about a stranger."""

    UNDECIDED = "undecided"
    IN = "in"  # takes part, and stays
    OUT = "out"  # what they write goes into a ticket of their own


class Stranger(NamedTuple):
    """Somebody who wrote into a ticket without taking part in it.

    `how` they found it: "token" or "reference". `door`, `answer_to`, `acknowledged`: what a ticket of their own would
    have. `waits_since`: since when words of theirs are held; None: none are. `own`: the ticket that they have instead.
    """

    ticket: int
    person: int
    standing: Standing
    how: str
    door: str
    answer_to: str
    acknowledged: bool
    waits_since: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    own: int | None


def hold(message: int, person: int, now: datetime) -> list[e.Event]:
    """A stranger wrote. Nothing changes."""
    return [e.StrangerWrote(at=now, message=message, person=person)]


def let_in(stranger: Stranger, by: By, now: datetime, held_at: datetime | None) -> list[e.Event]:
    """They take part. What they wrote is heard after this. `held_at`: since when others wait."""
    return [e.LetIn(at=now, person=stranger.person, by=by.agent, held_at=held_at)]


def turn_away(stranger: Stranger, own: int | None, by: By, now: datetime, held_at: datetime | None) -> list[e.Event]:
    """They do not take part, and what they wrote is in a ticket of their own."""
    return [e.TurnedAway(at=now, person=stranger.person, by=by.agent, own=own, held_at=held_at)]


def check(stranger: Stranger, said: Sequence[Message], meant: Standing, names: Names, now: datetime) -> None:
    """Whether there is still to be decided what an agent saw. `meant` is how it stood for them.

    Raises Refused: of two who decide at once one does, and the other is told who and what.
    """
    if meant is Standing.UNDECIDED and said:
        return
    if meant is stranger.standing and meant is not Standing.UNDECIDED and not said:
        return
    if said:
        raise Refused(phrase("They wrote again meanwhile. What they wrote is on the newest card in the thread."))
    if stranger.decided_by is None or stranger.decided_at is None:
        raise Refused(phrase("There is nothing left to decide here."))
    about = {
        "name": names.get(stranger.decided_by, stranger.decided_by),
        "number": stranger.ticket,
        "ago": min(stranger.decided_at - now, -timedelta(seconds=1)),
    }
    if stranger.standing is Standing.IN:
        raise Refused(phrase("{name} let them into ticket #{number} {ago}.", **about))
    raise Refused(phrase("{name} turned them away from ticket #{number} {ago}.", **about))

"""Use cases of what goes wrong where nobody sees it: every supervisor hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from core.desk.house import House
from core.effects import warn
from core.phrases import Phrase, phrase
from core.storage import inbox, ledger, rooms, troubles
from core.storage.database import Tx, question, use_case
from core.storage.rooms import Post
from core.storage.troubles import Trouble, Untold

AT_ONCE = 8
"""Troubles told one by one; of more the rest is counted."""

HELD_TOGETHER = timedelta(minutes=10)
"""So long after a mail was held back supervisors hear of it: by then of all the others too, or of none any more."""

_LONGEST_REASON = 300


class Troubles(NamedTuple):
    """What a supervisor is to be told, and where the cards stand of the tickets that it is about."""

    untold: Untold
    cards: Mapping[int, Post]
    held: int = 0  # mails that wait for somebody to look at them


class Alarming(House):
    """What supervisors hear of. A flood is one message, or a few: each tells of everything since the one before."""

    @use_case
    def trouble(self, tx: Tx, said: Phrase) -> None:
        """Something needs a person, who is told what to do about it."""
        self.alarm(tx, Trouble(said))

    @question
    def troubles(self, tx: Tx, supervisor: str) -> Troubles:
        """What a supervisor has not been told of yet."""
        found = troubles.untold(tx, supervisor, AT_ONCE)
        cards = rooms.cards_of(tx, {one.ticket for one in found.first if one.ticket is not None})
        return Troubles(found, cards, inbox.count_kept_out(tx) if any(one.held for one in found.first) else 0)

    @use_case
    def told(self, tx: Tx, supervisor: str, end: int) -> None:
        """A supervisor has been told of everything until here."""
        troubles.forget(tx, supervisor, end)

    def alarm(self, tx: Tx, trouble: Trouble) -> None:
        supervisors = self._supervisors(tx)
        troubles.add(tx, supervisors, trouble)
        ledger.add(tx, [warn(name) for name in supervisors])

    def tell_of_held(self, tx: Tx) -> None:
        """Mail waits for somebody to look at it. Supervisors hear of all that has come together in a while."""
        supervisors = self._supervisors(tx)
        troubles.add_held(tx, supervisors, phrase("Mail is held back until somebody looks at it."))
        ledger.add(tx, [warn(name, HELD_TOGETHER) for name in supervisors])

    def _supervisors(self, tx: Tx) -> list[str]:
        edition = self._shelf.edition(tx)
        return [agent.name for agent in edition.book.supervisors] if edition else []

    def alarm_of_job(self, tx: Tx, id: int, kind: str, facts: Mapping[str, Any], reason: str) -> None:
        """A job was given up; nobody hears of it here where somebody is shown it otherwise."""
        said = _given_up(kind, facts.get("ticket"), "message" in facts, reason[:_LONGEST_REASON])
        if said is not None:
            self.alarm(tx, Trouble(said, facts.get("ticket"), id, f"deskbell jobs retry {id}"))


def _given_up(kind: str, number: int | None, is_message: bool, reason: str) -> Phrase | None:
    """What there is to say of a job that was given up; None where its ticket shows it, where it is a mail that was kept
    out, and of telling supervisors itself."""
    channel_job = kind.partition(":")[0]
    match channel_job:
        case "deliver" | "receive" | "warn" | "ping" | "ping-otherwise":
            return None
        case "show" if is_message:
            return phrase("Slack did not take a message of ticket #{number}: {reason}", number=number, reason=reason)
        case "show":
            return phrase("Slack did not take the card of ticket #{number}: {reason}", number=number, reason=reason)
        case "attach":
            return phrase("Slack did not take the files of ticket #{number}: {reason}", number=number, reason=reason)
        case "tell-failure":
            return phrase(
                "An answer to ticket #{number} did not arrive, and whoever wrote it could not be told: {reason}",
                number=number,
                reason=reason,
            )
        case "act":
            return phrase("Something that an agent did in Slack could not be done: {reason}", reason=reason)
        case _:
            return phrase("The desk could not do a job ({kind}): {reason}", kind=kind, reason=reason)

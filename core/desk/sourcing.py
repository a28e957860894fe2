"""Use cases of partners who bring messages: who they are, what they are told, how their webhooks do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from core.desk.house import House
from core.desk.owned import Owned, as_owned, is_seen
from core.phrases import NotFound, Refused, phrase
from core.storage import messages, sources, tickets, ways
from core.storage.database import Tx, question, use_case
from core.tickets.evolve import fold
from core.tickets.model import Message
from core.tickets.sources import NAME, Credentials, Notice, Scope, Source, Told, make, named_in, notices

OVERLAP = timedelta(days=1)
"""So long what a source had counts beside what it is given now."""

_LONGEST_REASON = 300


class Happened(NamedTuple):
    """Something to tell a source: when, of which ticket of its own as it was then, and of which message."""

    notice: Notice
    at: datetime
    ticket: Owned
    message: Message | None


class Sourcing(House):
    """Who brings messages."""

    @use_case
    def add_source(
        self,
        tx: Tx,
        name: str,
        scopes: Collection[Scope],
        *,
        told: Collection[Told] = (),
        url: str | None = None,
        queue: str | None = None,
        signs: bool = False,
    ) -> Credentials:
        """Let a partner bring messages. What it is given is shown nowhere again. Raises Refused."""
        self._check_queue(tx, queue)
        if not NAME.fullmatch(name):
            raise Refused(
                phrase("{name} is no name for a source: a letter, then up to 31 of a-z, 0-9 and -.", name=name)
            )
        key = make(name)
        source = Source(name, frozenset(scopes), frozenset(told), url, queue, signs, (), (), tx.now)
        if not sources.make(tx, source, key):
            raise Refused(phrase("There is a source {name} already. To give it another token: rotate", name=name))
        return key

    @use_case
    def revise_source(self, tx: Tx, name: str, **values: Any) -> None:
        """Say something else of a source: `scopes`, `told`, `url`, `queue`, `signs`. Raises NotFound, Refused."""
        self._check_queue(tx, values.get("queue"))
        kept = {key: sorted(value) if key in ("scopes", "told") else value for key, value in values.items()}
        if not sources.revise(tx, name, **kept):
            raise _no_source(name)

    @use_case
    def rotate_source(self, tx: Tx, name: str, overlap: timedelta = OVERLAP) -> Credentials:
        """Give a source another token and secret; those it has count for so long, too. Raises NotFound."""
        key = make(name)
        if not sources.rotate(tx, name, key, overlap):
            raise _no_source(name)
        return key

    @use_case
    def revoke_source(self, tx: Tx, name: str) -> None:
        """Let a source bring and see nothing any more, for good; its tickets stay. Raises NotFound."""
        gone = {"token_before": None, "secret_before": None, "before_until": None}
        if not sources.revise(tx, name, revoked_at=tx.now, failing_since=None, failure=None, **gone):
            raise _no_source(name)

    @question
    def sources(self, tx: Tx) -> list[Source]:
        """Every one, revoked ones too."""
        return sources.every(tx)

    @question
    def source_with(self, tx: Tx, token: str) -> Source | None:
        """Whose token this is; None where it is nobody's, or not any more."""
        name = named_in(token)
        found = sources.find(tx, name) if name else None
        return found if found is not None and found.knows(token) else None

    # What it is told

    @question
    def source_named(self, tx: Tx, name: str) -> Source | None:
        """The source of this name; None where it was revoked."""
        found = sources.find(tx, name)
        return found if found is not None and found.revoked_at is None else None

    @question
    def happened(self, tx: Tx, number: int, seq: int, source: str) -> list[Happened]:
        """What a source may want to hear of a ticket's event, by its place in the history; of words none but its own.

        Nothing where the ticket is its own no more, since somebody was found to be another person.
        """
        events = tickets.history(tx, number)
        before = fold(number, events[: seq - 1]) if seq > 1 else None
        event, after = events[seq - 1], fold(number, events[:seq])
        ticket = as_owned(source, after, tickets.look(tx, number)[1], ways.of(tx, number))
        if ticket is None:
            return []
        found: list[Happened] = []
        for one in notices(before, event, after, source):
            message = messages.message(tx, one.message) if one.message else None
            if message is None or is_seen(message, ticket.others):
                found.append(Happened(one, event.at, ticket, message))
        return found

    @use_case
    def hook_failed(self, tx: Tx, name: str, why: str) -> None:
        """A source did not take its webhook."""
        sources.failed(tx, name, why[:_LONGEST_REASON])

    @use_case
    def hook_worked(self, tx: Tx, name: str) -> None:
        """A source took its webhook."""
        sources.worked(tx, name)

    def _check_queue(self, tx: Tx, name: str | None) -> None:
        """Raises Refused where the rulebook has no queue of this name."""
        known = [queue.name for queue in self.book_in(tx).queues] if name is not None else []
        if name is not None and name not in known:
            raise Refused(phrase("There is no queue {name}. There are: {known}.", name=name, known=known))


def _no_source(name: str) -> NotFound:
    return NotFound(phrase("There is no source {name}, or it was revoked: deskbell sources list", name=name))

"""Use cases of servers that we log in to: what they give us to come in by, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from core.desk.sending import Sending
from core.phrases import Phrase, phrase
from core.storage import grants, ledger, messages, relays, tickets
from core.storage.database import Tx, question, use_case
from core.storage.troubles import Trouble

TOLD_EVERY = timedelta(hours=6)
"""So often supervisors hear that a server does not take our mail."""

_LONGEST_REASON = 300


class Connecting(Sending):
    """Servers that we log in to."""

    @question
    def grant(self, tx: Tx, name: str, seed: str) -> str | None:
        """The refresh token that was given last in place of this one from the settings."""
        return grants.kept(tx, name, _digest(seed))

    @use_case
    def keep_grant(self, tx: Tx, name: str, seed: str, token: str) -> None:
        """A provider gave this refresh token; of the one in the settings only a digest is kept beside it."""
        grants.keep(tx, name, _digest(seed), token)

    @use_case
    def known_as(self, tx: Tx, message: int, ids: Sequence[str]) -> None:
        """A server gave a mail of ours these ids: answers to it may name them."""
        said = messages.message(tx, message)
        ticket, _ = tickets.look(tx, said.ticket)
        messages.know(
            tx,
            said.channel or ticket.thread.channel,
            message,
            said.ticket,
            [id for id in ids if id != said.external_id],
        )

    @use_case
    def cannot_hear(self, tx: Tx, channel: str, said: Phrase) -> None:
        """A channel cannot be read, and only a person can mend that: supervisors hear of it, once in a while."""
        if ledger.take_turn(tx, f"told of {channel}", TOLD_EVERY):
            self.alarm(tx, Trouble(said))

    @use_case
    def relay_says(self, tx: Tx, name: str, largest: int | None) -> None:
        """A server that takes our mail said how large a mail it takes; None: it names no limit."""
        relays.keep_largest(tx, name, largest)

    @use_case
    def relay_refuses(self, tx: Tx, message: int, name: str, reason: str) -> None:
        """A server does not take our mail at all: it waits, and supervisors hear why, once in a while."""
        self.wait(tx, message, reason)
        if ledger.take_turn(tx, f"told of relay {name}", TOLD_EVERY):
            said = phrase("Answers wait, and are sent as soon as it can be: {reason}", reason=reason[:_LONGEST_REASON])
            self.alarm(tx, Trouble(said))


def _digest(seed: str) -> str:
    return sha256(seed.encode()).hexdigest()

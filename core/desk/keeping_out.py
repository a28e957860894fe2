"""Use cases of what came in and is not let in: why, look at it, understand it again, let it in all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from core.desk.holding import FROM_OURSELVES, NOT_FROM_THERE, OPENS_NOTHING, Holding, reason_of
from core.effects import receive
from core.phrases import NotFound, Phrase, Refused, phrase
from core.storage import handlings, inbox, ledger, people
from core.storage.database import Tx, question, use_case
from core.storage.handlings import Handling
from core.tickets.model import By

__all__ = ["FROM_OURSELVES", "NOT_FROM_THERE", "OPENS_NOTHING", "OPERATOR", "Held", "KeepingOut", "reason_of"]

OPERATOR = By("cli")
"""Whoever types commands on the machine that the desk runs on."""

PAGE = 8
"""Mails of the list that are shown together."""


class Held(NamedTuple):
    """A page of what waits for somebody to look at it, newest first, and how many there are in all."""

    pieces: Sequence[inbox.Piece]
    total: int
    page: int = 0

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


class KeepingOut(Holding):
    """What is kept and not let in."""

    @question
    def kept_out(self, tx: Tx, states: Sequence[str] = inbox.LISTED) -> list[inbox.Piece]:
        """What is in these states, newest first."""
        return inbox.kept_out(tx, states=states)

    @question
    def count_kept_out(self, tx: Tx, states: Sequence[str] = inbox.LISTED) -> int:
        return inbox.count_kept_out(tx, states)

    @question
    def held(self, tx: Tx, page: int = 0) -> Held:
        """A page of what waits for somebody; the last one where there are not so many."""
        total = inbox.count_kept_out(tx)
        page = min(max(page, 0), max(0, (total - 1) // PAGE))
        return Held(inbox.kept_out(tx, PAGE, skip=page * PAGE), total, page)

    @question
    def kept(self, tx: Tx, id: int) -> inbox.Piece | None:
        """What came in under this number, whatever became of it; no act of an agent."""
        piece = inbox.get(tx, id)
        return piece if piece is not None and piece.channel != "act" else None

    @question
    def raw_of(self, tx: Tx, id: int) -> bytes | None:
        """The bytes of what came in under this number."""
        piece = inbox.get(tx, id)
        return tx.blobs.get(tx, piece.digest) if piece and piece.digest else None

    @question
    def handled(self, tx: Tx, id: int) -> Phrase:
        """What is said to whoever would do something with a mail with which somebody has done something already."""
        done = handlings.of(tx, [id]).get(id)
        if not done:
            return phrase("Message {id} does not wait for anybody any more.", id=id)
        return said_of(done[-1], people.names(tx), tx.now)

    @use_case
    def replay(self, tx: Tx, id: int, by: By = OPERATOR) -> bool:
        """Try to understand again what was kept out. False where there is no such piece."""
        if not self.begin_act(tx, by):
            return True
        if not inbox.receive_again(tx, id):
            return False
        handlings.add(tx, id, "replay", by.agent)
        self._understand(tx, id)
        return True

    @use_case
    def admit(self, tx: Tx, id: int, by: By = OPERATOR) -> bool:
        """Let in what is suspended: it is heard as if a person had written it. False where it was let in already."""
        if not self.begin_act(tx, by):
            return True
        if inbox.admit(tx, id):
            handlings.add(tx, id, "admit", by.agent)
            self._understand(tx, id)
            return True
        piece = inbox.get(tx, id)
        match piece.state if piece and piece.channel != "act" else None:
            case "admitted" | "done":
                return False
            case "received":
                raise Refused(phrase("Message {id} is being understood just now. Ask again in a moment.", id=id))
            case "unreadable":
                raise Refused(
                    phrase(
                        "Message {id} cannot be let in, for it could not be understood ({reason}). Look at it with: "
                        "deskbell inbox raw {id}; to let the desk try again: deskbell inbox replay {id}",
                        id=id,
                        reason=reason_of(piece) if piece else "",
                    )
                )
            case _:
                raise NotFound(phrase("There is no message {id} in the inbox.", id=id))

    @use_case
    def discard(self, tx: Tx, id: int, by: By = OPERATOR) -> bool:
        """Nobody is to look after it any more; it stays kept. False where nobody was."""
        if not self.begin_act(tx, by):
            return True
        if not inbox.discard(tx, id):
            return False
        handlings.add(tx, id, "discard", by.agent)
        return True

    def _understand(self, tx: Tx, id: int) -> None:
        piece = inbox.get(tx, id)
        assert piece is not None
        ledger.add(tx, [receive(piece.channel, id, f"replay:{id}")])


def said_of(done: Handling, names: Mapping[str, str], now: datetime) -> Phrase:
    """Who did what with a mail, and how long ago."""
    values = {"name": who(done.by, names), "ago": ago(done.at, now)}
    match done.what:
        case "admit":
            return phrase("{name} let this mail in {ago}.", **values)
        case "replay":
            return phrase("{name} had this mail read again {ago}.", **values)
        case "block":
            return phrase("{name} blocked the sender of this mail {ago}.", **values)
        case _:
            return phrase("{name} discarded this mail {ago}.", **values)


def ago(at: datetime, now: datetime) -> timedelta:
    """How long ago that was, as phrases take it: a moment is a second."""
    return min(at - now, timedelta(seconds=-1))


def who(by: str, names: Mapping[str, str]) -> str | Phrase:
    """Somebody by name; whoever typed a command has none."""
    return phrase("Somebody at the command line") if by == OPERATOR.agent else names.get(by, by)

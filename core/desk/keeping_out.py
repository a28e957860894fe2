"""Use cases of what came in and is not let in: why, look at it, understand it again, let it in all the same."""

from __future__ import annotations

from core.desk.alarming import Alarming
from core.effects import receive
from core.phrases import NotFound, Phrase, Refused, phrase
from core.storage import inbox, ledger
from core.storage.database import Tx, question, use_case
from core.storage.troubles import Trouble
from core.tickets import brakes
from core.tickets.model import Nature

OPENS_NOTHING = {
    Nature.AUTO_REPLY: phrase("an automatic reply to none of our messages"),
    Nature.BOUNCE: phrase("a delivery failure of none of our messages"),
    Nature.BOUNCE_DELAY: phrase("a delivery delay of none of our messages"),
    Nature.DSN_SUCCESS: phrase("a delivery receipt for none of our messages"),
    Nature.MDN: phrase("a reading receipt for none of our messages"),
    Nature.CHALLENGE_RESPONSE: phrase("a challenge to none of our messages"),
}
"""What belongs to no ticket and is not let in by itself, and the reason that is kept: the words of its phrase."""


FROM_OURSELVES = phrase("it came from an address of our own")
"""The reason that is kept of what one of our mailboxes seems to have sent: let in, it could go round for ever."""


NOT_FROM_THERE = phrase("its sender's domain does not vouch for it, and asks that such mail be kept out")
"""The reason that is kept of what claims to come from a domain that says how its mail is known (DMARC)."""


CAME_AGAIN = phrase("it came before")
"""What is kept with a second delivery of a mail that was heard already."""


class KeepingOut(Alarming):
    """What is kept and not let in."""

    @use_case
    def keep_out(self, tx: Tx, id: int, state: str, reason: str) -> None:
        """What came in could not be understood ("unreadable") or is not let in ("suspended"); it is kept."""
        if inbox.settle(tx, id, state, reason) and state == "unreadable":
            said = phrase("A mail could not be read, and is kept out: {reason}", reason=reason)
            self.alarm(tx, Trouble(said, command=f"deskbell inbox replay {id}"))

    @question
    def kept_out(self, tx: Tx) -> list[inbox.Piece]:
        return inbox.kept_out(tx)

    @question
    def count_kept_out(self, tx: Tx) -> int:
        return inbox.count_kept_out(tx)

    @question
    def raw_of(self, tx: Tx, id: int) -> bytes | None:
        """The bytes of what came in under this number."""
        piece = inbox.get(tx, id)
        return tx.blobs.get(tx, piece.digest) if piece and piece.digest else None

    @use_case
    def replay(self, tx: Tx, id: int) -> bool:
        """Try to understand again what was kept out. False where there is no such piece."""
        if not inbox.receive_again(tx, id):
            return False
        self._understand(tx, id)
        return True

    @use_case
    def admit(self, tx: Tx, id: int) -> bool:
        """Let in what is suspended: it is heard as if a person had written it. False where it was let in already."""
        if inbox.admit(tx, id):
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

    def _understand(self, tx: Tx, id: int) -> None:
        piece = inbox.get(tx, id)
        assert piece is not None
        ledger.add(tx, [receive(piece.channel, id, f"replay:{id}")])


def reason_of(piece: inbox.Piece) -> Phrase | str:
    """Why it is kept out: in the reader's language where it is the desk's own reason, else as it was said."""
    return _OURS.get(piece.reason or "", piece.reason or "")


_OURS = {
    reason.text: reason
    for reason in (*OPENS_NOTHING.values(), *brakes.REASONS, FROM_OURSELVES, NOT_FROM_THERE, CAME_AGAIN)
}

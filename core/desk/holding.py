"""What is kept and not let in by itself: for which reasons, and what is written down of it."""

from __future__ import annotations

from typing import Any

from core.desk.alarming import Alarming
from core.phrases import Phrase, phrase
from core.storage import inbox, people, tallies
from core.storage.database import Tx
from core.storage.inbox import Settled
from core.tickets import brakes
from core.tickets.blocking import patterns_of
from core.tickets.model import Inbound, Nature
from core.tickets.tallies import BRAKES, OTHER, Tally

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

COPY_OF_OURS = phrase("a copy of what the desk itself sent")
BLOCKED = phrase("its sender is blocked")
SPAM = phrase("a filter took it for spam")

_KEPT = (FROM_OURSELVES, NOT_FROM_THERE, CAME_AGAIN, COPY_OF_OURS, BLOCKED, SPAM)
_OURS = {reason.text: reason for reason in (*OPENS_NOTHING.values(), *brakes.REASONS, *_KEPT)}
COUNTED = {
    **{reason.text: nature.value for nature, reason in OPENS_NOTHING.items()},
    **BRAKES,
    FROM_OURSELVES.text: "own_address",
    NOT_FROM_THERE.text: "forged",
    BLOCKED.text: "blocked",
    SPAM.text: "spam",
}
"""The reasons by what they are counted as."""

LONGEST_SUBJECT = 500


def reason_of(piece: inbox.Piece) -> Phrase | str:
    """Why it is kept out: in the reader's language where it is the desk's own reason, else as it was said."""
    return _OURS.get(piece.reason or "", piece.reason or "")


class Holding(Alarming):
    """What is not let in by itself."""

    def understood(self, tx: Tx, id: int, inbound: Inbound) -> Settled | None:
        """Write down what came in and that it is heard. None where it is not to be: it was heard already, its sender
        is blocked, or it is spam.
        """
        by_hand = inbound.admitted or inbound.nature.reports_delivery  # what our own messages came to is always heard
        sender = people.folded(inbound.sender.address)
        patterns = [] if by_hand else patterns_of(sender)
        settled = inbox.settle_heard(tx, id, inbound.external_id, sender, _facts(inbound), patterns, inbound.likeness)
        if settled is None:
            return None
        if settled.state == "blocked":
            self.hold(tx, id, BLOCKED, inbound, "blocked")
            return None
        if inbound.spam and not by_hand:
            self.hold(tx, id, SPAM, inbound)
            return None
        return settled

    def hold(self, tx: Tx, id: int, reason: Phrase, inbound: Inbound, state: str = "suspended") -> None:
        """It is not let in: kept for somebody to look at ("suspended"), or for nobody ("blocked")."""
        who = {"name": inbound.sender.name, "address": inbound.sender.address}
        said: dict[str, Any] = {**who, "subject": inbound.subject[:LONGEST_SUBJECT]}
        if vouched := inbound.vouched.as_kept:
            said["vouched"] = vouched
        inbox.suspend(tx, id, reason.text, {**(_facts(inbound) or {}), **said}, state)
        tallies.count(tx, Tally.HELD, COUNTED.get(reason.text, OTHER))
        if state == "suspended" and reason not in brakes.REASONS:  # of what goes round they hear otherwise
            self.tell_of_held(tx)


def _facts(inbound: Inbound) -> dict[str, Any] | None:
    """What it was found to be; None where there is nothing to say: it seems to be a person's mail."""
    found: dict[str, Any] = {}
    if inbound.nature is not Nature.HUMAN:
        found |= {"nature": inbound.nature.value, "signs": list(inbound.signs)}
    if inbound.spam:
        found["spam"] = list(inbound.spam)
    return found or None

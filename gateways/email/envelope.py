"""What the other server said about a mail, beside the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Envelope:
    """The facts of one delivery. No part of it is proven but the address it came from."""

    mail_from: str | None  # empty for `<>`; None where nobody said it
    rcpt_tos: tuple[str, ...]
    peer: str  # the IP address that it came from
    helo: str
    tls: str  # protocol and cipher; empty when it came in clear
    received_at: datetime
    user: str = ""  # who had logged in
    source: str = "smtp"  # or where it lay: imap:MAILBOX/FOLDER/UIDVALIDITY/UID
    junk: str = ""  # the folder it lay in, where a mailbox's server sorts out what it takes for spam

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, to be kept beside the raw mail."""
        kept = {
            "mail_from": self.mail_from,
            "rcpt_tos": list(self.rcpt_tos),
            "peer": self.peer,
            "helo": self.helo,
            "tls": self.tls,
            "received_at": self.received_at.isoformat(),
            "user": self.user,
            "source": self.source,
        }
        return {**kept, "junk": self.junk} if self.junk else kept

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Envelope:
        """Back from `to_json`."""
        at = datetime.fromisoformat(kept["received_at"])
        return cls(**{**kept, "rcpt_tos": tuple(kept["rcpt_tos"]), "received_at": at})

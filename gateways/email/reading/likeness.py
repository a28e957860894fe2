"""What stays the same in every delivery of one mail, by whatever way it came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from core.tickets.model import File
from gateways.email.parts.addresses import Mailbox
from gateways.email.parts.headers import Headers
from gateways.email.reading.handed_on import author_behind, is_by_list

_TAG = re.compile(r"\[[^\[\]]{1,80}\]\s*")
_RULE = re.compile(r"[_=-]{5,}|-- ?")
_OF_A_LIST = ("unsubscribe", "mailing list", "google groups")
_LONGEST_FOOTER = 15  # lines


def likeness(
    headers: Headers,
    message_id: str | None,
    at: datetime | None,
    named: tuple[Sequence[Mailbox], Sequence[Mailbox]],
    subject: str,
    text: str,
    files: Iterable[File],
) -> str:
    """A digest of who wrote what and when, decoded; not of servers' lines, encodings and lists' additions.

    A Message-ID alone is no identity: some programs give every mail the same. `message_id` is None where the mail has
    none. Empty where it has neither that nor a date, and so cannot be told from the next one that says the same.
    `named` is who stands in From and who in Reply-To.
    """
    written = (headers.first("date") or b"").strip()
    if message_id is None and not written:
        return ""
    by_list = is_by_list(headers)
    digest = sha256()
    for said in (
        message_id or "",
        at.isoformat() if at else written.decode("latin-1"),
        _author(headers, named[0]),
        "" if by_list else _first(named[1]),  # lists write their own
        " ".join(_TAG.sub("", subject).split()),
        " ".join((_without_footer(text, headers) if by_list else text).split()),
    ):
        digest.update(said.encode("utf-8", "replace") + b"\0")
    for one in sorted(sha256(file.content).digest() for file in files):
        digest.update(one)
    return digest.hexdigest()


def _author(headers: Headers, named: Sequence[Mailbox]) -> str:
    """Who wrote it. Lists put their own address there, and the author's elsewhere."""
    author = _first(named)
    behind = author_behind(headers, author)
    return behind.address.casefold() if behind else author


def _first(named: Sequence[Mailbox]) -> str:
    return named[0].address.casefold() if named else ""


def _without_footer(text: str, headers: Headers) -> str:
    """The text above what a list writes below every mail: a rule, and lines that speak of the list."""
    lines = text.rstrip().split("\n")
    where = headers.text("list-id").casefold().rpartition("<")[2].strip(" >").partition(".")[2]
    for at in range(max(0, len(lines) - _LONGEST_FOOTER), len(lines)):
        if _RULE.fullmatch(lines[at].rstrip("\r")):
            below = "\n".join(lines[at:]).casefold()
            if any(word in below for word in (*_OF_A_LIST, *([where] if where else []))):
                return "\n".join(lines[:at])
    return text

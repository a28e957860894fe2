"""What is known of a mail that lies in a mailbox: its envelope, what tells it from others, what stands in for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from core.desk.fetching import Fetched
from core.storage.mailboxes import Place
from gateways.email.envelope import Envelope
from gateways.email.imap.account import Account
from gateways.email.imap.line import Size
from gateways.email.parts.addresses import read_addresses
from gateways.email.parts.headers import Headers, split_mail
from gateways.email.reading.parse import sender_of
from gateways.email.rewritten import own_form

_MOST_HEAD = 256 * 1024
_LIKE = ("message-id", "date", "from")
_OF_THE_BODY = ("content-", "mime-version")
_AHEAD = timedelta(days=1)


def fetched(
    account: Account, place: Place, uid: int, raw: bytes, size: Size, now: datetime, serves: Callable[[str], bool]
) -> Fetched:
    """A mail as the desk keeps it. `serves` says whether an address is one of the desk's mailboxes."""
    headers, body = split_mail(raw[:_MOST_HEAD])
    digest = sha256(raw).hexdigest()
    envelope = Envelope(
        mail_from=_mail_from(headers),
        rcpt_tos=(_recipient(account, headers, serves),),
        peer=account.host,
        helo="",
        tls="" if account.tls == "none" else account.tls,
        received_at=size.came_at if size.came_at and size.came_at <= now + _AHEAD else now,
        junk=place.folder if place.folder in account.hold else "",
        source=f"imap:{place.mailbox}/{place.folder}/{place.uidvalidity}/{uid}",
    )
    lane = sender_of(headers).address or envelope.mail_from or ""
    return Fetched(
        uid=uid,
        key=_key(place, uid, headers, digest),
        lane=lane.casefold(),
        envelope=envelope.to_json(),
        raw=raw,
        digest=digest,
        likeness=_likeness(headers, raw[body:]),
    )


def stand_in(head: bytes, size: int, said: str) -> bytes:
    """A mail of a large one's headers, and a sentence of ours where its words were."""
    kept: list[bytes] = []
    keeping = True
    for line in re.split(rb"(?<=\n)", head.rstrip(b"\r\n") + b"\r\n"):
        if line[:1] not in (b" ", b"\t"):
            keeping = not line.lower().startswith(tuple(name.encode() for name in _OF_THE_BODY))
        if keeping:
            kept.append(line)
    ours = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return b"".join(kept) + ours.encode() + said.encode() + b"\r\n"


def _key(place: Place, uid: int, headers: Headers, digest: str) -> str:
    """The same bytes in a mailbox are one mail, in whatever folder and under whatever number.

    But only a mail with a Message-ID or a Date differs from the next one that says the same (see arrivals.delivery).
    """
    facts = ["imap", place.mailbox, digest]
    if not any(headers.first(name) for name in ("message-id", "date")):
        facts += [place.folder, str(place.uidvalidity), str(uid)]
    return sha256("\0".join(facts).encode()).hexdigest()


def _likeness(headers: Headers, body: bytes) -> str:
    """What stays the same where a server, copying a mail, puts a line above it; empty where nothing names the mail."""
    said = [(headers.first(name) or b"").strip() for name in _LIKE]
    if not said[0] and not said[1]:
        return ""
    return sha256(b"\0".join([*said, sha256(body).digest()])).hexdigest()


def _mail_from(headers: Headers) -> str | None:
    """The Return-Path that the last server wrote on top; None where there is none, empty for `<>`."""
    written = headers.first("return-path")
    if written is None:
        return None
    return next((mailbox.address for mailbox in read_addresses(written)), "")


def _recipient(account: Account, headers: Headers, serves: Callable[[str], bool]) -> str:
    """Whom the mail was for: what the header says that this server writes itself, at its topmost; else the account's.

    What others wrote there is only ever believed where it names a mailbox of ours.
    """
    if account.recipient:
        for mailbox in read_addresses(headers.first(account.recipient.casefold()))[:1]:
            if serves(own_form(mailbox.address)):
                return own_form(mailbox.address)
    return account.address

"""Which ticket a message belongs to: evidence in order of trust, and the signed tokens it rests on."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from core.tickets.model import Inbound, Status, Ticket

_BODY = struct.Struct(">BII")
_MAC = 10  # bytes: 2^80 guesses, and the local part of an address stays below its 64 characters


class Bearer(NamedTuple):
    """Whom a token was made for."""

    ticket: int
    person: int


def token(key: bytes, bearer: Bearer, generation: int = 0) -> str:
    """A signed token for an address: lower-case letters and digits, since some servers lower-case local parts."""
    body = _BODY.pack(generation, bearer.ticket, bearer.person)
    mac = hmac.digest(key, b"reply" + body, sha256)[:_MAC]
    return base64.b32encode(body + mac).decode("ascii").rstrip("=").lower()


def bearer_of(keys: Mapping[int, bytes], said: str) -> Bearer | None:
    """Whom a token was made for, or None where it is not ours, cut, or changed. `keys` by generation."""
    try:
        raw = base64.b32decode(said.upper() + "=" * (-len(said) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _BODY.size + _MAC:
        return None
    generation, ticket, person = _BODY.unpack_from(raw)
    key = keys.get(generation)
    if key is None or not hmac.compare_digest(token(key, Bearer(ticket, person), generation), said.lower()):
        return None
    return Bearer(ticket, person)


class Match(NamedTuple):
    """Where a message goes. `ticket` None opens a new one, which may continue another (`follows`)."""

    ticket: int | None
    follows: int | None = None
    why: str = "new"


class Known(NamedTuple):
    """A ticket that some evidence points to, with what is needed to judge."""

    ticket: Ticket
    evidence: str  # "token" or "reference"
    is_requester: bool  # the sender is the person whose ticket it is


def choose(inbound: Inbound, candidates: Sequence[Known], reopen_within: timedelta, now: datetime) -> Match:
    """The first candidate that holds. `candidates` come in order of trust: tokens first, then references.

    A reference alone lets only the requester in: Message-IDs travel with every forwarded mail, so a stranger who
    quotes one gets a ticket of their own that points to the first. A signed token vouches for itself, and reports of
    delivery come from mail systems by their nature.
    """
    for known in candidates:
        number = known.ticket.number
        may = known.evidence == "token" or known.is_requester or inbound.heard_as.reports_delivery
        if not may:
            return Match(None, number, "stranger")
        if inbound.heard_as.is_of_people and _over(known.ticket, reopen_within, now):
            return Match(None, number, "closed long ago")
        return Match(number, None, known.evidence)
    return Match(None)


def _over(ticket: Ticket, reopen_within: timedelta, now: datetime) -> bool:
    return ticket.status is Status.CLOSED and ticket.closed_at is not None and now - ticket.closed_at > reopen_within

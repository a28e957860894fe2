"""Which ticket a message belongs to: evidence in order of trust, and the signed tokens it rests on."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from core.tickets.model import Inbound, Status, Ticket
from core.tickets.tokens import signed, verified

_REPLY, _REPORT = struct.Struct(">BII"), struct.Struct(">BQ")  # the key's generation comes first


class Bearer(NamedTuple):
    """Whom a token was made for."""

    ticket: int
    person: int


def token(key: bytes, bearer: Bearer, generation: int = 0) -> str:
    """A signed token for an address: lower-case letters and digits, since some servers lower-case local parts."""
    return signed(key, b"reply", _REPLY.pack(generation, *bearer))


def bearer_of(keys: Mapping[int, bytes], said: str) -> Bearer | None:
    """Whom a token was made for, or None where it is not ours, cut, or changed. `keys` by generation."""
    facts = verified(keys, b"reply", _REPLY, said)
    return Bearer(*facts) if facts else None


def report_token(key: bytes, message: int, generation: int = 0) -> str:
    """A signed token for the address that reports of a message's delivery go to."""
    return signed(key, b"report", _REPORT.pack(generation, message))


def message_of(keys: Mapping[int, bytes], said: str) -> int | None:
    """The message that a report's token was made for, or None as for `bearer_of`."""
    facts = verified(keys, b"report", _REPORT, said)
    return facts[0] if facts else None


def anchor(key: bytes, number: int, domain: str, generation: int = 0) -> str:
    """An id that every mail of a ticket refers to: programs that show threads keep them together by it."""
    return f"<t.{signed(key, b'anchor', _REPORT.pack(generation, number))}@{domain}>"


def anchored(keys: Mapping[int, bytes], id: str) -> int | None:
    """The ticket that an id was made for, or None as for `bearer_of`."""
    if not id.startswith("<t."):
        return None
    facts = verified(keys, b"anchor", _REPORT, id[3:].partition("@")[0])
    return facts[0] if facts else None


def start_token(key: bytes, link: int, generation: int = 0) -> str:
    """A signed short id for what opens a chat: 31 characters, of which Telegram takes 64."""
    return signed(key, b"start", _REPORT.pack(generation, link))


def link_of(keys: Mapping[int, bytes], said: str) -> int | None:
    """The link that a chat was opened by, or None as for `bearer_of`."""
    facts = verified(keys, b"start", _REPORT, said)
    return facts[0] if facts else None


def links_in(keys: Mapping[int, bytes], text: str) -> list[int]:
    """The links of ours that stand in a text."""
    return [link for said in _STARTS.findall(text) if (link := link_of(keys, said)) is not None]


_STARTS = re.compile(r"(?<![a-z2-7])[a-z2-7]{31}(?![a-z2-7])")


class Match(NamedTuple):
    """Where a message goes. `ticket` None opens a new one, which may continue another (`follows`).

    `held`: kept in that ticket, where it changes nothing until an agent decides.
    """

    ticket: int | None
    follows: int | None = None
    why: str = "new"
    held: bool = False
    meant: int | None = None  # the ticket that was written to, where that was merged and goes on in this one


class Known(NamedTuple):
    """A ticket that some evidence points to, with what is needed to judge."""

    ticket: Ticket
    evidence: str  # "token", "reference" or "subject"
    takes_part: bool  # the sender's ticket, or somebody who got copies of our answers or was let in
    turned_away: bool = False  # by an agent: what they write goes elsewhere
    by_place: bool = False  # takes part only because answers go where they write from
    meant: int | None = None  # the ticket that was pointed to, where it was merged and goes on in this one


def choose(inbound: Inbound, candidates: Sequence[Known], reopen_within: timedelta, now: datetime) -> Match:
    """The first candidate that holds. `candidates` come in order of trust: tokens, references, then the subject.

    Nothing but taking part lets anybody in: Message-IDs and signed addresses travel with every mail that is forwarded.
    Whoever has them and does not take part is held. A number in a subject anybody can write: to others it is nothing.
    """
    for known in candidates:
        number = known.ticket.number
        over = is_over(known.ticket, reopen_within, now)
        if known.evidence == "subject" and (over or not known.takes_part or not inbound.heard_as.is_of_people):
            continue
        if known.takes_part:
            is_late = over and inbound.heard_as.is_of_people
            return (
                Match(None, number, "closed long ago")
                if is_late
                else Match(number, None, known.evidence, meant=known.meant)
            )
        if inbound.heard_as.only_answers and known.evidence == "token":
            return Match(number, None, known.evidence)  # it changes nothing, and only who got our mail has the address
        if known.turned_away or over or inbound.heard_as.only_answers:
            return Match(None, number, "turned away" if known.turned_away else "stranger")
        return Match(number, None, known.evidence, held=True, meant=known.meant)
    return Match(None)


class Going(NamedTuple):
    """A ticket of a thread in which messages go on without naming any."""

    number: int
    subject: str
    queue: str
    heard_at: datetime | None
    closed_at: datetime | None


GOES_ON = timedelta(hours=1)
"""So long after its closing a ticket goes on in a chat with what is written there without naming any."""

A_BURST = timedelta(minutes=10)
"""What is said so soon after the last words is about the same."""


def unclear(found: Sequence[Going], reopen_within: Callable[[str], timedelta], now: datetime) -> list[Going]:
    """The tickets that a message in their thread may be about, where that is not clear: several are open, and nothing
    was said lately; or none is, and one was closed not long ago. `found` as they are spoken in, open ones first.
    """
    going = [one for one in found if one.closed_at is None]
    if going:
        heard = going[0].heard_at
        return going if len(going) > 1 and (heard is None or now - heard > A_BURST) else []
    last = max(found, key=lambda one: one.closed_at or now, default=None)
    if last is None or last.closed_at is None or now - last.closed_at <= GOES_ON:
        return []
    return [last] if now - last.closed_at <= reopen_within(last.queue) else []


def numbered(subject: str) -> int | None:
    """The ticket that a subject names as we write it: "[#42]" anywhere, or "#42 …" behind nothing but "Re:" and the
    like.

    Other systems' numbers look otherwise ("[PROJ-42]", "PR #42", "(#42)"). None where it names none, or several.
    """
    found = {*_BRACKETED.findall(subject)} or {*_LEADING.findall(subject)}
    return int(found.pop()) if len(found) == 1 else None


_BRACKETED = re.compile(r"\[#([0-9]{1,10})\]")
_LEADING = re.compile(r"\A\s*(?:[^\W\d_]{1,8}\s*[:\uff1a]\s*){0,5}#([0-9]{1,10})(?![\w-])")


def is_over(ticket: Ticket, reopen_within: timedelta, now: datetime) -> bool:
    """Whether it is closed for so long that an answer opens a new ticket."""
    return ticket.status is Status.CLOSED and ticket.closed_at is not None and now - ticket.closed_at > reopen_within

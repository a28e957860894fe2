"""Partners who bring customers' messages by the web API: what each may do, what it is told, how its keys look."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from core.tickets import events as e
from core.tickets.model import Ticket

CHANNEL = "web"

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_DOOR = f"{CHANNEL}:"
_TOKEN = re.compile(r"dbk_([a-z][a-z0-9-]{0,31})_[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """What a source may do."""

    WRITE = "messages:write"  # bring messages, change those that it brought
    READ = "tickets:read"  # see its tickets and what is said in them
    CHANGE = "tickets:write"  # close and reopen its tickets
    URGENCY = "messages:urgency"  # say how urgent a new ticket is


USUAL = frozenset({Scope.WRITE, Scope.READ, Scope.CHANGE})
"""What a source may do of which nothing else is said. How urgent things are, a desk decides by itself: whoever may say
so goes before everybody else's customers.
"""


class Told(StrEnum):
    """What a source can ask to be told, beside the messages that are for its customers."""

    OPENED = "ticket.opened"
    STATUS = "ticket.status_changed"
    HEARD = "message.received"
    FAILED = "message.failed"


@dataclass(frozen=True, slots=True)
class Source:
    """A partner: "shop", "whatsapp". Of its token nothing is kept but digests; of its secrets there may be two while
    they are being changed, the newest first.
    """

    name: str
    scopes: frozenset[Scope]
    told: frozenset[Told]
    url: str | None  # where its webhooks go
    queue: str | None  # where its tickets go, unless a rule says otherwise; None: as the rulebook has it
    signs: bool  # whether what it asks has to be signed
    digests: tuple[str, ...]
    secrets: tuple[bytes, ...]
    made_at: datetime
    revoked_at: datetime | None = None
    failing_since: datetime | None = None
    failure: str | None = None

    def knows(self, token: str) -> bool:
        """Whether this is its token. Takes as long whatever is wrong with it."""
        said = digest(token)
        return any([hmac.compare_digest(said, one) for one in self.digests]) and self.revoked_at is None

    @property
    def hears(self) -> frozenset[Told]:
        """What it is told now: without a URL it asks by itself."""
        return self.told if self.url is not None and self.revoked_at is None else frozenset()


class Credentials(NamedTuple):
    """What a partner is given, once: the token that it asks with, and the secret that signs, both ways."""

    token: str
    secret: bytes


class Notice(NamedTuple):
    """Something that a source is told; `message` is the one it is about."""

    what: Told
    message: int | None = None


def make(name: str) -> Credentials:
    """New ones."""
    return Credentials(f"dbk_{name}_{secrets.token_urlsafe(32)}", secrets.token_bytes(32))


def named_in(token: str) -> str | None:
    """Whose token it says to be; None where it is none."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else None


def digest(token: str) -> str:
    """What is kept of a token. It is as random as a key, so that nobody can find it by trying."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def door(name: str) -> str:
    """How the door is called that a source's messages come to."""
    return f"{_DOOR}{name}"


def source_of(door: str) -> str:
    """The source behind a door; empty where it is none."""
    return door.removeprefix(_DOOR) if door.startswith(_DOOR) else ""


def address(name: str, key: str) -> str:
    """An address on this channel: a person or a conversation by the source's own key.

    Addresses are compared without case, and keys are not: whose case would be lost has a mark of it.
    """
    return f"{name}/{key}{_mark(key)}"


def key_of(address: str) -> str:
    """Back from `address`."""
    said = address.partition("/")[2]
    key, tilde, _ = said.rpartition("~")
    return key if tilde and said == f"{key}{_mark(key)}" else said


def _mark(key: str) -> str:
    return "" if key == key.casefold() else f"~{digest(key)[:8]}"


def is_at(ticket: Ticket, name: str) -> bool:
    """Whether a ticket goes on by this source now, and nowhere else."""
    return (ticket.thread.channel, ticket.door) == (CHANNEL, door(name))


def notices(before: Ticket | None, event: e.Event, after: Ticket, name: str) -> list[Notice]:
    """What a source may want to hear of an event. `before` is None where it opened the ticket. While the ticket goes on
    elsewhere, that is how it stands, and nothing that is said there.
    """
    return [one for one in _notices(before, event, after) if one.what is Told.STATUS or is_at(after, name)]


def may_concern_any(before: Ticket | None, event: e.Event, after: Ticket) -> bool:
    """Whether any source could want to hear of it: who those are need not be asked for every mail."""
    said = _notices(before, event, after)
    return any(one.what is Told.STATUS or after.thread.channel == CHANNEL for one in said)


def _notices(before: Ticket | None, event: e.Event, after: Ticket) -> list[Notice]:
    match event:
        case e.Opened():
            return [Notice(Told.OPENED)]
        case e.RequesterWrote(message=message):
            return [Notice(Told.HEARD, message)]
        case e.DeliveryFailed(message=message):
            return [Notice(Told.FAILED, message)]
        case _ if before is not None and before.status is not after.status:
            return [Notice(Told.STATUS)]
        case _:
            return []

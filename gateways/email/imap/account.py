"""A mailbox on somebody's IMAP server: how it is reached, and what becomes there of a mail that we have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Token = Callable[[bool], str]
"""Gives an access token; asked with True when the last one was refused."""


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox. `name` is ours for it; `address` the rulebook's mailbox that its mail is for."""

    name: str
    host: str
    port: int
    user: str
    address: str
    password: str | None = field(default=None, repr=False)
    token: Token | None = field(default=None, repr=False)
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str | None = None  # for a server with a certificate of its own; None: the system's authorities
    recipient: str = ""  # the header that its server writes itself; believed where it stands at the top
    folders: tuple[str, ...] = ("INBOX",)
    hold: frozenset[str] = frozenset()  # of these folders what is in there is held back
    all_of_it: bool = False
    after: Literal["flag", "move", "delete", "leave"] = "flag"
    move_to: str = "Deskbell"
    max_size: int = 50 * 1024 * 1024
    poll: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Times:
    """How long things may take, and how long we wait. Tests have less patience."""

    connect: timedelta = timedelta(seconds=15)
    read: timedelta = timedelta(seconds=60)  # between two bytes
    command: timedelta = timedelta(minutes=2)  # a whole answer, however its bytes trickle
    bodies: timedelta = timedelta(minutes=15)  # a whole answer with mails in it
    idle: timedelta = timedelta(minutes=9)  # RFC 2177 allows 29; servers and routers on the way forget sooner
    lease: timedelta = timedelta(seconds=20)
    first_pause: timedelta = timedelta(seconds=1)
    most_pause: timedelta = timedelta(minutes=5)
    refused_pause: timedelta = timedelta(minutes=15)  # a wrong password said often locks the account
    silent_for: timedelta = timedelta(minutes=5)  # an outage as long as this is told to supervisors
    compare: timedelta = timedelta(minutes=10)  # so often a server's list is compared with ours


USUAL = Times()

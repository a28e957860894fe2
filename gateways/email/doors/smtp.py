"""The door for mail by SMTP: which addresses are ours, how many may come at once, and how the door closes."""

from __future__ import annotations

import asyncio
import collections
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateways.email.doors.certificate import Certificate
from gateways.email.doors.conversation import Conversation
from gateways.email.envelope import Envelope

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of us one peer, and all of them together, may take up."""

    size: int = 50 * 1024 * 1024  # bytes of a mail
    connections: int = 200
    connections_per_peer: int = 20
    recipients: int = 100  # RFC 5321 §4.5.3.1.8
    errors: int = 10  # refusals in a session before we hang up; a mail taken starts the count anew
    in_memory: int = 256 * 1024 * 1024  # bytes of mails that come in and are not kept yet, all sessions together
    command: timedelta = timedelta(minutes=5)  # RFC 5321 §4.5.3.2.7
    block: timedelta = timedelta(minutes=3)  # between two blocks of a mail, §4.5.3.2.5
    session: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a door talks: its sort of conversation (see `doors`), what it proves who it is with, and who may log in:
    names, in lower case, and their passwords.
    """

    kind: type[Conversation] = Conversation
    certificate: Certificate | None = None
    users: Mapping[str, str] = field(default_factory=dict[str, str])


class Intake:
    """An SMTP server on the running event loop, at `address` (host, port; port 0 takes a free one).

    `serves(address)` says whether mail for an address is taken: plus tags, case and aliases are its business.
    `serves_domain(domain)` says so for a domain, whose postmaster and abuse are then always taken (RFC 5321 §4.5.1);
    without it only our own host name's are. `accept(raw, envelope)` keeps a mail: the sender is told 250 when it has
    returned. What any of them raises is our fault and answered with 451: the sender tries again.
    """

    def __init__(
        self,
        *,
        address: tuple[str, int],
        hostname: str,
        serves: Callable[[str], Awaitable[bool]],
        accept: Callable[[bytes, Envelope], Awaitable[None]],
        now: Callable[[], datetime],
        serves_domain: Callable[[str], Awaitable[bool]] | None = None,
        limits: Limits = Limits(),
        manner: Manner = Manner(),
    ):
        self._address = address
        self.port = address[1]  # the one we listen on once started, also when 0 was asked for
        self.hostname = hostname
        self.limits = limits
        self.manner = manner
        self.now = now
        self.accept = accept
        self._serves = serves
        self._serves_domain = serves_domain
        self._server: asyncio.Server | None = None
        self._sessions: set[Conversation] = set()
        self._peers: collections.Counter[str] = collections.Counter()
        self._empty = asyncio.Event()
        self._empty.set()
        self.in_memory = 0
        self.stopping = False

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        # The library logs every command, and with it customers' addresses, at INFO.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self.manner.kind(self, loop), *self._address)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self, grace: timedelta = timedelta(seconds=30)) -> None:
        """Listen no more, say 421 to whoever is idle, let mails in progress end (for `grace`), then hang up."""
        self.stopping = True
        if self._server is None:
            return
        self._server.close()
        for session in tuple(self._sessions):
            session.leave_when_idle()
        try:
            await asyncio.wait_for(self._empty.wait(), grace.total_seconds())
        except TimeoutError:
            log.warning("%d SMTP sessions were cut off while a mail was coming in", len(self._sessions))
            for session in tuple(self._sessions):
                session.cut()
        await self._server.wait_closed()

    @property
    def sessions(self) -> int:
        """How many talk to us now."""
        return len(self._sessions)

    async def takes(self, address: str) -> str | None:
        """None when mail for this address is taken, else the refusal."""
        local, at, domain = address.rpartition("@")
        local = local if at else address
        if local.casefold() in ("postmaster", "abuse") and await self._is_ours(domain if at else self.hostname):
            return None
        if at and await self._serves(address):
            return None
        if at and self._serves_domain and not await self._serves_domain(domain):
            return "550 5.7.1 We take no mail for this domain"
        return "550 5.1.1 There is no mailbox with this address here"

    async def _is_ours(self, domain: str) -> bool:
        if domain.casefold() == self.hostname.casefold():
            return True
        return self._serves_domain is not None and await self._serves_domain(domain)

    def enter(self, session: Conversation, peer: str) -> str | None:
        """None when there is room for one more session, else the refusal."""
        if self.stopping:
            return "421 4.3.2 We are closing; please come back in a minute"
        if len(self._sessions) >= self.limits.connections:
            return "421 4.3.2 Too many connections; please come back later"
        if self._peers[peer] >= self.limits.connections_per_peer:
            return "421 4.7.0 Too many connections from your address; please come back later"
        self._sessions.add(session)
        self._peers[peer] += 1
        self._empty.clear()
        return None

    def leave(self, session: Conversation, peer: str) -> None:
        """The session is over."""
        self._sessions.remove(session)
        self._peers[peer] -= 1
        if not self._peers[peer]:
            del self._peers[peer]
        if not self._sessions:
            self._empty.set()

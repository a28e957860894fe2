"""Desks that write to each other by real SMTP, and the server between them, which may change what it carries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosmtplib

from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.phrases import NotFound
from core.tickets.model import Ticket
from gateways.email.doors.arrivals import Arrivals
from gateways.email.doors.smtp import Intake
from gateways.email.envelope import Envelope
from gateways.email.hands import Mail
from gateways.email.outgoing.send import Relay
from tests.apart import Lent
from tests.world import RULEBOOK, World

Mangle = Callable[[bytes], bytes]
MOST = 40
"""Mails after which a loop counts as one."""


async def _everybody(_address: str) -> bool:
    return True


class Between:
    """A mail server that everybody sends by: it carries each mail to whoever has the recipient's domain."""

    def __init__(self, mangle: Mangle):
        self.mangle = mangle
        self.carried: list[tuple[str, str]] = []  # (From as its reader sees it, recipient)
        self.routes: dict[str, Callable[[bytes, str], Awaitable[None]]] = {}
        self.waiting: list[tuple[bytes, str, str]] = []

    async def take(self, raw: bytes, envelope: Envelope) -> None:
        changed = self.mangle(raw)
        for to in envelope.rcpt_tos:
            self.waiting.append((changed, envelope.mail_from or "", to))

    async def carry(self) -> bool:
        """Deliver what waits; whether there was anything."""
        now, self.waiting = self.waiting, []
        for raw, _, to in now:
            assert len(self.carried) < MOST, f"it never ends: {self.carried}"
            self.carried.append((sender_of(raw), to))
            await self.routes[to.rpartition("@")[2].casefold()](raw, to)
        return bool(now)


class Standing:
    """A desk with its door and its relay."""

    def __init__(self, domain: str, folder: Path, url: str, between: Between, port: int, apart: Apart):
        self.domain = domain
        folder.mkdir(exist_ok=True)
        self.world = World(url, folder, RULEBOOK.replace("desk.example", domain).replace("Example", domain))
        self.arrivals = Arrivals(self.world.desk, 1_000_000)
        self.mail = Mail(self.world.desk, {"": Relay("127.0.0.1", port, tls="none")}, apart, self.arrivals)
        hands = {**self.world.drainer.hands, **self.mail.hands}
        self.world.drainer = Drainer(self.world.desk, hands, domain)
        self.intake = Intake(
            address=("127.0.0.1", 0),
            hostname=domain,
            serves=self.arrivals.serves,
            accept=self.arrivals.keep,
            now=lambda: self.world.now,
        )
        between.routes[domain] = self.hears

    async def hears(self, raw: bytes, to: str) -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=self.intake.port, start_tls=False)
        async with client:
            await client.sendmail("bounces@between.example", [to], raw)

    @property
    def tickets(self) -> list[Ticket]:
        found = []
        for number in range(1, MOST):
            try:
                found.append(self.world.ticket(number))
            except NotFound:
                break
        return found


class Exchange:
    """Two desks, and what is between them."""

    def __init__(self, between: Between, port: int):
        self.between, self.port = between, port
        self.desks: list[Standing] = []

    async def write(self, raw: bytes, to: str) -> None:
        """Somebody sends a mail by the server between; then everything that follows happens."""
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, start_tls=False)
        async with client:
            await client.sendmail("somebody@else.example", [to], raw)
        await self.until_still()

    async def until_still(self) -> None:
        while await self.between.carry():
            for desk in self.desks:
                await desk.world.drain_all()
                await desk.world.drain_all()  # what a mail that was understood asked for


@asynccontextmanager
async def exchange(folder: Path, urls: dict[str, str], mangle: Mangle = lambda raw: raw) -> AsyncIterator[Exchange]:
    """`urls`: a database for each desk's domain."""
    between = Between(mangle)
    server = Intake(
        address=("127.0.0.1", 0),
        hostname="between.example",
        serves=_everybody,
        accept=between.take,
        now=lambda: made.desks[0].world.now,
    )
    async with AsyncExitStack() as stack:
        await server.start()
        stack.push_async_callback(server.stop)
        made = Exchange(between, server.port)
        apart = Lent()
        stack.push_async_callback(apart.close)
        for domain, url in urls.items():
            desk = Standing(domain, folder / domain, url, between, server.port, apart)
            made.desks.append(desk)
            stack.callback(desk.world.desk.db.close)
            stack.push_async_callback(desk.mail.close)
            await desk.intake.start()
            stack.push_async_callback(desk.intake.stop)
        yield made


def letter(sender: str, to: str, text: str = "Where is my order? It was to come last week.", *fields: str) -> bytes:
    head = [f"From: {sender}", f"To: {to}", "Subject: Order", "Date: Mon, 2 Mar 2026 09:00:00 +0000"]
    return "".join(f"{line}\r\n" for line in [*head, *fields, "", text]).encode()


def without(raw: bytes, names: Collection[str]) -> bytes:
    """A mail without these fields of its header."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    gone = {name.casefold().encode() for name in names}
    return b"\r\n".join(f for f in fields if f.partition(b":")[0].lower() not in gone) + b"\r\n\r\n" + body


def only(raw: bytes, names: Collection[str]) -> bytes:
    """A mail with nothing but these fields in its header."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    kept = {name.casefold().encode() for name in names}
    return b"\r\n".join(f for f in fields if f.partition(b":")[0].lower() in kept) + b"\r\n\r\n" + body


def sender_of(raw: bytes) -> str:
    found = re.search(rb"(?im)^from:(?:.|\r\n[ \t])*?([^\s<>\"]+@[^\s<>]+)", raw)
    return found[1].decode() if found else ""

"""Both ends of a mail's way on real sockets: a client that speaks raw SMTP, and the desk's intake."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateways.email.doors.smtp import Intake, Limits, Manner
from gateways.email.envelope import Envelope
from tests.patience import PATIENCE
from tests.world import World

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Wire:
    """A client that says exactly what it is told, and hears whole replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    async def hear(self) -> str:
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), PATIENCE)).decode()
            if not line:
                raise ConnectionResetError
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    async def say(self, *lines: str | bytes) -> str:
        """Send the lines at once; the answer to the last of them."""
        for line in lines:
            self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        await self.writer.drain()
        answer = ""
        for _ in lines:
            answer = await self.hear()
        return answer

    async def deliver(self, mail: bytes, *to: str, sender: str = "carla@example.com") -> str:
        """A whole transaction after EHLO; `mail` is sent as it is, without dots added. The answer to its end."""
        await self.say(f"MAIL FROM:<{sender}>")
        for address in to or ("support@desk.example",):
            await self.say(f"RCPT TO:<{address}>")
        assert (await self.say("DATA")).startswith("354")
        self.writer.write(mail)
        await self.writer.drain()
        return await self.hear()

    async def gone(self) -> bool:
        """Whether the other side has hung up."""
        return await asyncio.wait_for(self.reader.read(), PATIENCE) == b""

    def close(self) -> None:
        self.writer.close()


@dataclass
class Door:
    """An intake, and what came through it."""

    intake: Intake
    kept: list[tuple[bytes, Envelope]] = field(default_factory=list)
    trouble: Exception | None = None
    lookup_trouble: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    wires: list[Wire] = field(default_factory=list)

    async def wire(self, *, hello: bool = True) -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.intake.port))
        self.wires.append(wire)
        if hello:
            assert (await wire.hear()).startswith("220 ")
            assert (await wire.say("EHLO client.example")).startswith("250")
        return wire


@pytest.fixture
async def open_door() -> AsyncIterator[Callable[..., object]]:
    """Opens intakes for support@desk.example and grå@desk.example; closes them afterwards."""
    doors: list[Door] = []

    async def open_it(limits: Limits | None = None, manner: Manner | None = None) -> Door:
        async def serves(address: str) -> bool:
            if door.lookup_trouble:
                raise door.lookup_trouble
            local, _, domain = address.casefold().rpartition("@")
            return domain == "desk.example" and local.partition("+")[0] in ("support", "grå")

        async def serves_domain(domain: str) -> bool:
            return domain.casefold() == "desk.example"

        async def accept(raw: bytes, envelope: Envelope) -> None:
            door.entered.set()
            await door.gate.wait()
            if door.trouble:
                raise door.trouble
            door.kept.append((raw, envelope))

        intake = Intake(
            address=("127.0.0.1", 0),
            hostname="mx.desk.example",
            serves=serves,
            serves_domain=serves_domain,
            accept=accept,
            now=lambda: NOON,
            limits=limits or Limits(),
            manner=manner or Manner(),
        )
        door = Door(intake)
        door.gate.set()
        doors.append(door)
        await intake.start()
        return door

    yield open_it
    for door in doors:
        door.gate.set()
        for wire in door.wires:
            wire.close()
            with contextlib.suppress(OSError):
                await wire.writer.wait_closed()
        await door.intake.stop()


@pytest.fixture
async def door(open_door: Callable[..., object]) -> Door:
    """An intake with the ordinary limits."""
    return await open_door()  # type: ignore[misc]


@pytest.fixture
def certificate() -> Path:
    """A certificate for localhost with its key, signed by itself, good for a hundred years and for nothing else."""
    return Path(__file__).parent / "localhost.pem"


@pytest.fixture
def sqlite_world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """A desk on SQLite, for what has nothing to do with the kind of database."""
    with World(sqlite_url, tmp_path) as made:
        yield made

"""Sends mails by SMTP as fast as they are taken (closed loop) or at a given rate (open loop), and times the answers."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.corpus import Mail

PER_PEER = 15
"""Connections from one address: servers bound them, and fifty customers' servers are not one."""

_DOTS = re.compile(rb"^\.", re.MULTILINE)


class TurnedAwayError(Exception):
    """The server said no."""

    def __init__(self, reply: bytes):
        super().__init__(reply.decode("utf-8", "replace"))


@dataclass(slots=True)
class Sent:
    """What came of it: seconds, and times by `time.perf_counter` in the order of the mails that were taken."""

    began: float = 0.0
    ended: float = 0.0
    whole: list[float] = field(default_factory=list[float])  # MAIL to 250; in an open loop from when it was due
    kept: list[float] = field(default_factory=list[float])  # final dot to 250
    at: dict[int, float] = field(default_factory=dict[int, float])  # index of the mail: when its 250 came
    refused: Counter[str] = field(default_factory=Counter[str])

    @property
    def rate(self) -> float:
        """Mails a second."""
        return len(self.at) / (self.ended - self.began)


class _Line(asyncio.Protocol):
    """One connection: bytes out, replies in."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.offers_pipelining = False
        self._buffer = b""
        self._replies: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\r\n")
        for line in lines:
            if line[4:].upper() == b"PIPELINING":
                self.offers_pipelining = True
            if line[3:4] != b"-":
                self._replies.append(line)
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def reply(self, wanted: bytes) -> None:
        """The next reply, which must begin with these digits."""
        while not self._replies:
            if self._closed:
                raise ConnectionResetError
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        said = self._replies.popleft()
        if not said.startswith(wanted):
            raise TurnedAwayError(said)

    async def say(self, command: bytes, wanted: bytes) -> None:
        self.transport.write(command)
        await self.reply(wanted)


async def connect(port: int, peer: int = 0) -> _Line:
    """A session that has said EHLO, from the loopback address of this number."""
    source = (f"127.0.0.{1 + peer}", 0) if peer else None
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(_Line, "127.0.0.1", port, local_addr=source)
    await line.reply(b"220")
    await line.say(b"EHLO bench.example\r\n", b"250")
    return line


async def send(port: int, mails: Sequence[Mail], connections: int, rate: float | None = None) -> Sent:
    """Send all mails. Without a `rate` (mails a second) each connection sends its next one when it has its answer."""
    bodies = [_DOTS.sub(b"..", mail.raw) + b".\r\n" for mail in mails]
    lines = [await connect(port, n // PER_PEER) for n in range(connections)]
    sent = Sent(began=time.perf_counter())
    order = iter(range(len(mails)))
    try:
        await asyncio.gather(*(_session(line, mails, bodies, order, rate, sent) for line in lines))
    finally:
        for line in lines:
            line.transport.close()
    sent.ended = max(sent.at.values(), default=time.perf_counter())
    return sent


async def _session(
    line: _Line, mails: Sequence[Mail], bodies: Sequence[bytes], order: Iterator[int], rate: float | None, sent: Sent
) -> None:
    for index in order:
        began = time.perf_counter()
        if rate is not None:
            due = sent.began + index / rate
            if due > began:
                await asyncio.sleep(due - began)
            began = due
        try:
            kept = await _one(line, mails[index], bodies[index])
        except TurnedAwayError as no:
            sent.refused[str(no)] += 1
            await line.say(b"RSET\r\n", b"250")
            continue
        now = time.perf_counter()
        sent.at[index] = now
        sent.whole.append(now - began)
        sent.kept.append(kept)


async def _one(line: _Line, mail: Mail, body: bytes) -> float:
    """One transaction; seconds from its final dot to its 250."""
    head = (b"MAIL FROM:<%s>\r\n" % mail.sender.encode(), b"RCPT TO:<%s>\r\n" % mail.recipient.encode(), b"DATA\r\n")
    if line.offers_pipelining:
        line.transport.write(b"".join(head))
        for wanted in (b"250", b"250", b"354"):
            await line.reply(wanted)
    else:
        for command, wanted in zip(head, (b"250", b"250", b"354"), strict=True):
            await line.say(command, wanted)
    line.transport.write(body)
    dotted = time.perf_counter()
    await line.reply(b"250")
    return time.perf_counter() - dotted

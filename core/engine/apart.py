"""Work on strangers' bytes in a process of its own: with a clock, a bound on memory, and an interpreter of its own.

What takes processor time would keep the event loop, and with it Slack's three seconds, from everybody else; and bytes
that make it run or grow without end end only the child. It is started when it is first needed, does one thing after
the other, and dies with its parent, whose end of the socket closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import pickle
import resource
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from core.settings import for_a_child

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("deskbell.engine")

YIELDS = 10
"""Niceness: senders and Slack wait for the parent, nobody for what the child makes of a mail."""
_COLLECTS = 20_000, 20, 50
"""Objects made before Python looks for cycles among them: what a mail leaves has hardly any, and looking every 700
objects takes a twentieth of the time."""
_SIZE = 8  # bytes that say how many follow


class GaveOutError(Exception):
    """The child ended over it: it took too long, too much memory, or crashed."""


@dataclass(slots=True)
class _Asked:
    """Something for the child to do."""

    said: bytes
    answer: asyncio.Future[Any] = field(repr=False)
    since: float = 0.0  # when it became the one at work; loop time

    def fail(self, why: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(GaveOutError(why))


class Apart:
    """The child, and what waits for it. For one event loop."""

    def __init__(self, patience: timedelta = timedelta(seconds=20), memory: int = 2 << 30, yields: int = YIELDS):
        """`patience`: for one call. `memory`: bytes of address space, all in all. `yields`: its niceness."""
        self._yields = yields
        self._patience = patience.total_seconds()
        self._memory = memory
        self._asked: deque[_Asked] = deque()
        self._child: asyncio.subprocess.Process | None = None
        self._line: _Line | None = None
        self._starting = asyncio.Lock()
        self._clock: asyncio.TimerHandle | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What a module's function gives for these, or raises. Raises GaveOutError."""
        asked = _Asked(pickle.dumps((function, args, kwargs)), asyncio.get_running_loop().create_future())
        await self._ask(asked)
        return await asked.answer

    async def close(self) -> None:
        """End the child; what still waits for it is cancelled."""
        waiting, self._asked = self._asked, deque[_Asked]()
        child = self._child
        self._end("the desk stops")
        for asked in waiting:
            asked.answer.cancel()
        if child is not None:
            await child.wait()

    # How it goes

    async def _ask(self, asked: _Asked) -> None:
        async with self._starting:
            if self._line is None:
                await self._start()
        assert self._line is not None
        self._asked.append(asked)
        if len(self._asked) == 1:
            self._begin(asked)
        self._line.say(asked.said)

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "core.engine.apart", str(theirs.fileno()), str(self._memory), str(self._yields)),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                env=for_a_child(os.environ),
            )
        loop = asyncio.get_running_loop()
        _, self._line = await loop.create_connection(lambda: _Line(self._answered, self._lost), sock=ours)

    def _begin(self, asked: _Asked) -> None:
        loop = asyncio.get_running_loop()
        asked.since = loop.time()
        if self._clock is None:
            self._clock = loop.call_later(self._patience, self._look)

    def _look(self) -> None:
        """End a child that has been too long over one thing."""
        self._clock = None
        if not self._asked:
            return
        loop = asyncio.get_running_loop()
        left = self._asked[0].since + self._patience - loop.time()
        if left > 0:
            self._clock = loop.call_later(left, self._look)
        else:
            self._end(f"it took longer than {self._patience:g} seconds")

    def _answered(self, said: bytes) -> None:
        asked = self._asked.popleft()
        if self._asked:
            self._begin(self._asked[0])
        if asked.answer.done():
            return
        result, error = pickle.loads(said)  # noqa: S301 - from our own child
        if isinstance(error, MemoryError):
            asked.fail("it took too much memory")
        elif error is not None:
            asked.answer.set_exception(error)
        else:
            asked.answer.set_result(result)

    def _lost(self) -> None:
        """The child has ended: by itself, then what it was doing is to blame."""
        self._end("its process crashed")

    def _end(self, why: str) -> None:
        child, line, self._child, self._line = self._child, self._line, None, None
        if child is None or line is None:
            return
        line.close()
        if child.returncode is None:
            child.kill()
        if self._asked:
            log.error("what was at work in the child process did not end well: %s", why)
            self._asked.popleft().fail(why)
        waiting, self._asked = self._asked, deque[_Asked]()
        for asked in waiting:  # they are not to blame: the next child does them
            task = asyncio.create_task(self._ask(asked))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)


class _Line(asyncio.Protocol):
    """The parent's end of the socket."""

    def __init__(self, answered: Callable[[bytes], None], lost: Callable[[], None]):
        self._answered, self._lost = answered, lost
        self._transport: asyncio.Transport | None = None
        self._came = bytearray()
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def say(self, said: bytes) -> None:
        assert self._transport is not None
        self._transport.writelines([len(said).to_bytes(_SIZE, "big"), said])

    def close(self) -> None:
        self._closed = True
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._came += data
        while len(self._came) >= _SIZE:
            end = _SIZE + int.from_bytes(self._came[:_SIZE], "big")
            if len(self._came) < end:
                return
            said = bytes(self._came[_SIZE:end])
            del self._came[:end]
            self._answered(said)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closed:
            self._lost()


# The child


def _serve(descriptor: int, memory: int, yields: int) -> None:
    os.nice(yields)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; when it is gone, so are we
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    gc.set_threshold(*_COLLECTS)
    # A parent that was killed hears no answer, and nothing is wrong with that: what it asked for is asked again.
    gone = contextlib.suppress(BrokenPipeError, ConnectionResetError)
    with gone, socket.socket(fileno=descriptor) as line, line.makefile("rb") as reader:
        while size := reader.read(_SIZE):
            function, args, kwargs = pickle.loads(reader.read(int.from_bytes(size, "big")))  # noqa: S301 - our parent's
            said = pickle.dumps(_outcome(function, args, kwargs))
            try:
                line.sendall(len(said).to_bytes(_SIZE, "big") + said)
            except ConnectionError:  # who asked was killed meanwhile: there is nobody to answer, nor to complain to
                return


def _outcome(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Exception | None]:
    try:
        return function(*args, **kwargs), None
    except Exception as error:  # handed to whoever asked
        return None, error


if __name__ == "__main__":
    _serve(*map(int, sys.argv[1:4]))

"""One process of a desk, as real as it can be without Slack and mail: takes requests on a socket, and works.

What it does outside is one line each in a log that nothing takes back. In a file mapped into memory it counts the
transactions and the outside calls that are under way, so that whoever kills it knows in the middle of what it died.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import logging
import mmap
import os
import random
import signal
import sqlite3
import struct
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from sqlalchemy import event

from core.desk import Desk
from core.desk.opening import wall_clock
from core.engine.cron import Cron, Round
from core.engine.drain import Drainer
from core.engine.embedded import Embedded
from core.engine.hands import Hand, Hands, Later, Record
from core.pacing import RATES, Rate
from core.storage import messages
from core.storage.database import Database
from core.storage.ledger import Lease
from core.storage.rooms import Post
from core.tickets.model import Address, By, Inbound, Outcome

_PR_SET_PDEATHSIG = 1

ALL_HANDS = ("receive:email", "deliver:email", "show", "act", "understand")


@dataclass(frozen=True)
class Config:
    """What a process is told on its command line."""

    url: str
    folder: str
    name: str
    runner: str = "embedded"  # or "distributed"
    hands: tuple[str, ...] = ALL_HANDS
    pause: float = 0.02  # seconds that an outside call takes at most
    least: float = 0.0  # and at least
    lease: float = 6.0
    rates: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])  # seconds, burst
    at_once: int = 4

    def path(self, what: str) -> Path:
        return Path(self.folder) / f"{self.name}.{what}"

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class Counts(NamedTuple):
    """What a process was in the middle of, and how much it has done."""

    open: int  # transactions begun and not ended
    dirty: int  # those of them that have written something
    calling: int  # calls to the outside that have begun and not ended
    commits: int
    calls: int


class BlackBox:
    """Counts that outlive the process that keeps them."""

    _LAYOUT = struct.Struct("=5q")

    def __init__(self, path: Path):
        made = os.open(path, os.O_RDWR | os.O_CREAT)
        os.ftruncate(made, self._LAYOUT.size)
        self._map = mmap.mmap(made, self._LAYOUT.size)
        os.close(made)
        self._lock = threading.Lock()

    def read(self) -> Counts:
        return Counts(*self._LAYOUT.unpack_from(self._map))

    def clear(self) -> None:
        self._LAYOUT.pack_into(self._map, 0, 0, 0, 0, 0, 0)

    def change(self, **by: int) -> None:
        with self._lock:
            now = self.read()._asdict()
            self._LAYOUT.pack_into(self._map, 0, *(now[name] + by.get(name, 0) for name in now))

    def close(self) -> None:
        self._map.close()

    @contextmanager
    def call(self) -> Generator[None]:
        self.change(calling=1, calls=1)
        try:
            yield
        finally:
            self.change(calling=-1)

    def watch(self, engine: sa.Engine) -> None:
        """Count this engine's transactions. The event of a commit comes before the commit: that part is not counted."""
        dirty: set[int] = set()  # raw connections that have written

        def wrote(raw: object, statement: str) -> None:
            if id(raw) not in dirty and statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
                dirty.add(id(raw))
                self.change(dirty=1)

        def ended(sql: sa.Connection) -> int:
            raw = id(sql.connection.driver_connection)
            clean = raw not in dirty
            dirty.discard(raw)
            return 0 if clean else -1

        @event.listens_for(engine, "connect")
        def connect(raw: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
            if isinstance(raw, sqlite3.Connection):
                raw.set_trace_callback(lambda statement: wrote(raw, statement))
            else:
                raw.cursor_factory = _telling(wrote)

        @event.listens_for(engine, "begin")
        def begin(sql: sa.Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            self.change(open=1)

        @event.listens_for(engine, "commit")
        def commit(sql: sa.Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            self.change(open=-1, dirty=ended(sql), commits=1)

        @event.listens_for(engine, "rollback")
        def rollback(sql: sa.Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            self.change(open=-1, dirty=ended(sql))


def _telling(wrote: Callable[[object, str], None]) -> type[psycopg.Cursor[Any]]:
    """A cursor that says what it runs."""

    class Telling(psycopg.Cursor[Any]):
        def execute(self, query: Any, *how: Any, **options: Any) -> Any:
            wrote(self.connection, str(query))
            return super().execute(query, *how, **options)

        def executemany(self, query: Any, *how: Any, **options: Any) -> None:
            wrote(self.connection, str(query))
            super().executemany(query, *how, **options)

    return Telling


class Outside:
    """The world that gets our calls: a line each, in the order in which they reach it."""

    def __init__(self, path: Path):
        self._log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, what: str, **facts: Any) -> None:
        line = {"what": what, "pid": os.getpid(), "at": time.monotonic(), **facts}
        os.write(self._log, json.dumps(line).encode() + b"\n")

    def close(self) -> None:
        os.close(self._log)


class Process:
    """A desk's process: its door and its hands."""

    def __init__(self, config: Config, box: BlackBox):
        self.config, self.box = config, box
        self.outside = Outside(Path(config.folder) / "outside.log")
        db = Database(config.url, wall_clock, Path(config.folder) / "blobs")
        box.watch(db.engine)
        self.desk = Desk(db, undo_for=timedelta(0))

    # Hands

    def hands(self) -> Hands:
        able = {
            "receive:email": self.receive,
            "deliver:email": self.deliver,
            "show": self.show,
            "act": self.act,
            "understand": self.understand,
        }
        return {kind: Hand(able[kind], at_once=self.config.at_once) for kind in self.config.hands}

    async def receive(self, lease: Lease) -> Record | None:
        found = await self.desk.piece.soon(lease.facts["inbox"])
        if found is None:
            return None
        piece, raw = found
        said = json.loads(raw)
        inbound = Inbound(
            channel="email",
            sender=Address("email", said["sender"], ""),
            door="support@desk.example",
            external_id=said["id"],
            text=said["text"],
            reply_text=said["text"],
            subject="Where is it?",
            in_reply_to=said["answers"],
        )
        return self.desk.receive.step(piece.id, inbound)

    async def understand(self, _lease: Lease) -> Record | None:
        """What words say is none of this desk's business."""
        return None

    async def deliver(self, lease: Lease) -> Record | None:
        out = await self.desk.outgoing.soon(lease.facts["message"])
        if out is None:
            return None
        with self.box.call():
            told = {"message": out.message, "ticket": out.ticket, "uncertain": lease.uncertain}
            self.outside.write("send", **told, text=out.text)
            await asyncio.sleep(self._pause())
            self.outside.write("sent", **told)
        return self.desk.delivered.step(out.message, [Outcome(a.address, 250, "ok") for a in out.to])

    def _pause(self) -> float:
        return random.uniform(self.config.least, self.config.pause)

    async def show(self, lease: Lease) -> Record | None:
        ticket, message = lease.facts["ticket"], lease.facts.get("message", 0)
        card = await self.desk.card.soon(ticket)
        with self.box.call():
            self.outside.write("show", ticket=ticket, message=message)
            await asyncio.sleep(self._pause() / 4)
        face = f"{card.ticket.status} {card.last_heard}"
        return self.desk.posted.step(Post("T1", "C1", f"{ticket}.{message}", ticket, message, face))

    async def act(self, lease: Lease) -> Record | None:
        found = await self.desk.piece.soon(lease.facts["act"])
        if found is None:
            return None
        said = found[0].envelope
        number = await self._ticket_of(said["answers"])
        if number is None:
            raise Later("the customer's words are not understood yet", timedelta(seconds=0.1), counts=False)
        return self.desk.reply.step(number, By("T1:ANN", lease.facts["act"]), said["text"])

    async def _ticket_of(self, external_id: str) -> int | None:
        found = await asyncio.wrap_future(self.desk.db.look(lambda tx: messages.known(tx, "email", [external_id])))
        return found[0][1] if found else None

    # Door

    async def listen(self) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                request = json.loads(line)
                answer = await (self._take_mail(request) if request["what"] == "mail" else self._take_act(request))
                writer.write(json.dumps(answer).encode() + b"\n")
            writer.close()

        return await asyncio.start_unix_server(serve, self.config.path("socket"))

    async def _take_mail(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answers only when it is committed."""
        raw = json.dumps(request).encode()
        id = await self.desk.accept.soon(
            "email", request["id"], request["sender"], {"mail_from": request["sender"]}, raw
        )
        return {"kept": id is not None, "at": time.monotonic()}

    async def _take_act(self, request: dict[str, Any]) -> dict[str, Any]:
        """As Slack's door does it: keep it, say so, do it; who dies in between leaves it to whoever recovers it."""
        id = await self.desk.accept_act.soon(request["id"], request)
        if id is not None:
            number = None
            while number is None:
                number = await self._ticket_of(request["answers"])
                await asyncio.sleep(0 if number else 0.01)
            await self.desk.reply.soon(number, By("T1:ANN", id), request["text"])
        return {"kept": id is not None}

    # Life

    async def run(self) -> None:
        drainer = Drainer(self.desk, self.hands(), f"{self.config.name}:{os.getpid()}", self.config.lease)
        cron = Cron(self.desk, {"beat": Round(timedelta(seconds=1), self._beat)})
        if self.config.runner == "embedded":
            runner = Embedded(self.desk, drainer, cron)
        else:
            from core.engine.distributed import Distributed

            runner = Distributed(self.desk, drainer, cron, self.config.url)
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        await runner.start()
        server = await self.listen()
        print("ready", flush=True)
        await stopped.wait()
        server.close()
        await runner.stop()
        await asyncio.to_thread(self.desk.db.close)
        self.outside.close()

    async def _beat(self) -> None:
        self.outside.write("beat", second=int(time.time()))  # noqa: TID251 - rounds are told by the wall clock


def main(config: Config) -> None:
    if sys.platform == "linux":  # whoever started us may be killed, too
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    logging.basicConfig(filename=config.path("log"), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name, (seconds, burst) in config.rates.items():
        RATES[name] = Rate(timedelta(seconds=seconds), burst)
    box = BlackBox(config.path("box"))
    asyncio.run(Process(config, box).run())


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    main(Config(**{**told, "hands": tuple(told["hands"])}))

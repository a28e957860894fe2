"""A desk of real processes, from outside: start them, ask them, kill them, and read what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from core.desk import Desk
from core.desk.opening import open_desk
from core.rulebook import parse_toml
from core.storage.people import Colleague
from core.storage.rooms import Room
from tests import warm
from tests.engine.process import ALL_HANDS, BlackBox, Config, Counts
from tests.patience import PATIENCE
from tests.world import RULEBOOK

ROOT = Path(__file__).parents[2]
NO_BRAKES = {name: (0.0001, 10_000) for name in ("slack-room", "slack-post", "slack-update", "relay")}

DOOR = ("act",)
WORK = ("receive:email", "deliver:email", "show", "understand")


class Running:
    """One process."""

    def __init__(self, config: Config):
        self.config = config
        self.box = BlackBox(config.path("box"))
        self._errors = config.path("err").open("a")
        self._process: warm.Begun | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Returns when it is at work."""
        said = await asyncio.to_thread(self._first_words, self._spawn())
        if said != b"ready\n":
            raise RuntimeError(self.config.path("err").read_text() or f"{self.config.name} did not start")

    def _spawn(self) -> IO[bytes]:
        self.box.clear()
        self.config.path("socket").unlink(missing_ok=True)
        reading, writing = os.pipe()
        with os.fdopen(writing):
            self._process = warm.begin(
                "tests.engine.process",
                [self.config.to_json()],
                env=os.environ,
                stdout=writing,
                stderr=self._errors.fileno(),
            )
        return os.fdopen(reading, "rb")

    @staticmethod
    def _first_words(spoken: IO[bytes]) -> bytes:
        with spoken:
            heard, _, _ = select.select([spoken], [], [], PATIENCE)
            return spoken.readline() if heard else b""

    def kill(self) -> Counts:
        """SIGKILL; what it was in the middle of."""
        self._end(signal.SIGKILL)
        return self.box.read()

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        if self.alive:
            self.signal(signal.SIGTERM)
        assert self._process is not None
        code = await asyncio.to_thread(self._process.wait, PATIENCE)
        self._end(signal.SIGKILL)
        return code

    def signal(self, sign: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(sign)

    def _end(self, sign: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(sign)
            self._process.wait()

    def close(self) -> None:
        if self.alive:
            self._end(signal.SIGKILL)
        self._errors.close()
        self.box.close()

    async def ask(self, **request: Any) -> dict[str, Any]:
        """Its answer. Raises ConnectionError where it died before it gave one."""
        return await asyncio.to_thread(self._ask, request)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            try:
                line.connect(str(self.config.path("socket")))
            except FileNotFoundError as error:
                raise ConnectionRefusedError(f"{self.config.name} is not there") from error
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as answers:
                said = answers.readline()
        if not said:
            raise ConnectionResetError(f"{self.config.name} has died over it")
        return json.loads(said)


class Call(NamedTuple):
    """A line of the outside's log."""

    what: str
    pid: int
    at: float
    facts: dict[str, Any]


class Site:
    """A desk's database and folder, and the processes that work on it."""

    def __init__(self, url: str, folder: Path, runner: str):
        self.url, self.folder, self.runner = url, folder, runner
        self.processes: list[Running] = []
        self.desk: Desk = open_desk(url, folder)
        self.desk.apply(parse_toml(RULEBOOK, "desk.toml"), "test")
        now = self.desk.db.clock()
        self.desk.remember_colleague(
            Colleague("T1", "ANN", "Ann Walker", "ann@desk.example", "en-GB", "Europe/London", False, now)
        )
        self.desk.move_in(Room("support", "T1", "C1", "support"))

    def process(self, name: str, **how: Any) -> Running:
        config = Config(self.url, str(self.folder), name, self.runner, rates=NO_BRAKES)
        made = Running(replace(config, **how))
        self.processes.append(made)
        return made

    async def start(self, name: str = "desk", **how: Any) -> Running:
        made = self.process(name, **how)
        await made.start()
        return made

    async def staff(self, **how: Any) -> list[Running]:
        """The processes of a whole desk, the one to talk to first."""
        if self.runner == "embedded":
            return [await self.start("desk", hands=ALL_HANDS, **how)]
        made = [self.process("door", hands=DOOR, **how)]
        made += [self.process(f"worker-{n}", hands=WORK, **how) for n in (1, 2)]
        await asyncio.gather(*(each.start() for each in made))
        return made

    def close(self) -> None:
        for process in self.processes:
            process.close()
        self.desk.db.close()

    def outside(self, *what: str) -> list[Call]:
        """What the outside has got so far."""
        calls: list[Call] = []
        with contextlib.suppress(FileNotFoundError), (self.folder / "outside.log").open() as log:
            for line in log:
                if line.endswith("\n"):
                    facts = json.loads(line)
                    calls.append(Call(facts.pop("what"), facts.pop("pid"), facts.pop("at"), facts))
        return [call for call in calls if not what or call.what in what]

    async def until(self, happens: Callable[[], Any], patience: float = PATIENCE) -> None:
        try:
            async with asyncio.timeout(patience):
                while not happens():  # noqa: ASYNC110 - it happens in other processes
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"it did not come to be: {self.everything_said()[-10_000:]}") from None

    async def until_all_is_done(self, patience: float = PATIENCE) -> None:
        await self.until(lambda: not self.desk.jobs(most=1), patience)

    def everything_said(self) -> str:
        """The logs of all processes."""
        found = [*self.folder.glob("*.log"), *self.folder.glob("*.err")]
        return "\n".join(f"{path.name}:\n{path.read_text()}" for path in found if path.name != "outside.log")


@contextlib.contextmanager
def site_at(url: str, folder: Path, runner: str) -> Generator[Site]:
    site = Site(url, folder, runner)
    try:
        yield site
    finally:
        site.close()


def mail(sender: int, number: int = 0) -> dict[str, Any]:
    """The n-th mail of somebody, an answer to their first."""
    first = f"<{sender}-0@example.com>"
    return {
        "what": "mail",
        "id": f"<{sender}-{number}@example.com>",
        "sender": f"c{sender}@example.com",
        "answers": first if number else None,
        "text": f"This is my message number {number}.",
    }


def reply(sender: int, number: int = 0) -> dict[str, Any]:
    """An agent's click: answer somebody for the n-th time."""
    return {
        "what": "act",
        "id": f"click-{sender}-{number}",
        "answers": f"<{sender}-0@example.com>",
        "text": f"This is our answer number {number}.",
    }

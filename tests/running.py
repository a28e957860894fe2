"""A desk as real processes, connected to the sandbox by its ordinary settings; it can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from sandbox import Sandbox
from sandbox.example import RULEBOOK, SUPERVISOR
from tests import warm
from tests.databases import migrated_sqlite, sqlite_copy
from tests.patience import PATIENCE, UNHURRIED
from tests.ports import free_port

T = TypeVar("T")


async def soon(look: Callable[[], T | None], what: str = "it") -> T:
    """What `look` sees, as soon as it sees something."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while loop.time() < until:
        seen = look()
        if seen:
            return seen
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what} was not seen within {PATIENCE:g} seconds")


class RunningDesk:
    """The desk's processes. `commands` are what is typed after "deskbell"."""

    def __init__(self, box: Sandbox, folder: Path, database: str | None, commands: Sequence[str], **settings: str):
        self.box, self.folder, self.commands = box, folder, commands
        self.smtp_port, self.web_port = free_port(), free_port()
        box.desk_mail = ("127.0.0.1", self.smtp_port)
        self.log = folder / "desk.log"
        self.processes: dict[str, warm.Begun] = {}
        self.env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path.cwd()),
            "DATABASE_URL": database or f"sqlite:///{folder}/desk.db",
            "VAR": str(folder),
            "DESK_FILE": str(RULEBOOK),
            "SLACK_BOT_TOKEN": box.bot_token,
            "SLACK_APP_TOKEN": box.app_token,
            "SLACK_SIGNING_SECRET": box.signing_secret,
            "SLACK_API_URL": box.slack_api_url,
            "SLACK_SUPERVISOR": SUPERVISOR,
            "TELEGRAM_BOT_TOKEN": box.telegram_token,
            "TELEGRAM_API_URL": box.telegram_api_url,
            "SMTP_PORT": str(self.smtp_port),
            "WEB_PORT": str(self.web_port),
            "RELAY_HOST": "127.0.0.1",
            "RELAY_PORT": str(box.mail_port),
            "RELAY_TLS": "none",
            "UNDO_SECONDS": "1",
            "ENCODERS": "",  # loading them takes seconds; what they know has tests of its own
            **settings,
        }

    async def start(self, *only: str) -> None:
        """Start those of the commands that do not run, and wait until mail is taken and Slack is connected."""
        await self._spawn(*only)
        await self._until(lambda: self._takes_mail() and self._in_slack())

    async def start_without_slack(self) -> None:
        """Start, and wait until mail is taken."""
        await self._spawn()
        await self._until(self._takes_mail)

    async def says(self, words: str) -> None:
        """Wait until these words stand in the log."""
        await soon(lambda: words in self.said(), f"“{words}” in the log:\n{self.said()}")

    async def _spawn(self, *only: str) -> None:
        for command in only or self.commands:
            with self.log.open("ab") as log:
                files = {"stdout": log.fileno(), "stderr": log.fileno()}
                self.processes[command] = warm.begin(
                    "deskbell", command.split(), cwd=self.folder, env=self.env, **files
                )

    async def _until(self, up: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while loop.time() < until:
            for command, process in self.processes.items():
                assert process.returncode is None, f"{command} ended:\n{self.said()}"
            if await self._healthy() and up():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"the desk does not come up:\n{self.said()}")

    async def kill(self, *only: str) -> None:
        """SIGKILL: no chance to clean up."""
        for command in only or tuple(self.processes):
            process = self.processes.pop(command)
            process.kill()
            await asyncio.to_thread(process.wait)

    async def stop(self) -> int:
        """SIGTERM, as a system stops its services. The highest exit code."""
        processes = list(self.processes.values())
        self.processes.clear()
        for process in processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        codes = [await asyncio.to_thread(process.wait, PATIENCE) for process in processes]
        return max(codes, default=0)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    async def _healthy(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.get(f"http://127.0.0.1:{self.web_port}/healthz") as answer,
            ):
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    def _in_slack(self) -> bool:
        by_http = self.env.get("SLACK_MODE") == "http"
        if by_http:
            self.box.request_url = f"http://127.0.0.1:{self.web_port}/slack/events"
        people = {"U0ANN", "U0JONAS", "U0SAM"}
        theirs = {room["name"] for room in self.box.rooms if people <= set(room["members"])}
        return {"desk-support", "desk-billing"} <= theirs and (by_http or self.box.state()["connected"] > 0)

    def _takes_mail(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.smtp_port)) == 0


@asynccontextmanager
async def running(
    folder: Path,
    database: str | None = None,
    commands: Sequence[str] = ("run",),
    *,
    box: dict[str, Any] | None = None,
    **settings: str,
) -> AsyncGenerator[RunningDesk]:
    """A sandbox in this process, and a desk beside it. Without `database`: on a new one that is up to date."""
    if database is None and not (folder / "desk.db").exists():
        database = sqlite_copy(migrated_sqlite(), folder)
    async with Sandbox(**{"shares_a_room": True, **UNHURRIED, **(box or {})}) as sandbox:
        desk = RunningDesk(sandbox, folder, database, commands, **settings)
        try:
            await desk.start()
            yield desk
        finally:
            await desk.stop()

"""What is measured, as real processes: the desk, the sandbox it is connected to, PostgreSQL, the stock server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
import psycopg

from tests.databases import fresh_database, postgres_server

ROOT = Path(__file__).resolve().parents[1]
RULEBOOK = Path(__file__).parent / "desk.toml"
PATIENCE = 30.0
"""Seconds in which a process must be up."""


class Process:
    """A process that we started, with everything it started itself."""

    def __init__(self, command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None):
        self.log = folder / f"{command[1].replace('.', '-')}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self._running = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
                stdout=log,
                stderr=log,
            )
        self.pid = self._running.pid

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def until_it_says(self, words: str) -> None:
        """Wait for these words on its output. Raises RuntimeError with all it said where they do not come."""
        until = time.monotonic() + PATIENCE
        while words not in self.said():
            if self._running.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self._running.args} did not come up:\n{self.said()}")
            time.sleep(0.02)

    def cpu(self) -> float:
        """Seconds of processor time, user and system, of the tree so far."""
        return cpu_of(self.pid)

    def rss(self) -> int:
        """Bytes of memory, of the tree."""
        return sum(process.memory_info().rss for process in _tree(self.pid))

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that is not heard."""
        self._running.send_signal(signal.SIGTERM)
        try:
            self._running.wait(15)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process, its children, and those that it has waited for."""
    total = 0.0
    for process in _tree(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


@contextmanager
def running(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Generator[Process]:
    process = Process(command, folder, env)
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def folder() -> Generator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="deskbell-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# The stock server


@dataclass(frozen=True, slots=True)
class Stock:
    """Stock aiosmtpd that keeps nothing."""

    process: Process
    smtp_port: int


@contextmanager
def stock(where: Path) -> Generator[Stock]:
    with running(["-m", "bench.stock"], where) as process:
        process.until_it_says("\n")
        yield Stock(process, int(process.said().split()[0]))


# Slack


@dataclass(frozen=True, slots=True)
class Slack:
    """The sandbox, in a process of its own. `settings` connect a desk to it."""

    process: Process
    url: str
    settings: Mapping[str, str]


@contextmanager
def slack(where: Path) -> Generator[Slack]:
    manifest = ROOT / "gateways" / "slack" / "wire" / "manifest.json"
    with running(["-m", "sandbox", "--manifest", str(manifest)], where) as process:
        process.until_it_says("mail relay")
        said = {line[:16].strip(): line[16:].strip() for line in process.said().splitlines()}
        settings = {
            "SLACK_API_URL": said["SLACK_API_URL"],
            "SLACK_BOT_TOKEN": said["bot token"],
            "SLACK_APP_TOKEN": said["app token"],
            "SLACK_SIGNING_SECRET": said["signing secret"],
            "RELAY_HOST": "127.0.0.1",
            "RELAY_PORT": said["mail relay"].rpartition(":")[2],
            "RELAY_TLS": "none",
        }
        yield Slack(process, said["page"], settings)


# PostgreSQL


@dataclass(frozen=True, slots=True)
class Server:
    """A private PostgreSQL server, fully durable, with an empty database."""

    url: str
    pid: int

    def cpu(self) -> float:
        return cpu_of(self.pid)


@contextmanager
def postgres() -> Generator[Server]:
    with postgres_server() as server, fresh_database(server) as url:
        with psycopg.connect(url) as connection:
            parent = psutil.Process(connection.info.backend_pid).parent()
        assert parent is not None
        yield Server(url, parent.pid)


# The desk


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk that runs. `processes` by what was typed after "deskbell"."""

    processes: Mapping[str, Process]
    smtp_port: int
    database: str
    web_port: int

    def cpu(self) -> float:
        return sum(process.cpu() for process in self.processes.values())


@contextmanager
def desk(
    where: Path, settings: Mapping[str, str], commands: Sequence[str] = ("run",), database: str | None = None
) -> Generator[Desk]:
    """A desk with the bench's rulebook, taking mail: one process on SQLite, or several over a PostgreSQL URL."""
    smtp, web = free_port(), free_port()
    url = database or f"sqlite:///{where}/deskbell.db"
    env = {
        "DATABASE_URL": url,
        "VAR": str(where),
        "DESK_FILE": str(RULEBOOK),
        "SMTP_PORT": str(smtp),
        "WEB_PORT": str(web),
        **settings,
    }
    with ExitStack() as stack:
        processes: dict[str, Process] = {}
        for command in commands:
            processes[command] = stack.enter_context(running(["-m", "deskbell", *command.split()], where, env))
        takes_mail = processes.get("run") or processes["serve mail"]
        takes_mail.until_it_says("mail is taken at")
        if "run" in processes or "serve web" in processes:
            with urlopen(f"http://127.0.0.1:{web}/healthz", timeout=PATIENCE) as answer:
                assert answer.status == 200
        yield Desk(processes, smtp, url, web)

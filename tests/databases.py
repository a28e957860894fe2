"""Databases to test on: a SQLite file, and a PostgreSQL server that is started for the tests and thrown away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

_BINARIES = [Path(p) for p in sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)]


def postgres_binaries() -> Path | None:
    """Where the server's programs are, or None where it is not installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    return next((path for path in _BINARIES if (path / "initdb").exists()), None)


@contextmanager
def postgres_server(*, syncs: bool = True) -> Generator[str]:
    """A private server on loopback; its URL without a database name.

    Without `syncs` it does not wait for the disk: nothing but the fall of the whole machine shows the difference, and
    databases are made and dropped in a fraction of the time.
    """
    binaries = postgres_binaries()
    assert binaries is not None
    with tempfile.TemporaryDirectory(prefix="deskbell-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        as_whom = _unprivileged(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        _run([*as_whom, binaries / "initdb", "-D", data, "-U", "desk", "--auth=trust", "-E", "UTF8", "--locale=C"])
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port={port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories=''\n"
                "max_connections=200\nshared_buffers=64MB\nlog_min_messages=fatal\n"
            )
            if not syncs:
                settings.write("fsync=off\nfull_page_writes=off\nautovacuum=off\n")
        control = [*as_whom, binaries / "pg_ctl", "-D", data, "-w"]
        _run([*control, "-l", data / "log", "start"])
        try:
            yield f"postgresql://desk@127.0.0.1:{port}"
        finally:
            _run([*control, "-m", "immediate", "stop"])


@contextmanager
def fresh_database(server: str, like: str = "template1") -> Generator[str]:
    """A new database on a server, a copy of another one: empty unless said otherwise."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(SQL("create database {} template {}").format(Identifier(name), Identifier(like)))
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


def _unprivileged(folder: str) -> list[str]:
    """PostgreSQL refuses to run as root; who is not root needs nothing."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _run(command: list[object]) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")

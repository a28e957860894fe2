"""Databases to test on: a SQLite file, and a PostgreSQL server that is started for the tests and thrown away."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier

from core.desk.opening import open_desk
from tests.ports import free_port

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
        port = free_port()
        _run([*as_whom, binaries / "initdb", "-D", data, "-U", "desk", "--auth=trust", "-E", "UTF8", "--locale=C"])
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port={port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories=''\n"
                "max_connections=200\nshared_buffers=64MB\nlog_min_messages=fatal\n"
            )
            if not syncs:
                settings.write("fsync=off\nfull_page_writes=off\nautovacuum=off\njit=off\n")
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
        # Copying files is twice as quick as writing them page by page where nobody waits for the disk.
        admin.execute(
            SQL("create database {} template {} strategy file_copy").format(Identifier(name), Identifier(like))
        )
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


@cache
def migrated_sqlite() -> Path:
    """An empty desk's file, to copy: migrating takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="deskbell-migrated-"))
    atexit.register(shutil.rmtree, folder)
    open_desk(f"sqlite:///{folder}/desk.db", folder).db.close()
    return folder / "desk.db"


def sqlite_copy(migrated: Path, folder: Path) -> str:
    """The URL of a new desk's file in this folder."""
    path = folder / "desk.db"
    shutil.copy(migrated, path)
    return f"sqlite:///{path}"


class Stock:
    """Databases that are all copies of one, to be borrowed one after the other.

    What a test wrote is taken out again behind it: that is a hundred times quicker than making a database and dropping
    it. Whoever still had a connection has lost it by then. Where tables were made or changed, or too many deleted rows
    lie about, the next test gets a new copy.
    """

    TIMES = 20  # that one is lent

    def __init__(self, server: str, like: str):
        self._server, self._like = server, like
        self._spare: _Database | None = None

    @contextmanager
    def borrow(self) -> Generator[str]:
        """A database's URL; nobody else's until it is given back."""
        with ExitStack() as made:
            database, self._spare = self._spare, None
            if database is None:
                url = made.enter_context(fresh_database(self._server, self._like))
                database = _Database(url, _contents(url), made.pop_all())
            made.push(database.drop)
            yield database.url
            database.lent += 1
            if self._spare is None and database.lent < self.TIMES and _emptied(self._server, database):
                made.pop_all()
                self._spare = database

    def close(self) -> None:
        """Drop what is left."""
        if self._spare is not None:
            self._spare.drop.close()


class _Contents(NamedTuple):
    """What there is in a new one."""

    schema: str  # changes with the schema
    tables: list[str]
    rows: dict[str, bytes]  # of those tables that have any
    sequences: dict[str, tuple[int, bool]]


@dataclass
class _Database:
    url: str
    as_new: _Contents
    drop: ExitStack
    lent: int = 0


def _contents(url: str) -> _Contents:
    with psycopg.connect(url, autocommit=True) as connection:
        listed = connection.execute("select tablename from pg_tables where schemaname = 'public' order by 1").fetchall()
        rows: dict[str, bytes] = {}
        for (table,) in listed:
            with connection.cursor().copy(SQL("copy {} to stdout").format(Identifier(table))) as copy:
                rows[table] = b"".join(copy)
        named = connection.execute("select sequencename from pg_sequences where schemaname = 'public'").fetchall()
        sequences: dict[str, tuple[int, bool]] = {}
        for (name,) in named:
            query = SQL("select last_value, is_called from {}").format(Identifier(name))
            sequences[name] = connection.execute(query).fetchone()  # pyright: ignore[reportArgumentType]
        return _Contents(
            _schema(connection), [name for (name,) in listed], {k: v for k, v in rows.items() if v}, sequences
        )


def _schema(connection: psycopg.Connection) -> str:
    """Changes when a table does."""
    parts = (("pg_class", "oid"), ("pg_attribute", "attrelid"), ("pg_trigger", "oid"), ("pg_constraint", "oid"))
    counted = [
        SQL("(select count(*) || ' ' || sum(xmin::text::bigint) from {} where {} >= 16384)").format(
            Identifier(part), Identifier(whose)
        )
        for part, whose in parts  # from that number on it is not PostgreSQL's own
    ]
    return str(connection.execute(SQL("select {}").format(SQL(", ").join(counted))).fetchone())


def _emptied(server: str, database: _Database) -> bool:
    """Make it as it was when it was new. Whether that could be done."""
    as_new = database.as_new
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        name = database.url.rpartition("/")[2]
        admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [name])
    with psycopg.connect(database.url) as connection:
        if _schema(connection) != as_new.schema:
            return False
        connection.execute("set session_replication_role = replica")  # in any order, whatever refers to what
        connection.execute(SQL("; ").join(SQL("delete from {}").format(Identifier(table)) for table in as_new.tables))
        for table, rows in as_new.rows.items():
            with connection.cursor().copy(SQL("copy {} from stdin").format(Identifier(table))) as copy:
                copy.write(rows)
        back = [SQL("setval({}, {}, {})").format(sequence, *state) for sequence, state in as_new.sequences.items()]
        connection.execute(SQL("select {}").format(SQL(", ").join(back)))
    return True


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

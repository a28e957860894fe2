"""An engine and one transaction at a time: where SQLite and PostgreSQL differ, and nowhere else.

SQLite has one writer: a thread that takes what waits and commits it together (group commit), so that ten mails cost
one fsync. PostgreSQL has several, each with its own connection; it groups commits by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy import event, exc

from core.phrases import Conflict, DeskError, phrase
from core.storage.blobs import Blobs

P = ParamSpec("P")
R = TypeVar("R")
H = TypeVar("H", bound="Housed")

Clock = Callable[[], datetime]
Step = Callable[["Tx"], R]

log = logging.getLogger("deskbell.storage")

_TRIES = 6
_MOST_IN_ONE_COMMIT = 64
_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock: the same transaction may succeed next time


class StoreDown(DeskError):
    """The database cannot take or give anything now: down, full, locked."""

    def __init__(self, cause: BaseException):
        super().__init__(phrase("The database does not answer: {cause}", cause=_short(cause)))


class Fenced(Exception):
    """A lease was lost: somebody else does this job now, so what we did of it is not recorded."""


class Tx:
    """A transaction under way. `sql` runs statements; `wake` names a destination that has work after the commit."""

    __slots__ = ("blobs", "now", "pg", "sql", "woken")

    def __init__(self, sql: sa.Connection, now: datetime, blobs: Blobs):
        self.sql = sql
        self.now = now
        self.blobs = blobs
        self.pg = sql.dialect.name == "postgresql"
        self.woken: dict[str, datetime] = {}

    def wake(self, destination: str, due: datetime) -> None:
        known = self.woken.get(destination)
        if known is None or due < known:
            self.woken[destination] = due


class Database:
    """The store, open. `on_wake(destination, due)` is called after each commit that left work there."""

    def __init__(self, url: str, clock: Clock, blobs: Path, writers: int = 6):
        self.url = url
        self.clock = clock
        self.blobs = Blobs(blobs if url.startswith("sqlite") else None)
        self.engine = engine_for(url, writers + 2)
        self.on_wake: Callable[[str, datetime], None] = lambda destination, due: None
        self.embedded = self.engine.dialect.name == "sqlite"
        self._pool = ThreadPoolExecutor(max_workers=writers, thread_name_prefix="store")
        self._waiting: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._readers = threading.local()
        self._opened: list[sa.Connection] = []
        self._writer: threading.Thread | None = None
        if self.embedded:
            self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
            self._writer.start()

    def close(self) -> None:
        """Finish what was asked, then let go of every connection."""
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join()
            self._writer = None
        self._pool.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        self.engine.dispose()

    def submit(self, step: Step[R]) -> Future[R]:
        """Ask for a transaction; its result comes after the commit."""
        if not self.embedded:
            return self._pool.submit(self._transact, step)
        asked = _Asked(step)
        self._waiting.put(asked)
        return asked.future

    def run(self, step: Step[R]) -> R:
        """A transaction, waited for. Not to be called on an event loop's thread."""
        return self.submit(step).result()

    def look(self, step: Step[R]) -> Future[R]:
        """Read without writing; on SQLite beside the writer, not behind it."""
        return self._pool.submit(self._read if self.embedded else self._transact, step)

    # PostgreSQL: a connection for each thread of the pool

    def _transact(self, step: Step[R]) -> R:
        for attempt in range(_TRIES):
            try:
                with self.engine.begin() as sql:
                    tx = Tx(sql, self.clock(), self.blobs)
                    result = step(tx)
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
            except exc.DBAPIError as error:
                again = getattr(error.orig, "sqlstate", None) in _AGAIN or (
                    error.connection_invalidated and not attempt
                )
                if not again or attempt == _TRIES - 1:
                    raise StoreDown(error) if _is_down(error) else error from error
            else:
                self._committed(tx)
                return result
        raise AssertionError("unreachable")

    # SQLite: one thread writes, others read

    def _write(self) -> None:
        connection: sa.Connection | None = None
        while (first := self._waiting.get()) is not None:
            batch = [first]
            stop = False
            with contextlib.suppress(queue.Empty):
                while len(batch) < _MOST_IN_ONE_COMMIT:
                    more = self._waiting.get_nowait()
                    if more is None:
                        stop = True
                        break
                    batch.append(more)
            try:
                connection = connection or self.engine.connect()
                self._write_together(connection, batch)
            except exc.DBAPIError as error:
                for asked in batch:
                    asked.fail(StoreDown(error))
                if connection is not None:
                    with contextlib.suppress(exc.SQLAlchemyError):
                        connection.close()
                connection = None
            if stop:
                break
        if connection is not None:
            connection.close()

    def _write_together(self, connection: sa.Connection, batch: list[_Asked]) -> None:
        """One commit for all; each in a savepoint of its own, so that one's failure is not the others'."""
        done: list[Tx] = []
        with connection.begin():
            for asked in batch:
                connection.exec_driver_sql("SAVEPOINT one")
                tx = Tx(connection, self.clock(), self.blobs)
                if asked.run(tx):
                    done.append(tx)
                else:
                    connection.exec_driver_sql("ROLLBACK TO one")
                connection.exec_driver_sql("RELEASE one")
        for tx in done:
            self._committed(tx)
        for asked in batch:
            asked.settle()

    def _read(self, step: Step[R]) -> R:
        connection: sa.Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self.engine.execution_options(readonly=True).connect()
            self._readers.connection = connection
            self._opened.append(connection)
        try:
            with connection.begin():
                return step(Tx(connection, self.clock(), self.blobs))
        except exc.OperationalError as error:
            raise StoreDown(error) if _is_down(error) else error from error

    def _committed(self, tx: Tx) -> None:
        for destination, due in tx.woken.items():
            self.on_wake(destination, due)


class _Asked:
    """A transaction that somebody waits for."""

    __slots__ = ("error", "future", "result", "step")

    def __init__(self, step: Step[Any]):
        self.step = step
        self.future: Future[Any] = Future()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, tx: Tx) -> bool:
        """Try it. Whether it may stay; raises only when the database itself is down."""
        try:
            self.result = self.step(tx)
        except exc.OperationalError as error:
            if _is_down(error):
                raise
            self.error = error
        except Exception as error:  # handed to whoever asked: a transaction's failure is theirs to treat
            self.error = error
        return self.error is None

    def settle(self) -> None:
        if self.error is not None:
            self.fail(self.error)
        elif self.future.set_running_or_notify_cancel():
            self.future.set_result(self.result)

    def fail(self, error: BaseException) -> None:
        if not self.future.done() and self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


# Use cases: methods that are one transaction


class Housed(Protocol):
    """Who has a database."""

    db: Database


class Use(Generic[P, R]):
    """A use case, bound to its desk. One method, one transaction, however it is called."""

    __slots__ = ("_db", "_fn", "_housed", "_reads")

    def __init__(self, housed: Housed, fn: Callable[..., R], reads: bool):
        self._housed, self._fn, self._reads = housed, fn, reads
        self._db = housed.db

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it now and wait. Not on an event loop's thread."""
        return self.ask(*args, **kwargs).result()

    def ask(self, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Ask for it from any thread."""
        step = self.step(*args, **kwargs)
        return self._db.look(step) if self._reads else self._db.submit(step)

    async def soon(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Await it on an event loop: one hop to the store's thread and back."""
        return await asyncio.wrap_future(self.ask(*args, **kwargs))

    def step(self, *args: P.args, **kwargs: P.kwargs) -> Step[R]:
        """The transaction as a value, for a hand to give back: it is done together with finishing the job."""
        return lambda tx: self._fn(self._housed, tx, *args, **kwargs)


class use_case(Generic[H, P, R]):  # noqa: N801 - reads as a decorator
    """Makes a method `(self, tx, …)` a use case, called without `tx`."""

    reads = False

    def __init__(self, fn: Callable[Concatenate[H, Tx, P], R]):
        self._fn = fn
        self.__doc__ = fn.__doc__

    @overload
    def __get__(self, housed: None, owner: type[H]) -> use_case[H, P, R]: ...
    @overload
    def __get__(self, housed: H, owner: type[H]) -> Use[P, R]: ...
    def __get__(self, housed: H | None, owner: type[H]) -> Use[P, R] | use_case[H, P, R]:
        return self if housed is None else Use(housed, self._fn, self.reads)


class question(use_case[H, P, R]):  # noqa: N801
    """A use case that only reads."""

    reads = True


# Engines


def revision_of(engine: sa.Engine) -> str | None:
    """The revision that the database is at; None where it is new. Raises StoreDown."""
    try:
        with engine.execution_options(readonly=True).connect() as sql, sql.begin():
            if not sa.inspect(sql).has_table("alembic_version"):
                return None
            return sql.execute(sa.text("select version_num from alembic_version")).scalar()
    except exc.DBAPIError as error:
        raise StoreDown(error) from error


def engine_for(url: str, connections: int) -> sa.Engine:
    """An engine for sqlite:///PATH or postgresql://…, its connections prepared."""
    if not url.startswith("sqlite"):
        url = url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
        return sa.create_engine(url, pool_size=connections, max_overflow=2, pool_use_lifo=True)
    path = sa.make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        raw.isolation_level = None  # we say BEGIN ourselves: the driver's own would be deferred
        for pragma in (
            "busy_timeout=30000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "wal_autocheckpoint=8000",
            "cache_size=-16000",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        readonly = connection.get_execution_options().get("readonly")
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")

    return engine


@contextlib.contextmanager
def only_one(lock: Path) -> Generator[None]:
    """Hold the embedded desk's lock file: two processes draining one SQLite ledger would send things twice."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DeskError(
                phrase("A desk is running on {path} already. Stop it first, or use PostgreSQL.", path=str(lock.parent))
            ) from error
        yield


def _is_down(error: exc.DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, exc.InterfaceError):
        return True
    if not isinstance(error, exc.OperationalError):
        return False
    return "no such" not in str(error.orig)  # "no such table" is our fault, not the database's


def _short(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__

"""One transaction at a time: how it is asked for, run, committed together with others, and done again.

SQLite has one writer: a thread that takes what waits and commits it together (group commit), so that ten mails cost
one fsync. PostgreSQL has several, each with its own connection; it groups commits by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy import exc

from core.phrases import Conflict, DeskError, phrase
from core.storage.answers import Answer, Waiter, tell
from core.storage.blobs import Blobs
from core.storage.engines import PATIENCE, engine_for, is_down, make_private, may_work_again
from core.storage.statements import say

P = ParamSpec("P")
R = TypeVar("R")
H = TypeVar("H", bound="Housed")

Clock = Callable[[], datetime]
Step = Callable[["Tx"], R]

log = logging.getLogger("deskbell.storage")

_TRIES = 6
_MOST_IN_ONE_COMMIT = 64


class StoreDown(DeskError):
    """The database cannot take or give anything now: down, full, locked."""

    def __init__(self, cause: BaseException):
        super().__init__(phrase("The database does not answer: {cause}", cause=_short(cause)))


class Fenced(Exception):
    """A lease was lost: somebody else does this job now, so what we did of it is not recorded."""


class Tx:
    """A transaction under way. `sql` runs statements; `wake` names a destination that has work after the commit.

    `read` holds what was read and cannot change before its end, by who read it.
    """

    __slots__ = ("blobs", "now", "pg", "read", "sql", "woken")

    def __init__(self, sql: sa.Connection, now: datetime, blobs: Blobs):
        self.sql = sql
        self.now = now
        self.blobs = blobs
        self.pg = sql.dialect.name == "postgresql"
        self.woken: dict[str, datetime] = {}
        self.read: dict[object, Any] = {}

    def wake(self, destination: str, due: datetime) -> None:
        known = self.woken.get(destination)
        if known is None or due < known:
            self.woken[destination] = due


class Database:
    """The store, open. `on_wake(destination, due)` is called after each commit that left work there.

    `patience`: how long to wait for another process that is writing into the SQLite file.
    """

    def __init__(self, url: str, clock: Clock, blobs: Path, writers: int = 6, patience: timedelta = PATIENCE):
        self.url = url
        self.clock = clock
        self.blobs = Blobs(blobs if url.startswith("sqlite") else None)
        self.engine = engine_for(url, writers + 2, patience)
        self.on_wake: Callable[[str, datetime], None] = lambda destination, due: None
        self.embedded = self.engine.dialect.name == "sqlite"
        self._pool = ThreadPoolExecutor(max_workers=writers, thread_name_prefix="store")
        self._waiting: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._readers = threading.local()
        self._opened: set[sa.Connection] = set()
        self._open = True
        self._writer: threading.Thread | None = None
        if self.embedded:
            self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
            self._writer.start()

    def close(self) -> None:
        """Finish what was asked, then let go of every connection."""
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join()
        self._open = False
        self._pool.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self.engine.dispose()

    def submit(self, step: Step[R]) -> Future[R]:
        """Ask for a transaction; its result comes after the commit. It may run more than once before it commits."""
        if not self.embedded:
            return self._in_pool(self._transact, step)
        future: Future[R] = Future()
        self._write_soon(_Asked(step, future))
        return future

    async def submit_soon(self, step: Step[R]) -> R:
        """The same on an event loop."""
        if not self.embedded:
            return await asyncio.wrap_future(self._in_pool(self._transact, step))
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._write_soon(_Asked(step, future))
        return await future

    def _write_soon(self, asked: _Asked) -> None:
        self._waiting.put(asked)
        if not self._open:
            self._turn_away()

    def run(self, step: Step[R]) -> R:
        """A transaction, waited for. Not to be called on an event loop's thread."""
        return self.submit(step).result()

    def look(self, step: Step[R]) -> Future[R]:
        """Read without writing; on SQLite beside the writer, not behind it."""
        return self._in_pool(self._read if self.embedded else self._transact, step)

    def _in_pool(self, how: Callable[[Step[R]], R], step: Step[R]) -> Future[R]:
        try:
            return self._pool.submit(how, step)
        except RuntimeError:  # it is shut down
            closed: Future[R] = Future()
            closed.set_exception(StoreDown(_Closed()))
            return closed

    # PostgreSQL: a connection for each thread of the pool

    def _transact(self, step: Step[R]) -> R:
        lost = False
        for attempt in range(_TRIES):
            committing = False
            try:
                with self.engine.connect() as sql, sql.begin():
                    tx = Tx(sql, self.clock(), self.blobs)
                    result = step(tx)
                    committing = True
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
            except exc.DBAPIError as error:
                again = may_work_again(error)
                if error.connection_invalidated and not lost and not committing:
                    # All pooled connections die with their server. But where the commit was under way it may have
                    # happened, and only who asked knows whether asking twice is harmless.
                    again = lost = True
                if not again or attempt == _TRIES - 1:
                    raise StoreDown(error) if is_down(error) else error from error
            else:
                self._committed(tx)
                return result
        raise AssertionError("unreachable")

    # SQLite: one thread writes, others read

    def _write(self) -> None:
        connection: sa.Connection | None = None
        try:
            while batch := self._next_batch():
                connection = self._write_batch(connection, batch)
        finally:
            if connection is not None:
                connection.close()
            self._open = False
            self._turn_away()

    def _next_batch(self) -> list[_Asked]:
        """What waits, to be committed together; nothing when the store closes."""
        first = self._waiting.get()
        batch: list[_Asked] = []
        while first is not None:
            batch.append(first)
            if len(batch) == _MOST_IN_ONE_COMMIT:
                return batch
            try:
                first = self._waiting.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._waiting.put(None)  # to be seen again when these are done
        return batch

    def _write_batch(self, connection: sa.Connection | None, batch: list[_Asked]) -> sa.Connection | None:
        """The connection to go on with; None where a new one is needed."""
        begun = False
        try:
            connection = connection or self.engine.connect()
            with connection.begin() as transaction:
                begun = True
                done = self._try_each(connection, batch) if len(batch) > 1 else self._try(connection, batch[0])
                if not done:
                    transaction.rollback()
        except exc.SQLAlchemyError as error:
            if connection is not None:
                with contextlib.suppress(exc.SQLAlchemyError):
                    connection.close()
            if begun and len(batch) > 1:  # a disk too full for one of them may have room for the others
                connection = None
                for asked in batch:
                    connection = self._write_batch(connection, [asked])
                return connection
            tell([asked.failed(StoreDown(error)) for asked in batch])
            return None
        tell([asked.answer() for asked in batch])
        self._committed(*done)
        return connection

    def _try_each(self, connection: sa.Connection, batch: list[_Asked]) -> list[Tx]:
        """Each in a savepoint of its own, so that one's failure is not the others'. Those that may stay."""
        done: list[Tx] = []
        for asked in batch:
            say(connection, "SAVEPOINT one")
            stays = self._try(connection, asked)
            if not stays:
                say(connection, "ROLLBACK TO one")
            say(connection, "RELEASE one")
            done += stays
        return done

    def _try(self, connection: sa.Connection, asked: _Asked) -> list[Tx]:
        """One; none where it may not stay."""
        tx = Tx(connection, self.clock(), self.blobs)
        return [tx] if asked.run(tx) else []

    def _turn_away(self) -> None:
        """Nobody writes any more: who still asks is told so, rather than left waiting."""
        while True:
            try:
                asked = self._waiting.get_nowait()
            except queue.Empty:
                return
            if asked is not None:
                tell([asked.failed(StoreDown(_Closed()))])

    def _read(self, step: Step[R]) -> R:
        connection: sa.Connection | None = getattr(self._readers, "connection", None)
        try:
            if connection is None:
                connection = self.engine.execution_options(readonly=True).connect()
                self._readers.connection = connection
                self._opened.add(connection)
            with connection.begin():
                return step(Tx(connection, self.clock(), self.blobs))
        except OSError as error:
            raise StoreDown(error) from error
        except exc.DBAPIError as error:
            if not is_down(error):
                raise
            if connection is not None:
                self._opened.discard(connection)
                self._readers.connection = None
                with contextlib.suppress(exc.SQLAlchemyError):
                    connection.close()
            raise StoreDown(error) from error

    def _committed(self, *done: Tx) -> None:
        woken: dict[str, datetime] = {}
        for tx in done:
            for destination, due in tx.woken.items():
                woken[destination] = min(due, woken.get(destination, due))
        for destination, due in woken.items():
            self.on_wake(destination, due)


class _Closed(Exception):
    def __str__(self) -> str:
        return "it is closed"


class _Asked:
    """A transaction that somebody waits for."""

    __slots__ = ("error", "result", "step", "waiter")

    def __init__(self, step: Step[Any], waiter: Waiter):
        self.step = step
        self.waiter = waiter
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, tx: Tx) -> bool:
        """Try it. Whether it may stay; raises only when the database itself is down."""
        self.error = None
        try:
            self.result = self.step(tx)
        except exc.DBAPIError as error:
            if is_down(error):
                raise
            self.error = error
        except OSError as error:  # the folder of the blobs is full, or not there
            self.error = StoreDown(error)
        except Exception as error:  # handed to whoever asked: a transaction's failure is theirs to treat
            self.error = error
        return self.error is None

    def answer(self) -> Answer:
        return Answer(self.waiter, self.result, self.error)

    def failed(self, error: BaseException) -> Answer:
        return Answer(self.waiter, None, error)


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
        step = self.step(*args, **kwargs)
        return await (asyncio.wrap_future(self._db.look(step)) if self._reads else self._db.submit_soon(step))

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


# What stands around it


def revision_of(engine: sa.Engine) -> str | None:
    """The revision that the database is at; None where it is new. Raises StoreDown."""
    try:
        with engine.execution_options(readonly=True).connect() as sql, sql.begin():
            if not sa.inspect(sql).has_table("alembic_version"):
                return None
            return sql.execute(sa.text("select version_num from alembic_version")).scalar()
    except exc.DBAPIError as error:
        raise StoreDown(error) from error


@contextlib.contextmanager
def only_one(lock: Path) -> Generator[None]:
    """Hold the embedded desk's lock file: two processes draining one SQLite ledger would send things twice."""
    make_private(lock.parent)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DeskError(
                phrase("A desk is running on {path} already. Stop it first, or use PostgreSQL.", path=str(lock.parent))
            ) from error
        yield


def is_held(lock: Path) -> bool:
    """Whether a running desk holds this lock file; none is made by asking."""
    if not lock.exists():
        return False
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _short(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__

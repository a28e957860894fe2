"""SQLite and PostgreSQL as they are set up for us, and what their errors mean: where they differ."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.util import LRUCache

from core.storage.statements import say

if TYPE_CHECKING:
    import psycopg

PATIENCE = timedelta(seconds=20)
"""How long a writer waits for another process that is writing into the same SQLite file.

A mail may wait twice as long for its 451, for what was asked before it has its patience first; and programs that send
mail often give up after a minute.
"""

SILENCE = timedelta(seconds=3)
"""After which PostgreSQL ends a transaction whose process says nothing: it hangs, and what it has locked others need.

Several of them may have to end one after the other, where each waits for what the one before it has locked.
"""

_A_MOMENT = 0.005

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# SQLSTATEs after which the same transaction may succeed: serialization failure, deadlock, a row that somebody else
# made in the same moment (next time it is seen before it is made), and that we slept in the middle of it for too long.
_AGAIN = {"40001", "40P01", "23505", "25P03"}

# Nobody's fault but the server's: connection, resources (full), operator (shutdown), system; a server that has become
# a standby; a session that the server ended because it hung in a transaction.
_DOWN_CLASSES = {"08", "53", "57", "58", "XX"}
_DOWN = {"25006", "25P03", "55P03"}
_DOWN_LITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


class _Compiled(LRUCache[Any, Any]):
    """What statements were compiled to, for all engines of a kind.

    SQLAlchemy keeps that for one engine, by its dialect, which stands first in the key. A process that opens the store
    more than once would compile every statement again, two milliseconds each.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_COMPILED = {kind: _Compiled(2000) for kind in ("sqlite", "postgresql")}


def engine_for(url: str, connections: int, patience: timedelta = PATIENCE) -> sa.Engine:
    """An engine for sqlite:///PATH or postgresql://…, its connections prepared."""
    engine = _sqlite(url, patience) if url.startswith("sqlite") else _postgresql(url, connections)
    engine.update_execution_options(compiled_cache=_COMPILED[engine.dialect.name])
    return engine


def make_private(folder: Path) -> None:
    """Make a folder, where it is missing, that only the desk's own user may look into: customers' mail lies there."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _postgresql(url: str, connections: int) -> sa.Engine:
    url = url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
    # A machine that is gone does not say so. Without these it would be waited for, and keep its locks, for hours.
    alive = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
    alive = {name: value for name, value in alive.items() if name not in sa.make_url(url).query}
    engine = sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=2,
        pool_use_lifo=True,
        json_serializer=_to_json,
        hide_parameters=True,  # customers' words belong neither into logs nor into reasons
        connect_args={**alive, "cursor_factory": _cursor()},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: psycopg.Connection[Any], _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        raw.autocommit = True
        silence = str(SILENCE // timedelta(milliseconds=1))
        raw.execute("select set_config('idle_in_transaction_session_timeout', %s, false)", [silence])
        raw.execute(
            "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;"
            # Messages' texts; raw mails have it said in their column (migration 0003 says why).
            # A server that was built without lz4 has no such value, and goes on as before.
            "select set_config(name, 'lz4', false) from pg_settings"
            " where name = 'default_toast_compression' and 'lz4' = any(enumvals)"
        )
        raw.autocommit = False

    @event.listens_for(engine, "handle_error")
    def moved(failure: sa.ExceptionContext) -> None:  # pyright: ignore[reportUnusedFunction]
        if getattr(failure.original_exception, "sqlstate", None) == "25006":
            failure.is_disconnect = True  # read-only: the server is a standby now; another one takes our writes

    return engine


def _cursor() -> type[psycopg.Cursor[Any]]:
    import psycopg  # only where it is needed: it takes its time, and SQLite's desk has no use for it

    class OneByOne(psycopg.Cursor[Any]):
        """Of many rows each goes by itself.

        psycopg sends them in a pipeline. Within it, and after it until the next statement has ended, the server does
        not count how long we say nothing: a process that hangs there would keep its locks for ever.
        """

        def executemany(self, query: Any, params_seq: Iterable[Any], *, returning: bool = False) -> None:
            for params in params_seq:
                self.execute(query, params)

    return OneByOne


def _sqlite(url: str, patience: timedelta) -> sa.Engine:
    path = sa.make_url(url).database
    if path:
        make_private(Path(path).parent)
    engine = sa.create_engine(
        url,
        poolclass=sa.NullPool,
        json_serializer=_to_json,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        raw.isolation_level = None  # we say BEGIN ourselves: the driver's own would be deferred
        raw.execute(f"PRAGMA busy_timeout={patience // timedelta(milliseconds=1)}")
        _switch_to_wal(raw, patience)
        for pragma in (
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
        say(connection, "BEGIN" if readonly else "BEGIN IMMEDIATE")

    return engine


def _switch_to_wal(raw: sqlite3.Connection, patience: timedelta) -> None:
    """To the write-ahead log, which a file keeps. SQLite's own patience does not cover two who switch a new one."""
    until = time.monotonic() + patience.total_seconds()
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_A_MOMENT)
        else:
            return


def _to_json(value: Any) -> str:
    """JSON that both databases take: NUL and lone surrogates, which PostgreSQL refuses, become U+FFFD."""
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text or _UNSTORABLE.search(text):
        text = json.dumps(_storable(value), ensure_ascii=False)
    return text


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_storable(name): _storable(item) for name, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in cast("Sequence[Any]", value)]
    return value


def may_work_again(error: exc.DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is simply done again."""
    return getattr(error.orig, "sqlstate", None) in _AGAIN


def is_down(error: exc.DBAPIError) -> bool:
    """Whether the database is to blame, not what was asked of it."""
    if error.connection_invalidated:
        return True
    lite: int | None = getattr(error.orig, "sqlite_errorcode", None)
    if lite is not None:
        return lite & 0xFF in _DOWN_LITE
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _DOWN or state[:2] in _DOWN_CLASSES
    return isinstance(error, exc.OperationalError | exc.InterfaceError)  # there was nobody to ask

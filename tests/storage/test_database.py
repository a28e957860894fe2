"""Transactions: together and apart, done again, undone, and when the database is not there."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event, exc

from core.desk.opening import open_desk, wall_clock
from core.rulebook import parse_toml
from core.storage import inbox, ledger
from core.storage.database import Database, StoreDown, Tx
from core.storage.ledger import State
from core.storage.schema import jobs
from core.storage.statements import Prepared
from tests.databases import fresh_database
from tests.patience import PATIENCE
from tests.storage.conftest import Books, Power, job
from tests.world import RULEBOOK

SOON = timedelta(milliseconds=200)


@pytest.fixture
def db(books: Books) -> Database:
    return books.db


@pytest.fixture
def lite(sqlite_url: str, tmp_path: Path) -> Generator[Database]:
    made = Database(sqlite_url, wall_clock, tmp_path / "blobs", patience=SOON)
    yield made
    made.close()


def asked(lane: str) -> Any:
    return lambda tx: ledger.add(tx, [job(lane)])


def lanes(db: Database) -> list[str]:
    return [entry.lane for entry in db.look(lambda tx: ledger.entries(tx)).result()]


@contextmanager
def busy(db: Database) -> Generator[None]:
    """The writer has its hands full: what is asked meanwhile waits, and is then committed together."""
    begun, go_on = threading.Event(), threading.Event()

    def step(tx: Tx) -> None:
        begun.set()
        go_on.wait()

    done = db.submit(step)
    begun.wait()
    yield
    go_on.set()
    done.result()


# Together


def test_what_waits_is_committed_together(lite: Database) -> None:
    commits: list[object] = []
    event.listen(lite.engine, "commit", commits.append)
    with busy(lite):
        results = [lite.submit(asked(f"{n}")) for n in range(50)]
    wait_for(results)
    assert lanes(lite) == [f"{n}" for n in range(50)]
    assert len(commits) == 3  # the one that kept the writer busy, the fifty, and the look


def test_one_that_fails_does_not_take_the_others_with_it(lite: Database) -> None:
    def fails_after_writing(tx: Tx) -> None:
        asked("of the failing one")(tx)
        raise ValueError("no")

    def breaks_a_constraint(tx: Tx) -> None:
        asked("of the breaking one")(tx)
        tx.sql.exec_driver_sql("insert into jobs (id) values (1)")

    def makes_no_sense(tx: Tx) -> None:
        tx.sql.exec_driver_sql("insert into nothing of the kind")

    with busy(lite):
        before = lite.submit(asked("before"))
        failing = [lite.submit(step) for step in (fails_after_writing, breaks_a_constraint, makes_no_sense)]
        after = lite.submit(asked("after"))
    before.result()
    after.result()
    with pytest.raises(ValueError, match="no"):
        failing[0].result()
    with pytest.raises(exc.IntegrityError):
        failing[1].result()
    with pytest.raises(exc.OperationalError):
        failing[2].result()
    assert lanes(lite) == ["before", "after"]


def test_a_step_that_spoils_the_transaction_itself_fails_alone(lite: Database) -> None:
    with busy(lite):
        before = lite.submit(asked("before"))
        spoiling = lite.submit(lambda tx: tx.sql.rollback())
        after = lite.submit(asked("after"))
    wait_for([before, after, spoiling])
    assert lanes(lite) == ["before", "after"]


def test_wakes_come_after_the_commit_and_only_then(books: Books) -> None:
    seen: list[int] = []
    with sa.create_engine(books.db.engine.url).connect() as outside:
        count = sa.text("select count(*) from jobs")

        def look(destination: str, due: object) -> None:
            seen.append(outside.execute(count).scalar_one())
            outside.rollback()

        books.db.on_wake = look
        books.ask(job("a"))
        with pytest.raises(ValueError, match="changed my mind"):
            books.db.run(_asks_and_fails)
    outside.engine.dispose()
    assert seen == [1]


def _asks_and_fails(tx: Tx) -> None:
    ledger.add(tx, [job("never")])
    raise ValueError("changed my mind")


def test_a_question_sees_what_was_committed_before_it_was_asked(db: Database) -> None:
    for n in range(50):
        db.run(asked(f"{n}"))
        assert lanes(db)[-1] == f"{n}"


def test_a_transaction_that_failed_has_left_nothing(books: Books) -> None:
    with pytest.raises(ValueError, match="changed my mind"):
        books.db.run(_asks_and_fails)
    assert books.entries() == []
    assert books.woken == []


def test_words_of_strangers_go_into_json_and_come_back_readable(books: Books) -> None:
    said: dict[str, Any] = {"a\0b": ["\0", "\ud800 alone", {"fine": "Grüße 😀 \\u0000"}], "n": 1, "none": None}
    id = books.db.run(lambda tx: inbox.keep(tx, "act", f"key {books.db.url}", said, None))
    assert id is not None
    piece = books.db.run(lambda tx: inbox.get(tx, id))
    assert piece is not None
    fine = {"fine": "Grüße 😀 \\u0000"}
    assert piece.envelope == {"a\ufffdb": ["\ufffd", "\ufffd alone", fine], "n": 1, "none": None}
    books.db.run(lambda tx: tx.sql.exec_driver_sql("delete from inbox"))


# Done again


def test_two_who_make_the_same_row_at_once_both_succeed_one_after_the_other(database_url: str, tmp_path: Path) -> None:
    desk = open_desk(database_url, tmp_path)
    book = parse_toml(RULEBOOK, "desk.toml")
    editions = [desk.apply.ask(book, f"somebody {n}") for n in range(6)]
    assert sorted(edition.result() for edition in editions) == [1, 2, 3, 4, 5, 6]
    desk.db.close()


def test_a_connection_that_died_in_the_pool_is_noticed_by_nobody(postgres_books: str, tmp_path: Path) -> None:
    db = Database(postgres_books, wall_clock, tmp_path, writers=2)
    mine = db.run(_backend)
    _end(postgres_books, mine)
    assert db.run(_backend) != mine
    db.close()


def test_a_server_that_became_a_standby_is_left(postgres_books: str, tmp_path: Path) -> None:
    db = Database(postgres_books, wall_clock, tmp_path, writers=1)
    db.run(lambda tx: tx.sql.exec_driver_sql("set session characteristics as transaction read only"))
    db.run(asked("written elsewhere"))
    assert lanes(db) == ["written elsewhere"]
    db.run(lambda tx: tx.sql.exec_driver_sql("delete from jobs"))
    db.close()


def test_a_commit_that_was_not_answered_is_not_done_again_behind_ones_back(postgres_books: str, tmp_path: Path) -> None:
    db = Database(postgres_books, wall_clock, tmp_path, writers=1)
    tries: list[int] = []

    def dies_at_the_end(tx: Tx) -> None:
        tries.append(1)
        ledger.add(tx, [job()])
        _end(postgres_books, _backend(tx))

    with pytest.raises(StoreDown):
        db.run(dies_at_the_end)
    assert len(tries) == 1
    assert lanes(db) == []
    db.close()


_BY_LANE = jobs.update().where(jobs.c.lane == sa.bindparam("of")).values(error="mine")
_PREPARED = Prepared(_BY_LANE)
_LANES = [{"of": "a"}, {"of": "b"}]


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param(lambda tx: tx.sql.exec_driver_sql("update jobs set error = 'mine'"), id="with one statement"),
        pytest.param(lambda tx: tx.sql.execute(_BY_LANE, _LANES), id="with many rows"),
        pytest.param(lambda tx: _PREPARED.run_each(tx, _LANES), id="with many rows, the short way"),
    ],
)
def test_a_worker_that_hangs_in_a_transaction_does_not_keep_its_locks(
    postgres_books: str, tmp_path: Path, locks: Callable[[Tx], object]
) -> None:
    hung, other = (Database(postgres_books, wall_clock, tmp_path, writers=1) for _ in range(2))
    other.run(asked("a"))
    hanging, go_on = threading.Event(), threading.Event()
    tries: list[int] = []

    def hangs_once(tx: Tx) -> None:
        tries.append(1)
        locks(tx)
        hanging.set()
        go_on.wait()

    waiting = hung.submit(hangs_once)
    hanging.wait()
    theirs = other.submit(lambda tx: tx.sql.exec_driver_sql("update jobs set error = 'theirs'"))
    try:
        theirs.result(PATIENCE)
    finally:
        go_on.set()
    waiting.result()
    assert len(tries) == 2
    other.run(lambda tx: tx.sql.exec_driver_sql("delete from jobs"))
    hung.close()
    other.close()


def _backend(tx: Tx) -> int:
    return tx.sql.exec_driver_sql("select pg_backend_pid()").scalar_one()


def _end(url: str, backend: int) -> None:
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as admin:
        admin.exec_driver_sql(f"select pg_terminate_backend({backend}, 5000)")
    engine.dispose()


# Not there


def test_a_file_that_another_process_is_writing_into_is_waited_for_and_then_refused(lite: Database) -> None:
    holding = _hold(lite.url)
    with pytest.raises(StoreDown, match="locked"):
        lite.run(asked("too early"))
    assert lanes(lite) == []
    holding.terminate()
    holding.wait()
    lite.run(asked("now"))
    assert lanes(lite) == ["now"]


def _hold(url: str) -> subprocess.Popen[str]:
    code = (
        "import sqlite3, sys, time\n"
        "held = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "held.execute('begin immediate')\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    path = str(sa.make_url(url).database)
    holding = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True)
    assert holding.stdout is not None
    assert holding.stdout.readline() == "held\n"
    holding.stdout.close()
    return holding


def test_a_full_disk_refuses_what_does_not_fit_and_takes_what_does(lite: Database) -> None:
    def large(tx: Tx) -> None:
        tx.blobs.put(tx, b"x" * 200_000)

    with busy(lite):
        lite.submit(lambda tx: tx.sql.exec_driver_sql(f"pragma max_page_count = {_pages(tx) + 12}"))
        small = [lite.submit(asked("small"))]
        refused = lite.submit(large)
        small.append(lite.submit(asked("small")))
    wait_for(small)
    with pytest.raises(StoreDown, match="full"):
        refused.result()
    assert lanes(lite) == ["small", "small"]
    lite.run(large)  # there is room again


def _pages(tx: Tx) -> int:
    return tx.sql.exec_driver_sql("pragma page_count").scalar_one()


def test_a_file_that_may_only_be_read_can_be_read(lite: Database) -> None:
    lite.run(asked("kept"))
    lite.run(lambda tx: tx.sql.exec_driver_sql("pragma query_only = on"))
    with pytest.raises(StoreDown, match="readonly"):
        lite.run(asked("refused"))
    assert lanes(lite) == ["kept"]


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"a shopping list\n" * 1000)
    with pytest.raises(StoreDown, match="not a database"):
        open_desk(f"sqlite:///{tmp_path}/desk.db", tmp_path)


def test_a_blob_folder_that_cannot_be_written_is_the_stores_fault(lite: Database, tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(StoreDown, match="blobs"):
        lite.run(lambda tx: tx.blobs.put(tx, b"x" * 1_000_000))
    lite.run(asked("the writer lives"))


def test_a_closed_store_finishes_what_was_asked_and_turns_away_what_comes(books: Books) -> None:
    results = [books.db.submit(asked(f"{n}")) for n in range(20)]
    books.db.close()
    assert all(result.exception() is None for result in results)
    late: list[Future[Any]] = [books.db.submit(asked("late")), books.db.look(lambda tx: None)]
    for result in late:
        with pytest.raises(StoreDown, match="closed"):
            result.result()
    again = Books(books.db.url, Path("/nonexistent"))
    assert len(again.entries(State.WAITING)) == 20
    again.db.close()


def test_a_server_that_went_away_and_came_back_is_found_again(
    postgres: str, migrated_database: str, power: Power, tmp_path: Path
) -> None:
    with fresh_database(postgres, migrated_database) as url:
        db = Database(url, wall_clock, tmp_path)
        wait_for([db.submit(asked("before")) for _ in range(12)])  # every connection of the pool is in use once
        power.off()
        for result in [db.submit(asked("meanwhile")) for _ in range(3)] + [db.look(ledger.entries)]:
            with pytest.raises(StoreDown):
                result.result()
        power.on()
        wait_for(after := [db.submit(asked("after")) for _ in range(12)])
        assert all(result.exception() is None for result in after)
        assert sorted(lanes(db)) == ["after"] * 12 + ["before"] * 12
        db.close()


# SQLite as it is set up


def built_otherwise(db: Database) -> None:
    """An SQLite whose own defaults are the careless ones: they differ from build to build."""

    def careless(raw: Any, _record: object) -> None:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "secure_delete=OFF"):
            raw.execute(f"PRAGMA {pragma}")

    event.listen(db.engine, "connect", careless, insert=True)


def test_a_commit_is_on_the_disk_references_hold_and_what_is_deleted_is_gone(tmp_path: Path) -> None:
    promised = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    new = Database(f"sqlite:///{tmp_path}/new.db", wall_clock, tmp_path / "blobs")
    built_otherwise(new)

    def as_set_up(tx: Tx) -> dict[str, Any]:
        return {name: tx.sql.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in promised}

    assert new.run(as_set_up) == promised
    assert new.look(as_set_up).result() == promised
    new.close()


def test_what_points_to_nothing_is_refused(lite: Database) -> None:
    orphan = "insert into identities (channel, address, person, shown) values ('email', 'a@b.example', 4711, 'a')"
    with pytest.raises(exc.IntegrityError):
        lite.run(lambda tx: tx.sql.exec_driver_sql(orphan))


def test_words_that_were_erased_are_not_left_in_the_file(lite: Database) -> None:
    built_otherwise(lite)
    secret = "what nobody may find again"
    lite.run(lambda tx: inbox.keep(tx, "act", "key", {"said": secret * 50}, None))
    path = Path(str(lite.engine.url.database))

    def everything() -> bytes:
        with lite.engine.connect() as sql:
            sql.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # pyright: ignore[reportAttributeAccessIssue]
        return path.read_bytes()

    assert secret.encode() in everything()
    lite.run(lambda tx: tx.sql.exec_driver_sql("delete from inbox"))
    assert secret.encode() not in everything()

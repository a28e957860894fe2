"""Migrations: they make what the schema says, on both databases, once and twice and by many at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.desk.opening import REVISION, migrate_apart, open_desk
from core.storage.engines import engine_for
from core.storage.migrations import config, migrate, newest
from core.storage.schema import EPOCH, identities, messages, meta, people, tickets
from tests.databases import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
    else:
        with fresh_database(request.getfixturevalue("postgres")) as url:
            yield url


def of_the_desk(_object: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    """Not the runner's tables; nor indexes, of which Alembic knows neither the condition nor for which database."""
    return kind != "index" and not (kind == "table" and (name or "").startswith("procrastinate_"))


def test_the_schema_and_the_migrations_say_the_same(database_url: str) -> None:
    engine = engine_for(database_url, 1)
    with engine.connect() as sql:
        context = MigrationContext.configure(sql, opts={"compare_type": True, "include_object": of_the_desk})
        assert compare_metadata(context, meta) == []
    engine.dispose()


def test_indexes_are_what_the_schema_says_with_their_conditions(new_url: str) -> None:
    """Alembic does not compare what a partial index is about."""
    engine = engine_for(new_url, 1)
    with engine.begin() as sql:
        meta.create_all(sql)
    wanted = _indexes(engine)
    with engine.begin() as sql:
        meta.drop_all(sql)
    migrate(engine)
    assert _indexes(engine) == wanted
    engine.dispose()


def _indexes(engine: sa.Engine) -> set[str]:
    if engine.dialect.name == "sqlite":
        query = "select sql from sqlite_master where type = 'index' and sql is not null"
    else:
        query = "select indexdef from pg_indexes where schemaname = 'public' and tablename not like 'procrastinate%%'"
    with engine.connect() as sql:
        found = {re.sub(r'[\s"]+', " ", row[0]).lower() for row in sql.exec_driver_sql(query)}
    return {definition for definition in found if "alembic_version" not in definition}


def test_the_code_asks_for_the_newest_migration() -> None:
    assert newest() == REVISION


def test_migrating_twice_is_harmless(new_url: str) -> None:
    engine = engine_for(new_url, 1)
    assert migrate(engine) == (None, REVISION)
    assert migrate(engine) == (REVISION, REVISION)
    engine.dispose()


def test_a_desk_of_the_first_revision_keeps_what_it_has(new_url: str) -> None:
    engine = engine_for(new_url, 1)
    ticket = {
        "channel": "email",
        "thread": "k",
        "requester": 1,
        "door": "d",
        "queue": "q",
        "status": "new",
        "urgency": 0,
    }
    with engine.begin() as sql:
        command.upgrade(config(sql), "0001")
        sql.execute(people.insert(), {"name": "Carla", "created_at": EPOCH})
        sql.execute(tickets.insert(), {**ticket, "opened_at": EPOCH, "version": 1, "subject": "s", "answer_to": "a"})
        sql.execute(messages.insert(), {"ticket": 1, "part": "note", "at": EPOCH, "text": "Be kind."})
    assert migrate(engine) == ("0001", REVISION)
    with engine.connect() as sql:
        kept = sql.execute(sa.select(messages)).one()
        assert (kept.text, kept.edited_at, kept.deleted_at) == ("Be kind.", None, None)
    engine.dispose()


def test_who_was_known_by_one_address_is_known_by_it_with_what_proves_it(new_url: str) -> None:
    """Revision 0018: how an address is known to be somebody's, and by which channel a message came."""
    engine = engine_for(new_url, 1)
    known = {"email": ["a@example.com", "b@example.com", "c@d@e"], "telegram": ["7001"]}
    said = {
        "part": "requester",
        "at": EPOCH,
        "text": "x",
        "author": "",
        "author_name": "",
        "reply_text": "",
        "subject": "",
    }
    with engine.begin() as sql:
        command.upgrade(config(sql), "0014")
        was = sa.MetaData()
        was.reflect(sql)
        rows = [(channel, address) for channel, them in known.items() for address in them]
        for n, (channel, address) in enumerate(rows, 1):
            sql.execute(people.insert(), {"id": n, "name": address, "created_at": EPOCH})
            identity = {"channel": channel, "address": address, "shown": address, "person": n}
            sql.execute(was.tables["identities"].insert(), identity)
            if n == 2:
                continue  # whom somebody named, and who never wrote
            ticket = {"channel": channel, "thread": f"t{n}", "requester": n, "door": "d", "queue": "q", "status": "new"}
            more = {"urgency": 0, "opened_at": EPOCH, "version": 1, "subject": "s", "answer_to": address}
            sql.execute(tickets.insert(), {"number": n, **ticket, **more})
            vouched = {"nature": "human", "external_id": f"e{n}", "person": n, "ticket": n}
            row = {**said, **vouched, "vouched": ["pass", "example.com", "none", []] if n == 1 else None}
            columns = [column for column in messages.columns if column.name in was.tables["messages"].columns]
            sql.execute(sa.table("messages", *(sa.column(c.name, c.type) for c in columns)).insert(), row)
    assert migrate(engine) == ("0014", REVISION)
    with engine.connect() as sql:
        found = sql.execute(sa.select(identities).order_by(identities.c.person)).all()
        assert [(row.proof, row.house) for row in found] == [
            ("vouched", "example.com"),
            ("said", "example.com"),
            ("wrote", None),
            ("vouched", None),
        ]
        assert [row.proven_at for row in found] == [EPOCH, None, EPOCH, EPOCH]
        assert (found[3].door, found[3].thread, found[3].place) == ("d", "t4", "7001")
        by = sql.execute(sa.select(messages.c.channel).order_by(messages.c.id)).scalars().all()
        assert by == ["email", "email", "telegram"]
    engine.dispose()


def test_raw_mails_are_compressed_cheaply_and_not_at_all_by_a_server_that_cannot(postgres: str) -> None:
    with fresh_database(postgres) as url:
        engine = engine_for(url, 1)
        migrate(engine)
        blobs = (
            "select attcompression, attstorage from pg_attribute where attrelid = 'blobs'::regclass and attname = {}"
        )
        with engine.begin() as sql:
            assert sql.exec_driver_sql(blobs.format("'content'")).one()[0] in ("l", b"l")
            scripts = ScriptDirectory.from_config(config(sql))
            third: Any = scripts.get_revision("0003")
            third.module.keep_blobs_cheaply(sql, "lz3")
            assert sql.exec_driver_sql(blobs.format("'content'")).one()[1] in ("e", b"e")
        engine.dispose()


def test_many_who_start_on_a_new_database_at_once_all_find_it_ready(new_url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(migrate_apart, [new_url] * 2))
    desk = open_desk(new_url, tmp_path)
    assert desk.edition() is None
    desk.db.close()


def test_many_who_open_a_new_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """SQLite does not wait by itself where two switch a new file to its write-ahead log."""
    many = 8
    for n in range(40):
        together = threading.Barrier(many)

        def open_it(_: int, n: int = n, together: threading.Barrier = together) -> str:
            engine = engine_for(f"sqlite:///{tmp_path}/{n}.db", connections=1)
            together.wait()
            with engine.connect() as connection:
                mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            engine.dispose()
            return mode

        with ThreadPoolExecutor(many) as pool:
            assert set(pool.map(open_it, range(many))) == {"wal"}

"""What a prepared statement promises: the same as SQLAlchemy's own way, only shorter."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from core.desk.opening import open_desk
from core.storage import people, tickets
from core.storage.database import Database, Tx
from core.storage.schema import attachments, inbox, messages
from core.storage.statements import Prepared, on_each
from core.tickets.events import Opened
from core.tickets.evolve import blank
from core.tickets.model import Address, Thread

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
ROW = {"channel": "email", "key": "1", "envelope": {"to": ["ä", 1]}, "digest": None, "at": AT, "state": "received"}

keep = Prepared(on_each(lambda insert: insert(inbox).on_conflict_do_nothing().returning(inbox.c.id)), columns=list(ROW))
find = Prepared(sa.select(inbox).where(inbox.c.key == sa.bindparam("wanted")))


@pytest.fixture
def db(database_url: str, tmp_path: Path) -> Generator[Database]:
    desk = open_desk(database_url, tmp_path)
    yield desk.db
    desk.db.close()


def test_a_row_comes_back_as_sqlalchemy_brings_it(db: Database) -> None:
    db.run(lambda tx: keep.run(tx, ROW))
    ours = db.run(lambda tx: find.first(tx, {"wanted": "1"}))
    theirs = db.run(lambda tx: tx.sql.execute(sa.select(inbox)).one())
    assert ours is not None
    assert tuple(ours) == tuple(theirs)
    assert (ours.at, ours.envelope, ours.reason) == (AT, ROW["envelope"], None)


def test_what_it_returns_is_the_first_column_of_the_first_row_or_nothing(db: Database) -> None:
    assert db.run(lambda tx: keep.value(tx, ROW)) == 1
    assert db.run(lambda tx: keep.value(tx, ROW)) is None
    assert db.run(lambda tx: find.rows(tx, {"wanted": "2"})) == []


def test_columns_that_nobody_names_hold_their_defaults(db: Database) -> None:
    say = Prepared(messages.insert(), columns=[c.name for c in messages.columns if c.name not in ("id", "refs")])
    with_refs = Prepared(messages.insert(), columns=[c.name for c in messages.columns if c.name != "id"])

    def speak(tx: Tx) -> list[tuple[object, ...]]:
        person = people.meet(tx, None, Address("email", "carla@example.com"), None)
        opened = Opened(at=AT, thread=Thread("email", "<1@example.com>"), requester=person.id, door="", queue="support")
        assert tickets.begin(tx, blank(0, opened), tickets.Words("", "")).number == 1
        for statement in (say, with_refs):
            statement.run(tx, {"ticket": 1, "part": "note", "at": AT, "text": "hello"})
        tx.sql.execute(messages.insert(), {"ticket": 1, "part": "note", "at": AT, "text": "hello"})
        rows = tx.sql.execute(sa.select(messages.c.nature, messages.c.refs, messages.c.refs.is_(sa.null()))).all()
        return [tuple(row) for row in rows]

    ours, with_all, theirs = db.run(speak)
    assert ours == with_all == theirs


def test_a_value_that_is_needed_must_be_there(db: Database) -> None:
    with pytest.raises(KeyError):
        db.run(lambda tx: keep.run(tx, {name: ROW[name] for name in ROW if name != "state"}))


def test_many_rows_are_written_at_once(db: Database) -> None:
    rows = [{**ROW, "key": str(n)} for n in range(7)]
    db.run(lambda tx: keep.run_each(tx, rows))
    db.run(lambda tx: keep.run_each(tx, []))
    assert db.run(lambda tx: tx.sql.execute(sa.select(sa.func.count()).select_from(inbox)).scalar()) == 7


def test_what_the_database_refuses_is_said_in_sqlalchemys_words(db: Database) -> None:
    attach = Prepared(attachments.insert(), columns=[c.name for c in attachments.columns])
    nobodys = {"message": 99, "position": 0, "name": "", "type": "", "size": 1, "digest": "0", "cid": None}
    with pytest.raises(exc.IntegrityError):
        db.run(lambda tx: attach.run(tx, nobodys))


def test_what_one_desk_has_compiled_the_next_one_does_not_compile_again(database_url: str, tmp_path: Path) -> None:
    asked = sa.select(inbox.c.key, sa.func.count(sa.distinct(inbox.c.digest))).group_by(inbox.c.key)
    compiled = [_compiled(asked, database_url, tmp_path) for _ in range(2)]
    assert compiled[0] is compiled[1]


def _compiled(asked: sa.Executable, url: str, folder: Path) -> object:
    """What a new desk makes of a statement."""
    desk = open_desk(url, folder)
    made = desk.db.run(lambda tx: tx.sql.execute(asked).context.compiled)
    desk.db.close()
    return made

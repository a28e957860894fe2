"""What was kept is found by how its key begins, whatever language the database sorts by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core.storage import inbox
from core.storage.schema import inbox as rows
from tests.world import World


@pytest.fixture
def acts(world: World) -> World:
    """A desk with many acts and mails behind it."""
    many = [
        {
            "channel": channel,
            "key": f"{channel}:T1:{n}:click",
            "envelope": {},
            "at": world.now,
            "state": "done",
            "reason": None,
            "digest": None,
            "message": None,
        }
        for channel in ("act", "email")
        for n in range(4000)
    ]
    world.desk.db.run(lambda tx: tx.sql.execute(rows.insert(), many))
    return world


def alike(world: World, beginning: str) -> list[str]:
    found = world.desk.db.look(lambda tx: inbox.acts_like(tx, beginning, 0)).result()
    return [piece.key for piece in found]


def test_acts_are_found_by_how_their_keys_begin_and_by_nothing_else(world: World) -> None:
    keys = ["a:1:x", "a:1:ü", "a:1:\U0001f600", "A:1:x", "a:10:x", "a:1%:x", "a:1_:x", "a-1:x", "ä:1:x"]
    for key in keys:
        world.desk.accept_act(key, {})
    world.desk.accept("email", "a:1:mail", "lane", {}, b"Hello")
    assert alike(world, "a:1:") == ["a:1:x", "a:1:ü", "a:1:\U0001f600"]
    assert alike(world, "a:1%") == ["a:1%:x"]
    assert alike(world, "ä") == ["ä:1:x"]


def test_hearing_a_mail_reads_of_others_those_with_its_id_and_not_all_of_its_sender(
    sqlite_url: str, tmp_path: Path
) -> None:
    with World(sqlite_url, tmp_path) as world:
        engine = world.desk.db.engine
        statement = str(inbox.settle_heard_statement(pg=False).compile(dialect=engine.dialect))
        with engine.connect() as sql:
            asked = sql.exec_driver_sql(f"explain query plan {statement}", ("x",) * statement.count("?"))
            plan = "\n".join(str(row) for row in asked)
    assert "SEARCH others USING INDEX ix_inbox_external_id (external_id=?)" in plan
    assert "ix_inbox_sender" not in plan
    assert "SCAN inbox" not in plan


def test_looking_for_an_act_reads_the_index_and_not_all_acts(acts: World) -> None:
    db = acts.desk.db
    asked: list[tuple[str, Any]] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def remember(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, _many: bool) -> None:
        asked.append((statement, parameters))

    assert alike(acts, "act:T1:77:") == ["act:T1:77:click"]
    statement, parameters = asked[-1]
    how = "explain" if not db.embedded else "explain query plan"
    with db.engine.connect() as sql:
        if not db.embedded:
            sql.exec_driver_sql("analyze inbox")
        plan = "\n".join(str(row) for row in sql.exec_driver_sql(f"{how} {statement}", parameters))
    assert ("(channel=? AND key>? AND key<?)" if db.embedded else "ix_inbox_acts") in plan
    assert "Seq Scan" not in plan

"""What is looked at all the time reads by indexes, however large a desk has grown."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from core.storage.database import Tx
from tests.databases import migrated_sqlite, sqlite_copy
from tests.world import ANN, World

SMALL = {"colleagues"}
"""Tables with a row for each agent."""


@pytest.fixture
def large(tmp_path: Path) -> Generator[World]:
    """A desk whose database believes that there are a million rows in each table, and five of each kind."""
    world = World(sqlite_copy(migrated_sqlite(), tmp_path), tmp_path)
    world.mail(sender="carla@example.com")
    world.mail(sender="carla@example.com", subject="Another matter")

    def grow(tx: Tx) -> None:
        tx.sql.exec_driver_sql("analyze")
        tx.sql.exec_driver_sql("delete from sqlite_stat1")
        indexes = tx.sql.exec_driver_sql("select tbl_name, name from sqlite_master where type = 'index'").fetchall()
        for table, index in indexes:
            columns = len(tx.sql.exec_driver_sql(f"pragma index_info({index!r})").fetchall())
            stat = " ".join(["1000000", *["5"] * columns])
            tx.sql.exec_driver_sql("insert into sqlite_stat1 values (?, ?, ?)", (table, index, stat))
        tx.sql.exec_driver_sql("analyze sqlite_schema")

    world.desk.db.run(grow)
    yield world
    world.desk.db.close()


def scanned(world: World, look: Callable[[Tx], object]) -> list[str]:
    """Of what is asked when one looks, each step of its plan that goes through a whole table, with the question."""

    def watched(tx: Tx) -> list[str]:
        asked: list[str] = []
        driver = tx.sql.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
        look(tx)
        driver.set_trace_callback(None)
        questions = [words for words in asked if words.lstrip().upper().startswith("SELECT")]
        assert questions
        tables = {
            row[0] for row in tx.sql.exec_driver_sql("select name from sqlite_master where type = 'table'")
        } - SMALL
        steps = ((words, row[3]) for words in questions for row in driver.execute(f"explain query plan {words}"))
        return [f"{step}: {words}" for words, step in steps if step.startswith("SCAN") and step.split()[1] in tables]

    return world.desk.db.run(watched)


def test_a_card_goes_through_no_table(large: World) -> None:
    assert scanned(large, large.desk.card.step(1)) == []


def test_a_person_on_the_card_goes_through_no_table(large: World) -> None:
    assert scanned(large, large.desk.person.step(1)) == []


def test_what_waits_goes_through_no_table(large: World) -> None:
    assert scanned(large, large.desk.overview.step(ANN.agent, ("support", "billing"))) == []

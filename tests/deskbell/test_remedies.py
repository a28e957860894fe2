"""A database that cannot be used: whoever typed the command reads what it says, and what would help."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk.opening import wall_clock
from core.phrases import Refused, phrase
from core.storage.database import Database, StoreDown
from deskbell.remedies import remedy
from tests.deskbell.test_commands import Terminal
from tests.world import RULEBOOK


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path)
    made.write("desk.toml", RULEBOOK)
    return made


def said_by(url: str, folder: Path, *pragmas: str) -> StoreDown:
    """What a store says that is asked to write."""
    db = Database(url, wall_clock, folder, patience=timedelta(milliseconds=10))
    try:
        for pragma in pragmas:
            db.run(lambda tx, pragma=pragma: tx.sql.exec_driver_sql(pragma))
        with pytest.raises(StoreDown) as caught:
            db.run(lambda tx: tx.blobs.put(tx, b"x" * 200_000))
        return caught.value
    finally:
        db.close()


def help_for(error: StoreDown) -> str:
    found = remedy(error)
    assert found is not None, error
    return found.text


def test_each_trouble_of_the_file_has_its_remedy(sqlite_url: str, tmp_path: Path) -> None:
    assert "Make room" in help_for(said_by(sqlite_url, tmp_path, "pragma max_page_count = 1"))
    assert "user write" in help_for(said_by(sqlite_url, tmp_path, "pragma query_only = on"))
    holding = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    holding.execute("begin immediate")
    assert "Another program" in help_for(said_by(sqlite_url, tmp_path))
    holding.close()


@pytest.mark.parametrize(
    ("said", "help"),
    [
        ('connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused', "server runs"),
        ("[Errno -2] Name or service not known: failed to resolve host 'db'", "server runs"),
        ("the database system is starting up", "server runs"),
        ('FATAL:  password authentication failed for user "desk"', "right user"),
        ('connection failed: FATAL:  database "none" does not exist', "right user"),
        ("FATAL:  sorry, too many clients already", "Make room"),
        ('could not extend file "base/1/2": No space left on device', "Make room"),
        ("database disk image is malformed", "damaged"),
    ],
)
def test_each_trouble_of_a_server_has_its_remedy(said: str, help: str) -> None:
    assert help in help_for(StoreDown(Exception(said)))


def test_what_is_not_the_databases_fault_needs_none() -> None:
    assert remedy(Refused(phrase("Which one? The database is locked."))) is None
    assert remedy(StoreDown(Exception("something nobody has seen"))) is None


@pytest.mark.parametrize("command", [("jobs",), ("run", "--sandbox-if-unconfigured"), ("inbox", "admit", "1")])
def test_a_server_that_is_not_there_is_said_with_what_to_do(terminal: Terminal, command: tuple[str, ...]) -> None:
    said = terminal.type(*command, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", SLACK_BOT_TOKEN="xoxb-1")
    assert said.returncode == 1
    [what, help] = said.stderr.splitlines()
    assert "The database does not answer" in what
    assert "server runs" in help


def test_the_doctor_says_what_would_help_in_its_patients_language(terminal: Terminal) -> None:
    terminal.write("notes.db", "these are my notes\n" * 100)
    said = terminal.type("doctor", DATABASE_URL="sqlite:///notes.db", LANG="de_DE.UTF-8")
    assert "✗ Die Datenbank antwortet nicht" in said.stdout
    assert "DATABASE_URL die richtige Datei" in said.stdout


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_new_desk_without_its_rulebook_says_where_it_looked_for_it(terminal: Terminal, name: str) -> None:
    said = terminal.type("run", DESK_FILE=name, SLACK_BOT_TOKEN="xoxb-1")
    assert said.returncode == 1
    assert ("missing.toml" if "." in name[1:] else "cannot be read") in said.stderr
    assert "Traceback" not in said.stderr

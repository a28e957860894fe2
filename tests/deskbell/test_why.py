"""Why a mail became what it became, at the command line; and what reading it now would give."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateways.email.envelope import Envelope
from gateways.email.reading.parse import heard
from tests.deskbell.test_commands import Terminal
from tests.deskbell.test_inbox import AWAY, REASON, comes_in
from tests.world import World

ORDER = (
    b"From: Carla Gomez <carla@example.com>\r\nTo: support@desk.example\r\nMessage-ID: <order@example.com>\r\n"
    b"Subject: My order\r\n\r\nIt has not come.\r\nWhere is it?\r\n"
)


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    made = Terminal(tmp_path)
    made.env["DATABASE_URL"] = sqlite_url
    return made


def is_heard(world: World, raw: bytes, instead: bytes | None = None, key: str = "k") -> int:
    """A mail comes in and is heard, as it is or, before the reader was mended, as something else; its number."""
    envelope = Envelope("carla@example.com", ("support@desk.example",), "192.0.2.1", "x", "", world.now)
    id = world.desk.accept("email", key, "lane", envelope.to_json(), raw)
    assert id
    world.desk.receive(id, heard(instead or raw, envelope))
    return id


def test_a_mail_is_found_by_its_id_and_everything_is_told_in_the_readers_language(
    sqlite_url: str, tmp_path: Path, terminal: Terminal
) -> None:
    with World(sqlite_url, tmp_path) as world:
        id = comes_in(world, AWAY, "suspended", REASON)
        is_heard(world, ORDER)
    said = terminal.type("why", "<order@example.com>")
    assert said.returncode == 0
    assert "by SMTP from 192.0.2.1, sent by carla@example.com to support@desk.example." in said.stdout
    assert said.stdout.endswith("Nothing in it points to a ticket, so it opened one.\nIt is in ticket #1.\n")
    german = terminal.type("why", str(id), LANG="de_DE.UTF-8").stdout
    assert "zurückgehalten: eine automatische Antwort auf keine unserer Nachrichten" in german


def test_what_never_came_is_said_and_is_no_success(terminal: Terminal, sqlite_url: str, tmp_path: Path) -> None:
    World(sqlite_url, tmp_path).desk.db.close()
    said = terminal.type("why", "<nowhere@example.com>")
    assert said.returncode == 1
    assert "Nothing came in by “<nowhere@example.com>”." in said.stdout


def test_a_dry_run_says_what_would_be_read_otherwise_and_changes_nothing(
    sqlite_url: str, tmp_path: Path, terminal: Terminal
) -> None:
    with World(sqlite_url, tmp_path) as world:
        same = is_heard(world, ORDER)
    assert (
        terminal.type("replay", "--dry-run", str(same)).stdout == f"Message {same} is read now as it was read then.\n"
    )
    before = ORDER.replace(b"My order", b"My odour").replace(b"Where", b"Were")
    with World(sqlite_url, tmp_path) as world:
        id = is_heard(world, ORDER, before, "l")
    answer = terminal.type("inbox", "replay", "--dry-run", str(id))
    said = answer.stdout
    assert not answer.stderr
    assert "subject was My odour and would be My order" in said
    assert "text differs:" in said
    assert "-Were is it?" in said
    assert "+Where is it?" in said
    assert "sender" not in said
    with World(sqlite_url, tmp_path) as world:
        assert [message.text.splitlines()[1] for message in world.said(2)[:1]] == ["Were is it?"]


def test_a_dry_run_of_what_could_not_be_read_says_what_it_would_be_now(
    sqlite_url: str, tmp_path: Path, terminal: Terminal
) -> None:
    with World(sqlite_url, tmp_path) as world:
        id = comes_in(world, ORDER, "unreadable", "the reader failed")
    said = terminal.type("replay", "--dry-run", str(id)).stdout
    assert f"Message {id} can be read now. It would be:" in said
    assert "subject: My order" in said
    assert "unreadable" in terminal.type("inbox").stdout

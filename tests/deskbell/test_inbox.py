"""What was kept out, at the command line: enough to decide by, and let in with one command, also beside a desk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.desk.opening import open_desk
from gateways.email.envelope import Envelope
from tests.databases import Stock
from tests.deskbell.test_commands import Terminal
from tests.e2e.play import Play
from tests.running import running, soon
from tests.world import World

AWAY = (
    b"From: Carla Gomez <carla@example.com>\r\nTo: support@desk.example\r\nMessage-ID: <away@example.com>\r\n"
    b"Subject: =?utf-8?q?Au=C3=9Fer_Haus?=\r\nAuto-Submitted: auto-replied\r\n\r\nI am away. My order is broken.\r\n"
)
REASON = "an automatic reply to none of our messages"


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    made = Terminal(tmp_path)
    made.env["DATABASE_URL"] = sqlite_url
    return made


def comes_in(world: World, raw: bytes, state: str, reason: str, key: str = "1") -> int:
    """A mail as it came by SMTP, kept out; its number."""
    envelope = Envelope("bounce@example.com", ("support@desk.example",), "192.0.2.1", "x", "", world.now)
    id = world.desk.accept("email", key, "lane", envelope.to_json(), raw)
    assert id
    world.desk.keep_out(id, state, reason)
    return id


@pytest.fixture
def suspended(sqlite_url: str, tmp_path: Path) -> int:
    with World(sqlite_url, tmp_path) as world:
        return comes_in(world, AWAY, "suspended", REASON)


def test_the_list_says_who_wrote_what_when_and_why_it_was_kept_out(suspended: int, terminal: Terminal) -> None:
    [line, count, hint] = terminal.type("inbox", "list").stdout.splitlines()
    assert line.startswith(f"{suspended}  Mar 2, 2026")
    assert f"suspended  from Carla Gomez <carla@example.com>: Außer Haus ({REASON})" in line
    assert count == "1 message kept out"
    assert "inbox admit" in hint


def test_the_list_speaks_its_readers_language(suspended: int, terminal: Terminal) -> None:
    said = terminal.type("inbox", "list", LANG="de_DE.UTF-8").stdout
    assert "eine automatische Antwort auf keine unserer Nachrichten" in said
    assert "zurückgehalten" in said


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\x1b[2J" * 100, b"Subject: \x1b[2J" + b"x" * 5000 + b"\r\n\r\n"])
def test_a_mail_that_says_nothing_is_listed_with_what_the_other_server_said(
    sqlite_url: str, tmp_path: Path, terminal: Terminal, raw: bytes
) -> None:
    with World(sqlite_url, tmp_path) as world:
        comes_in(world, raw, "unreadable", "KeyError")
    line = terminal.type("inbox", "list").stdout.splitlines()[0]
    assert "unreadable  from bounce@example.com: " in line
    assert line.endswith("(KeyError)")
    assert "\x1b" not in line
    assert len(line) < 500


def test_one_is_let_in_once_and_the_others_are_not_kept_from_it(suspended: int, terminal: Terminal) -> None:
    said = terminal.type("inbox", "admit", "999", str(suspended))
    assert said.returncode == 1
    assert said.stderr == "There is no message 999 in the inbox.\n"
    assert f"Message {suspended} is let in" in said.stdout
    again = terminal.type("inbox", "admit", str(suspended))
    assert (again.returncode, again.stdout) == (0, f"Message {suspended} was let in already.\n")
    assert terminal.type("inbox").stdout == "0 messages kept out\n"


def test_an_unreadable_one_cannot_be_let_in_and_it_is_said_what_can_be_done(
    sqlite_url: str, tmp_path: Path, terminal: Terminal
) -> None:
    with World(sqlite_url, tmp_path) as world:
        id = comes_in(world, AWAY, "unreadable", "the reader failed")
    said = terminal.type("inbox", "admit", str(id))
    assert said.returncode == 1
    assert "could not be understood (the reader failed)" in said.stderr
    for what in ("raw", "replay"):
        assert f"deskbell inbox {what} {id}" in said.stderr
        assert terminal.type("inbox", what, str(id)).returncode == 0


def test_what_is_discarded_leaves_the_list_and_is_still_there(suspended: int, terminal: Terminal) -> None:
    said = terminal.type("inbox", "discard", str(suspended))
    assert said.stdout == f"Message {suspended} is discarded. It stays kept: deskbell inbox list --all\n"
    assert terminal.type("inbox").stdout == "0 messages kept out\n"
    [line, *_] = terminal.type("inbox", "list", "--all").stdout.splitlines()
    assert "discarded  from Carla Gomez" in line
    assert terminal.type("inbox", "discard", str(suspended)).stderr == f"No message {suspended} was kept out.\n"
    assert terminal.type("inbox", "replay", str(suspended)).returncode == 0


@pytest.mark.parametrize(("words", "said"), [(("admit",), "Which one?"), (("raw", "1", "2"), "One at a time")])
def test_what_cannot_be_meant_is_said(suspended: int, terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    answer = terminal.type("inbox", *words)
    assert answer.returncode == 1
    assert said in answer.stderr


async def let_in(tmp_path: Path, database: str | None, commands: tuple[str, ...]) -> None:
    """A running desk keeps an automatic reply out; a command lets it in, and its card is seen."""
    async with running(tmp_path, database, commands) as desk:
        play = Play(desk)
        sent = await desk.box.mail_raw("carla@example.com", ["support@desk.example"], AWAY)
        assert sent["status"] == "accepted"
        terminal = Terminal(tmp_path)
        terminal.env |= desk.env
        beside = open_desk(desk.env["DATABASE_URL"], tmp_path)
        try:
            [piece] = await soon(lambda: beside.kept_out(), "the mail that is kept out")
        finally:
            beside.db.close()
        said = await asyncio.to_thread(terminal.type, "inbox", "admit", str(piece.id))
        assert said.returncode == 0, said.stderr
        await play.sees(1, "My order is broken")
        assert play.received("number is") == []


async def test_a_running_desk_hears_at_once_what_is_let_in(tmp_path: Path) -> None:
    await let_in(tmp_path, None, ("run",))


async def test_the_parts_of_a_desk_hear_what_is_let_in(tmp_path: Path, stock: Stock) -> None:
    with stock.borrow() as url:
        await let_in(tmp_path, url, ("serve work", "serve mail", "serve bot", "serve web"))


def test_a_sender_is_blocked_listed_and_unblocked(suspended: int, terminal: Terminal) -> None:
    said = terminal.type("inbox", "block", "carla@example.com", "support@desk.example", "--why", "sells watches")
    assert said.returncode == 1
    assert said.stdout == "carla@example.com is blocked: mail from there opens nothing any more.\n"
    assert "who is of this desk" in said.stderr
    listed = terminal.type("inbox", "blocked").stdout.splitlines()
    assert listed[0].startswith("carla@example.com  Somebody at the command line, ")
    assert listed[0].endswith(": sells watches")
    assert listed[1] == "1 sender is blocked"
    assert "is not blocked any more" in terminal.type("inbox", "unblock", "carla@example.com").stdout
    assert terminal.type("inbox", "unblock", "carla@example.com").stderr == "carla@example.com is not blocked.\n"


def test_a_domain_of_everybodys_is_blocked_with_yes_only(suspended: int, terminal: Terminal) -> None:
    said = terminal.type("inbox", "block", "gmail.com")
    assert said.returncode == 1
    assert "Very many people" in said.stderr
    assert "deskbell inbox block gmail.com --yes" in said.stderr
    assert terminal.type("inbox", "block", "gmail.com", "--yes").returncode == 0


@pytest.mark.parametrize(
    "words", [("block",), ("admit", "eve"), ("raw", "12345678901234567890"), ("admit", "--dry-run")]
)
def test_what_names_nobody_or_nothing_is_refused(suspended: int, terminal: Terminal, words: tuple[str, ...]) -> None:
    said = terminal.type("inbox", *words)
    assert (said.returncode, said.stdout) == (1, "")
    assert "Traceback" not in said.stderr

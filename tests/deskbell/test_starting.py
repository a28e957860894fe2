"""Starting the desk where something is in the way: a sentence that says what and what to do, never a traceback."""

from __future__ import annotations

import gc
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from core.storage.database import only_one
from deskbell.run import be_prompt
from sandbox import Sandbox
from sandbox.example import RULEBOOK
from tests.deskbell.test_commands import Terminal
from tests.ports import free_port
from tests.running import running


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path)
    made.env |= {
        "SLACK_BOT_TOKEN": "xoxb-nobody",
        "SLACK_APP_TOKEN": "xapp-nobody",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",
        "DESK_FILE": str(RULEBOOK),
        "SMTP_PORT": str(free_port()),
        "WEB_PORT": str(free_port()),
    }
    return made


@pytest.mark.parametrize("name", ["SMTP_PORT", "WEB_PORT"])
def test_a_port_in_use_is_said_with_the_setting_to_change(terminal: Terminal, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(terminal.env[name])))
        taken.listen()
        said = terminal.type("run")
    assert said.returncode == 1
    assert f"Port {terminal.env[name]} on 127.0.0.1 is in use" in said.stderr
    assert name in said.stderr
    assert "Traceback" not in said.stderr


def test_the_sandboxes_port_in_use_is_said_too(terminal: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = terminal.type("run", "--sandbox", "--port", str(taken.getsockname()[1]))
    assert said.returncode == 1
    assert "is in use" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_sandbox_started_twice_says_where_it_is_open(terminal: Terminal) -> None:
    port, other = str(free_port()), str(free_port())
    env = {**terminal.env, "PYTHONPATH": str(Path.cwd()), "SANDBOX_PORT": port}
    command = [sys.executable, "-u", "-m", "deskbell", "run", "--sandbox"]
    with subprocess.Popen(
        command, cwd=terminal.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as first:
        try:
            assert first.stdout is not None
            assert f"http://127.0.0.1:{port}/" in first.stdout.readline()
            for asked in (port, other):
                said = terminal.type("run", "--sandbox", SANDBOX_PORT=asked)
                assert said.returncode == 1
                assert f"running already: http://127.0.0.1:{port}/" in said.stderr
                assert "Traceback" not in said.stderr
        finally:
            first.terminate()
    with socket.socket() as taken:  # nothing is said of one that does not run any more
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = terminal.type("run", "--sandbox", SANDBOX_PORT=port)
    assert f"Port {port} on 127.0.0.1 is in use. Stop what uses it, or set SANDBOX_PORT." in said.stderr


def test_a_second_desk_on_the_same_file_is_refused(terminal: Terminal) -> None:
    with only_one(terminal.folder / "var" / "deskbell.lock"):
        said = terminal.type("run")
    assert said.returncode == 1
    assert "running" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_broken_rulebook_stops_a_new_desk_with_each_line_and_remedy(terminal: Terminal) -> None:
    lines = RULEBOOK.read_text(encoding="utf-8").splitlines()
    broken = next(n for n, line in enumerate(lines) if line.startswith("name = "))
    lines[broken] = "name = 7"
    other = next(n for n, line in enumerate(lines) if line.startswith("title = "))
    lines[other] = "titel = 'x'"
    terminal.write("desk.toml", "\n".join(lines))
    said = terminal.type("run", DESK_FILE="desk.toml")
    assert said.returncode == 1
    for line in (broken, other):
        assert f"desk.toml, line {line + 1}:" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_file_edited_after_the_first_start_is_not_ignored_without_a_word(terminal: Terminal) -> None:
    terminal.env["DESK_FILE"] = "my desk.toml"
    terminal.write("my desk.toml", RULEBOOK.read_text(encoding="utf-8"))
    assert terminal.type("rulebook", "apply").returncode == 0
    assert "not the rulebook in use" not in terminal.type("doctor").stdout
    terminal.write("my desk.toml", RULEBOOK.read_text(encoding="utf-8").replace('title = "Billing"', 'title = "Money"'))
    said = "my desk.toml is not the rulebook in use (version 1)"
    command = "deskbell rulebook apply 'my desk.toml'"
    doctor = terminal.type("doctor").stdout
    assert said in doctor
    assert command in doctor
    with socket.socket() as taken:  # what stops it after the rulebook
        taken.bind(("127.0.0.1", int(terminal.env["SMTP_PORT"])))
        taken.listen()
        started = terminal.type("run").stderr
    assert said in started
    assert command in started
    terminal.write("my desk.toml", "[desk]\nname = 7\n")
    assert "deskbell rulebook check 'my desk.toml'" in terminal.type("doctor").stdout
    (terminal.folder / "my desk.toml").unlink()
    assert "rulebook check" not in terminal.type("doctor").stdout


def test_a_file_that_is_no_database_is_said(terminal: Terminal) -> None:
    terminal.write("notes.db", "these are my notes\n" * 100)
    said = terminal.type("run", DATABASE_URL="sqlite:///notes.db")
    assert said.returncode == 1
    assert "not a database" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_database_of_a_newer_desk_is_not_touched(terminal: Terminal) -> None:
    assert terminal.type("migrate").returncode == 0
    with sqlite3.connect(terminal.folder / "var" / "deskbell.db") as raw:
        raw.execute("update alembic_version set version_num = '9999'")
    said = terminal.type("run")
    assert said.returncode == 1
    assert "9999" in said.stderr
    assert "Traceback" not in said.stderr


async def test_a_token_that_slack_does_not_accept_is_said_and_mail_is_taken_all_the_same(tmp_path: Path) -> None:
    async with Sandbox() as box:
        async with running(tmp_path) as desk:
            await desk.stop()
        desk.env |= {"SLACK_BOT_TOKEN": "xoxb-of-somebody-else", "SLACK_API_URL": box.slack_api_url}
        desk.box = box
        box.desk_mail = ("127.0.0.1", desk.smtp_port)
        await desk.start_without_slack()
        sent = await box.mail("carla@example.com", "support@desk.example", "Hello", "Is anybody there?")
        assert sent["status"] == "accepted"
        await desk.says("Slack does not accept the token")
        assert "xoxb-of-somebody-else" not in desk.said()
        await desk.stop()


async def test_a_desk_that_starts_well_warns_of_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.stop()
        assert " WARNING " not in desk.said()
        assert "unused" not in desk.said()


@pytest.fixture
def as_python_does() -> Generator[None]:
    turn = sys.getswitchinterval()
    yield
    sys.setswitchinterval(turn)


@pytest.mark.usefixtures("as_python_does")
def test_a_desk_that_is_up_stops_for_no_look_through_what_was_there_from_the_start() -> None:
    kept: list[list[int]] = [[] for _ in range(1_000)]
    be_prompt()
    assert gc.get_freeze_count() >= len(kept)
    assert not any(one is kept for one in gc.get_objects())
    assert sys.getswitchinterval() < 0.002

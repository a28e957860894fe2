"""The command line as its user types it: real processes, and a clear sentence for every mistake."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from core.storage import tickets
from core.storage.ledger import State
from sandbox.errors import SandboxError
from sandbox.manifest import Manifest
from tests import warm
from tests.world import ANN, RULEBOOK, World

CLEAN = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent", "ENCODERS": ""}


class Terminal:
    """A folder to type commands in."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.env: dict[str, str] = dict(CLEAN)

    def type(self, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        told = {**self.env, "PYTHONPATH": str(Path.cwd()), **env}
        return warm.run("deskbell", words, cwd=self.folder, env=told, stdin=stdin)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_rulebook_is_checked_applied_compared_and_written_out(terminal: Terminal) -> None:
    terminal.write("desk.toml", RULEBOOK)
    assert terminal.type("rulebook", "check").returncode == 0
    assert "Version 1" in terminal.type("rulebook", "apply").stdout
    assert "Nothing has changed" in terminal.type("rulebook", "apply").stdout
    terminal.write("desk.toml", RULEBOOK.replace('title = "Billing"', 'title = "Money"'))
    difference = terminal.type("rulebook", "diff").stdout
    assert "Billing" in difference
    assert "Money" in difference
    assert 'title = "Billing"' in terminal.type("rulebook", "export").stdout


def test_a_mistake_in_the_rulebook_is_named_with_its_line_and_remedy(terminal: Terminal) -> None:
    broken = RULEBOOK.replace('queue = "support"', 'queue = "suport"', 1)
    line = broken[: broken.index("suport")].count("\n") + 1
    terminal.write("desk.toml", broken)
    said = terminal.type("rulebook", "check")
    assert said.returncode == 1
    assert f"line {line}" in said.stderr
    assert "support" in said.stderr


def test_a_file_that_is_not_there_is_said_by_its_name_and_not_to_be_made(terminal: Terminal) -> None:
    said = terminal.type("rulebook", "check", "/nonexistent")
    assert (said.returncode, said.stdout) == (1, "")
    assert "There is no file /nonexistent. Give the name of one that is there" in said.stderr
    assert "Copy" not in said.stderr
    terminal.write("latin.toml", "")
    (terminal.folder / "latin.toml").write_bytes('[desk]\nname = "Büro"\n'.encode("latin-1"))
    assert "Save it as UTF-8" in terminal.type("rulebook", "check", "latin.toml").stderr


@pytest.mark.parametrize("words", ["--help", "doctor", "manifest", "rulebook check"])
def test_whoever_reads_only_the_first_lines_sees_no_traceback(terminal: Terminal, words: str) -> None:
    terminal.write("desk.toml", RULEBOOK)
    env = {**terminal.env, "PYTHONPATH": str(Path.cwd())}
    reads, writes = os.pipe()
    os.close(reads)
    with TemporaryFile() as complained, open(writes, "wb") as closed:
        files = {"stdout": closed.fileno(), "stderr": complained.fileno()}
        process = warm.begin("deskbell", words.split(), cwd=terminal.folder, env=env, **files)
        assert process.wait(60) == 141
        complained.seek(0)
        assert complained.read() == b""


def test_an_interpreter_of_its_own_says_nothing_either_when_nobody_reads(terminal: Terminal) -> None:
    command, env = [sys.executable, "-m", "deskbell", "manifest"], {**terminal.env, "PYTHONPATH": str(Path.cwd())}
    reads, writes = os.pipe()
    os.close(reads)
    with open(writes, "wb") as closed:
        ended = subprocess.run(
            command, cwd=terminal.folder, env=env, stdout=closed, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize(
    "words",
    ["jobs", "jobs retry 1", "inbox", "inbox raw 1", "rulebook diff", "rulebook export", "doctor", "explain a.eml"],
)
def test_asking_makes_no_desk_where_there_is_none(terminal: Terminal, words: str) -> None:
    terminal.write("desk.toml", RULEBOOK)
    terminal.write("a.eml", "Subject: x\n\nHello")
    said = terminal.type(*words.split())
    assert sorted(path.name for path in terminal.folder.iterdir()) == ["a.eml", "desk.toml"]
    if words not in ("doctor", "explain a.eml"):
        assert said.returncode == 1
        assert "There is no desk here yet" in said.stderr
        assert "To begin: deskbell run" in said.stderr


def test_a_missing_rulebook_is_said_with_what_to_do(terminal: Terminal) -> None:
    said = terminal.type("rulebook", "apply")
    assert (said.returncode, said.stdout) == (1, "")
    assert "Copy desk.example.toml" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_terminal_speaks_its_users_language(terminal: Terminal) -> None:
    said = terminal.type("rulebook", "apply", LANG="de_AT.UTF-8")
    assert "Kopieren Sie" in said.stderr or "kopieren" in said.stderr.lower()


def test_a_desk_without_a_token_says_so_and_opens_no_sandbox_by_itself(terminal: Terminal) -> None:
    terminal.write("desk.toml", RULEBOOK)
    said = terminal.type("run")
    assert said.returncode == 1
    assert "SLACK_BOT_TOKEN" in said.stderr


def test_a_desk_that_lost_its_token_does_not_turn_into_a_sandbox(terminal: Terminal) -> None:
    terminal.write("desk.toml", RULEBOOK)
    assert terminal.type("rulebook", "apply").returncode == 0
    said = terminal.type("run", "--sandbox-if-unconfigured")
    assert said.returncode == 1
    assert "SLACK_BOT_TOKEN is missing" in said.stderr


def test_parts_beside_each_other_need_postgresql(terminal: Terminal) -> None:
    said = terminal.type("serve", "work")
    assert said.returncode == 1
    assert "PostgreSQL" in said.stderr


def test_a_database_that_is_not_there_is_said_in_a_sentence(terminal: Terminal) -> None:
    terminal.write("desk.toml", RULEBOOK)
    said = terminal.type("rulebook", "apply", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert said.returncode == 1
    assert "The database does not answer" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_wrong_setting_is_named_without_its_value(terminal: Terminal) -> None:
    said = terminal.type("doctor", SMTP_PORT="hush-hush")
    assert said.returncode == 1
    assert "SMTP_PORT" in said.stderr
    assert "hush" not in said.stderr


def test_migrating_says_where_the_database_stands(terminal: Terminal) -> None:
    assert "up to date" in terminal.type("migrate").stdout
    assert terminal.type("migrate").returncode == 0


@pytest.fixture
def given_up(sqlite_url: str, tmp_path: Path, terminal: Terminal) -> int:
    """A job that was given up, in a desk that does not run; its number."""
    terminal.env["DATABASE_URL"] = sqlite_url
    with World(sqlite_url, tmp_path) as world:
        number = world.mail()
        world.desk.reply(number, ANN, "Hello")
        job = next(job for job in world.desk.jobs() if job.kind == "deliver:email")
        claimed = world.desk.claim_jobs(job.destination, {"deliver:email": 1}, "dead", world.drainer.lease)
        world.desk.give_up_job(claimed.leases[0], "550 no such user", None)
        return claimed.leases[0].id


def test_jobs_are_listed_shown_retried_and_dropped(given_up: int, terminal: Terminal) -> None:
    assert "550 no such user" in terminal.type("jobs", "list", "--given-up").stdout
    shown: dict[str, Any] = json.loads(terminal.type("jobs", "show", str(given_up)).stdout)
    assert (shown["state"], shown["error"]) == (State.GIVEN_UP.name.lower(), "550 no such user")
    assert terminal.type("jobs", "retry", str(given_up)).returncode == 0
    assert json.loads(terminal.type("jobs", "show", str(given_up)).stdout)["state"] == "waiting"
    assert terminal.type("jobs", "drop", str(given_up)).returncode == 0
    gone = terminal.type("jobs", "show", str(given_up))
    assert gone.returncode == 1
    assert "no job" in gone.stderr


def test_a_job_must_be_named(terminal: Terminal) -> None:
    said = terminal.type("jobs", "retry")
    assert said.returncode == 1
    assert "Which job" in said.stderr


def test_explain_prints_what_is_understood_and_stores_nothing(terminal: Terminal) -> None:
    terminal.write("a.eml", "From: Carla <carla@example.com>\nSubject: Hallo\nMessage-ID: <a@b>\n\nWo ist es?\n")
    understood = json.loads(terminal.type("explain", "a.eml").stdout)
    assert understood["from"] == {"name": "Carla", "address": "carla@example.com"}
    assert understood["reply_text"].strip() == "Wo ist es?"
    assert [p.name for p in terminal.folder.iterdir()] == ["a.eml"]


def test_explain_answers_line_by_line_and_goes_on_after_what_it_cannot_read(terminal: Terminal) -> None:
    asked = [{"id": 1, "eml": "missing.eml"}, {"id": 2, "text": "Hello\n\nOn Monday, Ann wrote:\n> Hi"}, {"id": 3}]
    said = terminal.type("explain", "--jsonl", stdin="not json\n" + "\n".join(map(json.dumps, asked)))
    answers = [json.loads(line) for line in said.stdout.splitlines()]
    assert [a["id"] for a in answers] == [None, 1, 2, 3]
    assert ["error" in a for a in answers] == [True, True, False, True]
    assert answers[2]["reply_text"].strip() == "Hello"


def test_what_a_command_writes_is_there_afterwards(given_up: int, terminal: Terminal, sqlite_url: str) -> None:
    terminal.type("jobs", "retry", str(given_up))
    with World(sqlite_url, terminal.folder) as world:
        assert world.desk.job(given_up) is not None
        assert world.desk.db.run(lambda tx: tickets.unlike_their_history(tx, [1])) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://x", "DATABASE_URL"),
        ("SMTP_PORT", "99999", "SMTP_PORT"),
        ("PACE__RELAY", "0", "PACE.RELAY"),
        ("PACE__PIGEONS", "2", "no pace named pigeons"),
        ("VAR", "/proc/nowhere", "/proc/nowhere"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said(terminal: Terminal, name: str, value: str, said: str) -> None:
    terminal.write("desk.toml", RULEBOOK)
    answer = terminal.type("rulebook", "apply", **{name: value})
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_looking_makes_no_desk_and_does_not_keep_a_newcomer_from_the_sandbox(terminal: Terminal) -> None:
    assert "first start" in terminal.type("doctor").stdout
    assert not (terminal.folder / "var" / "deskbell.db").exists()


def test_explain_names_each_file_that_it_cannot_read_and_goes_on(terminal: Terminal) -> None:
    terminal.write("a.eml", "Subject: Ärger ☹\n\nHm\n")
    said = terminal.type("explain", "nope.eml", ".", "a.eml", PYTHONIOENCODING="latin-1")
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        "nope.eml cannot be read: No such file or directory",
        ". cannot be read: Is a directory",
    ]
    assert json.loads(said.stdout)["subject"] == "Ärger ☹"


def test_a_name_that_no_terminal_can_show_is_shown_all_the_same(terminal: Terminal) -> None:
    said = terminal.type("explain", b"\xff.eml".decode("utf-8", "surrogateescape"))
    assert said.returncode == 1
    assert said.stderr == "\\udcff.eml cannot be read: No such file or directory\n"


def test_files_are_named_in_one_way_only(terminal: Terminal) -> None:
    said = terminal.type("explain", "--jsonl", "a.eml")
    assert said.returncode == 1
    assert "on standard input" in said.stderr


def test_who_has_read_enough_may_hang_up(terminal: Terminal) -> None:
    asked = "".join(f'{{"id": {n}, "text": "hello"}}\n' for n in range(5000))
    command = [sys.executable, "-m", "deskbell", "explain", "--jsonl"]
    with subprocess.Popen(
        command,
        cwd=terminal.folder,
        env={**terminal.env, "PYTHONPATH": str(Path.cwd())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as explain:
        assert explain.stdin
        assert explain.stdout
        assert explain.stderr
        explain.stdin.write('{"id": 0, "text": "hello"}\n')
        explain.stdin.flush()
        assert json.loads(explain.stdout.readline())["id"] == 0
        explain.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            explain.stdin.write(asked)
        with contextlib.suppress(BrokenPipeError):
            explain.stdin.close()
        assert explain.stderr.read() == ""
        assert explain.wait(30) == 141


def test_the_manifest_is_printed_for_a_socket_and_for_http(terminal: Terminal) -> None:
    by_socket = json.loads(terminal.type("manifest").stdout)
    by_http = json.loads(terminal.type("manifest", "--url", "https://desk.example.org/").stdout)
    assert by_socket["settings"]["socket_mode_enabled"]
    assert not by_http["settings"]["socket_mode_enabled"]
    for printed in (by_socket, by_http):
        Manifest(printed).check_way_in()
        assert Manifest(printed).scopes == Manifest(by_socket).scopes
        assert Manifest(printed).command("/desk")
    to = "https://desk.example.org/slack/events"
    assert by_http["settings"]["event_subscriptions"]["request_url"] == to
    assert by_http["settings"]["interactivity"]["request_url"] == to
    assert [command["url"] for command in by_http["features"]["slash_commands"]] == [to]
    by_socket["settings"]["socket_mode_enabled"] = False
    with pytest.raises(SandboxError, match="invalid_manifest"):
        Manifest(by_socket).check_way_in()


def test_a_manifest_for_an_address_that_slack_cannot_use_is_refused(terminal: Terminal) -> None:
    said = terminal.type("manifest", "--url", "http://desk.example.org")
    assert said.returncode == 1
    assert "begins with https://" in said.stderr

"""Once they are read, secrets stand in no environment: whatever we start inherits it, and reads strangers' mail."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from core.settings import Settings, for_a_child
from deskbell.opening import forget_secrets, read_settings
from tests import warm
from tests.deskbell.by_smtp import deliver
from tests.ports import free_port
from tests.running import soon
from tests.world import RULEBOOK

SECRETS = {
    "DATABASE_URL": "postgresql://desk:sesame@127.0.0.1/desk",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "slack_app_token": "xapp-1",
    "SLACK_SIGNING_SECRET": "signs",
    "RELAY_PASSWORD": "relay",
    "SMTP__BRAND__PASSWORD": "brand",
    "RELAY_OAUTH_REFRESH_TOKEN": "refresh",
    "IMAP__SUPPORT__PASSWORD": "mailbox",
    "imap__other__oauth_refresh_token": "refreshes",
    "IMAP__OTHER__OAUTH_CLIENT_SECRET": "client",
    "SUBMISSION_USERS__BOB": "hands mail in",
}
OTHERS = {
    "IMAP__SUPPORT__HOST": "imap.example",
    "IMAP__SUPPORT__USER": "support@desk.example",
    "IMAP__OTHER__HOST": "imap.example",
    "IMAP__OTHER__OAUTH": "google",
    "IMAP__OTHER__OAUTH_CLIENT_ID": "ours",
    "IMAP__OTHER__USER": "other@desk.example",
    "RELAY_HOST": "127.0.0.1",
    "SMTP__BRAND__HOST": "smtp.example",
    "SMTP__BRAND__USER": "help@brand.example",
    "MY_PASSWORD": "of another program",
}


def test_secrets_are_read_and_leave_the_environment_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SECRETS, **OTHERS}.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    forget_secrets()
    assert not SECRETS.keys() & os.environ.keys()
    assert OTHERS.items() <= os.environ.items()
    password = settings.imap["support"].password
    assert password
    assert password.get_secret_value() == "mailbox"


MARK = "s3cr3t-m4rk"


def marked(**more: str) -> dict[str, str]:
    """Settings in which every secret bears the mark. Nobody answers at any of the ports."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path.cwd()),
        "LANG": "C.UTF-8",
        "DATABASE_URL": "sqlite:///desk.db",
        "SLACK_BOT_TOKEN": f"xoxb-{MARK}",
        "SLACK_APP_TOKEN": f"xapp-{MARK}",
        "SLACK_SIGNING_SECRET": MARK,
        "SLACK_API_URL": f"http://127.0.0.1:{free_port()}/",
        "RELAY_HOST": "127.0.0.1",
        "RELAY_PORT": str(free_port()),
        "RELAY_TLS": "none",
        "RELAY_USER": "desk",
        "RELAY_PASSWORD": MARK,
        "IMAP__SUPPORT__HOST": "127.0.0.1",
        "IMAP__SUPPORT__PORT": str(free_port()),
        "IMAP__SUPPORT__USER": "support@desk.example",
        "IMAP__SUPPORT__OAUTH": "other",
        "IMAP__SUPPORT__OAUTH_TOKEN_URL": f"http://127.0.0.1:{free_port()}/token",
        "IMAP__SUPPORT__OAUTH_CLIENT_SECRET": MARK,
        "IMAP__SUPPORT__OAUTH_REFRESH_TOKEN": MARK,
        "SUBMISSION_USERS__BOB": MARK,
        "SMTP_PORT": str(free_port()),
        "WEB_PORT": str(free_port()),
        **more,
    }


def nowhere() -> str:
    return f"postgresql://desk:{MARK}@127.0.0.1:{free_port()}/desk"


FAILURES: dict[str, tuple[str, Callable[[], dict[str, str]]]] = {
    "nothing answers": ("doctor", dict),
    "the database is away": ("jobs", lambda: {"DATABASE_URL": nowhere()}),
    "the doctor, and the database is away": ("doctor", lambda: {"DATABASE_URL": nowhere()}),
    "it cannot be migrated": ("migrate", lambda: {"DATABASE_URL": nowhere()}),
    "the database's port is no number": ("jobs", lambda: {"DATABASE_URL": f"postgresql://desk:{MARK}@127.0.0.1:x/d"}),
    "the database's URL has a port too many": ("serve work", lambda: {"DATABASE_URL": f"postgresql://d:{MARK}:1:2/d"}),
    "the database is of no kind we know": ("jobs", lambda: {"DATABASE_URL": f"mysql://desk:{MARK}@127.0.0.1/desk"}),
    "a setting is wrong": ("doctor", lambda: {"RELAY_PORT": "many"}),
    "a mailbox's setting is wrong": ("run", lambda: {"IMAP__SUPPORT__TLS": "perhaps"}),
    "a token is none": ("doctor", lambda: {"SLACK_BOT_TOKEN": MARK}),
    "part of it, and the database is away": ("serve work", lambda: {"DATABASE_URL": nowhere()}),
}


@pytest.mark.parametrize("how", FAILURES)
def test_whatever_goes_wrong_no_secret_is_said(tmp_path: Path, how: str) -> None:
    (tmp_path / "desk.toml").write_text(RULEBOOK)
    command, more = FAILURES[how]
    no_secret_in(warm.run("deskbell", command.split(), cwd=tmp_path, env=marked(**more())))


def test_no_secret_is_said_by_a_program_begun_the_long_way(tmp_path: Path) -> None:
    """An interpreter of its own begins and ends: that says nothing of them either."""
    (tmp_path / "desk.toml").write_text(RULEBOOK)
    how = {"cwd": tmp_path, "env": marked(DATABASE_URL=nowhere())}
    command = [sys.executable, "-m", "deskbell", "doctor"]
    no_secret_in(subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **how))


def no_secret_in(said: subprocess.CompletedProcess[str]) -> None:
    """It said something, and neither a secret nor what only programmers read."""
    told = said.stdout + said.stderr
    assert told.strip()
    assert MARK not in told
    assert "Traceback" not in told


def files_with_the_mark(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]


async def test_a_running_desk_that_fails_everywhere_writes_no_secret_and_its_child_has_none(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(RULEBOOK)
    settings, log = marked(), tmp_path / "desk.log"
    with log.open("wb") as out:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deskbell", "run"), cwd=tmp_path, env=settings, stdout=out, stderr=out
        )
    try:
        await soon(lambda: "mail is taken at" in log.read_text(), f"a running desk:\n{log.read_text()}")
        assert (await deliver(int(settings["SMTP_PORT"]), b"Subject: Hello\r\n\r\nHello\r\n"))[0] == 250
        desk = psutil.Process(running.pid)
        child = await soon(lambda: next(iter(desk.children()), None), "the child that understands mail")
        await soon(lambda: "core.engine.apart" in child.cmdline(), "its name")
        assert MARK not in str([child.environ(), child.cmdline(), desk.cmdline()])
        assert not {"DATABASE_URL", "RELAY_USER", "SMTP_PORT"} & child.environ().keys()
        await soon(lambda: "slack" in log.read_text().casefold(), "that Slack does not answer")
        await soon(lambda: "support" in log.read_text().casefold(), "that the mailbox cannot be read")
    finally:
        running.terminate()
        await running.wait()
    assert files_with_the_mark(tmp_path) == []


def test_settings_that_are_shown_show_no_secret() -> None:
    shown = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        database_url=nowhere(),
        slack_bot_token=SecretStr(MARK),
        submission_users={"bob": SecretStr(MARK)},
    )
    assert MARK not in repr(shown) + str(shown)


def test_a_child_gets_nothing_of_our_environment_but_what_a_program_needs() -> None:
    ours = {**SECRETS, **OTHERS, "PATH": "/bin", "PYTHONPATH": ".", "LC_ALL": "de_DE", "PGPASSWORD": MARK}
    assert for_a_child(ours) == {"PATH": "/bin", "PYTHONPATH": ".", "LC_ALL": "de_DE"}
    assert for_a_child(ours, "PG").keys() == {"PATH", "PYTHONPATH", "LC_ALL", "PGPASSWORD"}

"""Mailboxes in the settings: how they are written, what is said of them, and that a running desk reads them."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.phrases import Refused
from core.settings import Settings
from deskbell.mailboxes import accounts_of
from gateways.email.imap.check import check
from tests.dovecot import PASSWORD, Dovecot, letter
from tests.gateways.email.fake_imap import fake_imap
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.running import running, soon

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def settings(monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: str) -> Settings:
    monkeypatch.chdir(folder)
    (folder / ".env").write_text("\n".join(lines))
    return Settings()  # pyright: ignore[reportCallIssue]


SUPPORT = ("IMAP__SUPPORT__HOST=imap.example.com", "IMAP__SUPPORT__USER=support@desk.example")
BILLING = ("IMAP__BILLING__HOST=imap.example.com", "IMAP__BILLING__USER=billing", "IMAP__BILLING__PASSWORD=b")


def test_any_number_of_mailboxes_is_named_in_the_settings_each_with_its_own_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = "IMAP__BILLING__ADDRESS=billing@desk.example"
    found = settings(monkeypatch, tmp_path, *SUPPORT, "IMAP__SUPPORT__PASSWORD=sesame", *BILLING, address)
    support, billing = sorted(accounts_of(found, lambda: NOW), key=lambda a: a.name, reverse=True)
    assert (support.name, support.address, support.port, support.password) == (
        "support",
        "support@desk.example",
        993,
        "sesame",
    )
    assert (billing.address, billing.password, billing.folders) == ("billing@desk.example", "b", ("INBOX",))
    assert "sesame" not in repr(found) + repr(support)


def test_a_mailbox_without_a_way_to_log_in_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="set PASSWORD, or OAUTH"):
        settings(monkeypatch, tmp_path, *SUPPORT)


def test_a_mailbox_whose_mail_is_for_nobody_we_know_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="IMAP__BILLING__ADDRESS"):
        accounts_of(settings(monkeypatch, tmp_path, *BILLING), lambda: NOW)


def test_a_mailbox_that_would_read_what_it_moves_away_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    more = ("IMAP__SUPPORT__PASSWORD=x", "IMAP__SUPPORT__AFTER=move", "IMAP__SUPPORT__MOVE_TO=INBOX")
    with pytest.raises(Refused, match="moved away itself"):
        accounts_of(settings(monkeypatch, tmp_path, *SUPPORT, *more), lambda: NOW)


def test_the_check_of_a_mailbox_says_what_is_open_what_is_missing_and_what_helps(dovecot: Dovecot) -> None:
    def found(**more: Any) -> list[tuple[str, str]]:
        checks = check(dovecot.account("checked", **more))
        return [(mark, said.text.format_map({**said.values})) for mark, said in checks]

    assert found() == [("good", "The mailbox checked on 127.0.0.1 is open: INBOX.")]
    gone = found(folders=("Nowhere",))
    assert gone[0][0] == "bad"
    assert "There are: INBOX" in gone[0][1]
    refused = found(password="wrong")
    assert [mark for mark, _ in refused] == ["bad", "warn"]
    assert "does not let us into" in refused[0][1]
    assert "tries again every 15 minutes" in refused[1][1]


async def test_a_running_desk_reads_a_mailbox_into_tickets(tmp_path: Path, dovecot: Dovecot) -> None:
    dovecot.put("whole", letter(1, Subject="It does not work"))
    imap: dict[str, Any] = {
        "HOST": "127.0.0.1",
        "PORT": str(dovecot.port),
        "TLS": "none",
        "USER": "whole",
        "PASSWORD": PASSWORD,
        "ADDRESS": "support@desk.example",
        "START": "all",
    }
    async with running(tmp_path, **{f"IMAP__SUPPORT__{name}": value for name, value in imap.items()}) as desk:
        await soon(lambda: "It does not work" in str(desk.box.state()), "the ticket's card")
        await soon(lambda: all(b"\\Seen" in flags for flags in dovecot.has("whole").values()), "the flag")


async def test_the_sandbox_leaves_the_mailboxes_of_customers_alone(tmp_path: Path) -> None:
    with fake_imap() as fake:
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path.cwd()),
            "SMTP_PORT": str(free_port()),
            "WEB_PORT": str(free_port()),
            "IMAP__SUPPORT__HOST": "127.0.0.1",
            "IMAP__SUPPORT__PORT": str(fake.port),
            "IMAP__SUPPORT__TLS": "none",
            "IMAP__SUPPORT__USER": "support@desk.example",
            "IMAP__SUPPORT__PASSWORD": "secret",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-m", "deskbell", "run", "--sandbox", "--port", str(free_port())),
            cwd=tmp_path,
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            assert process.stdout is not None
            said = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
            assert b"The sandbox is open" in said
            await asyncio.sleep(1)
            assert fake.connections == 0
        finally:
            process.terminate()
            await process.communicate()

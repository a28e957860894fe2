"""A trial stays on this machine: whatever the environment says of a real desk, the sandbox's uses nothing of it."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp

from sandbox import Sandbox
from tests import warm
from tests.deskbell.by_smtp import deliver
from tests.deskbell.test_commands import CLEAN
from tests.patience import PATIENCE
from tests.ports import free_port


class Outside:
    """Whatever a real desk would talk to; it only counts who comes."""

    def __init__(self) -> None:
        self.calls = 0

    async def __aenter__(self) -> Outside:
        self._server = await asyncio.start_server(self._called, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _called(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        writer.close()


class Trial:
    """A running trial, its page and its doors."""

    def __init__(self) -> None:
        self.page, self.smtp, self.web = free_port(), free_port(), free_port()

    async def state(self) -> dict[str, Any]:
        """What the page shows; nothing while it does not answer."""
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.get(f"http://127.0.0.1:{self.page}/_sandbox/state") as answer,
            ):
                return await answer.json()
        except aiohttp.ClientError:
            return {}

    async def received(self, mailbox: str) -> list[dict[str, Any]]:
        mails = (await self.state()).get("mails", [])
        return [mail for mail in mails if (mail["mailbox"], mail["direction"]) == (mailbox, "received")]


@asynccontextmanager
async def trial(folder: Path, **settings: str) -> AsyncGenerator[Trial]:
    """`deskbell run --sandbox` in an environment that was made for a real desk. tests/deskbell/test_starting.py begins
    it the long way.
    """
    made = Trial()
    env = {**CLEAN, "PYTHONPATH": str(Path.cwd()), "SMTP_PORT": str(made.smtp), "WEB_PORT": str(made.web), **settings}
    words = ("run", "--sandbox", "--port", str(made.page))
    with (folder / "log").open("wb") as log:
        files = {"stdout": log.fileno(), "stderr": log.fileno()}
        process = warm.begin("deskbell", words, cwd=folder, env=env, **files)
    try:
        async with asyncio.timeout(PATIENCE):
            while not all(answers("127.0.0.1", port) for port in (made.page, made.smtp, made.web)):
                assert process.returncode is None, (folder / "log").read_text()
                await asyncio.sleep(0.05)
        yield made
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, PATIENCE)


def answers(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, port)) == 0


def elsewhere(port: int) -> bool:
    """Whether a port is open at an address that nobody names: only what is bound to all addresses answers there."""
    return answers("127.0.0.2", port)


async def test_a_trial_is_reached_at_loopback_only_whatever_a_real_desk_was_told(tmp_path: Path) -> None:
    everywhere = {"SMTP_HOST": "0.0.0.0", "WEB_HOST": "0.0.0.0"}
    async with trial(tmp_path, **everywhere) as made:
        doors = {"page": made.page, "mail": made.smtp, "web": made.web}
        assert [name for name, port in doors.items() if elsewhere(port)] == []


async def test_the_sandbox_itself_is_reached_at_loopback_only() -> None:
    async with Sandbox() as box:
        page = int(box.base_url.rpartition(":")[2])
        assert answers("127.0.0.1", page)
        assert answers("127.0.0.1", box.mail_port)
        assert not elsewhere(page)
        assert not elsewhere(box.mail_port)


async def test_no_mail_leaves_a_trial_and_no_real_slack_or_database_is_asked(tmp_path: Path) -> None:
    async with Outside() as outside:
        real = {
            "RELAY_HOST": "relay.invalid",
            "RELAY_PORT": str(outside.port),
            "RELAY_TLS": "tls",
            "RELAY_USER": "desk",
            "RELAY_PASSWORD": "of the real relay",
            "SLACK_BOT_TOKEN": "xoxb-of-the-real-desk",
            "SLACK_APP_TOKEN": "xapp-of-the-real-desk",
            "SLACK_API_URL": f"http://127.0.0.1:{outside.port}/api/",
            "SLACK_MODE": "http",
            "DATABASE_URL": f"postgresql://desk@127.0.0.1:{outside.port}/desk",
        }
        async with trial(tmp_path, **real) as made:
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "carla@example.com", "support@desk.example", "Where is it?"
            mail["Message-ID"] = "<1@example.com>"
            mail.set_content("My order has not arrived.")
            assert (await deliver(made.smtp, mail.as_bytes()))[0] == 250
            async with asyncio.timeout(PATIENCE):
                while not (await made.received("carla@example.com") and (await made.state()).get("connected")):
                    assert outside.calls == 0
                    await asyncio.sleep(0.05)
        assert outside.calls == 0
    assert not (tmp_path / "var" / "deskbell.db").exists()


async def test_a_trial_neither_signs_nor_asks_who_vouches_for_its_people(tmp_path: Path) -> None:
    key = {"DKIM__X__DOMAIN": "desk.example", "DKIM__X__SELECTOR": "s", "DKIM__X__KEY_FILE": "kept/elsewhere.pem"}
    async with trial(tmp_path, MAIL_VERIFY="check", DNS_SERVER="127.0.0.1:1", **key) as made:
        assert await made.state()
        log = (tmp_path / "log").read_text()
        assert "DKIM" not in log

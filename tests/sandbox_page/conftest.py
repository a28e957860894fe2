"""The sandbox's page in a real browser, with a real Slack app and a mail server behind it."""

import asyncio
import re
from collections.abc import AsyncGenerator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox import Sandbox
from tests.patience import UNHURRIED
from tests.sandbox.bots import Bot
from tests.sandbox_page.browser import Chromium, Page

MANIFEST: dict[str, Any] = {
    "features": {
        "slash_commands": [{"command": "/desk", "description": "Your desk", "usage_hint": "mine | next"}],
        "shortcuts": [
            {"name": "New ticket", "type": "global", "callback_id": "new_ticket", "description": "Open one"},
            {"name": "Add to ticket", "type": "message", "callback_id": "add_to_ticket", "description": "Keep it"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": ["channels:manage", "channels:read", "channels:history", "chat:write", "chat:write.customize",
                    "commands", "files:read", "im:history", "im:write", "reactions:read",
                    "reactions:write", "users:read"],
        }
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "message.channels", "message.im", "reaction_added"]},
    },
}  # fmt: skip


class Desk:
    """A mail server that serves one address and keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_RCPT(  # noqa: N802 (aiosmtpd names its hooks so)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not re.fullmatch(r"support(\+\w+)?@desk\.example", address):
            return f"550 5.1.1 {address} is not here; write to support@desk.example"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 2.0.0 queued"


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    async with Sandbox(tiers=False, manifest=MANIFEST, **UNHURRIED) as sandbox:
        yield sandbox


@pytest.fixture
async def desk(sandbox: Sandbox) -> AsyncGenerator[Desk]:
    desk = Desk()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(desk, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    sandbox.desk_mail = server.sockets[0].getsockname()[:2]
    yield desk
    server.close()
    await server.wait_closed()


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncGenerator[Bot]:
    async with Bot(sandbox, "socket mode") as bot:
        yield bot


@pytest.fixture
async def page(chromium: Chromium, sandbox: Sandbox) -> AsyncGenerator[Page]:
    """Ann looks at #general; whatever a test does, no script of the page may fail."""
    async with chromium.page(f"{sandbox.base_url}/#as=ann&at=general") as page:
        await page.until("document.body.dataset.ready")
        yield page
        assert page.errors == []
        assert page.dialogs == []

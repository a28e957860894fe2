"""Where Slack lets nobody be told, by whatever fault, what is important arrives otherwise within a minute."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.engine.apart import Apart
from core.engine.otherwise import Otherwise
from gateways.email.hands import Mail
from gateways.email.outgoing.send import Relay
from gateways.email.pinging import ByMail
from gateways.telegram.client import Client
from gateways.telegram.pinging import InTelegram
from tests.bot.office import Office
from tests.gateways.telegram.conftest import CARLA as CHAT
from tests.world import RULEBOOK

FAULTS: dict[str, dict[str, Any]] = {
    "limited for long": {"rate_limit_next": 100_000, "rate_limit_seconds": 600},
    "revoked": {"api_error": {"*": "token_revoked"}},
    "down": {"http_error_rate": 1.0},
}
WAITING = (
    RULEBOOK.replace('title = "Support"', 'title = "Support"\nladder = "usual"').replace(
        'email = "ann@desk.example"', f'email = "ann@desk.example"\ntelegram = "{CHAT}"'
    )
    + """
[[ladders]]
name = "usual"
steps = [{ after = "15m", notify = ["agent:Ann Walker", "agent:Jonas Becker"], important = true }]
"""
)


class Reached(Office):
    """An office with its real other ways, into the sandbox's Telegram and mailboxes."""

    def hands(self) -> Any:
        relay = Relay("127.0.0.1", self.sandbox.mail_port, tls="none")
        self.mail_ways = Mail(self.desk, {"": relay}, Apart())
        self.client = Client(self.sandbox.telegram_token, self.sandbox.telegram_api_url)
        ways = {"telegram": InTelegram(self.client), "email": ByMail(self.mail_ways)}
        return {**super().hands(), **Otherwise(self.desk, ways).hands}


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Reached]:
    async with Reached(sqlite_url, tmp_path, WAITING) as made:
        await made.open()
        await made.sandbox.phone_start(CHAT)
        yield made
        await made.mail_ways.close()
        await made.client.close()


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_important_arrives_within_a_minute(office: Reached, fault: str) -> None:
    number = await office.mail(f"The printer is on fire: {fault}.")
    await office.card_of(number)
    await office.quiet()
    office.sandbox.faults.patch(FAULTS[fault])
    office.ahead += timedelta(minutes=15)
    began = office.desk.db.clock()
    office.desk.db.on_wake("clock", began)
    letters = await office.until(lambda: _letters(office, number))
    assert "waits in Support" in letters[0]["subject"]
    await office.until(lambda: _chat(office, number))
    assert office.desk.db.clock() - began < timedelta(seconds=60)
    office.sandbox.faults.clear()


def _letters(office: Reached, number: int) -> list[dict[str, Any]]:
    return [mail for mail in office.sandbox.mails("jonas@desk.example") if f"#{number} " in str(mail.get("subject"))]


def _chat(office: Reached, number: int) -> bool:
    return any(f"#{number} waits in Support" in str(one.get("text")) for one in office.sandbox.telegram.of(CHAT))

"""What is often written wrongly into .env: the doctor names each with its remedy, and never a secret."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.deskbell.test_commands import Terminal
from tests.running import running

BOT, APP = "xoxb-1-2-abcdef", "xapp-1-A-2-abcdef"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path)
    made.env |= {"SLACK_API_URL": "http://127.0.0.1:1/api/"}
    return made


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (f"SLACK_BOT_TOKEN=\nSLACK_APP_TOKEN={APP}", "SLACK_BOT_TOKEN is empty. Copy the Bot User OAuth Token"),
        (f"SLACK_APP_TOKEN={APP}", "SLACK_BOT_TOKEN is missing. Copy the Bot User OAuth Token"),
        (f"SLACK_BOT_TOKEN={BOT}", "SLACK_APP_TOKEN is missing. Make a token"),
        (f"SLACK_BOT_TOKEN={APP}", "SLACK_BOT_TOKEN holds what belongs into SLACK_APP_TOKEN."),
        (f"SLACK_BOT_TOKEN={BOT}\nSLACK_APP_TOKEN={BOT}", "SLACK_APP_TOKEN holds what belongs into SLACK_BOT_TOKEN."),
        ("SLACK_BOT_TOKEN=xoxp-1-2-abcdef", "SLACK_BOT_TOKEN does not begin with xoxb-"),
        ("SLACK_BOT_TOKEN=xoxb-…", "SLACK_BOT_TOKEN is still the placeholder of an example."),
        (f"SLACK_BOT_TOKEN={BOT}\nSLACK_APP_TOKEN=xapp-your-token", "SLACK_APP_TOKEN is still the placeholder"),
        ("SLACK_SUPERVISOR=Sam Rivera", "SLACK_SUPERVISOR is “Sam Rivera”, which is no mail address."),
        ("SLACK_BOT_TOKN=x", ".env sets SLACK_BOT_TOKN, which nothing reads. Did you mean SLACK_BOT_TOKEN?"),
        ("RELAY_PASS=hush-hush", "Did you mean RELAY_PASSWORD?"),
    ],
)
def test_each_slip_has_its_remedy(terminal: Terminal, env: str, said: str) -> None:
    terminal.write(".env", env + "\n")
    doctor = terminal.type("doctor")
    assert doctor.returncode == 1
    assert said in doctor.stdout
    for secret in ("abcdef", "hush-hush", "your-token"):
        assert secret not in doctor.stdout + doctor.stderr


def test_what_is_right_and_what_is_not_ours_is_no_slip(terminal: Terminal) -> None:
    terminal.write(".env", f"SLACK_BOT_TOKEN={BOT}\nslack_app_token={APP}\nSLACK_SUPERVISOR=a@b.example\nEDITOR=vi\n")
    said = terminal.type("doctor").stdout
    assert "SLACK_" not in said
    assert "EDITOR" not in said


async def test_a_first_supervisor_whom_slack_does_not_know_is_said(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.stop()
        terminal = Terminal(tmp_path)
        terminal.env |= desk.env
        assert "is in Slack" in (await asyncio.to_thread(terminal.type, "doctor")).stdout
        terminal.env["SLACK_SUPERVISOR"] = "nobody@desk.example"
        assert (
            "Nobody in Slack has the mail address nobody@desk.example."
            in (await asyncio.to_thread(terminal.type, "doctor")).stdout
        )

"""Once they are read, secrets stand in no environment: whatever we start inherits it, and reads strangers' mail."""

from __future__ import annotations

import os

import pytest

from deskbell.opening import forget_secrets, read_settings

SECRETS = {
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

"""Tokens in place of a password: asked for in time, shown as servers want them, and asked for anew when refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest

from core.settings import Settings
from deskbell.mailboxes import accounts_of
from gateways.email.oauth import Client, ProviderAway, TokenRefused, Tokens
from tests.dovecot import letter
from tests.gateways.email.fake_imap import fake_imap
from tests.gateways.email.reading import kept, reading, said, until
from tests.world import World


@dataclass
class TokenServer:
    """Gives tokens t1, t2, …; `answer` says something else."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    lasts: int = 3600
    answer: tuple[int, bytes] | None = None
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    def say(self) -> tuple[int, bytes]:
        if self.answer is not None:
            return self.answer
        return 200, json.dumps({"access_token": f"t{len(self.asked)}", "expires_in": self.lasts, **self.extra}).encode()


@contextmanager
def token_server() -> Generator[TokenServer]:
    server = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.asked.append(dict(parse_qsl(body)))
            code, answer = server.say()
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None: ...

    http = HTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}/token"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_a_token_is_used_until_five_minutes_before_its_end() -> None:
    clock = Clock()
    with token_server() as server:
        tokens = Tokens(Client(server.url, "us", "hush", "refresh-me"), clock)
        assert [tokens(False), tokens(False)] == ["t1", "t1"]
        clock.now += timedelta(minutes=54)
        assert tokens(False) == "t1"
        clock.now += timedelta(minutes=2)
        assert tokens(False) == "t2"
        assert tokens(True) == "t3"
    first = server.asked[0]
    assert first == {
        "client_id": "us",
        "client_secret": "hush",
        "grant_type": "refresh_token",
        "refresh_token": "refresh-me",
    }


def test_a_refresh_token_that_is_changed_is_the_one_that_is_shown_next() -> None:
    with token_server() as server:
        server.extra = {"refresh_token": "newer"}
        tokens = Tokens(Client(server.url, "us", "", "refresh-me"), Clock())
        tokens(True)
        tokens(True)
    assert [asked["refresh_token"] for asked in server.asked] == ["refresh-me", "newer"]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((400, b'{"error": "invalid_grant", "error_description": "expired"}'), TokenRefused, "invalid_grant expired"),
        ((401, b"no"), TokenRefused, "HTTP 401"),
        ((200, b"{}"), TokenRefused, "no access_token"),
        ((200, b'{"access_token": "a\\r\\nb"}'), TokenRefused, "no access_token"),
        ((302, b""), TokenRefused, "HTTP 302"),
        ((200, b"<html>"), ProviderAway, "no JSON"),
        ((503, b""), ProviderAway, "HTTP 503"),
        ((429, b""), ProviderAway, "HTTP 429"),
    ],
)
def test_a_provider_that_gives_no_token_says_whether_it_may_later(
    answer: tuple[int, bytes], error: type[Exception], words: str
) -> None:
    with token_server() as server:
        server.answer = answer
        with pytest.raises(error, match=words) as raised:
            Tokens(Client(server.url, "us", "hush", "refresh-me"), Clock())(False)
    assert "hush" not in str(raised.value)
    assert "refresh-me" not in str(raised.value)


def test_secrets_are_not_sent_in_clear_to_another_machine() -> None:
    with pytest.raises(TokenRefused, match="https://"):
        Tokens(Client("http://login.example.com/token", "us", "hush"), Clock())(False)


def test_a_mailbox_is_opened_by_a_token_and_by_a_new_one_when_it_is_refused(sqlite_world: World) -> None:
    with token_server() as server, fake_imap(mails={1: letter(1)}, tokens={"t2"}) as fake:
        tokens = Tokens(Client(server.url, "us", "", "refresh-me"), lambda: sqlite_world.now)
        with reading(sqlite_world, fake.account(password=None, token=tokens)):
            until(lambda: kept(sqlite_world) == ["Order 1"])
    assert fake.shown == [
        "user=fake\1auth=Bearer t1\1\1",
        "",  # the answer to why it is refused, which the server waits for
        "user=fake\1auth=Bearer t2\1\1",
    ]
    assert said(sqlite_world) == []


def test_where_only_oauthbearer_is_offered_that_is_spoken(sqlite_world: World) -> None:
    with (
        token_server() as server,
        fake_imap(mails={1: letter(1)}, tokens={"t2"}, capabilities="IMAP4rev1 AUTH=OAUTHBEARER") as fake,
    ):
        tokens = Tokens(Client(server.url, "us", "", "refresh-me"), lambda: sqlite_world.now)
        with reading(sqlite_world, fake.account(password=None, token=tokens)):
            until(lambda: kept(sqlite_world) == ["Order 1"])
        port = fake.port
    assert fake.shown[0] == f"n,a=fake,\1host=127.0.0.1\1port={port}\1auth=Bearer t1\1\1"
    assert fake.shown[1] == "\1"


def test_a_token_that_stays_refused_is_told_and_nobody_hammers(sqlite_world: World) -> None:
    with token_server() as server, fake_imap(mails={1: letter(1)}, tokens=set()) as fake:
        tokens = Tokens(Client(server.url, "us", "", "refresh-me"), lambda: sqlite_world.now)
        with reading(sqlite_world, fake.account(password=None, token=tokens)):
            until(lambda: len(said(sqlite_world)) == 1)
        assert (fake.connections, len(server.asked)) == (1, 2)
    assert "does not let us into the mailbox fake" in said(sqlite_world)[0]


def test_a_provider_that_refuses_for_good_is_told_to_supervisors_at_once(sqlite_world: World) -> None:
    with token_server() as server, fake_imap(mails={1: letter(1)}) as fake:
        server.answer = (400, b'{"error": "invalid_grant"}')
        tokens = Tokens(Client(server.url, "us", "", "refresh-me"), lambda: sqlite_world.now)
        with reading(sqlite_world, fake.account(password=None, token=tokens)):
            until(lambda: len(said(sqlite_world)) == 1)
    assert "gives no token: invalid_grant" in said(sqlite_world)[0]


@pytest.mark.parametrize(
    ("more", "url", "scope", "grant"),
    [
        (
            {"oauth": "microsoft", "oauth_tenant": "desk.example"},
            "https://login.microsoftonline.com/desk.example/oauth2/v2.0/token",
            "https://outlook.office365.com/.default",
            "",
        ),
        (
            {"oauth": "microsoft", "oauth_refresh_token": "r"},
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
            "r",
        ),
        ({"oauth": "google", "oauth_refresh_token": "r"}, "https://oauth2.googleapis.com/token", "", "r"),
    ],
)
def test_the_providers_that_have_names_need_only_a_client(
    more: dict[str, Any], url: str, scope: str, grant: str
) -> None:
    imap = {"support": {"host": "imap.example.com", "user": "support@desk.example", "oauth_client_id": "us", **more}}
    [account] = accounts_of(Settings(imap=imap), Clock())  # pyright: ignore[reportCallIssue, reportArgumentType]
    assert isinstance(account.token, Tokens)
    client = account.token.client
    assert (client.url, client.scope, client.refresh_token, client.id) == (url, scope, grant, "us")

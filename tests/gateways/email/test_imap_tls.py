"""Mailboxes behind TLS: listened to like others, and never without a certificate that is right."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import need_dovecot
from tests.dovecot import Dovecot, dovecot_server, letter
from tests.gateways.email.fake_imap import fake_imap
from tests.gateways.email.reading import kept, reading, said, until
from tests.ports import free_port
from tests.world import World

PEM = Path(__file__).parent / "localhost.pem"


@pytest.fixture(scope="module")
def secure() -> Generator[tuple[Dovecot, int]]:
    """A server with a certificate of its own; and its port for TLS from the start."""
    need_dovecot()
    port = free_port()
    with dovecot_server(f"ssl_cert = <{PEM}\nssl_key = <{PEM}", port) as server:
        yield server, port


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_mailbox_behind_tls_is_listened_to(sqlite_world: World, secure: tuple[Dovecot, int], tls: str) -> None:
    server, port = secure
    account = server.account(tls, host="localhost", tls=tls, ca_file=str(PEM), poll=timedelta(hours=1))
    server.put(tls, letter(0, body="x" * 300_000))
    with reading(sqlite_world, replace(account, port=port) if tls == "tls" else account):
        until(lambda: kept(sqlite_world) == ["Order 0"])
        for number in range(1, 4):
            server.put(tls, letter(number))
            until(lambda n=number: f"Order {n}" in kept(sqlite_world))


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_server_whose_certificate_nobody_vouches_for_gets_no_password(
    sqlite_world: World, secure: tuple[Dovecot, int], tls: str
) -> None:
    server, port = secure
    account = server.account(f"no-{tls}", host="localhost", tls=tls)
    server.put(account.user, letter(1))
    with reading(sqlite_world, replace(account, port=port) if tls == "tls" else account):
        until(lambda: len(said(sqlite_world)) == 1)
    assert "certificate verify failed" in said(sqlite_world)[0].casefold()
    assert kept(sqlite_world) == []


def test_a_server_that_offers_no_tls_where_it_should_gets_no_password(sqlite_world: World) -> None:
    with fake_imap(mails={1: letter(1)}) as fake, reading(sqlite_world, fake.account(tls="starttls")):
        until(lambda: len(said(sqlite_world)) == 1)
    assert "offers no TLS" in said(sqlite_world)[0]
    assert not any("LOGIN" in asked for asked in fake.asked)

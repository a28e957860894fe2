"""A running desk that looks at who vouches for its mail, and what its settings say of that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.desk.opening import open_desk
from core.phrases import Refused
from core.settings import Settings
from core.tickets.model import Message, Vouch
from deskbell.standing import standing
from deskbell.vouching import resolver_of, trust_of
from gateways.email.vouching.auth_results import Server
from tests import warm
from tests.deskbell.by_smtp import deliver
from tests.e2e.play import Play
from tests.gateways.email.signing import PLAIN, RSA
from tests.gateways.email.test_vouching import FOUND, LIST, by_the_group
from tests.names import Names, name_server
from tests.running import RunningDesk, running, soon

STATED = b"Authentication-Results: mx.desk.example; dmarc=%s header.from=shop.example\r\n"


@pytest.fixture
def names() -> Iterator[Names]:
    with name_server() as server:
        server.text("_dmarc.shop.example", "v=DMARC1; p=reject")
        RSA.publish(server)
        yield server


def dns_at(names: Names) -> str:
    return f"{names.address[0]}:{names.address[1]}"


async def test_a_running_desk_asks_after_it_has_taken_a_mail_and_believes_its_own_server(
    tmp_path: Path, names: Names
) -> None:
    settings: dict[str, Any] = {
        "MAIL_VERIFY": "check",
        "MAIL_TRUSTED_AUTHSERV": "mx.desk.example",
        "DNS_SERVER": dns_at(names),
    }
    async with running(tmp_path, **settings) as desk:
        names.silent.add("slow.example")
        slow = PLAIN.replace(b"@shop.example", b"@slow.example").replace(b"my order", b"slowness")
        assert (await deliver(desk.smtp_port, slow, "x@slow.example"))[0] == 250
        assert (await deliver(desk.smtp_port, RSA.sign(PLAIN)))[0] == 250
        await Play(desk).sees(1, "It has  not arrived.")
        forged = PLAIN.replace(b"<1@", b"<2@")
        assert (await deliver(desk.smtp_port, STATED % b"fail (p=reject)" + forged))[0] == 250
        await soon(lambda: kept_out(desk), "the forged mail in the inbox")
        await Play(desk).sees(2, "slowness")  # nobody had waited for it
        [said] = conversation(desk, 1)
        assert said.vouched.verdict is Vouch.PASSED
        assert "dkim=pass for shop.example (s1)" in said.vouched.evidence
        [said] = conversation(desk, 2)
        assert said.vouched.verdict is Vouch.UNKNOWN
        assert "does not vouch for it" in kept_out(desk)[0]
        assert "Traceback" not in desk.said(), desk.said()


async def test_what_was_found_of_a_mail_when_it_came_stays_with_it_when_it_is_let_in(
    tmp_path: Path, names: Names
) -> None:
    settings: dict[str, Any] = {"MAIL_VERIFY": "check", "DNS_SERVER": dns_at(names)}
    settings["MAIL_TRUSTED_AUTHSERV"] = "mx.desk.example"
    async with running(tmp_path, **settings) as desk:
        assert (await deliver(desk.smtp_port, STATED % b"fail (p=reject)" + PLAIN))[0] == 250
        await soon(lambda: kept_out(desk), "the forged mail in the inbox")
        await desk.stop()
        beside = open_desk(desk.env["DATABASE_URL"], desk.folder)
        try:
            assert beside.admit(beside.kept_out()[0].id)
        finally:
            beside.db.close()
        desk.env |= {"MAIL_VERIFY": "off", "MAIL_TRUSTED_AUTHSERV": ""}  # what is found now is something else
        await desk.start()
        [said] = await soon(lambda: conversation(desk, 1), "its ticket")
        assert (said.vouched.verdict, said.vouched.asks) == (Vouch.FAILED, "reject")
        assert said.vouched.evidence[0] == "dmarc=fail for shop.example, which asks for reject, says our server"


async def test_what_a_group_of_our_own_address_hands_on_is_its_authors(tmp_path: Path, names: Names) -> None:
    LIST.publish(names, "lists.example", "arc")
    settings: dict[str, Any] = {"MAIL_VERIFY": "check", "DNS_SERVER": dns_at(names)}
    async with running(tmp_path, MAIL_TRUSTED_SEALERS="lists.example", **settings) as desk:
        assert (await deliver(desk.smtp_port, by_the_group()))[0] == 250
        [said] = await soon(lambda: conversation(desk, 1), "its ticket")
        assert (said.author_name, said.vouched.domain) == ("Carla Rossi", "shop.example")
        forged = by_the_group(found=FOUND.replace(b"dmarc=pass", b"dmarc=fail")).replace(b"<1@", b"<2@")
        assert (await deliver(desk.smtp_port, forged))[0] == 250
        await soon(lambda: kept_out(desk), "the forged mail in the inbox")
        assert "it came from an address of our own" in kept_out(desk)[0]


def kept_out(desk: RunningDesk) -> list[str]:
    beside = open_desk(desk.env["DATABASE_URL"], desk.folder)
    try:
        return [piece.reason or "" for piece in beside.kept_out()]
    finally:
        beside.db.close()


def conversation(desk: RunningDesk, number: int) -> list[Message]:
    beside = open_desk(desk.env["DATABASE_URL"], desk.folder)
    try:
        return [one for one in beside.conversation(number) if not one.part.goes_out]
    finally:
        beside.db.close()


def settings(**said: Any) -> Settings:
    return Settings(_env_file=None, **said)  # pyright: ignore[reportCallIssue]


def test_as_it_comes_the_desk_asks_nobody_and_believes_nobody() -> None:
    assert trust_of(settings()).is_idle
    assert trust_of(settings(mail_verify="off", mail_trusted_authserv="mx.desk.example")).is_idle


def test_servers_are_named_with_how_many_fields_they_write() -> None:
    trust = trust_of(settings(mail_trusted_authserv="MX.desk.example., *.mailgun.org/2, -"))
    assert trust.servers == (Server("mx.desk.example"), Server("*.mailgun.org", 2), Server("-"))
    assert not trust.asks


def test_a_mailbox_names_the_servers_that_write_into_it() -> None:
    support = {"host": "imap.gmail.com", "user": "support@desk.example", "password": "x"}
    trust = trust_of(settings(imap={"support": {**support, "authserv": "mx.google.com"}, "sales": support}))
    assert trust.mailboxes == {"support": (Server("mx.google.com"),)}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"mail_trusted_authserv": "mx.desk.example/0"}, "MAIL_TRUSTED_AUTHSERV"),
        ({"mail_trusted_authserv": "mx.desk.example/many"}, "MAIL_TRUSTED_AUTHSERV"),
        ({"mail_relays": "192.0.2.0/99"}, "MAIL_RELAYS"),
        ({"mail_relays": "mx.desk.example"}, "MAIL_RELAYS"),
    ],
)
def test_what_a_setting_cannot_mean_is_refused_by_its_name(said: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        trust_of(settings(**said))


@pytest.mark.parametrize("said", ["dns.example", "192.0.2.53:port", "192.0.2.53:53:53"])
def test_who_is_asked_is_an_address(said: str) -> None:
    with pytest.raises(Refused, match="DNS_SERVER"):
        resolver_of(settings(dns_server=said))


@pytest.mark.parametrize("said", ["", "192.0.2.53", "192.0.2.53:5353, 2001:db8::53", "[2001:db8::53]:5353"])
def test_addresses_of_both_kinds_are_read(said: str) -> None:
    resolver_of(settings(dns_server=said))


async def test_the_doctor_says_who_looks_after_senders(names: Names) -> None:
    async def said(**stated: Any) -> list[tuple[str, str]]:
        return [(mark, what.text) async for mark, what in standing(settings(dns_server=dns_at(names), **stated))]

    [(mark, words)] = await said()
    assert (mark, "Nobody looks" in words) == ("warn", True)
    [(mark, words)] = await said(mail_trusted_authserv="mx.desk.example")
    assert (mark, "{servers} found out" in words) == ("good", True)
    [(mark, words)] = await said(mail_verify="check")
    assert (mark, "DNS answers" in words) == ("good", True)
    names.broken.add("gmail.com")
    [(mark, words)] = await said(mail_verify="check")
    assert (mark, "Set DNS_SERVER" in words) == ("bad", True)
    [(mark, words)] = await said(mail_relays="nowhere")
    assert (mark, "MAIL_RELAYS" in words) == ("bad", True)


def test_explaining_a_mail_says_who_vouches_for_it_where_that_is_asked_for(tmp_path: Path, names: Names) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(RSA.sign(PLAIN))
    names.text("shop.example", "v=spf1 ip4:1.2.3.4 -all")
    asked = ["--vouch", "--peer", "1.2.3.4", "--sender", "carla@shop.example"]
    told = explained(mail, *asked, env={"MAIL_VERIFY": "check", "DNS_SERVER": dns_at(names)})
    assert told["vouched"]["verdict"] == "pass"
    assert told["vouched"]["evidence"] == [
        "spf=pass for shop.example",
        "dkim=pass for shop.example (s1)",
        "dmarc: shop.example asks for reject",
    ]
    told = explained(mail, "--vouch", env={})
    assert told["vouched"]["verdict"] == "unknown"
    assert "vouched" not in explained(mail, env={})


def explained(mail: Path, *options: str, env: dict[str, str]) -> dict[str, Any]:
    told = {"PYTHONPATH": str(Path.cwd()), **env}
    said = warm.run("deskbell", ["explain", *options, str(mail)], env=told, cwd=mail.parent)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)

"""Several servers that take our mail, each for its own mailboxes: one that fails or rests keeps no other waiting."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from core.desk.outlets import Outlet, Outlets
from core.engine.apart import Apart
from core.engine.drain import Drainer
from core.storage import messages
from core.templates.locales import translate
from core.tickets.model import Address, Delivery, Outcome
from gateways.email.hands import Mail
from gateways.email.oauth import Client, Tokens
from gateways.email.outgoing.resting import resting_domain
from gateways.email.outgoing.send import AuthFailed, Relay, Sender, Unreachable, ids_given
from gateways.email.vault import DeskVault
from tests.gateways.email.test_oauth import Clock, token_server
from tests.gateways.email.test_send import MAIL, Server, Serving, knows, secured
from tests.world import ANN, RULEBOOK, World

BRAND = """
[[mailboxes]]
address = "help@brand.example"
name = "Brand"
queue = "support"

[[queues]]
name = "support"
"""
TWO = RULEBOOK.replace('[[queues]]\nname = "support"\n', BRAND.lstrip("\n"), 1)
OUTLETS = Outlets(own={"help@brand.example": Outlet("brand")})


@pytest.fixture
async def serve():
    serving = Serving()
    yield serving
    for sender in serving.senders:
        await sender.close()
    for listening in serving.listening:
        listening.close()


WAITS = {Delivery.HELD, Delivery.QUEUED}
"""What has not left and has not failed: behind an acknowledgement that waits, an answer is still held."""


class House:
    """A desk with two relays, whose mail leaves when it is asked to."""

    def __init__(self, world: World, relays: dict[str, Relay]):
        self.world = world
        world.desk.outlets = OUTLETS
        self.mail = Mail(world.desk, relays, Apart())
        self.drainer = Drainer(world.desk, {k: h for k, h in self.mail.hands.items() if "deliver" in k}, "house")

    async def answer(self, to: str) -> int:
        """A customer writes to a mailbox and is answered; the answer's number."""
        number = await asyncio.to_thread(self.world.mail, to=to)
        message = await asyncio.to_thread(self.world.desk.reply, number, ANN, "Which order?")
        assert message is not None
        return message

    async def send(self, **later: float) -> None:
        self.world.now += timedelta(**later)
        for destination in ("out:email", "out:email/brand"):
            await self.drainer.drain(destination)

    async def how(self, message: int) -> Delivery | None:
        return (await asyncio.to_thread(self.world.desk.db.run, lambda tx: messages.message(tx, message))).delivery

    async def told(self) -> list[str]:
        found = await self.world.desk.troubles.soon("Sam Rivera")
        return [translate(one.said) for one in found.untold.first]


@pytest.fixture
def two(sqlite_url: str, tmp_path):
    with World(sqlite_url, tmp_path, TWO) as made:
        yield made


async def test_mail_of_a_mailbox_with_a_relay_of_its_own_leaves_by_that_one(serve: Serving, two: World) -> None:
    usual, relay = await serve.start()
    own, other = await serve.start()
    house = House(two, {"": relay, "brand": other})
    await house.answer("support@desk.example")
    await house.answer("help@brand.example")
    await house.send(seconds=11)
    assert {mail_from.partition("+")[0] for mail_from, _, _ in usual.taken} == {"support"}
    assert {mail_from.rpartition("@")[2] for mail_from, _, _ in own.taken} == {"brand.example"}
    await house.mail.close()


async def test_a_login_that_one_relay_refuses_stops_no_other_and_is_told_once(
    serve: Serving, two: World, certificate: Path
) -> None:
    _, relay = await serve.start()
    options = {**behind_tls(certificate), "auth_required": True, "authenticator": knows(b"desk", b"right")}
    own, other = await serve.start(user="desk", password="wrong", **options)
    house = House(two, {"": relay, "brand": other})
    waiting = [await house.answer("help@brand.example") for _ in range(3)]
    sent = await house.answer("support@desk.example")
    await house.send(seconds=11)
    assert await house.how(sent) is Delivery.SENT
    await house.send(minutes=6)
    assert {await house.how(one) for one in waiting} <= WAITS
    assert own.taken == []
    told = await house.told()
    assert len(told) == 1
    assert told[0].startswith("Answers wait, and are sent as soon as it can be: The mail relay localhost refuses our")
    assert own.connections == 1, "nobody hammers a server that refuses us"
    house.mail._senders["brand"] = Sender(replace(other, password="right"))
    for _ in range(4):
        await house.send(minutes=6)
    assert [await house.how(one) for one in waiting] == [Delivery.SENT] * 3
    await house.mail.close()


async def test_an_answer_to_an_address_beyond_ascii_leaves_by_a_relay_that_speaks_smtputf8_and_by_no_other(
    serve: Serving, two: World
) -> None:
    able, relay = await serve.start(enable_SMTPUTF8=True)
    unable, other = await serve.start()
    house = House(two, {"": relay, "brand": other})
    anna = Address("email", "anna@example.com", "Anna")
    answers: list[int] = []
    for door in ("support@desk.example", "help@brand.example"):
        mail = {"sender": "müller@example.com", "name": "Jo Müller", "to": door, "copied": (anna,)}
        number = await asyncio.to_thread(lambda mail=mail: two.mail(**mail))
        reply = two.desk.reply.step(number, ANN, "Which order?", copied=["anna@example.com"])
        answers.append(await asyncio.to_thread(two.desk.db.run, reply) or 0)
    await house.send(seconds=11)
    assert [await house.how(one) for one in answers] == [Delivery.SENT, Delivery.PARTLY]
    assert [to for _, to, _ in able.taken][-1] == ["müller@example.com", "anna@example.com"]
    assert "To: =?utf-8?B?Sm8gTcO8bGxlcg==?=\r\n <müller@example.com>".encode() in able.taken[-1][2]
    assert [to for _, to, _ in unable.taken] == [["anna@example.com"]]
    assert b'To: "Anna" <anna@example.com>\r\n' in unable.taken[0][2]
    assert unable.taken[0][2].isascii()
    await house.send(hours=5)
    assert len(unable.taken) == 1, "what can never arrive is not tried again"
    said = await asyncio.to_thread(two.desk.db.run, lambda tx: messages.message(tx, answers[1]))
    assert "5.6.7 This address needs SMTPUTF8, which localhost does not speak" in (said.reason or "")
    await house.mail.close()


async def test_a_relay_that_asks_for_rest_rests_alone(serve: Serving, two: World) -> None:
    _, relay = await serve.start()
    own, other = await serve.start()
    own.answers["MAIL"] = "421 4.7.0 try later"
    house = House(two, {"": relay, "brand": other})
    waiting = [await house.answer("help@brand.example") for _ in range(3)]
    await house.send(seconds=11)
    await house.send(seconds=5)
    tried = own.connections
    sent = await house.answer("support@desk.example")
    await house.send(seconds=11)
    assert await house.how(sent) is Delivery.SENT
    assert own.connections == tried
    own.answers.clear()
    for _ in range(3):
        await house.send(minutes=3)
    assert [await house.how(one) for one in waiting] == [Delivery.SENT] * 3
    await house.mail.close()


@pytest.mark.parametrize(
    "said", ["450 4.7.1 <{}>: too many messages for big.example", "421 4.7.0 big.example: slow down"]
)
async def test_a_domain_that_has_had_too_much_rests_and_keeps_nobody_else_waiting(
    serve: Serving, world: World, tmp_path: Path, said: str
) -> None:
    server, relay = await serve.start()
    customers = [f"c{n}@big.example" for n in range(6)]
    server.answers = {one: said.format(one) for one in customers}
    house = House(world, {"": relay})
    for one in customers:
        await asyncio.to_thread(world.mail, sender=one)
    await house.send()
    tried = server.connections
    await asyncio.to_thread(world.mail, sender="carla@example.com")
    for n in range(6, 9):
        await asyncio.to_thread(world.mail, sender=f"c{n}@big.example")
    await house.send(seconds=20)
    assert [to for _, to, _ in server.taken] == [["carla@example.com"]]
    assert server.connections <= tried + 1, "the domain is left alone"
    assert await house.told() == []
    server.answers.clear()
    for _ in range(4):
        await house.send(minutes=3)
    assert len(server.taken) == 10
    await house.mail.close()


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ("4.7.1 <ann@big.example>: Recipient address rejected: rate limit exceeded", "big.example"),
        ("4.7.0 host mx1.big.example said: 421 too many connections from you", "big.example"),
        ("4.7.0 too many connections", None),
        ("4.7.0 relay.big.example: too many connections", None),
        ("4.2.1 <ann@big.example> is receiving mail at a rate that prevents more", None),
        ("4.5.3 <ann@big.example>: too many recipients", None),
        ("4.3.0 <ann@big.example>: greylisted, come back", None),
        ("4.7.1 rate limit of notbig.example and big.example.org", None),
    ],
)
def test_a_domain_rests_only_where_the_relay_speaks_of_it(said: str, domain: str | None) -> None:
    assert resting_domain(Outcome("ann@big.example", 450, said), "relay.big.example") == domain
    assert resting_domain(Outcome("ann@big.example", 550, said), "relay.big.example") is None


async def test_what_a_relay_says_of_the_largest_mail_is_known_to_everybody(serve: Serving, two: World) -> None:
    _, relay = await serve.start(data_size_limit=1_000_000)
    house = House(two, {"": relay})
    assert await two.desk.largest_mail.soon("support@desk.example") == 25 * 1024 * 1024
    await house.answer("support@desk.example")
    await house.send(seconds=11)
    assert await two.desk.largest_mail.soon("support@desk.example") == 1_000_000
    await house.mail.close()


async def test_supervisors_hear_of_a_relay_that_is_away_for_long_and_once(two: World) -> None:
    house = House(two, {"": Relay("127.0.0.1", 1, tls="none")})
    message = await house.answer("support@desk.example")
    await house.send(seconds=11)
    assert await house.told() == []
    for _ in range(8):
        await house.send(hours=1)
    assert len(await house.told()) in (1, 2)
    assert await house.how(message) in WAITS


async def test_an_id_that_the_relay_gave_finds_the_ticket(serve: Serving, two: World) -> None:
    usual, relay = await serve.start()

    async def gives(server, session, envelope):
        return "250 2.0.0 OK <AM0PR.1@AM0PR.eurprd.prod.outlook.com> [Hostname=AM0PR]"

    usual.handle_DATA = gives  # a server's own words
    house = House(two, {"": relay})
    await house.answer("support@desk.example")
    await house.send(seconds=11)
    answers = "<AM0PR.1@AM0PR.eurprd.prod.outlook.com>"
    assert await asyncio.to_thread(two.mail, "Order 7", answers=answers) == 1
    await house.mail.close()


@pytest.mark.parametrize(
    ("host", "said", "ids"),
    [
        (
            "email-smtp.eu-west-1.amazonaws.com",
            "Ok 0102018f0c1d2e3f-01234567-89ab-cdef-0123-456789abcdef-000000",
            ["<0102018f0c1d2e3f-01234567-89ab-cdef-0123-456789abcdef-000000@eu-west-1.amazonses.com>"],
        ),
        (
            "email-smtp.us-east-1.amazonaws.com",
            "Ok 010f018f0c1d2e3f-01234567-89ab-cdef-0123-456789abcdef-000000",
            ["<010f018f0c1d2e3f-01234567-89ab-cdef-0123-456789abcdef-000000@email.amazonses.com>"],
        ),
        ("mx.example", "Ok 010f018f0c1d2e3f-01234567-89ab-cdef-0123-456789abcdef-000000", []),
        ("mx.example", "2.0.0 queued for <carla@example.com> as 4711", []),
    ],
)
def test_only_ids_that_are_told_as_such_are_believed(host: str, said: str, ids: list[str]) -> None:
    assert ids_given([Outcome("carla@example.com", 250, said)], host) == ids
    assert ids_given([Outcome("carla@example.com", 451, said)], host) == []


# Tokens


class Guarded(Server):
    """A relay that is opened by certain tokens."""

    def __init__(self, accepted: set[str], mechanism: str):
        super().__init__()
        self.accepted, self.shown = accepted, list[str]()
        setattr(self, f"auth_{mechanism}", self.look_at)

    async def look_at(self, server, args) -> AuthResult:
        self.shown.append(base64.b64decode(args[1]).decode())
        if any(f"Bearer {token}\1" in self.shown[-1] for token in self.accepted):
            return AuthResult(success=True, auth_data=b"us")
        self.shown.append((await server.challenge_auth(b'{"status":"invalid_token"}')).decode())
        return AuthResult(success=False, handled=False)


def behind_tls(certificate: Path) -> dict[str, Any]:
    trust = ssl.create_default_context(cafile=str(certificate))
    return {"tls_context": secured(certificate), "tls": "starttls", "context": trust}


async def guarded(
    serve: Serving, certificate: Path, tokens: Tokens, accepted: set[str], mechanism: str = "XOAUTH2"
) -> tuple[Guarded, Relay]:
    relay_server = Guarded(accepted, mechanism)
    hidden = [] if mechanism == "XOAUTH2" else ["XOAUTH2"]
    options = {"auth_required": True, "auth_exclude_mechanism": ["LOGIN", "PLAIN", *hidden]}
    _, relay = await serve.start(server=relay_server, **behind_tls(certificate), **options)
    return relay_server, replace(relay, user="support@desk.example", token=tokens)


async def test_a_relay_is_opened_by_a_token_and_by_a_new_one_when_it_is_refused(
    serve: Serving, certificate: Path
) -> None:
    with token_server() as provider:
        tokens = Tokens(Client(provider.url, "us", "", "refresh-me"), Clock())
        server, relay = await guarded(serve, certificate, tokens, {"t2"})
        outcomes = await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    assert [one.code for one in outcomes] == [250]
    said = [one for one in server.shown if one]
    assert said == [f"user=support@desk.example\1auth=Bearer {token}\1\1" for token in ("t1", "t2")]


async def test_where_a_relay_offers_only_oauthbearer_that_is_spoken(serve: Serving, certificate: Path) -> None:
    with token_server() as provider:
        tokens = Tokens(Client(provider.url, "us", "", "refresh-me"), Clock())
        server, relay = await guarded(serve, certificate, tokens, {"t2"}, "OAUTHBEARER")
        outcomes = await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    assert [one.code for one in outcomes] == [250]
    host = f"host=localhost\1port={relay.port}"
    assert server.shown[0] == f"n,a=support@desk.example,\1{host}\1auth=Bearer t1\1\1"
    assert server.shown[1] == "\1"


async def test_a_token_that_stays_refused_stops_the_relay_and_fails_no_mail(serve: Serving, certificate: Path) -> None:
    with token_server() as provider:
        tokens = Tokens(Client(provider.url, "us", "", "refresh-me"), Clock())
        _, relay = await guarded(serve, certificate, tokens, set())
        with pytest.raises(AuthFailed, match="refuses our login"):
            await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
        assert len(provider.asked) == 2
        provider.answer = (400, b'{"error": "invalid_grant"}')
        with pytest.raises(AuthFailed, match="gives no token: invalid_grant"):
            await serve.sender(replace(relay, token=Tokens(tokens.client, Clock()))).greet()
        provider.answer = (503, b"")
        with pytest.raises(Unreachable, match="HTTP 503"):
            await serve.sender(replace(relay, token=Tokens(tokens.client, Clock()))).greet()


# What a provider gives in place of ours


def test_a_refresh_token_that_was_changed_is_used_after_a_restart_and_by_others(world: World) -> None:
    with token_server() as provider:
        provider.extra = {"refresh_token": "newer"}
        client = Client(provider.url, "us", "", "refresh-me")
        Tokens(client, Clock(), DeskVault(world.desk, "smtp:brand"))(False)
        provider.extra = {}
        Tokens(client, Clock(), DeskVault(world.desk, "smtp:brand"))(False)
        Tokens(client, Clock(), DeskVault(world.desk, "imap:brand"))(False)
        other = replace(client, refresh_token="set anew")
        Tokens(other, Clock(), DeskVault(world.desk, "smtp:brand"))(False)
    shown = [asked["refresh_token"] for asked in provider.asked]
    assert shown == ["refresh-me", "newer", "refresh-me", "set anew"]


def test_who_asks_with_a_token_that_another_process_has_changed_asks_once_more(world: World) -> None:
    vault = DeskVault(world.desk, "smtp:brand")
    with token_server() as provider:
        client = Client(provider.url, "us", "", "refresh-me")
        tokens = Tokens(client, Clock(), vault)
        given = provider.say

        def only_the_newer() -> tuple[int, bytes]:
            if provider.asked[-1]["refresh_token"] == "newer":
                return given()
            vault.keep("refresh-me", "newer")  # the other process was faster
            return 400, b'{"error": "invalid_grant"}'

        provider.say = only_the_newer
        assert tokens(False) == "t2"
    assert [asked["refresh_token"] for asked in provider.asked] == ["refresh-me", "newer"]


def test_the_token_of_the_settings_is_not_in_the_database(world: World) -> None:
    DeskVault(world.desk, "smtp:brand").keep("the-one-in-env", "newer")
    rows = world.desk.db.run(lambda tx: [tuple(row) for row in tx.sql.exec_driver_sql("select * from grants")])
    assert "the-one-in-env" not in repr(rows)

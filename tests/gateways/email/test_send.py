"""Mail on its way out, to real servers that take, refuse, delay, vanish or lie."""

import asyncio
import ssl
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from core.tickets.model import Outcome
from gateways.email.outgoing.send import AuthFailed, Relay, Sender, Unreachable

MAIL = b"From: support@desk.example\r\nTo: carla@example.com\r\nSubject: hi\r\n\r\n.hello\r\n"


class Server:
    """A relay that can be told what to say to whom."""

    def __init__(self):
        self.answers: dict[str, str] = {}  # by recipient, or "MAIL" and "DATA"
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.connections = 0
        self.options: list[str] = []  # of the last MAIL
        self.vanish_at = ""
        self.open: set[asyncio.BaseTransport] = set()

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self._vanish(server, "MAIL")
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        self.options = list(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        self._vanish(server, "RCPT")
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self._vanish(server, "DATA")
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 2.0.0 queued as 4711"

    def _vanish(self, server, command):
        if self.vanish_at == command:
            server.transport.abort()


class Serving:
    """Starts relays with aiosmtpd's options and senders that use them."""

    def __init__(self) -> None:
        self.listening: list[asyncio.Server] = []
        self.senders: list[Sender] = []

    async def start(self, server: Server | None = None, **options) -> tuple[Server, Relay]:
        server = server or Server()
        ours = {key: options.pop(key) for key in list(options) if key in Relay.__dataclass_fields__}

        def connection() -> SMTP:
            server.connections += 1
            return SMTP(server, loop=asyncio.get_running_loop(), hostname="relay.example", **options)

        self.listening.append(await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0))
        port = self.listening[-1].sockets[0].getsockname()[1]
        return server, Relay(**{"host": "localhost", "port": port, "tls": "none"} | ours)

    def sender(self, relay: Relay) -> Sender:
        self.senders.append(Sender(relay))
        return self.senders[-1]


@pytest.fixture
async def serve():
    serving = Serving()
    yield serving
    for sender in serving.senders:
        await sender.close()
    for listening in serving.listening:
        listening.close()


async def test_every_recipient_has_a_result_of_its_own(serve):
    server, relay = await serve.start()
    server.answers = {"gone@example.com": "550 5.1.1 no such user", "full@example.com": "452 4.2.2 mailbox full"}
    to = ["gone@example.com", "carla@example.com", "full@example.com", "max@example.org"]
    outcomes = await serve.sender(relay).send(MAIL, "support@desk.example", to)
    assert outcomes == [
        Outcome("gone@example.com", 550, "5.1.1 no such user"),
        Outcome("carla@example.com", 250, "2.0.0 queued as 4711"),
        Outcome("full@example.com", 452, "4.2.2 mailbox full"),
        Outcome("max@example.org", 250, "2.0.0 queued as 4711"),
    ]
    assert server.taken == [("support@desk.example", ["carla@example.com", "max@example.org"], MAIL)]


async def test_the_end_of_a_mail_has_a_time_of_its_own_for_whoever_hurries_there_sends_it_twice(serve):
    heard = asyncio.Event()

    class Slow(Server):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            await heard.wait()
            return "250 OK"

    _, relay = await serve.start(Slow(), data_timeout=timedelta(seconds=0.1))
    assert Relay("relay.example", 25).data_timeout == timedelta(minutes=10) > relay.command_timeout
    with pytest.raises(Unreachable):
        await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    heard.set()


async def test_a_relay_that_refuses_everybody_is_heard_and_nothing_is_sent(serve):
    server, relay = await serve.start()
    server.answers = {"gone@example.com": "550 5.1.1 no such user"}
    sender = serve.sender(relay)
    assert [one.code for one in await sender.send(MAIL, "support@desk.example", ["gone@example.com"])] == [550]
    assert [one.code for one in await sender.send(MAIL, "support@desk.example", ["carla@example.com"])] == [250]
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("command", "said", "code"),
    [("MAIL", "550 5.7.1 not you", 550), ("DATA", "554 5.6.0 spam", 554), ("DATA", "451 4.3.0 later", 451)],
)
async def test_a_refusal_of_the_sender_or_the_mail_is_the_result_of_all(serve, command, said, code):
    server, relay = await serve.start()
    server.answers = {command: said}
    sender = serve.sender(relay)
    outcomes = await sender.send(MAIL, "support@desk.example", ["carla@example.com", "max@example.org"])
    assert [(one.address, one.code) for one in outcomes] == [("carla@example.com", code), ("max@example.org", code)]
    server.answers = {}
    assert [one.code for one in await sender.send(MAIL, "support@desk.example", ["carla@example.com"])] == [250]


async def test_a_connection_is_used_again_and_only_so_often(serve):
    server, relay = await serve.start(mails_per_connection=3)
    sender = serve.sender(relay)
    for _ in range(7):
        await sender.send(MAIL, "support@desk.example", ["carla@example.com"])
    assert (len(server.taken), server.connections) == (7, 3)


async def test_mails_at_once_take_connections_of_their_own(serve):
    server, relay = await serve.start()
    sender = serve.sender(relay)
    await asyncio.gather(*(sender.send(MAIL, "support@desk.example", [f"p{n}@example.com"]) for n in range(4)))
    assert (len(server.taken), server.connections) == (4, 4)
    await asyncio.gather(*(sender.send(MAIL, "support@desk.example", [f"p{n}@example.com"]) for n in range(4)))
    assert (len(server.taken), server.connections) == (8, 4)


async def test_a_connection_that_the_relay_has_closed_is_replaced_in_silence(serve):
    server, relay = await serve.start(timeout=0.2)
    sender = serve.sender(relay)
    await sender.send(MAIL, "support@desk.example", ["carla@example.com"])
    await asyncio.sleep(0.4)
    assert [one.code for one in await sender.send(MAIL, "support@desk.example", ["carla@example.com"])] == [250]
    assert server.connections == 2


async def test_a_connection_idle_for_long_is_given_back(serve):
    server, relay = await serve.start(idle=timedelta(seconds=0))
    sender = serve.sender(relay)
    for _ in range(2):
        await sender.send(MAIL, "support@desk.example", ["carla@example.com"])
    assert server.connections == 2


async def test_nobody_listening_is_for_later(serve):
    sender = serve.sender(Relay("localhost", 1, tls="none"))
    with pytest.raises(Unreachable, match="localhost:1"):
        await sender.send(MAIL, "support@desk.example", ["carla@example.com"])


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_relay_that_vanishes_is_for_later_and_the_next_mail_goes(serve, command):
    server, relay = await serve.start()
    server.vanish_at = command
    sender = serve.sender(relay)
    with pytest.raises(Unreachable):
        await sender.send(MAIL, "support@desk.example", ["carla@example.com"])
    server.vanish_at = ""
    assert [one.code for one in await sender.send(MAIL, "support@desk.example", ["carla@example.com"])] == [250]


@pytest.mark.parametrize("command", ["MAIL", "DATA", "carla@example.com"])
async def test_421_is_for_later(serve, command):
    server, relay = await serve.start()
    server.answers = {command: "421 4.7.0 too busy"}
    with pytest.raises(Unreachable, match="too busy"):
        await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    assert server.taken == []


async def test_a_relay_that_says_nothing_is_for_later(serve):
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    relay = Relay(
        "127.0.0.1", listening.sockets[0].getsockname()[1], tls="none", connect_timeout=timedelta(seconds=0.2)
    )
    with pytest.raises(Unreachable):
        await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    listening.close()


def secured(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_starttls_is_used_with_a_certificate_that_is_known(serve, certificate):
    _, relay = await serve.start(
        tls_context=secured(certificate),
        require_starttls=True,
        tls="starttls",
        context=ssl.create_default_context(cafile=str(certificate)),
    )
    assert [one.code for one in await serve.sender(relay).send(MAIL, "a@desk.example", ["carla@example.com"])] == [250]


async def test_a_relay_without_starttls_gets_nothing_in_clear(serve):
    server, relay = await serve.start(tls="starttls")
    with pytest.raises(Unreachable, match=r"(?i)starttls"):
        await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    assert server.taken == []


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(serve, certificate):
    server, relay = await serve.start(tls_context=secured(certificate), tls="starttls")
    with pytest.raises(Unreachable, match=r"(?i)certificate"):
        await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    assert server.taken == []


def knows(login: bytes, password: bytes):
    def check(server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (login, password), handled=False)

    return check


async def test_a_wrong_password_is_told_from_a_relay_that_is_down(serve, certificate):
    trust = ssl.create_default_context(cafile=str(certificate))
    _, relay = await serve.start(
        tls_context=secured(certificate),
        auth_required=True,
        authenticator=knows(b"desk", b"right"),
        tls="starttls",
        context=trust,
        user="desk",
        password="wrong",
    )
    with pytest.raises(AuthFailed, match="Authentication credentials invalid"):
        await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    right = replace(relay, password="right")
    assert [one.code for one in await serve.sender(right).send(MAIL, "a@desk.example", ["carla@example.com"])] == [250]


async def test_a_relay_that_wants_a_login_we_do_not_have_says_so(serve, certificate):
    trust = ssl.create_default_context(cafile=str(certificate))
    _, relay = await serve.start(
        tls_context=secured(certificate),
        auth_required=True,
        authenticator=knows(b"d", b"r"),
        tls="starttls",
        context=trust,
    )
    with pytest.raises(AuthFailed, match="Authentication required"):
        await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])


async def test_addresses_that_no_command_can_carry_are_refused_here(serve):
    server, relay = await serve.start()
    to = [
        "grå@example.com",
        "a@b.example>\r\nRCPT TO:<evil@example.com",
        "nobody",
        "jo@bücher.example",
        "carla@example.com",
    ]
    outcomes = await serve.sender(relay).send(MAIL, "support@desk.example", to)
    assert [one.code for one in outcomes] == [553, 553, 553, 250, 250]
    assert [one.address for one in outcomes] == to
    assert server.taken[0][1] == ["jo@xn--bcher-kva.example", "carla@example.com"]


UTF8 = MAIL.replace(b"carla@", "müller@".encode())


async def test_an_address_beyond_ascii_is_written_to_by_a_relay_that_speaks_smtputf8(serve):
    server, relay = await serve.start(enable_SMTPUTF8=True)
    outcomes = await serve.sender(relay).send(UTF8, "support@desk.example", ["müller@bücher.example"])
    assert [(one.address, one.code) for one in outcomes] == [("müller@bücher.example", 250)]
    [(sender, to, content)] = server.taken
    assert (sender, to) == ("support@desk.example", ["müller@xn--bcher-kva.example"])
    assert "To: müller@example.com".encode() in content
    assert [option.upper() for option in server.options] == [f"SIZE={len(UTF8)}", "SMTPUTF8", "BODY=8BITMIME"]


async def test_what_needs_no_smtputf8_is_sent_without_it(serve):
    server, relay = await serve.start(enable_SMTPUTF8=True)
    await serve.sender(relay).send(MAIL, "support@desk.example", ["carla@example.com"])
    assert [option.upper() for option in server.options] == [f"SIZE={len(MAIL)}"]


async def test_where_the_relay_lacks_smtputf8_that_recipient_fails_for_good_and_the_others_get_it(serve):
    server, relay = await serve.start()
    to = ["müller@example.com", "carla@example.com"]
    outcomes = await serve.sender(relay).send(UTF8, "support@desk.example", to, lambda: MAIL)
    assert [(one.address, one.code) for one in outcomes] == [("müller@example.com", 553), ("carla@example.com", 250)]
    assert outcomes[0].text == "5.6.7 This address needs SMTPUTF8, which localhost does not speak"
    [(_, taken, content)] = server.taken
    assert (taken, content.isascii()) == (["carla@example.com"], True)
    alone = await serve.sender(relay).send(UTF8, "support@desk.example", to[:1])
    assert [one.code for one in alone] == [553]
    assert len(server.taken) == 1


async def test_closing_says_goodbye(serve):
    server, relay = await serve.start()
    sender = serve.sender(relay)
    await sender.send(MAIL, "support@desk.example", ["carla@example.com"])
    await sender.close()
    await sender.send(MAIL, "support@desk.example", ["carla@example.com"])
    assert server.connections == 2

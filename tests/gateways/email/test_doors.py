"""The other doors on real sockets: LMTP answers for each recipient, submission lets in who logs in."""

from __future__ import annotations

import asyncio
import base64
import shutil
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from core.phrases import Refused
from gateways.email.doors.certificate import Certificate
from gateways.email.doors.others import Handing, Submission
from gateways.email.doors.smtp import Limits, Manner

MAIL = b"From: carla@example.com\r\nSubject: hello\r\n\r\nHi.\r\n"
END = b".\r\n"

Open = Callable[..., Any]


# LMTP


@pytest.fixture
async def lmtp(open_door: Open) -> Any:
    return await open_door(manner=Manner(Handing))


async def greeted(door: Any) -> Any:
    wire = await door.wire(hello=False)
    assert (await wire.hear()).startswith("220 ")
    assert "PIPELINING" in await wire.say("LHLO mx.example")
    return wire


async def handed(wire: Any, *to: str) -> list[str]:
    """What is said to the end of a mail to these, an answer for each."""
    await wire.say("MAIL FROM:<carla@example.com>")
    for one in to:
        assert (await wire.say(f"RCPT TO:<{one}>")).startswith("250")
    assert (await wire.say("DATA")).startswith("354")
    wire.writer.write(MAIL + END)
    return [await wire.hear() for _ in to]


async def test_each_recipient_is_answered_and_the_mail_is_kept_once(lmtp: Any) -> None:
    wire = await greeted(lmtp)
    said = await handed(wire, "support@desk.example", "support+t.x@desk.example", "support@desk.example")
    assert [one[:3] for one in said] == ["250"] * 3
    [(raw, envelope)] = lmtp.kept
    assert raw == MAIL
    assert envelope.rcpt_tos == ("support@desk.example", "support+t.x@desk.example")
    assert (await wire.say("NOOP")).startswith("250")


async def test_an_unknown_recipient_is_refused_alone(lmtp: Any) -> None:
    wire = await greeted(lmtp)
    await wire.say("MAIL FROM:<carla@example.com>")
    assert (await wire.say("RCPT TO:<nobody@desk.example>")).startswith("550 5.1.1")
    await wire.say("RSET")
    assert [one[:3] for one in await handed(wire, "support@desk.example")] == ["250"]


async def test_what_cannot_be_kept_is_put_off_for_each_recipient_and_the_next_mail_is_not_out_of_step(
    lmtp: Any,
) -> None:
    wire = await greeted(lmtp)
    lmtp.trouble = RuntimeError("the disk is full")
    said = await handed(wire, "support@desk.example", "support+1@desk.example")
    assert [one[:9] for one in said] == ["451 4.3.0"] * 2
    lmtp.trouble = None
    assert [one[:3] for one in await handed(wire, "support@desk.example")] == ["250"]


async def test_a_mail_too_large_is_refused_for_each_recipient(open_door: Open) -> None:
    door = await open_door(limits=Limits(size=10), manner=Manner(Handing))
    wire = await greeted(door)
    assert [one[:9] for one in await handed(wire, "support@desk.example", "support+1@desk.example")] == [
        "552 5.3.4"
    ] * 2


async def test_a_refusal_for_many_recipients_is_one_error(open_door: Open) -> None:
    door = await open_door(limits=Limits(size=10, errors=2), manner=Manner(Handing))
    wire = await greeted(door)
    many = [f"support+{n}@desk.example" for n in range(5)]
    assert [one[:3] for one in await handed(wire, *many)] == ["552"] * 5
    assert (await wire.say("NOOP")).startswith("250")


async def test_a_stop_lets_every_recipient_of_a_mail_in_progress_have_its_answer(lmtp: Any) -> None:
    wire = await greeted(lmtp)
    lmtp.gate.clear()
    answers = asyncio.create_task(handed(wire, "support@desk.example", "support+1@desk.example"))
    await lmtp.entered.wait()
    stopping = asyncio.create_task(lmtp.intake.stop())
    await asyncio.sleep(0.05)
    lmtp.gate.set()
    assert [one[:3] for one in await answers] == ["250", "250"]
    assert (await wire.hear()).startswith("421")
    await stopping


@pytest.mark.parametrize("command", ["HELO a", "EHLO a"])
async def test_who_speaks_smtp_there_is_told(lmtp: Any, command: str) -> None:
    wire = await lmtp.wire(hello=False)
    await wire.hear()
    assert (await wire.say(command)).startswith("500")
    assert (await wire.say("MAIL FROM:<a@b.example>")).startswith("503")
    assert (await wire.say("LHLO")).startswith("501")


async def test_the_servers_door_knows_no_lmtp(open_door: Open) -> None:
    wire = await (await open_door()).wire()
    assert (await wire.say("LHLO a")).startswith("500")


# Submission


@dataclass
class Desk:
    door: Any
    trusted: ssl.SSLContext

    def client(self) -> aiosmtplib.SMTP:
        port = self.door.intake.port
        return aiosmtplib.SMTP(hostname="localhost", port=port, start_tls=True, tls_context=self.trusted)


@pytest.fixture
async def submission(open_door: Open, certificate: Path) -> Desk:
    manner = Manner(Submission, Certificate(certificate), {"printer": "sesame ä", "empty": ""})
    return Desk(await open_door(manner=manner), ssl.create_default_context(cafile=str(certificate)))


@pytest.mark.parametrize("how", ["auth_plain", "auth_login"])
async def test_who_logs_in_hands_in_mail_and_the_envelope_says_who(submission: Desk, how: str) -> None:
    async with submission.client() as client:
        await client.ehlo()
        assert client.supports_extension("auth")
        await getattr(client, how)("Printer", "sesame ä")
        await client.sendmail("printer@example.com", ["support@desk.example"], MAIL)
    [(raw, envelope)] = submission.door.kept
    assert raw == MAIL
    assert (envelope.user, envelope.tls[:3]) == ("printer", "TLS")


@pytest.mark.parametrize(("name", "password"), [("printer", "wrong"), ("nobody", ""), ("empty", "")])
@pytest.mark.parametrize("how", ["auth_plain", "auth_login"])
async def test_a_wrong_login_is_refused_slowly_and_lets_nothing_in(
    submission: Desk, how: str, name: str, password: str
) -> None:
    began = asyncio.get_running_loop().time()
    async with submission.client() as client:
        await client.ehlo()
        with pytest.raises(aiosmtplib.SMTPAuthenticationError, match=r"5\.7\.8"):
            await getattr(client, how)(name, password)
        with pytest.raises(aiosmtplib.SMTPResponseException, match="Log in first"):
            await client.sendmail("printer@example.com", ["support@desk.example"], MAIL)
    assert asyncio.get_running_loop().time() - began >= 1
    assert submission.door.kept == []


async def test_before_tls_no_password_is_asked_for_or_heard(submission: Desk) -> None:
    wire = await submission.door.wire()
    assert "AUTH" not in await wire.say("EHLO a")
    secret = base64.b64encode(b"\0printer\0sesame \xc3\xa4").decode()
    assert (await wire.say(f"AUTH PLAIN {secret}")).startswith("538")
    assert (await wire.say("MAIL FROM:<a@b.example>")).startswith("530")


async def test_a_login_opens_our_own_mailboxes_and_no_others(submission: Desk) -> None:
    async with submission.client() as client:
        await client.ehlo()
        await client.auth_plain("printer", "sesame ä")
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused, match=r"5\.7\.1"):
            await client.sendmail("printer@example.com", ["max@elsewhere.example"], MAIL)
        with pytest.raises(aiosmtplib.SMTPResponseException, match="logged in"):
            await client.auth_plain("printer", "sesame ä")
        code, _ = await client.execute_command(b"MAIL", b"FROM:<printer@example.com> AUTH=<>")
        assert code == 250


async def test_what_is_no_login_is_answered_and_the_session_goes_on(submission: Desk) -> None:
    async with submission.client() as client:
        await client.ehlo()
        for words, code in (("", 504), ("CRAM-MD5", 504), ("PLAIN %%%", 501), ("PLAIN =", 535)):
            assert (await client.execute_command(b"AUTH", *words.encode().split())).code == code
        assert (await client.execute_command(b"AUTH", b"LOGIN")).code == 334
        assert (await client.execute_command(b"*")).code == 501
        await client.auth_login("printer", "sesame ä")


async def test_who_guesses_is_shown_out(open_door: Open, certificate: Path) -> None:
    manner = Manner(Submission, Certificate(certificate), {"printer": "sesame"})
    desk = Desk(
        await open_door(limits=Limits(errors=2), manner=manner), ssl.create_default_context(cafile=str(certificate))
    )
    async with desk.client() as client:
        await client.ehlo()
        codes = [(await client.execute_command(b"AUTH", b"PLAIN", b"AGEAYg==")).code for _ in range(3)]
    assert codes == [535, 535, 421]


async def test_the_servers_door_takes_no_login(open_door: Open, certificate: Path) -> None:
    door = await open_door(manner=Manner(certificate=Certificate(certificate)))
    async with Desk(door, ssl.create_default_context(cafile=str(certificate))).client() as client:
        await client.ehlo()
        assert not client.supports_extension("auth")
        assert (await client.execute_command(b"AUTH", b"PLAIN", b"AGEAYg==")).code == 502


# Certificates


def made(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    openssl = shutil.which("openssl")
    assert openssl is not None
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/O={name}/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    command = [openssl, "req", *options, *names, "-keyout", str(key), "-out", str(chain)]
    subprocess.run(command, check=True, capture_output=True)
    return chain, key


async def shown(door: Any) -> str:
    """Whose certificate a new session is shown."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    client = aiosmtplib.SMTP(hostname="localhost", port=door.intake.port, start_tls=True, tls_context=anybody)
    async with client:
        transport = client.transport
        assert transport is not None
        found = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return "new" if b"new" in found else "old"


async def test_a_renewed_certificate_is_shown_to_who_comes_next_and_a_broken_one_never(
    open_door: Open, tmp_path: Path
) -> None:
    old, new = made(tmp_path, "old"), made(tmp_path, "new")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    shutil.copy(old[0], chain)
    shutil.copy(old[1], key)
    door = await open_door(manner=Manner(certificate=Certificate(chain, key)))
    assert await shown(door) == "old"
    shutil.copy(new[0], chain)  # its key has not been written yet
    assert await shown(door) == "old"
    chain.write_bytes(b"")
    assert await shown(door) == "old"
    shutil.copy(new[0], chain)
    shutil.copy(new[1], key)
    assert await shown(door) == "new"


def test_a_certificate_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nothing\.pem"):
        Certificate(tmp_path / "nothing.pem")

"""Mail both ways by real SMTP: customers write to the desk, the desk writes to customers, threads are threads."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import aiohttp
import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP

from sandbox import Sandbox, SandboxError
from tests.sandbox.kit import Json

DESK = "support@desk.example"
CARLA = "carla@example.com"


class Intake:
    """A desk's mail server as small as can be: serves one address, keeps what it gets."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if not address.startswith("support"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 2.0.0 Kept"


@asynccontextmanager
async def intake(sandbox: Sandbox) -> AsyncGenerator[Intake]:
    desk = Intake()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(desk, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    sandbox.desk_mail = ("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield desk
    finally:
        server.close()
        await server.wait_closed()


def reply(to: str = CARLA, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = DESK, to, "Re: Printer"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Have you tried turning it off?")
    return message


async def deliver(sandbox: Sandbox, message: EmailMessage, *to: str) -> Any:
    return await aiosmtplib.send(
        message, sender=DESK, recipients=list(to) or None, hostname="127.0.0.1", port=sandbox.mail_port
    )


async def test_a_customer_writes_to_the_desk(sandbox: Sandbox) -> None:
    async with intake(sandbox) as desk:
        picture = {"name": "Drucker.png", "type": "image/png", "base64": base64.b64encode(b"\x89PNG").decode()}
        sent = await sandbox.mail(
            CARLA, DESK, "Printer 🖨", "It burns.\n", html="<p>It <b>burns</b></p>", attachments=[picture]
        )
    assert (sent["status"], sent["reply"][:3]) == ("accepted", "250")
    (envelope,) = desk.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == (CARLA, [DESK])
    (mail,) = sandbox.mails(CARLA)
    assert (mail["direction"], mail["subject"], mail["from"]) == (
        "sent",
        "Printer 🖨",
        "Carla Gómez <carla@example.com>",
    )
    assert mail["text"] == "It burns.\n"
    assert mail["has_html"]
    assert mail["attachments"] == [{"name": "Drucker.png", "type": "image/png", "size": 4}]
    assert mail["message_id"].endswith("@example.com>")


async def test_what_the_server_said_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no_desk"):
        await sandbox.mail(CARLA, DESK, "x", "x")
    async with intake(sandbox):
        refused = await sandbox.mail(CARLA, "nobody@desk.example", "x", "x")
        both = await sandbox.mail(CARLA, DESK, "x", "x", cc="nobody@desk.example")
    assert (refused["status"], refused["reply"]) == ("refused", "550 5.1.1 No such user here")
    assert (both["status"], both["reply"]) == ("accepted", "550 5.1.1 No such user here")
    gone = await sandbox.mail(CARLA, DESK, "x", "x")
    assert (gone["status"], gone["reply"][:3]) == ("refused", "421")
    assert [m["status"] for m in sandbox.mails(CARLA)] == ["refused", "accepted", "refused"]


async def test_a_mailbox_at_an_address_of_the_desk_would_swallow_its_mail(sandbox: Sandbox) -> None:
    async with intake(sandbox) as desk:
        with pytest.raises(SandboxError, match="address_of_desk"):
            await sandbox.new_mailbox(DESK)
        await sandbox.mail(CARLA, DESK, "x", "x")
        made = [await sandbox.new_mailbox(address) for address in ("dora@example.com", "dörte@example.com")]
        with pytest.raises(SandboxError, match="invalid_address"):
            await sandbox.new_mailbox("no\r\naddress@x")
    assert [box["address"] for box in made] == ["dora@example.com", "dörte@example.com"]
    assert [envelope.rcpt_tos for envelope in desk.taken] == [[DESK]]


async def test_a_header_cannot_be_smuggled_in(sandbox: Sandbox) -> None:
    async with intake(sandbox) as desk:
        with pytest.raises(SandboxError, match="invalid_mail"):
            await sandbox.mail(CARLA, DESK, "x\r\nBcc: all@example.com", "x")
        with pytest.raises(SandboxError, match="invalid_address"):
            await sandbox.mail("no address", DESK, "x", "x")
    assert desk.taken == []


async def test_the_desk_writes_to_a_customer(sandbox: Sandbox) -> None:
    await deliver(sandbox, reply(Auto_Submitted="auto-replied", Message_ID="<1@desk.example>"))
    (mail,) = sandbox.mails(CARLA)
    assert (mail["direction"], mail["status"], mail["auto_submitted"]) == ("received", "accepted", "auto-replied")
    assert mail["text"] == "Have you tried turning it off?\n"
    assert b"Have you tried" in sandbox.mail_bytes(mail["id"])


async def test_the_space_at_which_a_header_was_folded_is_read(sandbox: Sandbox) -> None:
    raw = b"From: x@y.example\r\nTo: =?utf-8?q?Carla_G=C3=B3mez?=\r\n <carla@example.com>\r\n\r\nHello"
    await aiosmtplib.send(raw, sender=DESK, recipients=[CARLA], hostname="127.0.0.1", port=sandbox.mail_port)
    assert sandbox.mails(CARLA)[0]["to"] == "Carla Gómez <carla@example.com>"


async def test_mails_that_cite_each_other_are_one_conversation(sandbox: Sandbox) -> None:
    async with intake(sandbox):
        await sandbox.mail(CARLA, DESK, "Printer", "It burns")
        (first,) = sandbox.mails(CARLA)
        await deliver(sandbox, reply(In_Reply_To=first["message_id"], Message_ID="<2@desk.example>"))
        await deliver(sandbox, reply(References=f"{first['message_id']} <2@desk.example>"))
        await sandbox.mail(CARLA, DESK, "Re: Printer", "Yes", in_reply_to="<2@desk.example>")
        await sandbox.mail(CARLA, DESK, "Printer", "Another one, by chance of the same name")
    conversations = [mail["conversation"] for mail in sandbox.mails(CARLA)]
    assert conversations[:4] == [first["id"]] * 4
    assert conversations[4] != first["id"]
    answer = sandbox.mails(CARLA)[3]
    assert (answer["in_reply_to"], answer["references"]) == ("<2@desk.example>", ["<2@desk.example>"])


async def test_a_mailbox_can_refuse_greylist_and_lose_its_answer(sandbox: Sandbox) -> None:
    await sandbox.set_faults(
        mail_refuse={"max@example.org": "550 5.1.1 User unknown"}, mail_tempfail={CARLA: 1}, mail_lose_replies=1
    )
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await deliver(sandbox, reply(), "max@example.org")
    assert (refused.value.recipients[0].code, refused.value.recipients[0].message) == (550, "5.1.1 User unknown")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as later:
        await deliver(sandbox, reply())
    assert later.value.recipients[0].code == 451
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await deliver(sandbox, reply())
    assert len(sandbox.mails(CARLA)) == 1
    await deliver(sandbox, reply())
    assert len(sandbox.mails(CARLA)) == 2


async def test_a_refusal_must_be_what_a_server_says(sandbox: Sandbox) -> None:
    for words in ("no", "250 OK", "550", "550 two\r\nlines"):
        with pytest.raises(SandboxError, match="invalid_fault"):
            await sandbox.set_faults(mail_refuse={CARLA: words})
    await sandbox.set_faults(mail_refuse={"Carla@Example.COM": "552 5.2.2 Mailbox full"})
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await deliver(sandbox, reply())


async def test_customers_can_write_to_each_other_and_be_new(sandbox: Sandbox) -> None:
    await sandbox.new_mailbox("Zoë@Example.com", "Zoë")
    await sandbox.mail("zoë@example.com", CARLA, "Hello", "from one customer to another")
    assert [m["direction"] for m in sandbox.mails(CARLA)] == ["received"]
    assert [m["direction"] for m in sandbox.mails("zoë@example.com")] == ["sent"]
    await deliver(sandbox, reply("somebody.new@example.com"))
    assert "somebody.new@example.com" in {box["address"] for box in sandbox.state()["mailboxes"]}


async def test_an_address_beyond_ascii_travels_as_utf8(sandbox: Sandbox) -> None:
    await sandbox.new_mailbox("zoë@exämple.com", "Zoë, the first")
    async with intake(sandbox) as desk:
        await sandbox.mail("zoë@exämple.com", DESK, "Grüße", "x")
    assert (desk.taken[0].mail_from, desk.taken[0].smtp_utf8) == ("zoë@exämple.com", True)
    (mail,) = sandbox.mails("zoë@exämple.com")
    assert mail["from"] == '"Zoë, the first" <zoë@exämple.com>'


async def test_bytes_go_out_as_they_are(sandbox: Sandbox) -> None:
    raw = b"From: Carla <carla@example.com>\r\nSubject: =?x-unknown?B?////?=\r\nDate: soon\r\n\r\n\xff\xfe broken\r\n"
    async with intake(sandbox) as desk:
        await sandbox.mail_raw(CARLA, [DESK], raw)
    assert desk.taken[0].content == raw
    (mail,) = sandbox.mails(CARLA)
    assert "broken" in mail["text"]


async def read(sandbox: Sandbox, path: str) -> tuple[aiohttp.ClientResponse, bytes]:
    async with aiohttp.ClientSession() as session, session.get(f"{sandbox.base_url}/_sandbox/mail/{path}") as answer:
        return answer, await answer.read()


async def test_a_mail_is_shown_in_a_cage(sandbox: Sandbox) -> None:
    message = reply()
    message.add_alternative("<script>alert(1)</script><img src='cid:logo'><p>Hello</p>", subtype="html")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", cid="<logo>", filename="../../logo.png")
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename="page.html")
    await deliver(sandbox, message)
    (mail,) = sandbox.mails(CARLA)
    answer, page = await read(sandbox, f"{mail['id']}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script-src" not in policy
    assert b"<img src='data:image/png;base64,iVBORw=='>" in page
    assert [a["name"] for a in mail["attachments"]] == [".._.._logo.png", "page.html"]
    answer, data = await read(sandbox, f"{mail['id']}/attachment/0")
    assert (answer.content_type, data) == ("image/png", b"\x89PNG")
    answer, _ = await read(sandbox, f"{mail['id']}/attachment/1")
    assert (answer.content_type, answer.headers["Content-Disposition"]) == ("application/octet-stream", "attachment")
    answer, raw = await read(sandbox, f"{mail['id']}/raw")
    assert (answer.content_type, raw) == ("message/rfc822", sandbox.mail_bytes(mail["id"]))
    for path in ("M0NONE/html", "M0NONE/raw", "M0NONE/attachment/0", f"{mail['id']}/attachment/9"):
        assert (await read(sandbox, path))[0].status == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\x01\x02",
        b"Subject: no body and no end",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"Content-Type: text/plain; charset=klingon\r\nContent-Transfer-Encoding: base64\r\n\r\n####",
        b"From: a@b\r\nReferences: <" + b"x" * 900 + b">\r\nDate: Fri, 99 Foo 10000\r\n\r\nx",
    ],
)
async def test_no_mail_is_too_broken_to_be_shown(sandbox: Sandbox, raw: bytes) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sandbox.mail_port) as client:
        await client.sendmail(DESK, [CARLA], raw)
    (mail,) = sandbox.mails(CARLA)
    answer, _ = await read(sandbox, f"{mail['id']}/html")
    assert answer.status == 200
    shown: Json = sandbox.state()["mails"][0]
    assert shown["id"] == mail["id"]

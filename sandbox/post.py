"""How mail travels in the sandbox: an SMTP server takes what the desk sends, and customers' mail goes to the desk."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import SMTPUTF8 as SMTPUTF8_POLICY
from email.utils import format_datetime, getaddresses, make_msgid
from typing import Any

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.errors import Json, SandboxError
from sandbox.faults import Faults
from sandbox.mailbox import Mailboxes

SIZE_LIMIT = 50 * 1024 * 1024


class Sink:
    """The customers' mail servers: takes every recipient, unless a fault says what their server would say instead."""

    def __init__(self, mailboxes: Mailboxes, faults: Faults) -> None:
        self._mailboxes = mailboxes
        self._faults = faults
        self._server: asyncio.Server | None = None

    async def listen(self, port: int) -> int:
        """Returns the port it got."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", port)
        return self._server.sockets[0].getsockname()[1]

    def _session(self) -> SMTP:
        return SMTP(self, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, hostname="mail.sandbox.example",
                    loop=asyncio.get_running_loop())  # fmt: skip

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_RCPT(  # noqa: N802 (aiosmtpd names its hooks so)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        wanted = address.casefold()
        if wanted in self._faults.mail_refuse:
            return self._faults.mail_refuse[wanted]
        if self._faults.spend_of(self._faults.mail_tempfail, wanted):
            return "451 4.7.1 Greylisted, please try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        ids = [self._mailboxes.put(r, "received", raw, "accepted", "250 OK")["id"] for r in envelope.rcpt_tos]
        if self._faults.spend("mail_lose_replies") and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return f"250 2.0.0 Ok: queued as {ids[0]}"


class Mailing:
    """Every method is one action of a customer in their mail program."""

    _mailboxes: Mailboxes
    desk_mail: tuple[str, int] | None

    async def new_mailbox(self, address: str, name: str = "") -> Json:
        """Raises SandboxError: `invalid_address`, or `address_of_desk`, whose mail a mailbox here would swallow."""
        wanted = address.strip()
        if self.desk_mail and wanted.casefold() not in self._mailboxes.all and await _takes(self.desk_mail, wanted):
            raise SandboxError("address_of_desk")
        return self._mailboxes.open(address, name)

    async def mail(  # noqa: PLR0913, PLR0917 (the fields of a mail)
        self,
        sender: str,
        to: str,
        subject: str,
        text: str,
        html: str | None = None,
        in_reply_to: str | None = None,
        references: Sequence[str] | str = (),
        cc: str = "",
        attachments: Sequence[Json] = (),
    ) -> Json:
        """Write to the desk. `attachments`: {name, type, base64}. Returns {id, status, reply} (the server's words)."""
        box = self._mailboxes.open(sender)
        try:
            message = _compose(box, to, cc, subject, text, html, in_reply_to, references)
            for part in attachments:
                kind, _, sub = str(part.get("type") or "application/octet-stream").partition("/")
                data = base64.b64decode(part["base64"], validate=True)
                message.add_attachment(data, maintype=kind, subtype=sub, filename=part["name"])
        except (binascii.Error, ValueError) as error:
            raise SandboxError("invalid_mail", message=str(error)) from None
        recipients = [address for _, address in getaddresses([to, cc]) if address]
        return await self.mail_raw(box["address"], recipients, message.as_bytes())

    async def mail_raw(self, sender: str, recipients: Sequence[str], raw: bytes) -> Json:
        """Send bytes as they are; `sender` is the envelope's and whose mailbox keeps the copy."""
        outside = [r for r in recipients if r.casefold() not in self._mailboxes.all]
        for address in (r for r in recipients if r not in outside):
            self._mailboxes.put(address, "received", raw, "accepted", "250 OK")
        status, reply = ("accepted", "250 OK")
        if outside:
            if self.desk_mail is None:
                raise SandboxError("no_desk")
            status, reply = await _send(self.desk_mail, sender, outside, raw)
        kept = self._mailboxes.put(sender, "sent", raw, status, reply)
        return {"id": kept["id"], "status": status, "reply": reply}


def _compose(
    box: Json, to: str, cc: str, subject: str, text: str, html: str | None, parent: str | None, refs: Any
) -> EmailMessage:
    name, _, domain = box["address"].rpartition("@")
    message = EmailMessage(policy=SMTP_POLICY if box["address"].isascii() else SMTPUTF8_POLICY)
    message["From"] = Address(box["name"], name, domain)
    message["To"] = to
    if cc:
        message["Cc"] = cc
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=domain.encode("idna").decode())
    if parent:
        message["In-Reply-To"] = parent
    known = refs.split() if isinstance(refs, str) else list(refs)
    if parent and parent not in known:
        known.append(parent)
    if known:
        message["References"] = " ".join(known)
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


async def _takes(server: tuple[str, int], recipient: str) -> bool:
    """Whether mail to this address is for the server. One that does not answer takes nothing."""
    host, port = server
    try:
        async with aiosmtplib.SMTP(hostname=host, port=port, timeout=30, start_tls=False) as client:
            await client.mail("")
            await client.rcpt(recipient)
    except (aiosmtplib.SMTPException, ValueError, OSError):
        return False
    return True


async def _send(server: tuple[str, int], sender: str, recipients: Sequence[str], raw: bytes) -> tuple[str, str]:
    """What became of it, and the last words of the server."""
    host, port = server
    client = aiosmtplib.SMTP(hostname=host, port=port, timeout=30, start_tls=False)
    try:
        async with client:
            await client.ehlo()
            beyond_ascii = not "".join((sender, *recipients)).isascii()
            options = ["SMTPUTF8"] if beyond_ascii and client.supports_extension("smtputf8") else []
            refused, said = await client.sendmail(sender, list(recipients), raw, mail_options=options)
    except aiosmtplib.SMTPRecipientsRefused as error:
        first = error.recipients[0]
        return "refused", f"{first.code} {first.message}"
    except aiosmtplib.SMTPResponseException as error:
        return "refused", f"{error.code} {error.message}"
    except (aiosmtplib.SMTPException, OSError) as error:
        return "refused", f"421 {error}"
    if refused:
        code, words = next(iter(refused.values()))
        return "accepted", f"{code} {words}"
    return "accepted", f"250 {said}"

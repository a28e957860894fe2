"""Mail on its way to the next server: one connection used for a while, and a result for every recipient."""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import aiosmtplib

from core.phrases import DeskError, Phrase, phrase
from core.tickets.model import Outcome
from gateways.email.oauth import ProviderAway, TokenRefused
from gateways.email.outgoing.resting import resting_domain
from gateways.email.parts.addresses import is_reachable, needs_utf8, normal

Token = Callable[[bool], str]
"""Gives an access token, and may take its time; asked with True when the last one was refused."""

_GIVEN = re.compile(r"<[!-;=?-~]{1,200}@[!-;=?-~]{1,200}\.(?:outlook|exchangelabs)\.com>", re.IGNORECASE)
_SES = re.compile(r"(?:2\.\d\.\d )?Ok ([0-9a-f]{16}-[0-9a-f-]{20,60})")
_AMAZON = re.compile(r"email-smtp(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com")
_REFUSED_LOGIN = (530, 534, 535, 538)


class Unreachable(DeskError):
    """The relay could not be spoken with, or not to the end: nothing is known to have gone out. Try again."""


class Resting(Unreachable):
    """The relay asks us to rest (421): nothing is to go there for a while."""


class DomainResting(Unreachable):
    """A server behind the relay asks us to rest (421): nothing is to go to its `domain` for a while."""

    def __init__(self, said: Phrase, domain: str):
        super().__init__(said)
        self.domain = domain


class AuthFailed(DeskError):
    """The relay does not know us: no mail will leave until somebody corrects the settings."""


@dataclass(frozen=True, slots=True)
class Relay:
    """The server that takes our mail. With `starttls`, a connection that stays in clear is none."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: Token | None = field(default=None, repr=False)  # in place of a password
    hostname: str | None = None  # what we call ourselves
    context: ssl.SSLContext | None = None  # instead of the system's certificates
    connect_timeout: timedelta = timedelta(seconds=30)
    command_timeout: timedelta = timedelta(minutes=5)  # RFC 5321 §4.5.3.2
    data_timeout: timedelta = timedelta(minutes=10)  # too short a one makes duplicates (RFC 1047)
    mails_per_connection: int = 100
    idle: timedelta = timedelta(seconds=20)
    refused_pause: timedelta = timedelta(minutes=1)


class _Line:
    """An open connection."""

    def __init__(self, client: aiosmtplib.SMTP):
        self.client = client
        self.mails = 0
        self.used_at = 0.0


class Sender:
    """Sends by one relay. Several mails at once take a connection each; idle ones are kept for a little while."""

    def __init__(self, relay: Relay):
        self._relay = relay
        self.largest: int | None = None
        """Bytes of a mail, as the relay said when it was last greeted; None: it names no limit."""
        self._idle: list[_Line] = []
        self._opening = asyncio.Lock()
        self._refused: tuple[float, Phrase] | None = None  # until when it is not asked again, and what it said

    async def send(
        self, raw: bytes, mail_from: str, recipients: Sequence[str], in_ascii: Callable[[], bytes] | None = None
    ) -> list[Outcome]:
        """What the relay said about each recipient, in their order. Raises Unreachable, AuthFailed.

        Who is to get it stands only in the envelope. An address that cannot be written in a command is refused here.
        `in_ascii` gives the same mail with a header that any relay takes, where that of `raw` is not so: for those who
        can be written to where the relay does not speak SMTPUTF8.
        """
        speakable = [address for address in dict.fromkeys(recipients) if _is_speakable(normal(address))]
        outcomes = {
            address: Outcome(address, 553, "5.1.3 This is no mail address")
            for address in recipients
            if address not in speakable
        }
        if speakable:
            line = await self._line()
            if not line.client.supports_extension("smtputf8"):
                refused = f"5.6.7 This address needs SMTPUTF8, which {self._relay.host} does not speak"
                outcomes |= {one: Outcome(one, 553, refused) for one in speakable if needs_utf8(one)}
                speakable = [one for one in speakable if one not in outcomes]
                if in_ascii and speakable and not raw.partition(b"\r\n\r\n")[0].isascii():
                    raw = in_ascii()
            try:
                if speakable:
                    outcomes |= await self._transact(line, raw, mail_from, speakable)
            except DomainResting:
                await _hang_up(line)
                raise
            except (aiosmtplib.SMTPException, OSError, ValueError) as error:
                await _hang_up(line)
                raise self._unreachable(error) from error
            except asyncio.CancelledError:
                line.client.close()
                raise
            await self._keep(line)
        return [outcomes[address] for address in recipients]

    @property
    def host(self) -> str:
        """Its name, as the settings have it."""
        return self._relay.host

    async def greet(self) -> None:
        """Connect, secure the line and sign in, as for a mail. Raises Unreachable, AuthFailed."""
        await self._keep(await self._line())

    async def close(self) -> None:
        """Say goodbye on every idle connection."""
        idle, self._idle = self._idle, []
        for line in idle:
            await _hang_up(line)

    async def _transact(self, line: _Line, raw: bytes, mail_from: str, recipients: list[str]) -> dict[str, Outcome]:
        client, outcomes = line.client, dict[str, Outcome]()
        line.mails += 1
        options = [f"size={len(raw)}"] if client.supports_extension("size") else []
        if not raw.partition(b"\r\n\r\n")[0].isascii() or any(map(needs_utf8, recipients)):
            options += ["smtputf8", *(["body=8bitmime"] if client.supports_extension("8bitmime") else [])]
        try:
            await client.mail(mail_from, options=options)
        except aiosmtplib.SMTPSenderRefused as error:
            if error.code in _REFUSED_LOGIN:
                raise AuthFailed(
                    phrase(
                        "The mail relay {host} wants us to log in: {reason}",
                        host=self._relay.host,
                        reason=_one_line(error.message),
                    )
                ) from error
            return await self._all_refused(line, recipients, error)
        for address in recipients:
            try:
                await client.rcpt(normal(address), encoding="utf-8")
            except aiosmtplib.SMTPRecipientRefused as error:
                outcomes[address] = Outcome(address, error.code, _one_line(error.message))
                if error.code == 421:
                    domain = resting_domain(outcomes[address], self._relay.host)
                    raise DomainResting(self._unreachable(error).phrase, domain) if domain else error from error
        taken = [address for address in recipients if address not in outcomes]
        if not taken:
            await client.rset()
            return outcomes
        try:
            response = await client.data(raw, timeout=self._relay.data_timeout.total_seconds())
        except aiosmtplib.SMTPDataError as error:
            return outcomes | await self._all_refused(line, taken, error)
        said = Outcome("", response.code, _one_line(response.message))
        return outcomes | {address: said._replace(address=address) for address in taken}

    async def _all_refused(
        self, line: _Line, recipients: list[str], error: aiosmtplib.SMTPResponseException
    ) -> dict[str, Outcome]:
        if error.code == 421:
            raise error
        await line.client.rset()
        return {address: Outcome(address, error.code, _one_line(error.message)) for address in recipients}

    async def _line(self) -> _Line:
        """An idle connection that still answers, or a new one."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if now - line.used_at < self._relay.idle.total_seconds() and line.client.is_connected:
                with suppress(aiosmtplib.SMTPException, OSError):
                    await line.client.noop()
                    return line
            await _hang_up(line)
        return _Line(await self._open())

    async def _open(self) -> aiosmtplib.SMTP:
        """A new connection. Of many who want one at once, only the first hears that our login is refused.

        A wrong password said often locks the account.
        """
        async with self._opening:
            now = asyncio.get_running_loop().time()
            if self._refused is not None and now < self._refused[0]:
                raise AuthFailed(self._refused[1])
            try:
                return await self._connect()
            except AuthFailed as error:
                self._refused = (now + self._relay.refused_pause.total_seconds(), error.phrase)
                raise

    async def _keep(self, line: _Line) -> None:
        line.used_at = asyncio.get_running_loop().time()
        if line.mails >= self._relay.mails_per_connection or not line.client.is_connected:
            await _hang_up(line)
        else:
            self._idle.append(line)

    async def _connect(self) -> aiosmtplib.SMTP:
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=relay.hostname,
            use_tls=relay.tls == "tls",
            start_tls=relay.tls == "starttls",  # True demands it, False forbids it
            tls_context=relay.context or (ssl.create_default_context() if relay.tls != "none" else None),
            timeout=relay.command_timeout.total_seconds(),
        )
        try:
            async with asyncio.timeout(relay.connect_timeout.total_seconds()):
                await client.connect()
                await client.ehlo()
                if relay.token is not None:
                    await self._show_token(client, relay.user or "", relay.token)
                elif relay.user:
                    await client.login(relay.user, relay.password or "")
            self.largest = _limit(client.esmtp_extensions.get("size", ""))
        except aiosmtplib.SMTPAuthenticationError as error:
            client.close()
            if error.code not in _REFUSED_LOGIN:
                raise self._unreachable(error) from error
            raise AuthFailed(
                phrase(
                    "The mail relay {host} refuses our login: {reason}",
                    host=relay.host,
                    reason=_one_line(error.message),
                )
            ) from error
        except TokenRefused as error:
            client.close()
            raise AuthFailed(error.phrase) from error
        except ProviderAway as error:
            client.close()
            raise Unreachable(error.phrase) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._unreachable(error) from error
        return client

    async def _show_token(self, client: aiosmtplib.SMTP, user: str, token: Token) -> None:
        """Log in by XOAUTH2, or OAUTHBEARER where only that is offered; once anew where the token is refused."""
        offered = client.esmtp_extensions.get("auth", "").upper().split()
        bearer = "OAUTHBEARER" in offered and "XOAUTH2" not in offered
        for is_new in (False, True):
            given = await asyncio.to_thread(token, is_new)
            try:
                if bearer:
                    await self._bear(client, user, given)
                else:
                    await client.auth_xoauth2(user, given)
            except aiosmtplib.SMTPAuthenticationError as error:
                if is_new or error.code not in _REFUSED_LOGIN:
                    raise
            else:
                return

    async def _bear(self, client: aiosmtplib.SMTP, user: str, token: str) -> None:
        """RFC 7628 §3.1. What the server says in between is why it refuses: it waits for an answer to that."""
        name = user.replace("=", "=3D").replace(",", "=2C")
        said = f"n,a={name},\1host={self._relay.host}\1port={self._relay.port}\1auth=Bearer {token}\1\1"
        answer = await client.execute_command(b"AUTH", b"OAUTHBEARER", base64.b64encode(said.encode()))
        if answer.code == 334:
            answer = await client.execute_command(base64.b64encode(b"\1"))
        if answer.code != 235:
            raise aiosmtplib.SMTPAuthenticationError(answer.code, answer.message)

    def _unreachable(self, error: Exception) -> Unreachable:
        if isinstance(error, aiosmtplib.SMTPResponseException):
            reason = f"{error.code} {_one_line(error.message)}"
        else:
            reason = _one_line(str(error)) or type(error).__name__
        rests = isinstance(error, aiosmtplib.SMTPResponseException) and error.code == 421
        return (Resting if rests else Unreachable)(
            phrase(
                "The mail relay {host}:{port} does not take mail: {reason}",
                host=self._relay.host,
                port=str(self._relay.port),
                reason=reason,
            )
        )


async def _hang_up(line: _Line) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(2):
            await line.client.quit()
    line.client.close()


def ids_given(outcomes: Sequence[Outcome], host: str) -> list[str]:
    """The Message-IDs that a relay gave a mail in place of ours, as far as its answer to the mail says so.

    Microsoft 365 says the whole id in its brackets; Amazon SES says what stands before the @, and its region's name
    stands behind it.
    """
    found: dict[str, None] = {}
    for outcome in outcomes:
        if 200 <= outcome.code < 300:
            found |= dict.fromkeys(_GIVEN.findall(outcome.text)[:2])
            ses, region = _SES.fullmatch(outcome.text.strip()), _AMAZON.fullmatch(host.lower())
            if ses and region:
                place = "email" if region[1] == "us-east-1" else region[1]
                found[f"<{ses[1]}@{place}.amazonses.com>"] = None
    return list(found)


def _limit(said: str) -> int | None:
    """What SIZE says (RFC 1870 §6): nothing, or zero, is no limit."""
    return int(said) or None if said.isascii() and said.isdigit() else None


def _is_speakable(address: str) -> bool:
    if needs_utf8(address):
        return is_reachable(address)
    local, at, domain = address.rpartition("@")
    return (
        bool(at and local and domain)
        and len(address) <= 254
        and all("!" <= char <= "~" and char not in "<>" for char in address)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]

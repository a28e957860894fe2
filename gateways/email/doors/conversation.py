"""One SMTP session: what may be said when, and 250 for a mail only once it is kept."""

from __future__ import annotations

import asyncio
import collections
import logging
import secrets
import sys
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Session as Greeted

from gateways.email.doors.data import DataReader, has_bare_newline
from gateways.email.doors.path import MalformedError, Path, read_parameters, read_path
from gateways.email.envelope import Envelope

if TYPE_CHECKING:
    from gateways.email.doors.smtp import Intake

log = logging.getLogger(__name__)


class _Greeting:
    """What aiosmtpd asks its handler at HELO and EHLO."""

    async def handle_HELO(self, server: Conversation, session: Greeted, _envelope: Any, name: str) -> str:  # noqa: N802
        session.host_name = _clean(name)
        return f"250 {server.hostname}"

    async def handle_EHLO(  # noqa: N802
        self, server: Conversation, session: Greeted, _envelope: Any, name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = _clean(name)
        offered = [line for line in lines if not line.startswith(("250-AUTH", "250 HELP"))]
        # RFC 2920 asks for what the library does anyway: answers in order, input never thrown away.
        offered += ["250-PIPELINING", "250 ENHANCEDSTATUSCODES"]
        return ["\r\n".join(server.offers(offered))]  # one line for the library: one write, one packet


class Conversation(SMTP):
    """One client's session: aiosmtpd's grammar, HELO and STARTTLS; our MAIL, RCPT and DATA."""

    line_length_limit = 64 * 1024  # the stream's high-water mark; the lines of a mail may be of any length

    def __init__(self, intake: Intake, loop: asyncio.AbstractEventLoop):
        super().__init__(
            _Greeting(),
            data_size_limit=intake.limits.size,
            enable_SMTPUTF8=True,
            hostname=intake.hostname,
            ident="Deskbell",
            tls_context=intake.manner.certificate.context if intake.manner.certificate else None,
            timeout=intake.limits.command.total_seconds(),
            loop=loop,
        )
        # The library counts this up in a dictionary of the class, for all sessions together.
        self.command_size_limits = collections.defaultdict(lambda: 2048)
        self._intake = intake
        self._peer = ""
        self._admitted = False
        self._receiving = False
        self._held = 0
        self._errors = 0
        self._taken = 0  # recipients of this mail that we said 250 to
        self._session_timer: asyncio.TimerHandle | None = None

    def __dir__(self) -> list[str]:
        """What the library looks for in every new conversation: to ask for all members takes longer than to greet."""
        return _HOOKS

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._admitted:  # again, inside TLS
            super().connection_made(transport)
            return
        assert isinstance(transport, asyncio.Transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else ""
        refusal = self._intake.enter(self, self._peer)
        if refusal:
            transport.write(refusal.encode() + b"\r\n")
            transport.close()
            return
        self._admitted = True
        self._session_timer = self.loop.call_later(self._intake.limits.session.total_seconds(), self._timeout_cb)
        super().connection_made(transport)
        assert self._handler_coroutine is not None
        self._handler_coroutine.add_done_callback(_note_how_it_ended)

    def connection_lost(self, error: Exception | None) -> None:
        if self._session_timer is None:  # it was refused, or this is the second of two calls
            return
        self._session_timer.cancel()
        self._session_timer = None
        super().connection_lost(error)
        self._intake.leave(self, self._peer)

    def leave_when_idle(self) -> None:
        """Hang up now, or when the mail that is coming in has been answered."""
        if not self._receiving:
            self._hang_up("421 4.3.2 We are closing; please come back in a minute")

    def cut(self) -> None:
        """Hang up whatever is going on."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def _hang_up(self, reply: str) -> None:
        if not isinstance(self.transport, asyncio.Transport) or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # the peer does not read: it would keep us waiting for ever
            return
        self.transport.write(reply.encode() + b"\r\n")
        self.transport.close()

    def _timeout_cb(self) -> None:
        self._hang_up("421 4.4.2 You took too long")

    # -- replies

    async def push(self, status: Any) -> None:
        """Answer. Too many refusals in a row, or a server that is stopping, end the session."""
        if isinstance(status, str) and status.startswith("5"):
            self._errors += 1
            if self._errors > self._intake.limits.errors:
                self._hang_up("421 4.7.0 Too many errors")
                return
        await super().push(status)
        if self._intake.stopping:
            self.leave_when_idle()

    async def handle_exception(self, error: Exception) -> str:
        """Whatever went wrong is ours: the sender tries again, and learns nothing but a number to quote."""
        self._receiving = False
        mark = secrets.token_hex(4)
        log.error("SMTP session %s failed", mark, exc_info=error)
        return f"451 4.3.0 We could not take this just now; please try again (reference {mark})"

    # -- commands

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if self.envelope.mail_from is not None:
            await self.push("503 5.5.1 One sender a mail")
            return
        path = await self._path("FROM:", arg, "501 5.5.4 Syntax: MAIL FROM:<address>")
        if path is None:
            return
        try:
            parameters = read_parameters(path.rest)
        except MalformedError:
            await self.push("501 5.5.4 Malformed parameters")
            return
        utf8 = "SMTPUTF8" in parameters
        refusal = _unknown_parameters(parameters, self.parameters) or self._oversize(parameters.get("SIZE", ""))
        if not refusal and not utf8 and not path.address.isascii():
            refusal = "553 5.6.7 This address needs SMTPUTF8"
        if refusal:
            await self.push(refusal)
            return
        self.envelope.mail_from = path.address
        self.envelope.smtp_utf8 = utf8
        self._taken = 0
        await self.push("250 2.1.0 OK")

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if self.envelope.mail_from is None:
            await self.push("503 5.5.1 MAIL comes first")
            return
        if len(self.envelope.rcpt_tos) >= self._intake.limits.recipients:
            await self.push("452 4.5.3 Too many recipients; send the others separately")
            return
        path = await self._path("TO:", arg, "501 5.5.4 Syntax: RCPT TO:<address>")
        if path is None:
            return
        refusal = None
        if path.rest.strip():
            refusal = "555 5.5.4 We know no parameters here"
        elif not path.address:
            refusal = "501 5.1.3 A recipient is missing"
        elif not path.address.isascii() and not self.envelope.smtp_utf8:
            refusal = "553 5.6.7 This address needs SMTPUTF8"
        refusal = refusal or await self._intake.takes(path.address)
        if refusal:
            await self.push(refusal)
            return
        if path.address not in self.envelope.rcpt_tos:
            self.envelope.rcpt_tos.append(path.address)
        self._taken += 1
        await self.push("250 2.1.5 OK")

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos or arg:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 RCPT comes first")
            return
        self._receiving = True
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        envelope, reply, recipients = self._facts(), "250 2.0.0 OK, we have it", self._taken
        self._set_post_data_state()
        try:
            raw, refusal = await self._receive()
            refusal = refusal or ("550 5.6.11 Bare <CR> or <LF> in the mail" if has_bare_newline(raw) else None)
            if refusal is None:
                await self._keep(raw, envelope)
                self._errors = 0
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:
            refusal = await self.handle_exception(error)
        finally:
            self._hold(0)
        self._receiving = False
        await self.answer_mail(refusal or reply, recipients)

    async def answer_mail(self, reply: str, recipients: int) -> None:
        """Say what became of a mail that was sent to so many recipients."""
        await self.push(reply)

    async def _receive(self) -> tuple[bytes, str | None]:
        """The mail that follows, read in blocks (a line at a time is 70 % of the library's time), or a refusal."""
        reader, intake, crowded = DataReader(self._intake.limits.size), self._intake, False
        rest = None
        while rest is None:
            block = await self._reader.read(sys.maxsize)  # all there is
            if not block:
                raise ConnectionResetError
            self._reset_timeout(intake.limits.block.total_seconds())
            rest = reader.feed(block)
            if intake.in_memory + reader.held - self._held > intake.limits.in_memory:
                crowded = True
                reader.give_up()
            self._hold(reader.held)
        if rest:
            self._reader.feed_data(rest)  # `read` has emptied the stream, so this comes first again
        self._reset_timeout()
        if crowded:
            return b"", "452 4.3.1 Too much mail at once; please try again later"
        if reader.too_big:
            return b"", f"552 5.3.4 The mail is larger than {intake.limits.size} bytes"
        return reader.mail(), None

    async def _keep(self, raw: bytes, envelope: Envelope) -> None:
        """Have a mail kept. Its bytes count until that has ended, also where the client has hung up meanwhile."""
        intake, held, self._held = self._intake, self._held, 0
        keeping = asyncio.ensure_future(intake.accept(raw, envelope))

        def let_go(_: object) -> None:
            intake.in_memory -= held

        keeping.add_done_callback(let_go)
        await asyncio.shield(keeping)

    def _hold(self, held: int) -> None:
        """Count the bytes of the mail that is coming in."""
        self._intake.in_memory += held - self._held
        self._held = held

    @property
    def user(self) -> str:
        """Who has logged in; empty where nobody can."""
        return ""

    @property
    def parameters(self) -> frozenset[str]:
        """What may stand behind MAIL FROM."""
        return frozenset({"BODY", "SIZE", "SMTPUTF8"})

    def offers(self, lines: list[str]) -> list[str]:
        """What is said to EHLO. The first line names us, the last has a blank behind the number."""
        return lines

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        if self._intake.manner.certificate is not None:
            self._intake.manner.certificate.refresh()
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802
        await self.push("502 5.5.1 AUTH is not offered here")

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802
        await self.push("252 2.1.5 Send a mail and see")

    async def smtp_HELP(self, arg: str | None) -> None:  # noqa: N802
        await self.push("214 2.0.0 See RFC 5321")

    # -- what they share

    async def _path(self, keyword: str, arg: str | None, syntax: str) -> Path | None:
        """The address of a command; None when the refusal has been sent."""
        rest = self._strip_command_keyword(keyword, arg) if arg else None
        if not rest:
            await self.push(syntax)
            return None
        try:
            rest.encode()  # bytes that are not UTF-8 came as surrogates
            return read_path(rest)
        except (UnicodeEncodeError, MalformedError):
            await self.push("501 5.1.3 Malformed address")
            return None

    def _oversize(self, size: str) -> str | None:
        if size and not (size.isascii() and size.isdigit()):
            return "501 5.5.4 SIZE is a number"
        if size and (len(size) > 18 or int(size) > self._intake.limits.size):
            return f"552 5.3.4 We take mails of up to {self._intake.limits.size} bytes"
        return None

    def _facts(self) -> Envelope:
        assert self.envelope is not None
        assert self.session is not None
        tls = ""
        secured = (self.session.ssl or {}).get("ssl_object")
        if secured is not None:
            cipher = secured.cipher()
            tls = f"{secured.version()} {cipher[0] if cipher else ''}".strip()
        return Envelope(
            mail_from=self.envelope.mail_from or "",
            rcpt_tos=tuple(self.envelope.rcpt_tos),
            peer=self._peer,
            helo=self.session.host_name or "",
            tls=tls,
            received_at=self._intake.now(),
            user=self.user,
        )


def _unknown_parameters(parameters: dict[str, str], known: frozenset[str]) -> str | None:
    if parameters.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
        return "501 5.5.4 BODY is 7BIT or 8BITMIME"
    if parameters.get("SMTPUTF8"):
        return "501 5.5.4 SMTPUTF8 takes no value"
    if parameters.keys() - known:
        return "555 5.5.4 We know no such parameter"
    return None


def _clean(name: str) -> str:
    """A HELO name that can be kept: bytes that are not UTF-8 and controls shown, not carried."""
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else "?" for c in shown[:255])


def _note_how_it_ended(handling: asyncio.Task[None]) -> None:
    """A client that vanishes ends the task with an error that is nobody's business but must be looked at."""
    if not handling.cancelled() and handling.exception() is not None:
        log.debug("SMTP session ended: %r", handling.exception())


def hooks_of(kind: type[Conversation]) -> list[str]:
    """The commands that a sort of conversation knows."""
    return [name for name in dir(kind) if name.startswith(("auth_", "smtp_"))]


_HOOKS = hooks_of(Conversation)

"""Other doors than that for the internet's servers: for our own server (LMTP), for those who log in (submission)."""

from __future__ import annotations

import asyncio
import binascii
import hmac
from hashlib import sha256

from gateways.email.doors.conversation import Conversation, hooks_of
from gateways.email.doors.smtp import Intake

_SLOWED = 1.0
"""Seconds that a refused login takes: who guesses, waits."""


class Handing(Conversation):
    """LMTP (RFC 2033): our mail server hands mail over, and hears of each recipient whether we have it."""

    show_smtp_greeting = False

    def __dir__(self) -> list[str]:
        return _HANDING

    async def smtp_LHLO(self, arg: str | None) -> None:  # noqa: N802
        if not arg:
            await self.push("501 5.5.4 Syntax: LHLO hostname")
            return
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, arg: str | None) -> None:  # noqa: N802
        await self.push("500 5.5.1 This is LMTP: say LHLO")

    async def smtp_EHLO(self, arg: str | None) -> None:  # noqa: N802
        await self.push("500 5.5.1 This is LMTP: say LHLO")

    async def answer_mail(self, reply: str, recipients: int) -> None:
        """The same for each recipient, since they share one row: we have it for all of them or for none.

        In one piece: a stop between them would leave some without an answer, and a refusal is one error, not many.
        """
        await self.push("\r\n".join([reply] * recipients))


class Submission(Conversation):
    """Machines and people of ours hand in mail for our own mailboxes: over TLS only, and only who has logged in."""

    def __init__(self, intake: Intake, loop: asyncio.AbstractEventLoop):
        super().__init__(intake, loop)
        self._user = ""

    def __dir__(self) -> list[str]:
        return _SUBMISSION

    @property
    def user(self) -> str:
        return self._user

    @property
    def parameters(self) -> frozenset[str]:
        return super().parameters | {"AUTH"}  # RFC 4954 §5: whoever logs in may send it; nothing follows from it

    def offers(self, lines: list[str]) -> list[str]:
        return [*lines[:1], "250-AUTH PLAIN LOGIN", *lines[1:]] if self._is_secure and not self._user else lines

    @property
    def _is_secure(self) -> bool:
        return self.session is not None and self.session.ssl is not None

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        self._user = ""
        await super().smtp_STARTTLS(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not self._is_secure:
            await self.push("530 5.7.0 Say STARTTLS first")
        elif not self._user:
            await self.push("530 5.7.0 Log in first")
        else:
            await super().smtp_MAIL(arg)

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802
        if await self.check_helo_needed("EHLO"):
            return
        mechanism, _, initial = (arg or "").strip().partition(" ")
        if not self._is_secure:
            await self.push("538 5.7.11 Say STARTTLS first")
        elif self._user:
            await self.push("503 5.5.1 You are logged in")
        elif mechanism.upper() == "PLAIN":
            await self._plain(initial)
        elif mechanism.upper() == "LOGIN":
            await self._login(initial)
        else:
            await self.push("504 5.5.4 We know PLAIN and LOGIN")

    async def _plain(self, initial: str) -> None:
        said = await self._said("", initial)
        if said is None:
            return
        _, _, rest = said.partition(b"\0")
        name, _, password = rest.partition(b"\0")
        await self._admit(name, password)

    async def _login(self, initial: str) -> None:
        name = await self._said("Username:", initial)
        password = await self._said("Password:", "") if name is not None else None
        if name is not None and password is not None:
            await self._admit(name, password)

    async def _said(self, challenge: str, initial: str) -> bytes | None:
        """What the client says to a challenge, or has said already; None where it broke off, which is answered."""
        if initial:
            return await self._decoded(initial)
        said = await self.challenge_auth(challenge)
        return said if isinstance(said, bytes) else None

    async def _decoded(self, initial: str) -> bytes | None:
        try:
            return b"" if initial == "=" else binascii.a2b_base64(initial, strict_mode=True)
        except (binascii.Error, ValueError):
            await self.push("501 5.5.2 This is no base64")
            return None

    async def _admit(self, name: bytes, password: bytes) -> None:
        said = name.decode("utf-8", "replace").casefold()
        known = self._intake.manner.users.get(said)
        right = hmac.compare_digest(_digest(known.encode() if known is not None else b""), _digest(password))
        if known and right:
            self._user = said
            await self.push("235 2.7.0 Welcome")
            return
        await asyncio.sleep(_SLOWED)
        await self.push("535 5.7.8 Name or password is wrong")


def _digest(secret: bytes) -> bytes:
    return sha256(secret).digest()


_HANDING, _SUBMISSION = hooks_of(Handing), hooks_of(Submission)

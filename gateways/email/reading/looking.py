"""A mail to be looked at before somebody decides about it: its words, the fields that matter, what is enclosed."""

from __future__ import annotations

import logging
from datetime import timedelta

from core.engine.apart import Apart, GaveOutError
from core.tickets.inspected import Enclosed, Inspected
from core.tickets.model import ENCRYPTED, Address
from gateways.email.parts.charsets import clean
from gateways.email.parts.headers import Headers, decode_words, split_mail
from gateways.email.reading.parse import sender_of, understand

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=2)
"""Slack opens no window after three."""

SHOWN = 4000
"""Characters of the text."""

MOST_FILES = 50
HEAD = 256 * 1024
"""Bytes of a mail that are read where the whole cannot be."""

_FIELDS = (
    "from",
    "sender",
    "reply-to",
    "return-path",
    "to",
    "cc",
    "date",
    "message-id",
    "in-reply-to",
    "auto-submitted",
    "list-id",
    "precedence",
    "authentication-results",
    "x-spam-flag",
    "x-spam-status",
    "x-rspamd-action",
    "received",
)
_LONGEST = 300
_LONGEST_RAW = 4000
_MOST_OF_A_FIELD = 3


class Looking:
    """Looks at mails in a process of its own: whoever waits has a few seconds, and mail that comes in goes on."""

    def __init__(self, apart: Apart | None = None):
        self._apart = apart or Apart(PATIENCE)

    async def look(self, raw: bytes, problem: str = "") -> Inspected:
        """A mail, or its head where `problem` says why the whole cannot be read, or where that shows now."""
        if not problem:
            try:
                return await self._apart.call(inspect, raw)
            except Exception as error:  # whatever its bytes do to the reader, somebody wants to see what it is
                log.warning("a mail could not be read, only its head: %s", error)
                problem = str(error) or type(error).__name__
        try:
            return await self._apart.call(inspect_head, raw[:HEAD], problem)
        except GaveOutError as error:
            log.warning("not even its head could be read: %s", error)
            return Inspected(Address("email", ""), "", "", problem=problem)

    async def close(self) -> None:
        await self._apart.close()


def inspect(raw: bytes) -> Inspected:
    """A whole mail. For a process of its own."""
    mail = understand(raw)
    files = [Enclosed(file.name, file.type, len(file.content)) for file in mail.files]
    return Inspected(
        sender=Address("email", mail.sender.address, mail.sender.name),
        subject=mail.subject,
        text=mail.text[:SHOWN],
        left=max(0, len(mail.text) - SHOWN),
        fields=_fields(split_mail(raw).headers),
        files=files[:MOST_FILES],
        left_out=mail.left_out + len(files[MOST_FILES:]),
        nature=mail.nature,
        signs=mail.evidence,
        is_encrypted=ENCRYPTED in mail.charset_notes,
    )


def inspect_head(raw: bytes, problem: str) -> Inspected:
    """Who wrote it and about what, and its bytes as they came, as text."""
    headers, body = split_mail(raw)
    sender = sender_of(headers)
    said = clean(raw[body : body + SHOWN].decode("utf-8", "replace"))
    return Inspected(
        sender=Address("email", sender.address, sender.name),
        subject=headers.text("subject"),
        text=said,
        left=max(0, len(raw) - body - SHOWN),
        fields=_fields(headers),
        problem=problem,
    )


def _fields(headers: Headers) -> list[tuple[str, str]]:
    """The fields that say where a mail came from and whose it is."""
    return [
        (name, said[:_LONGEST])
        for name in _FIELDS
        for value in headers.every(name)[:_MOST_OF_A_FIELD]
        if (said := decode_words(value[:_LONGEST_RAW]))
    ]

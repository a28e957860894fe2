"""What a spam filter that we believe has written into a mail's headers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.routing.filters import Sign, says_so
from gateways.email.parts.headers import Headers, decode_words, split_mail, unfold

HEAD = 256 * 1024
"""Bytes of a mail in which its headers are looked for."""

_LONGEST = 2000
_SHOWN = 200
_BY = re.compile(rb"\bby\s+([A-Za-z0-9._-]+)", re.IGNORECASE)


def spam_signs(raw: bytes, signs: Sequence[Sign], above: str | None) -> tuple[str, ...]:
    """The fields, as they are written, that say that a mail is spam.

    Anybody can write such fields. `above` names a server of ours: then only those count that stand above the line in
    which it says that it received the mail, where it, and what it hands mail to, writes its own. Where there is no
    such line, none counts.
    """
    headers = split_mail(raw[:HEAD]).headers
    believed = headers.fields if above is None else _above(headers, above.casefold().encode())
    found: list[str] = []
    for name, value in believed:
        for sign in signs:
            if sign.name == name and says_so(sign, said := decode_words(unfold(value)[:_LONGEST]).strip()):
                found.append(f"{name}: {said}"[:_SHOWN])
                break
    return tuple(found)


def _above(headers: Headers, server: bytes) -> Sequence[tuple[str, bytes]]:
    for at, (name, value) in enumerate(headers.fields):
        by = _BY.search(value[:_LONGEST]) if name == "received" else None
        if by is not None and by[1].lower() == server:
            return headers.fields[:at]
    return ()

"""What our own mail is known by: addresses with a tag (`+t.TOKEN` is where answers go, `+b.TOKEN` where reports of
delivery go), and the field that names the desk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from core.phrases import DeskError, phrase
from gateways.email.rewritten import own_form

Kind = Literal["t", "b"]

MARK = "X-Deskbell-Desk"
"""The header by which a desk knows its own mails again, whatever else was changed on their way."""

LONGEST_LOCAL = 64  # RFC 5321 §4.5.3.1.1

_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,60}", re.ASCII)
_TAGGED = {kind: re.compile(rf"[^@+]+\+[{kind}{kind.upper()}]\.({_TOKEN.pattern})@", re.ASCII) for kind in ("t", "b")}
_TAG = re.compile(r"\+[^@]*(?=@)")


def tagged(door: str, kind: Kind, token: str) -> str:
    """Our address with a token. Raises DeskError where the token could be more than one."""
    if not _TOKEN.fullmatch(token):
        raise DeskError(phrase("The token of the address {address} is malformed.", address=door))
    local, _, domain = door.rpartition("@")
    return f"{local}+{kind}.{token}@{domain}"


def return_path(door: str, token: str | None) -> str:
    """Where the next servers report to: the message that they speak of is known by it, however they say it.

    The plain address where there is no room for a token: a longer local part may be refused.
    """
    address = tagged(door, "b", token) if token else door
    return address if len(address.rpartition("@")[0]) <= LONGEST_LOCAL else door


def tokens_in(addresses: Iterable[str], kind: Kind) -> tuple[str, ...]:
    """The tokens of one kind in addresses, each once. Whether they are ours is to be seen."""
    found = (_TAGGED[kind].match(own_form(address)) for address in addresses)
    return tuple(dict.fromkeys(one[1] for one in found if one))


def untagged(address: str) -> str:
    """One of our addresses as we compare them: without its tag, and as it was before a server wrote it anew.

    Case does not count (RFC 5321 leaves that to us).
    """
    return _TAG.sub("", own_form(address)).casefold()

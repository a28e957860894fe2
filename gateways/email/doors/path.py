"""How addresses are written in MAIL and RCPT commands (RFC 5321 §4.1.2, RFC 6531 §3.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

# What nearly every command looks like; the rest goes through the slower reading below.
_PLAIN = re.compile(
    r"<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,255}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8})>(?: (.*))?", re.DOTALL
)
_ROUTE = re.compile(r"@[^,:@<>\s]+(?:,@[^,:@<>\s]+)*:")
_QUOTED = re.compile(r'"((?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*)"')
_ATOMS = re.compile(r"[^\x00-\x20\x7f\"(),:;<>@\[\\\]]+")
_DOMAIN = re.compile(r"[A-Za-z0-9_\u00a1-\U0010ffff-]+(?:\.[A-Za-z0-9_\u00a1-\U0010ffff-]+)*\.?")
_LITERAL = re.compile(r"\[[A-Za-z0-9.:-]+\]")
_LONGEST = 512  # RFC 5321 allows 256; bounce addresses in the wild are longer


class MalformedError(ValueError):
    """Not an address."""


class Path(NamedTuple):
    """An address from a command; `address` is empty for `<>`, `rest` are the parameters behind it."""

    address: str
    rest: str


def read_path(argument: str) -> Path:
    """The address at the head of what stands behind FROM: or TO:. Raises MalformedError.

    Tolerant where senders are sloppy (no angle brackets, a local part of its own, consecutive dots, long local parts),
    strict where it would blur who is meant. A source route is dropped (RFC 5321 Appendix C).
    """
    plain = _PLAIN.fullmatch(argument)
    if plain:
        return Path(plain[1], plain[2] or "")
    if not argument.startswith("<"):
        bare, _, rest = argument.partition(" ")
        return Path(_mailbox(bare), rest)
    end = _closing(argument)
    inner = argument[1:end].strip(" ")
    rest = argument[end + 1 :]
    if rest and not rest.startswith(" "):
        raise MalformedError
    route = _ROUTE.match(inner)
    if route:
        inner = inner[route.end() :]
    return Path(_mailbox(inner) if inner else "", rest[1:])


def read_parameters(rest: str) -> dict[str, str]:
    """`SIZE=100 SMTPUTF8` as {"SIZE": "100", "SMTPUTF8": ""}. Raises MalformedError."""
    found: dict[str, str] = {}
    for word in rest.split():
        keyword, equals, value = word.partition("=")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", keyword) or (equals and not value):
            raise MalformedError
        found[keyword.upper()] = value
    return found


def _closing(argument: str) -> int:
    """Where the `>` is that ends the path: not one inside a quoted local part."""
    at = 1
    while at < len(argument):
        if argument[at] == '"':
            quoted = _QUOTED.match(argument, at)
            if not quoted:
                raise MalformedError
            at = quoted.end()
        elif argument[at] == ">":
            return at
        else:
            at += 1
    raise MalformedError


def _mailbox(text: str) -> str:
    """`local@domain`, quotes taken off where they say nothing."""
    if len(text) > _LONGEST:
        raise MalformedError
    quoted = _QUOTED.match(text)
    if quoted:
        plain = re.sub(r"\\(.)", r"\1", quoted[1])
        local, at = (plain if _ATOMS.fullmatch(plain) else quoted[0]), quoted.end()
    else:
        atoms = _ATOMS.match(text)
        if not atoms:
            raise MalformedError
        local, at = atoms[0], atoms.end()
    if at == len(text):
        return local
    domain = text[at + 1 :]
    if text[at] != "@" or not (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain)):
        raise MalformedError
    return f"{local}@{domain}"

"""What another server wrote that it found out about a mail (Authentication-Results, RFC 8601), and when to believe it.

Anybody can write such a field. It is believed only under a name that whoever runs the desk has given, only where a
server of theirs handed the mail on, and only at the top: above all that was there before their servers took it in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, cast

from core.tickets.model import Vouch, Vouched
from gateways.email.parts.headers import Headers, unfold
from gateways.email.vouching.dmarc import Wish, aligned, organisation

NAMELESS = "-"
"""Instead of a name: servers that write results without saying who they are (Microsoft 365)."""

_OF_THE_NAMELESS = ("outlook.com", "office365.com")

_MOST_BYTES = 16 * 1024
_MOST_RESULTS = 50
_MOST_TOLD = 4
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|[^"();]+|.', re.DOTALL)
_METHOD = re.compile(r"\s*([a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)(.*)", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(
    r'\b([a-z]{1,20}\.[a-z0-9_.-]{1,40}|action)\s*=\s*("(?:[^"\\]|\\.)*"?[^\s";]*|[^\s";]+)', re.IGNORECASE
)
_WISH = re.compile(r"\b(dis|p|policy)\s*[=:.]\s*(none|quarantine|reject)\b", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9._-]{1,253}")
_BY = re.compile(r"\bby\s+([a-z0-9_.:\[\]-]+)", re.IGNORECASE)


class Server(NamedTuple):
    """A server that is believed: its name, or `*.` before a domain of names; how many fields it writes on a mail."""

    name: str
    fields: int = 1

    def wrote(self, name: str) -> bool:
        """Whether a field is its own, by the name in it."""
        if self.name.startswith("*."):
            return name.endswith(self.name[1:])
        return name == self.name


class Result(NamedTuple):
    """What was found by one method."""

    method: str
    result: str
    properties: dict[str, str]  # header.from, smtp.mailfrom, …
    comment: str


class Results(NamedTuple):
    server: str
    found: tuple[Result, ...]


def read_results(value: bytes) -> Results:
    """A field, in any shape that servers write it. Never raises."""
    parts = _parts(value[:_MOST_BYTES].decode("utf-8", "replace"))
    server, _ = parts[0]
    is_nameless = _METHOD.match(server) is not None
    name = NAMELESS if is_nameless else next(iter(server.split()), "").lower().rstrip(".")
    found = [
        Result(method[1].lower(), method[2].lower(), _properties(method[3]), comment)
        for text, comment in parts[0 if is_nameless else 1 :][:_MOST_RESULTS]
        if (method := _METHOD.match(text))
    ]
    return Results(name, tuple(found))


def believed(headers: Headers, servers: Sequence[Server]) -> list[Result]:
    """What servers that are believed have found out, from the topmost fields of theirs.

    Servers write what they find above what has come, or just below the line that says so (Received). So nothing counts
    below the line of a server that is not theirs. The first such line always is: whoever handed us the mail wrote it.
    """
    left = {server: server.fields for server in servers}
    found: list[Result] = []
    passed = 0
    for name, value in headers.fields:
        if name == "received":
            passed += 1
            if passed > 1 and not any(_is_of(unfold(value), server) for server in servers):
                break
        elif name == "authentication-results":
            said = read_results(unfold(value))
            server = next((one for one in servers if one.wrote(said.server) and left[one]), None)
            if server is not None:
                left[server] -= 1
                found += said.found
    return found


def verdict(found: Sequence[Result], domain: str) -> Vouched | None:
    """What these results say of a mail in the name of this domain; None where they do not tell.

    A result by DMARC counts if it is about this domain. Else names count that SPF and DKIM have found to be true.
    """
    said = [one for one in found if one.method == "dmarc" and one.properties.get("header.from", domain) == domain]
    worst = next(
        (one for result in ("fail", "pass", "bestguesspass", "none") for one in said if one.result == result), None
    )
    if worst is not None and worst.result == "fail":
        asks = _asks(worst)
        why = f"dmarc=fail for {domain}, which asks for {asks}, says our server"
        return Vouched(Vouch.FAILED, domain, asks, (why, *_others(found)))
    if worst is not None and worst.result != "none" and "header.from" in worst.properties:
        why = f"dmarc={worst.result} for {domain}, says our server"
        return Vouched(Vouch.PASSED, domain, "none", (why, *_others(found)))
    for one in found:
        name = _vouches(one)
        if one.result == "pass" and aligned(domain, name, strict=False):
            return Vouched(Vouch.PASSED, domain, "none", (f"{one.method}=pass for {name}, says our server",))
    if worst is not None and worst.result == "none":
        return Vouched(Vouch.NONE, domain, "none", (f"dmarc=none for {domain}, says our server",))
    return None


def names(found: Sequence[Result], address: str) -> bool:
    """Whether these results have found this very address to be true, and not only its domain."""
    told = {"spf": "smtp.mailfrom", "dkim": "header.i"}
    return any(
        one.result == "pass" and one.properties.get(told.get(one.method, "")) == address.lower() for one in found
    )


def spf_of(found: Sequence[Result]) -> tuple[str, str] | None:
    """(result, domain) by SPF, where it stands there."""
    return next(((one.result, _vouches(one)) for one in found if one.method == "spf"), None)


def _others(found: Sequence[Result]) -> list[str]:
    """By what a server came to its result."""
    those = [one for one in found if one.method in ("spf", "dkim")][:_MOST_TOLD]
    return [f"{one.method}={one.result} for {_vouches(one) or 'nobody'}, says our server" for one in those]


def _vouches(one: Result) -> str:
    """The domain that a result is about."""
    names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo")}.get(one.method, ())
    said = next((one.properties[name] for name in names if one.properties.get(name)), "")
    name = said.rpartition("@")[2].rstrip(".")
    return name if _NAME.fullmatch(name) else ""


def _asks(one: Result) -> Wish:
    """What was to become of a mail that failed, as the server says that it did it, or that the domain asks for it."""
    action = one.properties.get("action", "").removeprefix("o")
    stated = {key.lower(): wish.lower() for key, wish in _WISH.findall(one.comment)}
    said = one.properties.get("policy.dmarc") or action or stated.get("dis") or stated.get("p") or stated.get("policy")
    return cast(Wish, said) if said in ("quarantine", "reject") else "none"


def _properties(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _PROPERTY.findall(text):
        found.setdefault(name.lower(), value.strip('"').lower())
    return found


def _parts(text: str) -> list[tuple[str, str]]:
    """What stands between semicolons, each with its comments apart."""
    parts: list[tuple[list[str], list[str]]] = [([], [])]
    depth = 0
    for piece in _PIECE.findall(text):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
            parts[-1][bool(depth)].append(" ")
        elif piece == ";" and not depth:
            parts.append(([], []))
        else:
            parts[-1][bool(depth)].append(piece)
    return [("".join(said), "".join(comment)) for said, comment in parts]


def _is_of(received: bytes, server: Server) -> bool:
    """Whether a line was written by a server of the same house, or by one that has no name (Gmail's own)."""
    by = _BY.search(received.decode("latin-1"))
    if by is None:
        return False
    name = by[1].lower().strip("[].")
    if "." not in name or re.fullmatch(r"[\d.]+", name):
        return True
    houses = _OF_THE_NAMELESS if server.name == NAMELESS else (organisation(server.name.removeprefix("*.")),)
    return organisation(name) in houses

"""Whether a domain lets an address send mail in its name (SPF, RFC 7208), by as many questions as the RFC allows."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol
from urllib.parse import quote

from gateways.email.vouching.resolver import Ip, Unanswered

Result = Literal["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"]

_LOOKUPS, _VOID, _NAMES = 10, 2, 10  # RFC 7208 §4.6.4
_LONGEST_NAME = 253
_QUALIFIERS: dict[str, Result] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM = re.compile(r"([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?![a-z0-9_.=-])(.*)", re.IGNORECASE | re.DOTALL)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
_BITS = re.compile(r"(.*?)(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?", re.DOTALL)
_MACRO = re.compile(r"%(?:\{([slodiphcrtv])(\d*)(r?)([-.+,/_=]*)\}|([%_-]))", re.IGNORECASE)
_PLAIN = re.compile(r"(?:[!-$&-~]|%[%_-]|%\{[slodiphcrtv]\d*r?[-.+,/_=]*\})*", re.IGNORECASE)
_END = re.compile(r"(?:\.(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?|%\{[^}]*\})\Z", re.IGNORECASE)


class Asked(Protocol):
    """What SPF asks DNS; see Resolver."""

    async def txt(self, name: str) -> list[bytes]: ...
    async def addresses(self, name: str, version: int) -> list[Ip]: ...
    async def exchangers(self, name: str) -> list[str]: ...
    async def names(self, ip: Ip) -> list[str]: ...


class Spf(NamedTuple):
    """What a domain says of an address."""

    result: Result
    domain: str  # lower case; the one that was asked


class _Permanent(Exception):
    """The domain's record is wrong."""


@dataclass(frozen=True, slots=True)
class _Mechanism:
    result: Result
    kind: str
    spec: str | None  # a domain with macros, or a network
    bits4: int
    bits6: int


@dataclass(frozen=True, slots=True)
class _Record:
    mechanisms: list[_Mechanism]
    redirect: str | None


async def spf(peer: str, mail_from: str, helo: str, dns: Asked) -> Spf:
    """What the domain of the envelope's sender says of the address that the mail came from.

    Where nobody is to be told (`<>`), the name in the greeting counts. `domain` is empty where neither is one.
    """
    sender = mail_from if "@" in mail_from else f"postmaster@{mail_from or helo}"
    domain = sender.rpartition("@")[2].lower().rstrip(".")
    try:
        check = _Check(ipaddress.ip_address(peer), sender, helo, dns)
    except ValueError:
        return Spf("none", domain)
    try:
        return Spf(await check.host(domain), domain)
    except Unanswered:
        return Spf("temperror", domain)
    except _Permanent:
        return Spf("permerror", domain)


class _Check:
    """One check: how often DNS was asked, and for whom."""

    def __init__(self, ip: Ip, sender: str, helo: str, dns: Asked):
        mapped = getattr(ip, "ipv4_mapped", None)
        self.ip: Ip = mapped or ip
        self.sender, self.helo, self.dns = sender if sender[0] != "@" else f"postmaster{sender}", helo, dns
        self.lookups = self.void = 0

    async def host(self, domain: str) -> Result:
        """RFC 7208 §4: what a domain's record says."""
        if not _is_name(domain):
            return "none"
        found = [text for text in await self.dns.txt(domain) if re.match(rb"v=spf1(?: |\Z)", text, re.IGNORECASE)]
        if not found:
            return "none"
        if len(found) > 1:
            raise _Permanent
        record = _read(found[0])
        for mechanism in record.mechanisms:
            if await self._matches(mechanism, domain):
                return mechanism.result
        if record.redirect is None:
            return "neutral"
        self._look()
        result = await self.host(await self._expanded(record.redirect, domain))
        if result == "none":
            raise _Permanent
        return result

    async def _matches(self, said: _Mechanism, domain: str) -> bool:
        match said.kind:
            case "all":
                return True
            case "ip4" | "ip6":
                return self._within([ipaddress.ip_address(said.spec or "")], said)
        self._look()
        target = await self._expanded(said.spec, domain) if said.spec else domain
        match said.kind:
            case "include":
                result = await self.host(target)
                if result == "none":
                    raise _Permanent
                return result == "pass"
            case "exists":
                return bool(await self._addresses(target, 4))
            case "a":
                return self._within(await self._addresses(target, self.ip.version), said)
            case "mx":
                return await self._is_exchanger(target, said)
            case _:
                return any(_is_below(name, target) for name in await self._proven_names())

    async def _is_exchanger(self, target: str, said: _Mechanism) -> bool:
        names = self._counted(await self.dns.exchangers(target) if _is_name(target, 1) else [])
        if len(names) > _NAMES:
            raise _Permanent
        for name in names:
            if self._within(await self.dns.addresses(name, self.ip.version), said):
                return True
        return False

    async def _proven_names(self) -> list[str]:
        """The names of the address that lead back to it."""
        try:
            names = (await self.dns.names(self.ip))[:_NAMES]
        except Unanswered:
            return []
        proven: list[str] = []
        for name in names:
            try:
                if self.ip in await self.dns.addresses(name, self.ip.version):
                    proven.append(name)
            except Unanswered:
                continue
        return proven

    async def _addresses(self, name: str, version: int) -> list[Ip]:
        return self._counted(await self.dns.addresses(name, version) if _is_name(name, 1) else [])

    def _within(self, found: list[Ip], said: _Mechanism) -> bool:
        bits = said.bits4 if self.ip.version == 4 else said.bits6
        return any(
            one.version == self.ip.version and self.ip in ipaddress.ip_network((one, bits), strict=False)
            for one in found
        )

    def _look(self) -> None:
        self.lookups += 1
        if self.lookups > _LOOKUPS:
            raise _Permanent

    def _counted(self, found: list) -> list:
        if not found:
            self.void += 1
            if self.void > _VOID:
                raise _Permanent
        return found

    async def _expanded(self, spec: str, domain: str) -> str:
        """A domain with its macros filled in; what is too long loses labels on its left."""
        wants_name = re.search(r"%\{p", spec, re.IGNORECASE) is not None
        validated = await self._best_name(domain) if wants_name else ""
        name = _MACRO.sub(self._filler(domain, validated), spec).rstrip(".")
        while len(name) > _LONGEST_NAME and "." in name:
            name = name.partition(".")[2]
        return name

    async def _best_name(self, domain: str) -> str:
        names = await self._proven_names()
        fitting = [name for name in names if name.lower() == domain] + [n for n in names if _is_below(n, domain)]
        return next(iter([*fitting, *names]), "unknown")

    def _filler(self, domain: str, validated: str) -> Callable[[re.Match[str]], str]:
        local, _, of_sender = self.sender.rpartition("@")
        dotted = str(self.ip) if self.ip.version == 4 else ".".join(self.ip.exploded.replace(":", ""))
        values = {
            "s": self.sender,
            "l": local,
            "o": of_sender,
            "d": domain,
            "i": dotted,
            "p": validated,
            "v": "in-addr" if self.ip.version == 4 else "ip6",
            "h": self.helo,
        }

        def fill(found: re.Match[str]) -> str:
            if found[5]:
                return {"%": "%", "_": " ", "-": "%20"}[found[5]]
            parts = re.split(f"[{re.escape(found[4] or '.')}]", values.get(found[1].lower(), ""))
            parts = parts[::-1] if found[3] else parts
            text = ".".join(parts[-int(found[2]) :] if found[2] else parts)
            return quote(text, safe="-._~") if found[1].isupper() else text

        return fill


def _read(text: bytes) -> _Record:
    """A record, all of it: a mistake anywhere is one before anything is evaluated."""
    if not text.isascii():
        raise _Permanent
    mechanisms: list[_Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in text.decode("ascii").split(" ")[1:]:
        if not term:
            continue
        if (found := _TERM.fullmatch(term)) is not None:
            mechanisms.append(_mechanism(_QUALIFIERS[found[1] or "+"], found[2].lower(), found[3]))
        elif (modifier := _MODIFIER.fullmatch(term)) is not None:
            name = modifier[1].lower()
            if not _PLAIN.fullmatch(modifier[2]) or (name in ("redirect", "exp") and name in modifiers):
                raise _Permanent
            if name in ("redirect", "exp"):
                _checked(modifier[2])
            modifiers[name] = modifier[2]
        else:
            raise _Permanent
    return _Record(mechanisms, modifiers.get("redirect"))


def _mechanism(result: Result, kind: str, rest: str) -> _Mechanism:
    if kind in ("ip4", "ip6"):
        return _network(result, kind, rest)
    bits = _BITS.fullmatch(rest) if kind in ("a", "mx") else None
    spec = bits[1] if bits else rest
    bits4, bits6 = int(bits[2] or 32) if bits else 32, int(bits[3] or 128) if bits else 128
    if bits and bits[2] == "0":
        bits4 = 0
    if bits and bits[3] == "0":
        bits6 = 0
    if bits4 > 32 or bits6 > 128 or (kind == "all" and spec):
        raise _Permanent
    if spec:
        if spec[0] != ":":
            raise _Permanent
        _checked(spec[1:])
    elif kind in ("include", "exists"):
        raise _Permanent
    return _Mechanism(result, kind, spec[1:] or None, bits4, bits6)


def _network(result: Result, kind: str, rest: str) -> _Mechanism:
    address, slash, bits = rest[1:].partition("/")
    most = 32 if kind == "ip4" else 128
    try:
        network = (ipaddress.IPv4Address if kind == "ip4" else ipaddress.IPv6Address)(address)
    except ValueError as error:
        raise _Permanent from error
    if (
        rest[:1] != ":"
        or "%" in address
        or (slash and not (re.fullmatch(r"0|[1-9]\d{0,2}", bits) and int(bits) <= most))
    ):
        raise _Permanent
    length = int(bits) if slash else most
    return _Mechanism(result, kind, str(network), length, length)


def _checked(spec: str) -> None:
    """A domain as the grammar has it (RFC 7208 §7.1)."""
    if not _PLAIN.fullmatch(spec) or not _END.search(spec):
        raise _Permanent
    if any(found[2] and not int(found[2]) for found in _MACRO.finditer(spec)):
        raise _Permanent
    if any((found[1] or "").lower() in ("c", "r", "t") for found in _MACRO.finditer(spec)):
        raise _Permanent  # only explanations have these


def _is_name(domain: str, labels: int = 2) -> bool:
    parts = domain.split(".")
    return len(parts) >= labels and len(domain) <= _LONGEST_NAME and all(0 < len(part) <= 63 for part in parts)


def _is_below(name: str, domain: str) -> bool:
    return f".{name.lower().rstrip('.')}".endswith(f".{domain.lower().rstrip('.')}")

"""Webhooks over HTTP, to addresses that partners name: nothing inside our networks is reached by them.

What a name stands for is looked at when it is connected to, and that very address is used, so that a name cannot mean
another machine a moment later. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from core.phrases import Refused, phrase

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LARGEST_ANSWER = 16 * 1024
"""Bytes of an answer that are read."""

SECONDS = 15
_LONGEST_URL = 2000
_LONGEST_REST = timedelta(hours=1)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Answered(NamedTuple):
    """What the other side said. `rest`: how long it wants to be left alone."""

    status: int
    text: str
    rest: timedelta | None


class NotReachedError(Exception):
    """Nobody answered, or nobody may be asked there; the message says why."""


def networks_of(said: str) -> tuple[Network, ...]:
    """Networks, by commas. Raises Refused for what is none."""
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in said.split(",") if one.strip())
    except ValueError as error:
        raise Refused(phrase("WEB_HOOKS_NETWORKS names no networks: {error}", error=str(error))) from error


def checked(url: str, allowed: Sequence[Network]) -> str:
    """An address that webhooks may go to, as far as its words say. Raises Refused."""
    try:
        parts = urlsplit(url)
        is_right = bool(parts.hostname) and parts.port != 0 and len(url) <= _LONGEST_URL and url.isprintable()
    except ValueError:
        is_right, parts = False, SplitResult("", "", "", "", "")
    if not is_right or " " in url or parts.scheme not in ("https", "http") or parts.username or parts.fragment:
        raise Refused(phrase("{url} is no address for webhooks. Write https://HOST/PATH, without a user.", url=url))
    host = parts.hostname or ""
    literal = _literal(host)
    if literal is not None and not may_be_asked(literal, allowed):
        raise _inside(host)
    if parts.scheme == "http" and not _only_here(host, literal, allowed):
        raise Refused(phrase("{url}: webhooks go by https. On this machine http will do: WEB_HOOKS_NETWORKS.", url=url))
    return url


def may_be_asked(ip: Ip, allowed: Sequence[Network]) -> bool:
    """Whether a machine is outside, or in a network that the installation names."""
    meant = _meant(ip)
    return any(meant in network for network in allowed) or (meant.is_global and not meant.is_multicast)


def _meant(ip: Ip) -> Ip:
    """The machine that an address leads to, where it is written within another one."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        teredo = ip.teredo[1] if ip.teredo else None
        return ip.ipv4_mapped or ip.sixtofour or teredo or ip
    return ip


def _literal(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _only_here(host: str, literal: Ip | None, allowed: Sequence[Network]) -> bool:
    """Whether that is this machine, and this machine may be asked."""
    if literal is None:
        return host == "localhost" and any(network.is_loopback for network in allowed)
    return literal.is_loopback


def _inside(host: str) -> Refused:
    said = phrase("{host} is inside a network, where webhooks do not go. WEB_HOOKS_NETWORKS may allow it.", host=host)
    return Refused(said)


class _Outside(AbstractResolver):
    """Names, resolved to those of their addresses that may be asked."""

    def __init__(self, allowed: Sequence[Network]):
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        addresses = {str(at[0]): known for known, _, _, _, at in found}
        fine = {ip: known for ip, known in addresses.items() if may_be_asked(ipaddress.ip_address(ip), self._allowed)}
        if not fine:
            raise OSError(errno.EACCES, f"{host} is inside a network, where webhooks do not go")
        return [
            ResolveResult(
                hostname=host, host=ip, port=port, family=known, proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST
            )
            for ip, known in fine.items()
        ]

    async def close(self) -> None:
        """Nothing is held."""


class Poster:
    """Posts webhooks. `allowed` are networks that they may go to beside the outside."""

    def __init__(self, allowed: Sequence[Network] = ()):
        self.allowed = tuple(allowed)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Answered:
        """Post once. Raises NotReachedError, also where it took too long."""
        try:
            checked(url, self.allowed)
            sent = {**headers, "Content-Type": "application/json", "User-Agent": "Deskbell"}
            async with self._asking().post(url, data=body, headers=sent, allow_redirects=False) as answer:
                text = await answer.content.read(LARGEST_ANSWER)
                rest = _rest(answer.headers.get("Retry-After"), now)
                return Answered(answer.status, text.decode("utf-8", "replace"), rest)
        except Refused as error:  # whose words have the address, and whoever reads this need not
            raise NotReachedError("webhooks may not go there (any more): deskbell doctor") from error
        except aiohttp.InvalidURL as error:
            raise NotReachedError("its address is none: deskbell sources list") from error
        except TimeoutError as error:
            raise NotReachedError(f"no answer within {SECONDS} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotReachedError(str(error) or type(error).__name__) from error

    def _asking(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=_Outside(self.allowed), use_dns_cache=False, limit=32)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # an answer is a few words: nobody sends us a bomb
                trust_env=False,
            )
        return self._session


def _rest(said: str | None, now: datetime) -> timedelta | None:
    """What Retry-After says, in either form; within reason."""
    if said is None:
        return None
    if said.strip().isdecimal():
        span = timedelta(seconds=min(int(said.strip()[:9]), 86_400))
    else:
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            return None
        span = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return max(timedelta(0), min(span, _LONGEST_REST))

"""Questions to DNS: answered, empty, or open; never longer than seconds, and at once where nobody answers at all."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
import dns.reversename

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

PATIENCE = timedelta(seconds=3)
"""For one question."""

REST = timedelta(seconds=30)
"""How long nobody is asked after it was found that the resolver is away."""

_SILENCES = 3  # in a row, until somebody looks whether the resolver is there at all
_CACHED = 10_000
_PAYLOAD = 1232  # bytes of an answer that pass everywhere in one piece; longer ones come by TCP


class Unanswered(Exception):
    """Nothing is known: the resolver is away, or the other side's servers gave no answer in time."""


class Resolver:
    """Asks the machine's resolvers, or the ones named (address, port). For one event loop.

    Answers are remembered as long as they say. That questions stay open is no proof that the resolver is away: anybody
    can have a domain whose servers are silent, and whoever could switch the asking off so would be believed next. So
    the resolver itself is asked for the root, which it always knows.
    """

    def __init__(
        self,
        servers: Sequence[tuple[str, int]] = (),
        patience: timedelta = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._servers = servers
        self._patience = patience.total_seconds()
        self._clock = clock
        self._cache = dns.resolver.LRUCache(_CACHED)
        self._silences = 0
        self._away_until = 0.0
        self._looking = asyncio.Lock()

    async def txt(self, name: str) -> list[bytes]:
        """Every text under a name, its pieces put together. Raises Unanswered, as all do."""
        return [b"".join(one.strings) for one in await self._ask(name, "TXT")]

    async def addresses(self, name: str, version: int) -> list[Ip]:
        """The addresses of that version (4 or 6)."""
        found = await self._ask(name, "A" if version == 4 else "AAAA")
        return [ipaddress.ip_address(one.address) for one in found]

    async def exchangers(self, name: str) -> list[str]:
        """Where a domain's mail goes, the preferred ones first."""
        found = await self._ask(name, "MX")
        return [one.exchange.to_text(omit_final_dot=True) for one in sorted(found, key=lambda one: one.preference)]

    async def names(self, ip: Ip) -> list[str]:
        """What an address says that it is called."""
        found = await self._ask(dns.reversename.from_address(str(ip)), "PTR")
        return [one.target.to_text(omit_final_dot=True) for one in found]

    async def _ask(self, name: str | dns.name.Name, kind: str) -> list[Any]:
        if self._clock() < self._away_until:
            raise Unanswered("no resolver answers")
        try:
            answer = await self._resolver(self._cache).resolve(name, kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            self._silences = 0
            return []
        except (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong, dns.name.IDNAException):
            return []  # such a name there cannot be
        except (dns.exception.DNSException, OSError) as error:
            await self._was_silent()
            raise Unanswered(f"{name}: {type(error).__name__}") from error
        self._silences = 0
        return list(answer.rrset or ())

    def _resolver(self, cache: dns.resolver.CacheBase | None) -> dns.asyncresolver.Resolver:
        resolver = dns.asyncresolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in self._servers]
        resolver.lifetime = resolver.timeout = self._patience
        resolver.cache = cache
        resolver.use_edns(0, payload=_PAYLOAD)
        return resolver

    async def _was_silent(self) -> None:
        self._silences += 1
        if self._silences < _SILENCES:
            return
        async with self._looking:
            if self._silences < _SILENCES:  # somebody has looked meanwhile
                return
            try:
                await self._resolver(None).resolve(".", "NS", raise_on_no_answer=False, search=False)
            except (dns.exception.DNSException, OSError):
                self._away_until = self._clock() + REST.total_seconds()
            self._silences = 0

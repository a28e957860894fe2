"""From which network somebody asks, whatever stands before us on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_SHARED = {4: 24, 6: 48}
"""Bits of an address that its network has: behind them one house has all the others."""

_MOST = 20


def networks(said: str) -> tuple[Network, ...]:
    """Networks separated by commas."""
    return tuple(ip_network(one.strip(), strict=False) for one in said.split(",") if one.strip())


def network_of(peer: str | None, forwarded: Iterable[str], ours: Sequence[Network]) -> str:
    """The network of whoever asks. `forwarded`: X-Forwarded-For, in which everybody on the way writes down behind the
    others whom it heard; it is believed as far as servers of ours wrote it (RFC 7239 §8.1).
    """
    known = _address(peer or "")
    if known is None:
        return "?"
    chain = [one.strip() for line in forwarded for one in line.split(",")][-_MOST:]
    while chain and _is_ours(known, ours):
        before = _address(chain.pop())
        if before is None:
            break
        known = before
    return str(ip_network((known, _SHARED[known.version]), strict=False))


def _is_ours(address: IPv4Address | IPv6Address, ours: Sequence[Network]) -> bool:
    return address.is_private or any(address in one for one in ours if one.version == address.version)


def _address(said: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(said.strip("[]"))
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found

"""Addresses that mail servers have written anew for the envelope, as they were: SRS by who hands mail on, BATV by who
sends it.

Sources: libsrs2 and the paper on the Sender Rewriting Scheme (SRS0, SRS1); draft-levine-smtp-batv (prvs), with the
forms of Exim, Barracuda (btv1) and SparkPost (msprvs1).
"""

from __future__ import annotations

import re

_DOMAIN = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,20}"
_SRS = re.compile(
    rf"SRS(?:0|1[=+-][^=@\s]{{1,30}}={_DOMAIN}=)[=+-][^=@\s]{{1,30}}=[^=@\s]{{1,4}}=({_DOMAIN})=([^@\s]{{1,64}})@[^@\s]+",
    re.IGNORECASE,
)
_BATV = re.compile(
    r"(?:prvs=[0-9]{4}[0-9a-f]{6}=|btv1==[0-9a-f]{1,60}==|msprvs1=[^=@\s]{1,60}=)([^@\s]+@[^@\s]+)"
    r"|prvs=([^@\s/]+)/[0-9]{4}[0-9a-f]{6}(@[^@\s]+)",
    re.IGNORECASE,
)
_TWICE = 3
"""Servers one behind the other each write it anew."""


def as_it_was(address: str) -> str:
    """The address of who sent it. Nobody vouches for that: it is to be shown and compared, never trusted."""
    for _ in range(_TWICE):
        before = address
        address = _own(address)
        if found := _SRS.fullmatch(address):
            address = f"{found[2]}@{found[1]}"
        if address == before:
            break
    return address


def own_form(address: str) -> str:
    """One of our addresses, as a server of ours has written it anew: its domain stays what it was."""
    if "=" not in address:
        return address
    bare = as_it_was(address)
    same = bare.rpartition("@")[2].casefold() == address.rpartition("@")[2].casefold()
    return bare if same else address


def _own(address: str) -> str:
    found = _BATV.fullmatch(address) if "=" in address else None
    return (found[1] or f"{found[2]}{found[3]}") if found else address

"""What a domain asks of whoever gets mail in its name (DMARC, RFC 7489), and when another name vouches for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple, cast

from publicsuffixlist import PublicSuffixList

from gateways.email.vouching.canonical import MalformedError, tags

Wish = Literal["none", "quarantine", "reject"]


class Policy(NamedTuple):
    """What a domain's record says, for one domain."""

    asks: Wish  # what is to become of mail that nothing vouches for
    strict_dkim: bool
    strict_spf: bool


def read_policy(texts: Sequence[bytes], *, of_parent: bool) -> Policy | None:
    """What stands under `_dmarc.` of a domain, or of its organisation (`of_parent`); None where that is no policy.

    Two policies are none. One that is only tried out, or holds for no mail (`t=y`, `pct=0`), asks for nothing.
    """
    found: list[Policy] = []
    for text in texts:
        try:
            said = tags(text)
        except MalformedError:
            continue
        if next(iter(said.items()), None) != ("v", "DMARC1"):
            continue
        asks = (said.get("sp") if of_parent and "sp" in said else said.get("p", "none")) or "none"
        asks = asks.lower() if asks.lower() in ("none", "quarantine", "reject") else "none"
        if said.get("t", "n").lower() == "y" or said.get("pct") == "0":
            asks = "none"
        strict = [said.get(name, "r").lower() == "s" for name in ("adkim", "aspf")]
        found.append(Policy(cast(Wish, asks), *strict))
    return found[0] if len(found) == 1 else None


def organisation(domain: str) -> str:
    """The domain that somebody registered: `example.co.uk` of `mail.example.co.uk`; of others the name itself."""
    return _suffixes().privatesuffix(domain) or domain


def aligned(domain: str, other: str, *, strict: bool) -> bool:
    """Whether what holds for another name says something of this domain."""
    if not domain or not other:
        return False
    return domain == other or (not strict and organisation(domain) == organisation(other))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()

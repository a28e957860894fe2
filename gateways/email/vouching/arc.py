"""What somebody who hands mail on has sealed into it (ARC, RFC 8617): a list that changes a text breaks its signature,
and says here what held before. Anybody can seal anything, so only those count whom the desk's settings name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateways.email.vouching.auth_results import Result, read_results
from gateways.email.vouching.canonical import Bare, Field, Form, MalformedError, field, tags, without_tag
from gateways.email.vouching.dkim import Key, Signature, check, holds, read_signature, read_value

MOST_SETS = 10
"""RFC 8617 lets there be 50; each costs two questions to DNS."""

_NAMES = ("arc-authentication-results", "arc-message-signature", "arc-seal")


@dataclass(frozen=True, slots=True)
class Seal:
    """One who handed the mail on."""

    results: Field
    signed: Field
    own: Field
    domain: str
    key_at: str
    state: str  # of the seals before it, as this one says
    value: bytes


def read_chain(mail: Bare, trusted: Collection[str]) -> list[Seal]:
    """The seals, the first one first. None where it is no whole chain, or whoever sealed last is not trusted."""
    sets: dict[int, dict[str, Field]] = {}
    try:
        for one in mail.fields:
            if one.key in _NAMES:
                number = _number(one)
                if sets.setdefault(number, {}).setdefault(one.key, one) is not one:
                    return []
        if sorted(sets) != list(range(1, len(sets) + 1)) or len(sets) > MOST_SETS:
            return []
        seals = [_seal(sets[number]) for number in sorted(sets)]
    except (KeyError, ValueError):  # MalformedError is one
        return []
    return seals if seals and seals[-1].domain in trusted else []


def keys_of(chain: list[Seal]) -> list[str]:
    """The names in DNS of the keys that it takes to see whether it holds."""
    found = [seal.key_at for seal in chain]
    if chain:
        found.append(read_signature(chain[-1].signed, arc=True).key_at)
    return found


def sealed(
    mail: Bare,
    chain: list[Seal],
    trusted: Collection[str],
    keys: Mapping[str, Key],
    at: datetime,
    hashed: dict[Form, bytes],
) -> list[Result]:
    """What the first of those trusted, in a row up to the last, has found out; nothing where the chain is broken."""
    if not chain or not _holds(mail, chain, keys, at, hashed):
        return []
    first = len(chain) - 1
    while first > 0 and chain[first - 1].domain in trusted:
        first -= 1
    return list(read_results(chain[first].results.value.partition(b";")[2]).found)


def _holds(mail: Bare, chain: list[Seal], keys: Mapping[str, Key], at: datetime, hashed: dict[Form, bytes]) -> bool:
    last: Signature = read_signature(chain[-1].signed, arc=True)
    key = keys.get(last.key_at)
    if key is None or check(mail, last, key, at, hashed=hashed) is not None:
        return False
    covered = b""
    for number, seal in enumerate(chain):
        for one in (seal.results, seal.signed):
            covered += field(one, "relaxed") + b"\r\n"
        own = field(seal.own._replace(value=without_tag(seal.own.value, b"b")), "relaxed")
        key = keys.get(seal.key_at)
        if key is None or not holds(key.public, "rsa", seal.value, covered + own):
            return False
        if seal.state != ("pass" if number else "none"):
            return False
        covered += field(seal.own, "relaxed") + b"\r\n"
    return True


def _number(one: Field) -> int:
    """Which set a field belongs to. Results have it first; the rest of theirs is written in another way."""
    return int(tags(one.value.partition(b";")[0] if one.key == _NAMES[0] else one.value)["i"])


def _seal(found: dict[str, Field]) -> Seal:
    own = found["arc-seal"]
    said = tags(own.value)
    if "h" in said or said["a"] != "rsa-sha256":
        raise MalformedError("its seal cannot be read")
    domain, selector = said["d"].lower(), said["s"].lower()
    read_signature(found["arc-message-signature"], arc=True)
    return Seal(
        results=found["arc-authentication-results"],
        signed=found["arc-message-signature"],
        own=own,
        domain=domain,
        key_at=f"{selector}._domainkey.{domain}",
        state=said["cv"].lower(),
        value=read_value(said["b"]),
    )

"""Whose mail is blocked: an address or a domain as it is kept and compared, and which of them nobody should block."""

from __future__ import annotations

from contextlib import suppress

from core.phrases import Refused, phrase
from core.tickets.shared_domains import SHARED

_MOST_LABELS = 12
"""Labels of a domain that are looked at, from the right: nobody blocks what lies deeper."""

_REGISTRIES = frozenset(
    {"ac", "co", "com", "edu", "gob", "gouv", "gov", "govt", "mil", "ne", "net", "nom", "or", "org", "sch"}
)
"""What registries put before a country: "co.uk" is nobody's own."""


class Shared(Refused):
    """Very many people have an address there; who blocks it has to say that they mean it."""


def patterns_of(address: str) -> list[str]:
    """What an address may be blocked by: itself first, then its domain and what that lies in. None for no address."""
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")[-_MOST_LABELS:]
    if not (local and at and all(labels)):
        return []
    return [address, *(f"@{'.'.join(labels[n:])}" for n in range(len(labels) - 1))]


def pattern_of(said: str) -> str:
    """An address ("eve@example.com") or a domain ("example.com", "@example.com") as it is kept. Raises Refused."""
    wanted = said.strip().strip("<>").casefold().removeprefix("mailto:")
    local, _, domain = wanted.rpartition("@")
    with suppress(UnicodeError):  # mail has domains in this form; what has none is no domain
        domain = domain.encode("idna").decode("ascii")
    labels = domain.split(".")
    is_one = len(labels) > 1 and all(label and not set(label) & _NEVER for label in labels) and not set(local) & _NEVER
    if not is_one or len(wanted) > 254:
        raise Refused(
            phrase("“{said}” is neither a mail address nor a domain. Write eve@example.com or example.com.", said=said)
        )
    return f"{local}@{domain}"


_NEVER = frozenset(' \t\r\n\0<>,;:"()[]\\*?%')


def is_shared(pattern: str) -> bool:
    """Whether very many people who have nothing to do with each other are behind it."""
    domain = pattern.removeprefix("@")
    if domain == pattern:
        return False
    labels = domain.split(".")
    return domain in SHARED or (len(labels) == 2 and labels[0] in _REGISTRIES and len(labels[1]) == 2)


def shared(pattern: str) -> Shared:
    """What is said to whoever would block such a domain."""
    domain = pattern.removeprefix("@")
    return Shared(
        phrase(
            "Very many people have an address at {domain}. Blocked, none of them could write to the desk any more. "
            "Block the one address instead, or say again that you mean all of them.",
            domain=domain,
        )
    )

"""Whom the desk believes, and whom it asks, as the settings name them."""

from __future__ import annotations

import ipaddress

from core.engine.apart import Apart
from core.phrases import Refused, phrase
from core.settings import Settings
from gateways.email.vouching.asking import Asking, Vouching
from gateways.email.vouching.auth_results import Server
from gateways.email.vouching.resolver import Resolver
from gateways.email.vouching.verdict import Trust


def vouching_of(settings: Settings, apart: Apart) -> Vouching | None:
    """Who finds out who vouches for mails; None where nobody is to. Raises Refused where a setting says nothing."""
    trust = trust_of(settings)
    return None if trust.is_idle else Vouching(trust, apart, Asking(resolver_of(settings)))


def trust_of(settings: Settings) -> Trust:
    """Whom the desk believes. Raises Refused where a setting says nothing."""
    if settings.mail_verify == "off":
        return Trust()
    servers = _servers("MAIL_TRUSTED_AUTHSERV", settings.mail_trusted_authserv)
    mailboxes = {
        name: _servers(f"IMAP__{name.upper()}__AUTHSERV", said.authserv)
        for name, said in settings.imap.items()
        if said.authserv is not None
    }
    return Trust(
        asks=settings.mail_verify == "check",
        servers=servers,
        mailboxes=mailboxes,
        sealers=frozenset(one.lower().rstrip(".") for one in _listed(settings.mail_trusted_sealers)),
        relays=tuple(str(_network(one)) for one in _listed(settings.mail_relays)),
    )


def resolver_of(settings: Settings) -> Resolver:
    """Who is asked. Raises Refused where the setting names no address."""
    return Resolver([_resolver(one) for one in _listed(settings.dns_server)])


def _listed(said: str) -> list[str]:
    return [one.strip() for one in said.split(",") if one.strip()]


def _servers(setting: str, said: str) -> tuple[Server, ...]:
    """`mx.example.com`, `*.example.com`, `-`; with `/2` where it writes so many fields on a mail."""
    found: list[Server] = []
    for one in _listed(said):
        name, slash, number = one.partition("/")
        if slash and not (number.isdecimal() and 0 < int(number) <= 10):
            raise Refused(
                phrase(
                    "{setting}: {said} is not understood. Write the name as it stands in Authentication-Results, and "
                    "/2 behind it where that server writes two of them.",
                    setting=setting,
                    said=one,
                )
            )
        found.append(Server(name.lower().rstrip("."), int(number) if slash else 1))
    return tuple(found)


def _network(said: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(said, strict=False)
    except ValueError as error:
        raise Refused(
            phrase("MAIL_RELAYS: {said} is no network. Write an address, or a network like 192.0.2.0/24.", said=said)
        ) from error


def _resolver(said: str) -> tuple[str, int]:
    address, colon, port = said.rpartition(":")
    if not colon or (":" in address.strip("[]") and not address.endswith("]")):  # an IPv6 address alone has colons too
        address, port = said, "53"
    try:
        return str(ipaddress.ip_address(address.strip("[]"))), int(port)
    except ValueError as error:
        raise Refused(
            phrase("DNS_SERVER: {said} is no address. Write one like 192.0.2.53 or 192.0.2.53:5353.", said=said)
        ) from error

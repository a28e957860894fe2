"""What `deskbell doctor` says of the desk's standing among mail servers: whom it believes, and who can believe it."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from core.phrases import DeskError, Phrase, phrase, phrases
from core.settings import Settings
from deskbell.signing import keys_of
from deskbell.vouching import resolver_of, trust_of
from gateways.email.outgoing.signing import SigningKey, public_bytes
from gateways.email.vouching.canonical import MalformedError
from gateways.email.vouching.dkim import read_key
from gateways.email.vouching.dmarc import organisation, read_policy
from gateways.email.vouching.resolver import Resolver, Unanswered
from gateways.email.vouching.spf import spf

Said = tuple[Literal["good", "warn", "bad"], Phrase]


async def standing(settings: Settings, domains: Sequence[str] = ()) -> AsyncGenerator[Said]:
    """Each finding with its mark. `domains` are those that the desk writes from."""
    try:
        resolver, trust, keys = resolver_of(settings), trust_of(settings), keys_of(settings)
    except DeskError as error:
        yield "bad", error.phrase
        return
    if trust.asks:
        yield await _dns(resolver)
    elif trust.is_idle:
        yield (
            "warn",
            phrase(
                "Nobody looks whether mail is from whom it says. Set MAIL_VERIFY=check, or MAIL_TRUSTED_AUTHSERV "
                "(docs/operations.md: Whom to believe)."
            ),
        )
    else:
        named = [*trust.servers, *(server for servers in trust.mailboxes.values() for server in servers)]
        names = list(dict.fromkeys(server.name for server in named))
        yield "good", phrase("Whether mail is from whom it says is what {servers} found out.", servers=names)
    for key in keys:
        yield await _in_dns(key, resolver)
    for domain in domains:
        async for said in _believed(domain, settings, keys, resolver):
            yield said
    for said in settings.dkim.values():
        if said.key_file.stat().st_mode & 0o077:
            yield (
                "warn",
                phrase(
                    "Other users of this machine can read the key {path}. Keep it to the desk: {command}",
                    path=str(said.key_file),
                    command=f"chmod 600 {said.key_file}",
                ),
            )


async def _dns(resolver: Resolver) -> Said:
    try:
        await resolver.txt("_dmarc.gmail.com")
    except Unanswered:
        return (
            "bad",
            phrase("DNS does not answer, so nobody can tell whether mail is from whom it says. Set DNS_SERVER."),
        )
    return "good", phrase("DNS answers: whether mail is from whom it says is looked at.")


async def _believed(
    domain: str, settings: Settings, keys: Sequence[SigningKey], resolver: Resolver
) -> AsyncGenerator[Said]:
    """Whether others can see that mail of a domain of ours is ours: by its SPF and DMARC records."""
    try:
        texts = await resolver.txt(domain)
        policy = await resolver.txt(f"_dmarc.{domain}")
        if not policy and organisation(domain) != domain:
            policy = await resolver.txt(f"_dmarc.{organisation(domain)}")
    except Unanswered:
        yield "warn", phrase("What {domain} says of its mail is not known: DNS does not answer.", domain=domain)
        return
    yield _by_policy(domain, policy)
    records = [text for text in texts if text.lower().split(b" ")[0] == b"v=spf1"]
    if len(records) != 1:
        several = phrase(
            "{domain} has several SPF records, which count as none. Put what they say into one.", domain=domain
        )
        none = phrase(
            "{domain} has no SPF record, so others cannot tell which servers may send its mail. Put a TXT record into "
            "DNS that names the server that takes our mail: your provider says which.",
            domain=domain,
        )
        yield "warn", several if records else none
    elif said := await _by_relay(domain, settings, resolver):
        yield said
    signing = {key.domain for key in keys}
    if signing and not any(domain == name or domain.endswith(f".{name}") for name in signing):
        yield (
            "warn",
            phrase(
                "No key signs what is sent from {domain}; the keys that are set sign for other domains: deskbell dkim "
                "new",
                domain=domain,
            ),
        )


def _by_policy(domain: str, texts: Sequence[bytes]) -> Said:
    if read_policy(texts, of_parent=False) is None:
        missing = phrase(
            "{domain} has no DMARC record that others can use; some large providers refuse its mail. To begin, put "
            'this into DNS: _dmarc.{domain} TXT "v=DMARC1; p=none"',
            domain=domain,
        )
        return "warn", missing
    return "good", phrase("{domain} has a DMARC record.", domain=domain)


async def _by_relay(domain: str, settings: Settings, resolver: Resolver) -> Said | None:
    """What the SPF record says of the address of the relay that takes this domain's mail, where that is public.

    A relay may send from other addresses than it listens at, so that a failure is a hint.
    """
    relay = _relay_of(domain, settings)
    if relay is None:
        return None
    try:
        addresses = [ipaddress.ip_address(relay)]
    except ValueError:
        try:
            addresses = await resolver.addresses(relay, 4)
        except Unanswered:
            addresses = []
    public = [one for one in addresses if one.is_global]
    if not public:
        return "good", phrase("{domain} has an SPF record.", domain=domain)
    results = {(await spf(str(one), f"postmaster@{domain}", domain, resolver)).result for one in public[:4]}
    if results == {"pass"}:
        return "good", phrase("The SPF record of {domain} lets {relay} send its mail.", domain=domain, relay=relay)
    return "warn", phrase(
        "The SPF record of {domain} does not let {relay} send its mail ({result}). If that server sends from other "
        "addresses, all is well; else put it into the record.",
        domain=domain,
        relay=relay,
        result=", ".join(sorted(results)),
    )


def _relay_of(domain: str, settings: Settings) -> str | None:
    """The host that takes this domain's mail."""
    for said in settings.smtp.values():
        addresses = (said.address or said.user or "").lower().split(",")
        if any(one.strip().endswith(f"@{domain}") for one in addresses):
            return said.host
    return settings.relay_host


async def _in_dns(key: SigningKey, resolver: Resolver) -> Said:
    """Whether others can see that a signature of ours is ours. Until then they take it for a broken one."""
    try:
        records = await resolver.txt(key.name)
    except Unanswered:
        return "warn", phrase("Whether the key {name} stands in DNS is not known: DNS does not answer.", name=key.name)
    return _compared(key, records)


def _compared(key: SigningKey, records: Sequence[bytes]) -> Said:
    name = key.name
    if not records:
        missing = phrase(
            "The key {name} is not in DNS, so nobody believes our signatures: deskbell dkim show", name=name
        )
        return "bad", missing
    if len(records) > 1:
        several = phrases(
            "There is {count} record at {name} in DNS, where there may be one: deskbell dkim show",
            "There are {count} records at {name} in DNS, where there may be one: deskbell dkim show",
            len(records),
            name=name,
        )
        return "bad", several
    try:
        published = read_key(records[0])
    except MalformedError:
        return "bad", phrase(
            "What stands at {name} in DNS is no key that others can use: deskbell dkim show", name=name
        )
    if public_bytes(published.public) != key.public:
        return "bad", phrase("At {name} in DNS stands another key than ours: deskbell dkim show", name=name)
    domain = key.domain
    return "good", phrase(
        "What we send for {domain} is signed, and its key stands in DNS ({name}).", domain=domain, name=name
    )

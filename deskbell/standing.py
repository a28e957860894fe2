"""What `deskbell doctor` says of the desk's standing among mail servers: whom it believes, and who can believe it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from core.phrases import DeskError, Phrase, phrase, phrases
from core.settings import Settings
from deskbell.signing import keys_of
from deskbell.vouching import resolver_of, trust_of
from gateways.email.outgoing.signing import SigningKey, public_bytes
from gateways.email.vouching.canonical import MalformedError
from gateways.email.vouching.dkim import read_key
from gateways.email.vouching.resolver import Resolver, Unanswered

Said = tuple[Literal["good", "warn", "bad"], Phrase]


async def standing(settings: Settings) -> AsyncGenerator[Said]:
    """Each finding with its mark."""
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

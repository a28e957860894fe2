"""Who vouches for a mail: what it says that DNS must be asked for, and what follows from the answers.

Pure, over strangers' bytes: for the process apart. What lies between both, the questions to DNS, is asking.py.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from core.tickets.model import Address, Inbound, Vouch, Vouched
from gateways.email.envelope import Envelope
from gateways.email.parts.addresses import Mailbox, is_reachable, read_addresses
from gateways.email.parts.headers import Headers, split_mail
from gateways.email.reading.handed_on import author_behind
from gateways.email.reading.parse import heard
from gateways.email.vouching import arc
from gateways.email.vouching.auth_results import Result, Server, believed, names, spf_of, verdict
from gateways.email.vouching.canonical import Bare, Form, MalformedError, bare
from gateways.email.vouching.dkim import Key, Signature, check, read_key, read_signature
from gateways.email.vouching.dmarc import Policy, aligned, organisation, read_policy

MOST_SIGNATURES = 4
"""Of those that could vouch for the sender; who signs a mail more often has reasons that we need not follow."""

_MOST_READ = 20
_MOST_RECORDS = 4
_LONGEST = 300  # characters of a piece of evidence

JUDGED_FOR = timedelta(days=3)
"""How long a mail may have lain in a mailbox elsewhere for its failing to prove something: keys and policies change.

What counts is when the desk took it, not when it looks: a failure is none the less one when it is looked at again.
"""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the desk believes; as the settings say."""

    asks: bool = False  # DNS; else only what servers of ours wrote counts
    servers: tuple[Server, ...] = ()
    mailboxes: Mapping[str, tuple[Server, ...]] = field(default_factory=dict[str, tuple[Server, ...]])  # by IMAP name
    sealers: frozenset[str] = frozenset()
    relays: tuple[str, ...] = ()  # networks of servers of ours that hand mail on

    @property
    def is_idle(self) -> bool:
        """Whether nothing is looked at."""
        return not (self.asks or self.servers or any(self.mailboxes.values()))

    def was_handed_on(self, envelope: Envelope) -> bool:
        """Whether a mail came by a server of ours. Then SPF says nothing of it, and that server's word may count.

        A peer without an address that the whole world could have is always ours, and so is who has logged in.
        """
        if envelope.source.startswith("imap:") or envelope.user:
            return True
        try:
            ip = ipaddress.ip_address(envelope.peer)
        except ValueError:
            return True
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return not ip.is_global or any(ip in ipaddress.ip_network(network) for network in self.relays)

    def believes(self, envelope: Envelope) -> tuple[Server, ...]:
        """Whose results count on a mail that came this way; nobody's where no server of ours has looked at it."""
        if envelope.user:
            return ()
        if envelope.source.startswith("imap:"):
            name = envelope.source.removeprefix("imap:").partition("/")[0]
            return self.mailboxes.get(name, self.servers)
        return self.servers if self.was_handed_on(envelope) else ()


@dataclass(frozen=True, slots=True)
class Claims:
    """What a mail says of where it comes from, nothing of it proven, as far as DNS has to be asked."""

    domain: str = ""  # of the sender's address; empty: nothing to ask
    organisation: str = ""
    keys: tuple[str, ...] = ()  # names in DNS of the keys of what could vouch for it
    spf: tuple[str, str] | None = None  # (result, domain) that a server of ours has found
    senders: int = 1  # addresses in From; of several or none no domain can vouch for the one that agents see
    stated: Vouched | None = None  # what a server of ours says, unless somebody trusted has handed the mail on
    author: Mailbox | None = None  # of another domain, where a list wrote its own address into From
    settled: Vouched | None = None  # nothing need be asked


class Answers(NamedTuple):
    """What DNS said. A name that is missing in `keys` could not be asked."""

    policy: tuple[bytes, ...] | None = None  # None: not known
    of_parent: bool = False  # the policy is that of the organisation
    spf: tuple[str, str] | None = None  # (result, domain)
    keys: Mapping[str, tuple[bytes, ...]] = {}


def heard_with_claims(raw: bytes, envelope: Envelope, trust: Trust) -> tuple[Inbound, Claims]:
    """A mail as the desk takes it, and what it says of where it comes from."""
    message = heard(raw, envelope)
    return message, claims(raw, message.sender.address, envelope, trust)


def heard_as_found(raw: bytes, envelope: Envelope, vouched: Vouched) -> Inbound:
    """A mail of which it was found before who vouches for it."""
    message = heard(raw, envelope)
    return as_found(message, _author_behind(split_mail(raw).headers, message.sender.address), vouched)


def as_found(message: Inbound, author: Mailbox | None, vouched: Vouched) -> Inbound:
    """The message with who vouches for it: where that is the domain of the author behind a list, it is the author's.

    Then answers go to the author, too, unless the author wished for something else: not to everybody on the list.
    """
    message = replace(message, vouched=vouched)
    if author is None or vouched.verdict is not Vouch.PASSED or vouched.domain != _domain(author.address):
        return message
    by_list, own = message.sender.address.casefold(), author.address.casefold()
    wanted = message.reply_to if message.reply_to and message.reply_to.casefold() not in (by_list, own) else None
    return replace(
        message,
        sender=Address(message.channel, author.address, author.name),
        is_own_name=True,
        reply_to=wanted,
        answerable=wanted is not None or is_reachable(author.address),
        copied=tuple(one for one in message.copied if one.address.casefold() != own),
    )


def claims(raw: bytes, sender: str, envelope: Envelope, trust: Trust) -> Claims:
    """What a mail from this address says of where it comes from."""
    headers = split_mail(raw).headers
    domain = _domain(sender)
    if "." not in domain or domain.startswith("["):
        return Claims(settled=Vouched(evidence=("the sender's address names no domain",)))
    results = believed(headers, trust.believes(envelope)) if trust.servers or trust.mailboxes else []
    senders = _senders(headers, sender)
    stated = verdict(results, domain)
    if stated is not None and stated.verdict is Vouch.PASSED and senders != 1:
        stated = None
    mail = _as_signed(raw, headers) if trust.asks else Bare([], b"")
    chain = arc.read_chain(mail, trust.sealers) if trust.sealers else []
    author = _author_behind(headers, sender) if chain and senders == 1 else None
    if stated is not None and not (chain and (stated.failed or author)):
        return Claims(domain, settled=stated)
    if not trust.asks:
        return Claims(domain, settled=Vouched(domain=domain))
    keys = [one.key_at for one in _signatures(mail, domain)[0]] if senders == 1 else []
    return Claims(
        domain=domain,
        organisation=organisation(domain),
        keys=tuple(dict.fromkeys([*keys, *arc.keys_of(chain)])),
        spf=spf_of(results),
        senders=senders,
        stated=stated,
        author=author,
    )


def judged(
    raw: bytes, found: Claims, answers: Answers, envelope: Envelope, trust: Trust, taken_at: datetime
) -> Vouched:
    """What follows from what a mail that the desk took at that time says, and from what DNS has answered."""
    mail = _as_signed(raw, split_mail(raw).headers)
    judge = _Judge(mail, found, answers, envelope)
    by_author = judge.behind_list(found.author, trust) if found.author else None
    return by_author or _of_sender(judge, trust, taken_at)


def _of_sender(judge: _Judge, trust: Trust, taken_at: datetime) -> Vouched:
    """What follows for the address in From."""
    mail, found, answers, envelope = judge.mail, judge.claims, judge.answers, judge.envelope
    policy = read_policy(answers.policy or (), of_parent=answers.of_parent)
    asks = policy.asks if policy else "none"
    if found.senders == 1:
        judge.by_spf(policy)
        judge.by_dkim(policy)
        if not judge.vouches and trust.sealers:
            judge.by_arc(trust)
        if not mail.fields:
            judge.evidence.append("dkim: signers would read its header in another way")
    else:
        judge.evidence.append(f"{found.senders} addresses say that they wrote this")
    evidence = tuple(one[:_LONGEST] for one in [*judge.evidence, _wish(found.domain, policy, answers)])
    if judge.vouches:
        return Vouched(Vouch.PASSED, found.domain, asks, evidence)
    if found.stated is not None:
        return found.stated._replace(evidence=(*found.stated.evidence, *evidence))
    if found.senders > 1:
        return Vouched(Vouch.FAILED, found.domain, asks, evidence)
    if answers.policy is None or (policy is not None and judge.is_open):
        return Vouched(Vouch.UNKNOWN, found.domain, "none", evidence)
    if policy is None:
        return Vouched(Vouch.NONE, found.domain, "none", evidence)
    if taken_at - envelope.received_at > JUDGED_FOR:
        late = "it had lain elsewhere for too long to tell: keys may have changed"
        return Vouched(Vouch.UNKNOWN, found.domain, "none", (*evidence, late))
    return Vouched(Vouch.FAILED, found.domain, asks if found.senders else "none", evidence)


class _Judge:
    """What was found on the way."""

    def __init__(self, mail: Bare, found: Claims, answers: Answers, envelope: Envelope):
        self.mail, self.claims, self.answers, self.envelope = mail, found, answers, envelope
        self.evidence: list[str] = []
        self.vouches = self.is_open = False
        self._hashed: dict[Form, bytes] = {}

    def by_spf(self, policy: Policy | None) -> None:
        said = self.answers.spf or self.claims.spf
        if said is None:
            self.is_open = True
            self.evidence.append("spf: not known, since a server of ours handed it on")
            return
        result, domain = said
        self.evidence.append(f"spf={result} for {domain or 'nobody'}")
        if aligned(self.claims.domain, domain, strict=policy is not None and policy.strict_spf):
            self.vouches |= result == "pass"
            self.is_open |= result == "temperror"

    def by_dkim(self, policy: Policy | None) -> None:
        signatures, said = _signatures(self.mail, self.claims.domain)
        self.evidence += said
        if not signatures:
            self.evidence.append(f"dkim=none for {self.claims.domain}")
        for one in signatures:
            records = self.answers.keys.get(one.key_at)
            if not aligned(self.claims.domain, one.domain, strict=policy is not None and policy.strict_dkim):
                self.evidence.append(f"dkim: {one.domain} signed it, which is not exactly the sender's domain")
            elif records is None:
                self.is_open = True
                self.evidence.append(f"dkim=temperror for {one.domain}: its key could not be asked for")
            elif (why := self._why_not(one, records)) is None:
                self.vouches = True
                self.evidence.append(f"dkim=pass for {one.domain} ({one.selector})")
            else:
                self.evidence.append(f"dkim=fail for {one.domain} ({one.selector}): {why}")

    def by_arc(self, trust: Trust) -> None:
        chain, results = self._sealed(trust)
        found = verdict(results, self.claims.domain)
        if found is not None and found.verdict is Vouch.PASSED:
            self.vouches = True
            self.evidence.append(f"arc=pass: {chain[-1].domain} handed it on, to whom it was right")
        elif chain:
            self.evidence.append(f"arc: {chain[-1].domain} handed it on, and does not vouch for it")

    def behind_list(self, author: Mailbox, trust: Trust) -> Vouched | None:
        """Whether one who is trusted has found that exactly this author wrote what a list hands on in its own name.

        What names the author is hardly ever sealed itself, and in a domain of everybody's the domain alone says
        nothing of a person: so the results must name the address.
        """
        chain, results = self._sealed(trust)
        domain = _domain(author.address)
        found = verdict(results, domain)
        if found is None or found.verdict is not Vouch.PASSED or not names(results, author.address):
            return None
        told = f"arc=pass: {chain[-1].domain} handed it on, to whom {author.address} wrote it"
        evidence = (told, *found.evidence, f"{self.claims.domain} wrote its own address into From")
        return Vouched(Vouch.PASSED, domain, "none", tuple(one[:_LONGEST] for one in evidence))

    def _sealed(self, trust: Trust) -> tuple[list[arc.Seal], list[Result]]:
        """Who handed it on, and what the first of those who are trusted found."""
        chain = arc.read_chain(self.mail, trust.sealers)
        keys: dict[str, Key] = {}
        for name in arc.keys_of(chain):
            if (key := _first_key(self.answers.keys.get(name, ()))) is not None:
                keys[name] = key
        return chain, arc.sealed(self.mail, chain, trust.sealers, keys, self.envelope.received_at, self._hashed)

    def _why_not(self, one: Signature, records: tuple[bytes, ...]) -> str | None:
        """None where one of the keys there shows that it holds: what else stands in the same place is nobody's."""
        why = "it has no such key"
        for record in records[:_MOST_RECORDS]:
            try:
                key = read_key(record)
            except MalformedError as error:
                why = str(error)
                continue
            found = check(self.mail, one, key, self.envelope.received_at, hashed=self._hashed)
            if found is None:
                return None
            why = found
        return why


def _author_behind(headers: Headers, sender: str) -> Mailbox | None:
    """Whom a list names as the author; nobody of the list's own domain, which vouches for the list already."""
    author = author_behind(headers, sender)
    return author if author and _domain(author.address) != _domain(sender) else None


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _first_key(records: tuple[bytes, ...]) -> Key | None:
    for record in records[:_MOST_RECORDS]:
        try:
            return read_key(record)
        except MalformedError:
            continue
    return None


def _signatures(mail: Bare, domain: str) -> tuple[list[Signature], list[str]]:
    """The signatures that could vouch for a domain, from the top; and what is to be said of the others."""
    found: list[Signature] = []
    said: list[str] = []
    for own in [one for one in mail.fields if one.key == "dkim-signature"][:_MOST_READ]:
        try:
            one = read_signature(own)
        except MalformedError as error:
            said.append(f"dkim: a signature does not count: {error}")
            continue
        if aligned(domain, one.domain, strict=False):
            found.append(one)
        else:
            said.append(f"dkim: {one.domain} signed it, which is another domain than the sender's")
    return found[:MOST_SIGNATURES], said[:MOST_SIGNATURES]


def _senders(headers: Headers, sender: str) -> int:
    """How many addresses say in From that they wrote a mail; none where that is not the one that agents see."""
    fields = headers.every("from")
    named = {one.address.casefold() for value in fields for one in read_addresses(value) if one.address}
    if len(fields) > 1 or len(named) > 1:
        return max(2, len(named))
    return int(named == {sender.casefold()})


def _as_signed(raw: bytes, headers: Headers) -> Bare:
    """A mail as signers read it; nothing where they would read another sender than agents do."""
    try:
        mail = bare(raw)
    except MalformedError:
        return Bare([], b"")
    signed = [one.value.split() for one in mail.fields if one.key == "from"]
    return mail if signed == [value.split() for value in headers.every("from")] else Bare([], b"")


def _wish(domain: str, policy: Policy | None, answers: Answers) -> str:
    if answers.policy is None:
        return f"dmarc: {domain} could not be asked"
    return f"dmarc: {domain} asks for {policy.asks}" if policy else f"dmarc: {domain} says nothing"

"""One person on several channels: how an address is known to be theirs, who belongs together, and what only may be so.

Nothing that a stranger can write makes two people one: words are hints, and a hint is shown to an agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from core.phrases import Phrase, phrase
from core.tickets.model import Address, Inbound, Vouch


class Proof(StrEnum):
    """How an address is known to be somebody's; what says more stands below what says less."""

    SAID = "said"  # somebody named it: nothing was heard from there
    WROTE = "wrote"  # they wrote from there, by a name that anybody can write
    VOUCHED = "vouched"  # the address's domain, or the channel itself, vouches for who writes there
    AGENT = "agent"  # an agent says so
    LINK = "link"  # a link that we signed was followed there

    def says_more_than(self, known: str | None) -> bool:
        order = list(Proof)
        return known is None or order.index(self) > order.index(Proof(known))


PROOFS: dict[Proof, Phrase] = {
    Proof.SAID: phrase("named by somebody, nothing came from there yet"),
    Proof.WROTE: phrase("they wrote from there"),
    Proof.VOUCHED: phrase("confirmed by where it comes from"),
    Proof.AGENT: phrase("an agent says so"),
    Proof.LINK: phrase("they followed our signed link"),
}


def proof_of(inbound: Inbound) -> Proof:
    """What a message proves of the address that it comes from. Where people chat, the channel knows who writes."""
    if "@" not in inbound.sender.address:
        return Proof.VOUCHED
    if inbound.vouched.failed or inbound.by_form:
        return Proof.SAID
    return Proof.VOUCHED if inbound.vouched.verdict is Vouch.PASSED else Proof.WROTE


def house_of(address: Address) -> str | None:
    """What names an organisation in an address: a mail address's domain, the workspace of a Slack member."""
    if "@" in address.address.strip("@"):
        return address.address.rpartition("@")[2].casefold() or None
    member = _MEMBER.fullmatch(address.address)
    return member[1] if member else None


_MEMBER = re.compile(r"([TE][A-Z0-9]{1,30}):[UW][A-Z0-9]{1,30}")


_TYPED = re.compile(r"(telegram|slack)\s*:\s*(\S+)", re.IGNORECASE)
_CHAT = re.compile(r"[1-9][0-9]{0,18}")
_MAILED = re.compile(r"[^\s@]{1,64}@[^\s@]{1,253}")


def typed_address(text: str) -> Address | None:
    """An address as an agent types it: a mail address, or a channel's with its name before it, as it is shown to them.
    None for what is none.
    """
    text = text.strip()
    if named := _TYPED.fullmatch(text):
        channel, address = named[1].lower(), named[2]
        shape = _CHAT if channel == "telegram" else _MEMBER
        return Address(channel, address) if shape.fullmatch(address) else None
    return Address("email", text) if _MAILED.fullmatch(text) and len(text) <= _LONGEST_MAIL else None


_LONGEST_MAIL = 254


class Verdict(StrEnum):
    """What was found of two."""

    ONE = "one"
    APART = "apart"


def together(people: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Of each of these people, the least of those whom they are one person with. In what order that was found, and
    what was found and taken back meanwhile, says nothing.
    """
    leads = {one: one for one in people}

    def least(one: int) -> int:
        while leads[one] != one:
            leads[one] = leads[leads[one]]
            one = leads[one]
        return one

    for one, other in edges:
        found = sorted((least(one), least(other)))
        leads[found[1]] = found[0]
    return {one: least(one) for one in leads}


# Hints


class Hint(NamedTuple):
    """Something that somebody wrote, by which they may be known elsewhere: an address, a telephone number."""

    kind: str
    value: str


MAIL, PHONE, PROFILE = "mail", "phone", "profile"
MOST_HINTS = 10
"""Hints that one message gives: of more it is a list of somebody's."""

_LOOKED_AT = 4000
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,20}(?![\w-])", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w+.,/-])(?:\+|00)[1-9](?:[ ()./-]{0,2}[0-9]){7,14}(?![\w])")


def hints_in(text: str, is_letter: bool) -> list[Hint]:
    """The hints of what somebody wrote. Letters name addresses of many people; in a chat one gives one's own."""
    return list(dict.fromkeys(_hints(text[:_LOOKED_AT], is_letter)))[:MOST_HINTS]


def _hints(text: str, is_letter: bool) -> Iterator[Hint]:
    if "@" in text and not is_letter:
        for found in _MAIL.finditer(text):
            yield Hint(MAIL, found[0].casefold())
    if "+" in text or "00" in text:
        for found in _PHONE.finditer(text):
            digits = re.sub(r"[^0-9]", "", found[0])
            yield Hint(PHONE, digits.removeprefix("00") if found[0].startswith("00") else digits)


class Reason(StrEnum):
    """Why two may be one person. None of it proves anything."""

    MAIL_THEIRS = "mail_theirs"
    MAIL_OURS = "mail_ours"
    PROFILE_THEIRS = "profile_theirs"
    PROFILE_OURS = "profile_ours"
    PHONE = "phone"
    NAME = "name"
    LINK = "link"


def in_words(reason: Reason, said: str | Phrase) -> Phrase:
    """A reason as agents read it. `said` is what it is about: an address, a number, an organisation."""
    match reason:
        case Reason.MAIL_THEIRS:
            return phrase("the customer wrote this mail address in a chat: {address}", address=said)
        case Reason.MAIL_OURS:
            return phrase("they wrote the customer's mail address in a chat: {address}", address=said)
        case Reason.PROFILE_THEIRS:
            return phrase("the customer's profile in Slack has this mail address: {address}", address=said)
        case Reason.PROFILE_OURS:
            return phrase("their profile in Slack has the customer's mail address: {address}", address=said)
        case Reason.PHONE:
            return phrase("both gave the telephone number {number}", number=f"+{said}")
        case Reason.NAME:
            return phrase("the same name at {organisation}", organisation=said)
        case Reason.LINK:
            return phrase("they followed a link that was made for the customer")

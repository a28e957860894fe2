"""Who is named in a From, To or Reply-To field, however it is written."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from gateways.email.parts.headers import decode_words

MOST = 500
_MOST_BYTES = 64 * 1024
_MOST_QUOTES = 8  # pairs of them around a name
_LOOSE = {quote: re.compile(rf"(?<!\w){quote}|{quote}(?!\w)") for quote in "'\""}  # not within a word, as in O'Brien

_SIMPLE = re.compile(  # what most fields look like
    rb"""
    (?:
        "([^"\\]*)"[ ]*
        |((?:[A-Za-z0-9!#$%&'*+/?^_`{|}~.\x80-\xff-]+[ ]+)*)
        |((?:=\?[A-Za-z0-9_.:*+'-]{1,60}\?[bBqQ]\?[^?\s]{0,2000}\?=[ ]*)+)
    )
    <([A-Za-z0-9.!#$%&'*+/?^_`{|}~-]+@[A-Za-z0-9.-]*[A-Za-z0-9])>
    """,
    re.VERBOSE,
)
_WORD = r"(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?.{0,2000}?\?=)|"  # an encoded word, whatever it holds
_OTHERS = r"""
    "(?P<quoted>(?:[^"\\]|\\.)*)"
    |\[[^\[\]]{0,80}\]                                 # an address literal
    |(?P<mark>[<>(),;:])
    |\\.                                               # no quote begins behind a backslash
    |[^\s"\[<>(),;:=\\]+|\s+|.
"""
_TOKEN, _TOKEN_BUT_WORDS = (re.compile(pattern, re.VERBOSE | re.DOTALL) for pattern in (_WORD + _OTHERS, _OTHERS))
_LOCAL = re.compile(r""""[^"]*"|[^\s<>,;:"()@]+""")  # the same from either end, and it is read from its last letter
_AT = re.compile(r"(?<!\s)\s*@\s*")
_DOMAIN = re.compile(r"""\[[^\[\]\s]*\]|[^\s<>,;:"()@\[\]']*[^\s<>,;:"()@\[\]'.]""")
_WRITABLE = re.compile(
    r"""(?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}|"(?:[ !#-\[\]-~]|\\[ -~]){1,62}")@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"""
)
_LONGEST_WRITTEN = 254  # RFC 5321 §4.5.3.1.3
_LONGEST_LOCAL = 64  # octets of it, RFC 5321 §4.5.3.1.1
_LONGEST = 320  # characters of a local part that is looked for
_LONGEST_DOMAIN = 1000  # characters that may still become the 253 of a domain


class Mailbox(NamedTuple):
    """A person as a field names them; either half may be empty."""

    name: str
    address: str


def read_addresses(value: bytes | None, sibling: str | None = None) -> list[Mailbox]:
    """Everybody named in a field, in order; at most 500. Never raises.

    The structure is read first and encoded words after it, so that a name that holds `<somebody@else>` stays a name.
    Tolerates what is out there: comments as names, groups, `;` between addresses, missing brackets, routes, trailing
    dots. The domain comes in lower case and as A-labels.
    """
    if not value:
        return []
    value = value[:_MOST_BYTES]
    if sibling != "utf-7" and (simple := _SIMPLE.fullmatch(value)):
        name = simple[1] or simple[2] or simple[3] or b""
        return [Mailbox(_bare(decode_words(name, sibling)), normal(simple[4].decode("ascii")))]
    found: list[Mailbox] = []
    for entry in _entries(value.decode("latin-1")):
        mailbox = entry.mailbox(sibling)
        if found and entry.angle and mailbox.name and mailbox.address and not found[-1].address:
            found[-1] = Mailbox(f"{found[-1].name}, {mailbox.name}", mailbox.address)  # `Lee, Ann <…>` without quotes
        elif mailbox != ("", ""):
            found.append(mailbox)
        if len(found) == MOST:
            break
    return found


def is_writable(address: str) -> bool:
    """Whether our mail can go there by any server: not to made-up addresses, nor where it takes SMTPUTF8."""
    plain = normal(address)
    return len(plain) <= _LONGEST_WRITTEN and bool(_WRITABLE.fullmatch(plain))


def is_reachable(address: str) -> bool:
    """Whether our mail can go there, if need be by servers that speak SMTPUTF8 (RFC 6531): `müller@example.com`.

    Nothing that cannot be seen may hide in it, whatever it is made of.
    """
    local, at, domain = normal(address).rpartition("@")
    if not needs_utf8(local):
        return is_writable(address)
    alike = "".join("x" if char.isprintable() and not char.isascii() else char for char in local)
    length = len(local.encode("utf-8", "replace"))
    return (
        length <= _LONGEST_LOCAL and length + 1 + len(domain) <= _LONGEST_WRITTEN and is_writable(alike + at + domain)
    )


def needs_utf8(address: str) -> bool:
    """Whether only servers that speak SMTPUTF8 can be told this address."""
    return not normal(address).isascii()


def normal(address: str) -> str:
    """An address as it is kept: domain in lower case and as A-labels (RFC 5890), local part as written."""
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    domain = domain.rstrip(".").lower()
    if not domain.isascii() and len(domain) <= _LONGEST_DOMAIN:
        import idna  # brings its tables; hardly ever needed

        with contextlib.suppress(idna.IDNAError):  # nobody can be reached there, but it can be shown as it was written
            domain = idna.encode(domain, uts46=True).decode("ascii")
    return f"{local}@{domain}"


class _Entry:
    """One address while it is being read: what stood before, between and behind its brackets, and in comments."""

    def __init__(self) -> None:
        self.phrase: list[str] = []
        self.as_written: list[str] = []  # the phrase with its quotes
        self.angle: list[str] | None = None
        self.closed = False
        self.comment: list[str] = []
        self.at_in_phrase = self.at_in_angle = False

    @property
    def is_blank(self) -> bool:
        return self.angle is None and not self.phrase and not self.comment

    @property
    def within(self) -> bool:
        return self.angle is not None and not self.closed

    @property
    def in_route(self) -> bool:
        return self.within and bool(self.angle) and self.angle[0].startswith("@")

    def take(self, token: re.Match[str]) -> None:
        if token["mark"] == "<":
            if self.angle is None or (self.closed and not self.at_in_angle):
                self.phrase += self.angle or []
                self.angle, self.closed = [], False
        elif token["mark"] == ">":
            self.closed = self.angle is not None
        elif self.angle is not None and not self.closed:
            self.angle.append(token[0])
            self.at_in_angle = self.at_in_angle or "@" in token[0]
        else:
            quoted = token["quoted"]
            self.phrase.append(token[0] if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
            self.as_written.append(token[0])
            self.at_in_phrase = self.at_in_phrase or "@" in token[0]

    def mailbox(self, sibling: str | None) -> Mailbox:
        phrase, comment = _decoded(self.phrase, sibling), _decoded(self.comment, sibling)
        if (angle := _decoded(self.angle or [], sibling)) and (address := _find(angle)[1]):
            return Mailbox(_bare(phrase) or _bare(comment), address)
        # No brackets; or all in one encoded word, which is against the rules, but there is no other address to take.
        around, address = _find(_decoded(self.as_written, sibling))
        if not address:  # `MAILER-DAEMON (Mail Delivery System)` says its name in the comment
            return Mailbox((_bare(comment) if " " not in phrase.strip() else "") or _bare(phrase), "")
        return Mailbox(_bare(around.strip(" <>.")) or _bare(comment), address)


def _entries(text: str) -> Iterator[_Entry]:
    if re.sub(r"\\.", "", text).count('"') % 2:
        text = text.replace('"', " ")  # a quote or comment that never ends would swallow the address
    if text.count("(") != text.count(")"):
        text = text.replace("(", " ").replace(")", " ")
    entry, depth = _Entry(), 0
    tokens = _TOKEN if "?=" in text else _TOKEN_BUT_WORDS  # or the end would be looked for from every beginning
    for token in tokens.finditer(text):
        mark = token["mark"]
        if depth:
            depth += {"(": 1, ")": -1}.get(mark or "", 0)
            entry.comment.append(token[0] if depth else " ")
        elif mark == "(":
            depth = 1
        elif mark in (",", ";") and not entry.in_route:
            if not entry.is_blank:
                yield entry
                entry = _Entry()
        elif mark == ":" and not entry.within and not entry.at_in_phrase:
            entry = _Entry()  # that was a group's name, or `mailto:`
        else:
            entry.take(token)
    yield entry


def _decoded(pieces: list[str], sibling: str | None) -> str:
    return decode_words("".join(pieces).encode("latin-1"), sibling) if pieces else ""


def _find(text: str) -> tuple[str, str]:
    """What stands around the first address in a text, and the address; empty if there is none."""
    if "@" not in text:
        return text, ""
    text = _AT.sub("@", text)
    if text.startswith("@"):
        text = text.rpartition(":")[2]  # a route
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.match(text[max(0, at - _LONGEST) : at][::-1])
        domain = _DOMAIN.match(text, at + 1)
        if local and domain:
            begin = at - local.end()
            return f"{text[:begin]} {text[domain.end() :]}", normal(
                text[begin:at].lstrip("'") + text[at : domain.end()]
            )
        at = text.find("@", at + 1)
    return text, ""


def _bare(name: str) -> str:
    """A name without the quotes that Outlook and others put around all of it, and without runs of blanks.

    Those around a part of it stay: `'Anna' & 'Otto'`.
    """
    name = " ".join(name.split())
    for _ in range(_MOST_QUOTES):
        if len(name) < 2 or name[0] != name[-1] or name[0] not in _LOOSE:
            break
        if _LOOSE[name[0]].search(name.strip("'\"")):
            break
        name = name[1:-1].strip()
    return name

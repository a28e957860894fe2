"""How a template becomes a text for one customer: declared placeholders, filled once, or nothing at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.phrases import Refused, phrase

_PART = re.compile(r"\{\{|\}\}|(?P<space> ?)\{(?P<name>[a-z_]+)(?:\|(?P<otherwise>[^{}|]*))?\}|[{}]")
_LINKISH = re.compile(r"://|www\.|@|[/\\<>{}]|\w\.\w{2,}", re.IGNORECASE)
_NAME_LIMIT = 80
_SUBJECT_LIMIT = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Blanks:
    """Everything that a template may name, and its value in one conversation; what is not known is None.

    The values come from outside and are shown as they are: none of them is read as a template.
    """

    customer: str | None = None
    customer_first: str | None = None
    agent: str | None = None
    number: str | None = None
    subject: str | None = None
    desk: str | None = None
    mailbox: str | None = None
    answer_within: str | None = None
    answer_by: str | None = None
    close_after: str | None = None
    reopen_within: str | None = None
    link: str | None = None  # to a page of ours


FOR_LETTERHEADS = frozenset({"agent", "desk", "mailbox"})
"""What the sender's name and a signature may name."""

_KNOWN = frozenset(field.name for field in fields(Blanks))
NAMES = _KNOWN - {"mailbox"}
FOR_AGENTS = NAMES - {"answer_within", "answer_by", "close_after", "reopen_within", "link"}
"""What a template that an agent picks may name; the rest is known only when the desk writes by itself."""


def blanks(
    *,
    customer: str = "",
    agent: str = "",
    number: int | None = None,
    subject: str = "",
    desk: str = "",
    mailbox: str = "",
    spans: Mapping[str, str] | None = None,
    link: str = "",
) -> Blanks:
    """What is known of a conversation, made fit to stand in a letter. `spans`: the times, in words, by their name."""
    name = person(customer)
    return Blanks(
        customer=name,
        customer_first=name and first_name(name),
        agent=one_line(agent, _NAME_LIMIT) or None,
        number=None if number is None else str(number),
        subject=one_line(subject, _SUBJECT_LIMIT) or None,
        desk=one_line(desk, _NAME_LIMIT) or None,
        mailbox=one_line(mailbox, _NAME_LIMIT) or None,
        link=link or None,
        **dict(spans or {}),
    )


def faults(text: str, allowed: frozenset[str] = FOR_AGENTS) -> list[str]:
    """What in a template could never be filled: undeclared placeholders and stray braces, as they are written."""
    found: list[str] = []
    for match in _PART.finditer(text):
        if match.group() in ("{", "}"):
            found.append(match.group())
        elif match["name"] and match["name"] not in allowed:
            found.append(match.group().strip())
    return found


def placeholders(text: str) -> frozenset[str]:
    """The names that a template asks for, without those it can do without (`{name|otherwise}`)."""
    return frozenset(m["name"] for m in _PART.finditer(text) if m["name"] and m["otherwise"] is None)


def render(text: str, values: Blanks) -> str:
    """The text with every placeholder filled, in one pass: braces in a value stay braces.

    `{name|otherwise}` gives `otherwise` where the value is not known; with nothing after the bar the space before it
    goes too ("Hello {customer|}," → "Hello,"). Raises Refused, naming the placeholder, where one is undeclared or
    without a value: such a text is never sent.
    """

    def fill(match: re.Match[str]) -> str:
        written = match.group()
        if written in ("{{", "}}"):
            return written[0]
        name = match["name"]
        if name is None or name not in _KNOWN:
            raise Refused(phrase("The template has {placeholder}, which Deskbell does not know.", placeholder=written))
        value: str | None = getattr(values, name)
        if value is not None:
            return match["space"] + value
        if match["otherwise"] is None:
            raise Refused(
                phrase("The template needs {placeholder}, which is not known here.", placeholder=f"{{{name}}}")
            )
        return match["space"] + match["otherwise"] if match["otherwise"] else ""

    return _PART.sub(fill, text)


def leftovers(text: str) -> list[str]:
    """Declared placeholders that still stand in a text about to be sent: somebody typed them, nothing fills them."""
    return [m.group().strip() for m in _PART.finditer(text) if m["name"] in NAMES]


def person(name: str) -> str | None:
    """A person's name fit for a greeting, or None where it is not one.

    Strangers choose their own display name, and the desk writes back by itself: a "name" with a link, an address or
    a sentence in it would make the desk carry advertising to whoever the sender claims to be.
    """
    line = one_line(name, 4 * _NAME_LIMIT).strip("\"'“”„ ")
    if not line or len(line) > _NAME_LIMIT or _LINKISH.search(line) or not any(map(str.isalpha, line)):
        return None
    last, comma, first = line.partition(", ")
    return f"{first} {last}" if comma and first and "," not in first else line


def first_name(name: str) -> str:
    """The given name in a name of several words; the whole where there is but one, or where titles leave none."""
    words = name.split()
    while len(words) > 1 and words[0].endswith("."):  # "Dr. Max Mustermann"
        words = words[1:]
    return words[0] if len(words) > 1 else name


def one_line(text: str, limit: int) -> str:
    """Text without line breaks, control and direction characters, cut at `limit` characters."""
    kept = "".join(" " if ch.isspace() else ch for ch in text if ch.isspace() or not _unseen(ch))
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _unseen(ch: str) -> bool:
    """Controls, direction marks and overrides, lone surrogates; joiners stay, since names in many scripts need them."""
    return unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co", "Cn") and ch not in "\u200c\u200d"

"""What leaves: words in pieces as long as Slack takes them, and files, each piece one call. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.phrases import phrase
from core.templates.locales import negotiate, translate
from core.tickets.model import Attachment
from gateways.slack.reading import LEAVE, OPEN
from gateways.slack.wire.blocks import (
    Blocks,
    Element,
    actions,
    address,
    button,
    paragraph,
    plain,
    rich,
    section,
    words,
)
from gateways.slack.wire.text import cut, escape, fits, head

LONGEST = 10_000
"""Units of a piece: Slack takes about 13,000 in all the blocks of a message."""

NOTICE = 3000
"""Units of the same words for notifications and those who are read to."""

_ADDRESS = re.compile(r"(?i:https?://)[^\s<>\"]{1,2000}")
_AT_THE_END = ".,;:!?)]}'"
_PLACE = re.compile(r"([0-9]{1,18})/([0-9]{1,20}\.[0-9]{1,20})")


class Place(NamedTuple):
    """A thread in a room of ours by number."""

    seat: int
    thread: str


class Piece(NamedTuple):
    """One call: words, or a file."""

    text: str = ""
    file: Attachment | None = None


def place(address: str) -> Place | None:
    """From what the desk has as an address; None for what is none in Slack."""
    found = _PLACE.fullmatch(address)
    return Place(int(found[1]), found[2]) if found else None


def pieces(text: str, files: Sequence[Attachment]) -> list[Piece]:
    """A message as it leaves, always cut in the same way."""
    return [*(Piece(text=part) for part in split(text.strip())), *(Piece(file=file) for file in files)]


def split(text: str, most: int = LONGEST) -> Iterator[str]:
    """A text in parts of at most so many units, broken between lines, else words, else letters."""
    while not fits(text, most):
        part = head(text, most)
        at = max(part.rfind("\n"), part.rfind(" ") if "\n" not in part[len(part) // 2 :] else -1)
        end = at if at > len(part) // 2 else len(part)
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    if text:
        yield text


def shown(text: str) -> tuple[str, Blocks]:
    """Words as they were written: nothing in them is markup, and addresses can be followed."""
    return cut(escape(text), NOTICE), [rich(paragraph(*_runs(text)))]


def asking(ts: str, language: str | None) -> tuple[str, Blocks]:
    """The question whether what was said at this time shall be a ticket."""
    locale = negotiate(language) or "en"
    said = translate(phrase("Shall we open a ticket for this? Then somebody looks after it and answers here."), locale)
    yes = button(OPEN, translate(phrase("Open a ticket"), locale), ts, "primary")
    no = button(LEAVE, translate(phrase("No, thanks"), locale), ts)
    return escape(said), [section(plain(said)), actions("customer", yes, no)]


def _runs(text: str) -> Iterator[Element]:
    end = 0
    for found in _ADDRESS.finditer(text):
        url = found[0].rstrip(_AT_THE_END)
        yield words(text[end : found.start()])
        yield address(url)
        end = found.start() + len(url)
    yield words(text[end:])

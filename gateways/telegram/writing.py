"""What leaves: words in pieces as long as Telegram takes them, and files, each piece one call. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.tickets.model import Attachment

LONGEST = 4096
"""Of a text, in UTF-16 code units (Bot API, sendMessage)."""

_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…。！？])\s"), re.compile(r"\s"))
_JOINERS = ("\u200d", "\ufe0f", "\ufe0e")


class Place(NamedTuple):
    """A chat, and a topic in it."""

    chat: int
    topic: int | None


class Piece(NamedTuple):
    """One call: words, or a file."""

    text: str = ""
    file: Attachment | None = None


def place(address: str) -> Place:
    """From what the desk has as an address: "CHAT" or "CHAT/TOPIC". Raises ValueError for others."""
    chat, _, topic = address.partition("/")
    return Place(int(chat), int(topic) if topic else None)


def pieces(text: str, files: Sequence[Attachment]) -> list[Piece]:
    """A message as it leaves, always cut in the same way."""
    return [*(Piece(text=part) for part in split(text)), *(Piece(file=file) for file in files)]


def units(text: str) -> int:
    """Its length as Telegram counts: UTF-16 code units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def split(text: str, most: int = LONGEST) -> list[str]:
    """A text in parts of at most so many units, broken between paragraphs, else lines, sentences, words; a longer word
    between letters that stand for themselves.
    """
    return list(_split(text.strip(), most))


def _split(text: str, most: int) -> Iterator[str]:
    while units(text) > most:
        end = _fitting(text, most)
        at, rest = _break(text, end)
        yield text[:at].rstrip()
        text = text[rest:].lstrip("\n ") if at != rest else text[rest:]
    if text:
        yield text


def _fitting(text: str, most: int) -> int:
    """How many characters have so many units."""
    used = 0
    for n, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > most:
            return n
    return len(text)


def _break(text: str, end: int) -> tuple[int, int]:
    """Where the first part ends, and where the next begins."""
    least = end // 2  # a part that is nearly empty is worse than a broken paragraph
    for where in _BREAKS:
        last = None
        for found in where.finditer(text, least, min(len(text), end + 1)):
            last = found
        if last is not None and last.start() <= end:
            return last.start(), last.end()
    while (end > 1 and _belongs_before(text[end])) or (end > 1 and text[end - 1] == "\u200d"):
        end -= 1
    return end, end


def _belongs_before(letter: str) -> bool:
    """Whether it is part of the letter before it."""
    return letter in _JOINERS or unicodedata.combining(letter) > 0 or "\U0001f3fb" <= letter <= "\U0001f3ff"

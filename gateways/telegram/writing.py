"""What leaves: words in pieces as long as Telegram takes them, and files, each piece one call. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from core.tickets.model import Attachment

LONGEST = 4096
"""Of a text, in UTF-16 code units (Bot API, sendMessage)."""

MOST_TOGETHER = 10
"""Files that are shown together (Bot API, sendMediaGroup)."""

LARGEST_TOGETHER = 50 * 1024 * 1024
"""Bytes of these: all are in memory at once."""

LARGEST_PICTURE = 10 * 1024 * 1024
"""Bytes of what is taken as a picture (Bot API, sendPhoto)."""

Kind = Literal["photo", "video", "document"]

_KINDS: dict[str, Kind] = {"image/jpeg": "photo", "image/png": "photo", "video/mp4": "video"}
_BREAKS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…。！？])\s"), re.compile(r"\s"))
_JOINERS = ("\u200d", "\ufe0f", "\ufe0e")


class Place(NamedTuple):
    """A chat, and a topic in it; `owner`: whose account it is in, where that is not our bot's own."""

    chat: int
    topic: int | None = None
    owner: int | None = None


class Piece(NamedTuple):
    """One call: words, a file, or several files that are shown together. It is as many messages."""

    text: str = ""
    files: tuple[Attachment, ...] = ()

    @property
    def messages(self) -> int:
        return len(self.files) or 1


def place(address: str) -> Place:
    """From what the desk has as an address: "CHAT", "CHAT/TOPIC" or "CHAT/bOWNER". Raises ValueError for others."""
    chat, _, rest = address.partition("/")
    if rest.startswith("b"):
        return Place(int(chat), owner=int(rest[1:]))
    return Place(int(chat), int(rest) if rest else None)


def pieces(text: str, files: Sequence[Attachment], left: int = 0) -> list[Piece]:
    """A message as it leaves, always cut in the same way, without the first messages of it, which have `left`."""
    words = [Piece(text=part) for part in split(text)]
    return [*words[left:], *_albums(files[max(0, left - len(words)) :])]


def kind(file: Attachment) -> Kind:
    """As what a file leaves: pictures and films are shown, where Telegram takes them as such."""
    if file.size > LARGEST_PICTURE and file.type != "video/mp4":
        return "document"
    return _KINDS.get(file.type, "document")


def _albums(files: Sequence[Attachment]) -> Iterator[Piece]:
    """Files in their order. Those that follow each other and can be shown together are."""
    album: list[Attachment] = []
    for file in files:
        if album and not _fits(file, album):
            yield Piece(files=tuple(album))
            album = []
        album.append(file)
    if album:
        yield Piece(files=tuple(album))


def _fits(file: Attachment, album: Sequence[Attachment]) -> bool:
    """Whether a file may be shown with these (Bot API, sendMediaGroup), and all of them sent in one call."""
    is_like_them = (kind(file) == "document") == (kind(album[0]) == "document")
    size = file.size + sum(one.size for one in album)
    return is_like_them and len(album) < MOST_TOGETHER and size <= LARGEST_TOGETHER


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

"""Pictures that a mail shows in its signature or in what it quotes only, or that nobody can see: they are not what its
writer sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.tickets.model import File
from gateways.email.reading.reply_text import own_words
from gateways.later import later

if TYPE_CHECKING:
    from gateways.email.reading import markup
else:
    markup = later("gateways.email.reading.markup")

_TINY = 3  # pixels each way: what opens a mail is counted by, and what keeps tables apart


def fold(files: Sequence[File], html: str | None) -> list[File]:
    """The files, those marked that are pictures which the page shows, and nowhere in what its writer wrote now.

    What the page does not show, as many programs attach pictures, stays the writer's.
    """
    if html is None or "cid:" not in html.lower() or not any(_is_inline(file) for file in files):
        return list(files)
    marked = markup.convert(html, with_pictures=True)
    own = {cid.casefold() for cid in marked.pictures_in(own_words(marked.marked))}
    shown = {cid.casefold() for cid in marked.pictures}

    def is_folded(file: File) -> bool:
        cid = (file.cid or "").casefold()
        return _is_inline(file) and cid in shown and (cid not in own or _is_tiny(file.content))

    return [replace(file, folded=True) if is_folded(file) else file for file in files]


def _is_inline(file: File) -> bool:
    return bool(file.cid) and file.type.startswith("image/")


def _is_tiny(content: bytes) -> bool:
    """Whether a picture is too small to be seen, by its head: PNG and GIF, of which such pictures are."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        wide, high = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    elif content.startswith((b"GIF87a", b"GIF89a")):
        wide, high = int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
    else:
        return False
    return 0 < wide <= _TINY and 0 < high <= _TINY

"""Pictures that a mail shows in its signature or in what it quotes only: they are not what its writer sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.tickets.model import File
from gateways.email.reading.markup import convert
from gateways.email.reading.reply_text import own_words


def fold(files: Sequence[File], html: str | None) -> list[File]:
    """The files, those marked that are pictures which the page shows, and nowhere in what its writer wrote now.

    What the page does not show, as many programs attach pictures, stays the writer's.
    """
    inline = {file.cid.casefold() for file in files if file.cid and file.type.startswith("image/")}
    if not inline or html is None or "cid:" not in html.lower():
        return list(files)
    marked = convert(html, with_pictures=True)
    own = {cid.casefold() for cid in marked.pictures_in(own_words(marked.marked))}
    folded = {cid.casefold() for cid in marked.pictures} & inline - own
    return [replace(file, folded=True) if file.cid and file.cid.casefold() in folded else file for file in files]

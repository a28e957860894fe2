"""Mails that we wrote and labelled ourselves, for classes of which others have few; of people who do not exist."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple


class Labelled(NamedTuple):
    """A mail and the class it is of, by the name that `deskbell explain` has for it."""

    kind: str
    raw: bytes


def kinds() -> list[Labelled]:
    """The mails of kinds.txt: `=== KIND` on a line, and the mail up to the next such line, in UTF-8."""
    text = files("bench.labelled").joinpath("kinds.txt").read_text("utf-8")
    return [
        Labelled(kind, raw.encode("utf-8"))
        for kind, _, raw in (block.partition("\n") for block in text.removeprefix("=== ").split("\n=== "))
    ]

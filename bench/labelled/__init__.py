"""Mails that we wrote and labelled ourselves, for what others have few of; of people who do not exist.

Those of the files `unseen_…` were written before anything was read by the code, and scored then.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple


class Labelled(NamedTuple):
    """A mail and the class it is of, by the name that `deskbell explain` has for it."""

    kind: str
    raw: bytes
    bounced: str = ""  # who was not reached, where it is a bounce that says so


class Answer(NamedTuple):
    """A body, as text or HTML, and what of it is new."""

    kind: str
    body: str
    shown: str


class Forward(NamedTuple):
    """A mail, and whose mail it forwards; empty where it forwards none."""

    sender: str
    raw: bytes


def kinds() -> list[Labelled]:
    """The mails of kinds.txt and the like: `=== KIND [ADDRESS]` on a line, and the mail up to the next such line."""
    names = ("kinds.txt", "reports.txt", "unseen_kinds.txt", "unseen_kinds_2.txt")
    found = [(head.partition(" "), raw) for name in names for head, raw in _blocks(name)]
    return [Labelled(kind, raw.encode("utf-8"), address) for (kind, _, address), raw in found]


def answers() -> list[Answer]:
    """The bodies of replies.txt and the like: `=== text` or `=== html`, the body, `=== shown`, what is to be shown."""
    blocks = [block for name in ("replies.txt", "unseen_replies.txt") for block in _blocks(name)]
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    return [Answer(kind, body, shown) for (kind, body), (_, shown) in pairs]


def forwards() -> list[Forward]:
    """The mails of forwards.txt and the like: `=== ADDRESS` of whose mail is forwarded, or `=== nobody`."""
    found = [block for name in ("forwards.txt", "unseen_forwards.txt") for block in _blocks(name)]
    return [Forward("" if sender == "nobody" else sender, raw.encode("utf-8")) for sender, raw in found]


def _blocks(name: str) -> Iterator[tuple[str, str]]:
    """What stands behind `=== ` on a line, and the text up to the next such line, in UTF-8."""
    text = files("bench.labelled").joinpath(name).read_text("utf-8")
    for block in text.removeprefix("=== ").split("\n=== "):
        head, _, rest = block.partition("\n")
        yield head, rest

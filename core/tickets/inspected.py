"""What somebody sees who looks at a mail before they decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.tickets.model import Address, Nature


class Enclosed(NamedTuple):
    """A file within it; only what it is called, what it says it is, and how large it is."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Inspected:
    """A mail as far as it can be read. All of it is a stranger's words."""

    sender: Address
    subject: str
    text: str  # its beginning
    left: int = 0  # characters of the text beyond it
    fields: Sequence[tuple[str, str]] = ()  # header fields that say where it came from and whose it is
    files: Sequence[Enclosed] = ()
    left_out: int = 0  # files beyond these
    nature: Nature | None = None  # None where only its head could be read
    signs: Sequence[str] = ()
    is_encrypted: bool = False  # something in it can be read with a key only
    problem: str = ""  # why only its head could be read

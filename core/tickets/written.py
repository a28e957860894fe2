"""What somebody wrote on a page of ours, as it is kept before the page says that we have it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.tickets.model import Attachment

CHANNEL = "page"
"""What comes in by pages, as the inbox calls it. A ticket's own channel stays what it was."""


class Act(StrEnum):
    """What somebody did on a page."""

    ANSWER = "answer"  # they wrote into their ticket
    UPLOAD = "upload"  # they brought files for it
    CLOSE = "close"  # they say that it is settled
    RATE = "rate"  # they say how they found what we did
    CONTACT = "contact"  # somebody of whom nothing is known wrote for the first time


@dataclass(frozen=True, slots=True)
class Written:
    """One form that was sent. Files are in the store by their digests."""

    act: Act
    ticket: int = 0
    person: int = 0
    text: str = ""
    files: tuple[Attachment, ...] = ()
    language: str | None = None  # of the page
    score: int = 0  # how they found it
    # Of who wrote for the first time, as they say:
    name: str = ""
    address: str = ""
    subject: str = ""
    door: str = ""  # the mailbox that they wrote to
    signs: tuple[str, ...] = ()  # by what it seems to be nobody's
    quiet: bool = False  # so many wrote lately that nobody is told that we have it

    def as_kept(self) -> bytes:
        """As the inbox keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    @classmethod
    def as_said(cls, kept: bytes) -> Written:
        """Back from `as_kept`."""
        said: dict[str, Any] = json.loads(kept)
        files = tuple(Attachment(**file) for file in said.pop("files"))
        return cls(act=Act(said.pop("act")), files=files, signs=tuple(said.pop("signs")), **said)


def lane_of(ticket: int) -> str:
    """What is written into one ticket is heard in order."""
    return f"ticket:{ticket}"

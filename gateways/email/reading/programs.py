"""How single mail programs mark what they quote and forward, where they do it unlike all others."""

from __future__ import annotations

import re

from gateways.email.reading.phrasebook import labels_within
from gateways.email.reading.quoting import attribution_ending_at, is_forward_mark, plain

_LONGEST = 400  # characters of a line that is looked at
_TIME = re.compile(r"\d[:.]\d\d")
_NOTES = re.compile(r"[^\n]{2,60}? -{2,3}\d[\d./: APM-]{8,24}-{3}[^\n]{0,300}")
_MARK_AND_MORE = re.compile(r"\s{0,9}([-_=]{2,}[^-_=\n]{3,40}[-_=]{2,})\s{0,9}([^\s-][^\n]{10,})")


def quotes_from_within(line: str) -> bool:
    """Whether all is quoted from this line on: below GroupWise's `>>> Ann <ann@example.com> 02.03.2026 12:00 >>>`, and
    behind `On Monday Ann <ann@example.com> wrote:` on the same line, as Yahoo has it on phones.
    """
    if len(line) > _LONGEST and not line.startswith(">>> "):
        line = line[:_LONGEST]
    if line.startswith(">>> "):
        return len(line) <= _LONGEST and _is_groupwises(line.rstrip())
    said, more, _ = line.partition(":  ")
    if not more or ">" not in said[-100:]:
        return False
    found = attribution_ending_at([f"{said}:"], 0)
    return bool(found and found.sure)


def _is_groupwises(line: str) -> bool:
    if line.endswith(">>>"):
        return bool(_TIME.search(line))
    return line.startswith(">>> On ") and ", in message <" in line and line.endswith(":")


def is_notes_summary(line: str) -> bool:
    """What Notes puts above the header lines of what it quotes: `Ann Walker ---02/03/2026 12:00:14---Dear Bob, …`."""
    return "---" in line and len(line) <= _LONGEST and bool(_NOTES.fullmatch(plain(line)))


def on_lines_of_their_own(line: str) -> list[str]:
    """A forward's mark and the header lines that follow it on the same line, as Yahoo writes them on some phones."""
    found = _MARK_AND_MORE.match(line) if len(line) < 5 * _LONGEST else None
    if not found or not is_forward_mark(found[1]):
        return [line]
    return [found[1], *(part for part in labels_within().split(found[2]) if part.strip())]

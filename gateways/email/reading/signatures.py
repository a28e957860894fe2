"""Where a signature begins at the end of a text, as far as it is marked as one."""

from __future__ import annotations

import re

from gateways.email.reading.quoting import is_phone_signature

_DELIMITER = re.compile(r"(?:--|—|__+)[ \t]*")
_SHORT = 4  # lines that are left on: they say who writes, and cost nothing
_LONG = 25  # lines beyond which it is no signature


def signature_start(lines: list[str]) -> int:
    """Where a signature begins at the end of these lines; their number if there is none."""
    for at in range(len(lines) - 1, max(-1, len(lines) - _LONG - 1), -1):
        if _DELIMITER.fullmatch(lines[at]):
            return at
    return _above_phones(lines)


def signs_below(lines: list[str], at: int) -> bool:
    """Whether all from this line on is a signature by its first line, however many rules there are in it."""
    return at < len(lines) <= at + _LONG and bool(_DELIMITER.fullmatch(lines[at]))


def without_signature(lines: list[str]) -> list[str]:
    """Without what a phone has signed with, and without a signature that is longer than a few lines."""
    end = _above_phones(lines)
    start = signature_start(lines[:end])
    if len([line for line in lines[start + 1 : end] if line.strip()]) > _SHORT:
        end = start
    return lines[:end]


def next_line(lines: list[str], at: int) -> int:
    """The next line that is not blank; the number of lines if there is none."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _above_phones(lines: list[str]) -> int:
    at = len(lines)
    while at > 0 and (not lines[at - 1].strip() or is_phone_signature(lines[at - 1])):
        at -= 1
    return at

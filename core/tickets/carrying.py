"""How much a mail carries: what files weigh on their way, and whether they are too much for it."""

from __future__ import annotations

from collections.abc import Iterable

MOST_FILES = 10
"""Files that go out with one answer: a window takes no more."""

_AROUND = 64 * 1024
"""Bytes for everything but the files: headers, and both forms of the longest answer."""

_AROUND_FILE = 1024


def carried(sizes: Iterable[int]) -> int:
    """Bytes of a mail with files of these sizes: base64 makes four of three, and 76 get a line break (RFC 2045)."""
    return _AROUND + sum(_AROUND_FILE + _encoded(size) for size in sizes)


def room_for_files(largest: int) -> int:
    """Bytes of files that a mail of at most so many bytes can carry, to be said to people: a little less than fit."""
    return max(0, (largest - _AROUND - MOST_FILES * (_AROUND_FILE + 8)) * 3 // 4 * 76 // 78)


def _encoded(size: int) -> int:
    letters = -(-size // 3) * 4
    return letters + -(-letters // 76) * 2

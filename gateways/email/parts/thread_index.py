"""Outlook's Thread-Index: when a conversation began, its id, and a block for each answer.

Source: MS-OXOMSG §2.2.1.3, PidTagConversationIndex.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

_HEADER, _BLOCK, _MOST_BLOCKS = 22, 5, 100
_LONGEST = 4 * (_HEADER + _BLOCK * _MOST_BLOCKS + 2) // 3 + 2
_WRITTEN = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of FILETIME, which counts tenths of microseconds
_NEAR = 1 << 49  # 1.8 years: what lies further apart is told less exactly


def read_index(written: str) -> bytes | None:
    """What a Thread-Index says; None where it is none that Outlook could have made, or absurdly long."""
    bare = "".join(written.split()) if len(written) <= 2 * _LONGEST else ""
    if not _WRITTEN.fullmatch(bare) or len(bare) > _LONGEST:
        return None
    try:
        index = base64.b64decode(bare, validate=True)
    except binascii.Error:
        return None
    blocks, rest = divmod(len(index) - _HEADER, _BLOCK)
    return index if index[:1] == b"\1" and 0 <= blocks <= _MOST_BLOCKS and not rest else None


def answering(written: str, at: datetime, id: str) -> str:
    """The Thread-Index of an answer to a mail with this one; empty where that has none that can be carried on.

    `at` and `id` are the answer's: the same answer has the same index.
    """
    index = read_index(written)
    if index is None or len(index) + _BLOCK > _HEADER + _BLOCK * _MOST_BLOCKS:
        return ""
    began = int.from_bytes(index[:6]) << 16
    passed = max(0, (at - _EPOCH) // timedelta(microseconds=1) * 10 - began)
    delta = passed >> 18 if passed < _NEAR else 1 << 31 | (passed >> 23) & 0x7FFFFFFF
    chance = sha256(id.encode("utf-8", "replace")).digest()[0] & 0xF0
    return base64.b64encode(index + delta.to_bytes(4) + bytes([chance])).decode("ascii")

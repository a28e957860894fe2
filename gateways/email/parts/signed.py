"""What an S/MIME message holds that was signed as one block (RFC 8551 §3.5.2): its content, found without a library.

Only the way to the content is read, and nothing verified: a signature earns no trust here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")

_SIGNED = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_DEEPEST = 12
_MOST = 500_000  # elements that are looked at: programs write a large content in small pieces
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _WITHIN = 0x30, 0x06, 0x04, 0x24, 0xA0


class _Element(NamedTuple):
    tag: int
    start: int  # of what it holds
    end: int
    after: int  # where the next one begins


def signed_content(data: bytes) -> bytes | None:
    """The content of a signed message, itself a MIME part; None where it is encrypted, damaged or something else."""
    try:
        return _Reader(data).content()
    except (ValueError, IndexError):
        return None


class _Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.left = _MOST

    def content(self) -> bytes | None:
        message = list(self.within(self.element(0)))
        if len(message) < 2 or self.held(message[0]) != _SIGNED or message[1].tag != _WITHIN:
            return None
        signed = next(self.within(message[1]))
        for one in self.within(signed):
            if one.tag != _SEQUENCE:
                continue
            info = list(self.within(one))
            if len(info) == 2 and info[0].tag == _OID and self.held(info[0]) == _DATA and info[1].tag == _WITHIN:
                return self.octets(next(self.within(info[1])))
        return None

    def element(self, at: int, depth: int = 0) -> _Element:
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            raise ValueError("too deep or too many")
        tag, length, start = self.data[at], self.data[at + 1], at + 2
        if length == 0x80:  # ends where two zeros stand
            inner = start
            while self.data[inner : inner + 2] != b"\x00\x00":
                inner = self.element(inner, depth + 1).after
            return _Element(tag, start, inner, inner + 2)
        if length > 0x80:
            size = length & 0x7F
            if size > 4:
                raise ValueError("no length")
            length, start = int.from_bytes(self.data[start : start + size], "big"), start + size
        if start + length > len(self.data):
            raise ValueError("cut off")
        return _Element(tag, start, start + length, start + length)

    def within(self, outer: _Element) -> Iterator[_Element]:
        at = outer.start
        while at < outer.end:
            inner = self.element(at)
            yield inner
            at = inner.after

    def held(self, element: _Element) -> bytes:
        return self.data[element.start : element.end]

    def octets(self, element: _Element, depth: int = 0) -> bytes | None:
        if element.tag == _OCTETS:
            return self.held(element)
        if element.tag != _OCTETS_IN_PIECES or depth > _DEEPEST:
            return None
        return b"".join(self.octets(piece, depth + 1) or b"" for piece in self.within(element))

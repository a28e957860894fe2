"""What an S/MIME message holds that can be had without a key (RFC 8551): its content where it was signed as one block
or compressed. Found without a library.

Only the way to the content is read, and nothing verified: a signature earns no trust here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from gateways.email.parts.headers import from_base64

TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
ANY_FILE = "application/octet-stream"
SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")

_OWN_NAMES = re.compile(
    r"(?:(?:smime|signature)\.p7[sm]|(?:openpgp_|pgp_)?(?:digital_)?signature(?:\.asc)?|pgp\.sig|)", re.I
)
_ARMOUR = re.compile(rb"-----[^\n-]{1,60}-----")
_DEEPEST = 12
_MOST = 500_000  # elements that are looked at: programs write a large content in small pieces
_LARGEST, _MOST_TIMES = 50 * 1024 * 1024, 100  # bytes that something compressed may become, and how much larger
_DATA = bytes.fromhex("2a864886f70d010701")
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _WITHIN = 0x30, 0x06, 0x04, 0x24, 0xA0


class Wrapping(StrEnum):
    """How a message is wrapped (RFC 5652, RFC 3274, RFC 5083)."""

    SIGNED = "signed"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"
    UNKNOWN = ""  # damaged, or something else


_KINDS = {
    bytes.fromhex("2a864886f70d010702"): Wrapping.SIGNED,
    bytes.fromhex("2a864886f70d0109100109"): Wrapping.COMPRESSED,
    bytes.fromhex("2a864886f70d010703"): Wrapping.ENCRYPTED,
    bytes.fromhex("2a864886f70d010706"): Wrapping.ENCRYPTED,
    bytes.fromhex("2a864886f70d0109100117"): Wrapping.ENCRYPTED,
}


class Opened(NamedTuple):
    """How something is wrapped, and what is in it; None where that takes a key, or where there is nothing in it, as in
    one that only brings certificates.
    """

    wrapping: Wrapping
    content: bytes | None = None


class _Element(NamedTuple):
    tag: int
    start: int  # of what it holds
    end: int
    after: int  # where the next one begins


def type_of(kind: str, name: str) -> str:
    """A part's type: where a program did not know it, S/MIME is known by its names (RFC 8551 §3.9)."""
    return TYPES[0] if kind == ANY_FILE and name.lower().endswith(".p7m") else kind


def is_message(name: str) -> bool:
    """Whether a block of this name is a message, and not a file that somebody signed: `contract.pdf.p7m`."""
    return bool(_OWN_NAMES.fullmatch(name))


def is_signature(kind: str, name: str) -> bool:
    """Whether a part is the signature of its neighbours, also where a server on the way has made the mail anew.

    The signature of a file that somebody attaches is called as the file is.
    """
    if kind == ANY_FILE:
        return name.lower() == "smime.p7s"
    return kind in SIGNATURES and is_message(name)


def opened(data: bytes) -> Opened:
    """How a block is wrapped, and what it holds. Never raises."""
    if not data.startswith(b"\x30"):
        data = from_base64(_ARMOUR.sub(b"", data))  # some programs encode it twice
    reader = _Reader(data)
    try:
        return reader.opened()
    except (ValueError, IndexError, StopIteration, zlib.error):
        return Opened(reader.wrapping)


class _Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.left = _MOST
        self.wrapping = Wrapping.UNKNOWN

    def opened(self) -> Opened:
        message = self.element(0, lazily=True)
        kind = self.element(message.start)
        if message.tag != _SEQUENCE or kind.tag != _OID:
            return Opened(Wrapping.UNKNOWN)
        self.wrapping = _KINDS.get(self.held(kind), Wrapping.UNKNOWN)
        if self.wrapping not in (Wrapping.SIGNED, Wrapping.COMPRESSED):
            return Opened(self.wrapping)
        within = self.element(kind.after)
        content = self.content(next(self.within(within))) if within.tag == _WITHIN else None
        if self.wrapping is Wrapping.COMPRESSED and content is not None:
            content = _inflated(content)
        return Opened(self.wrapping, content)

    def content(self, wrapped: _Element) -> bytes | None:
        for one in self.within(wrapped):
            if one.tag != _SEQUENCE:
                continue
            info = list(self.within(one))
            if len(info) == 2 and info[0].tag == _OID and self.held(info[0]) == _DATA and info[1].tag == _WITHIN:
                return self.octets(next(self.within(info[1])))
        return None

    def element(self, at: int, depth: int = 0, *, lazily: bool = False) -> _Element:
        """The one that begins there; `lazily`: it need not be whole."""
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            raise ValueError("too deep or too many")
        tag, length, start = self.data[at], self.data[at + 1], at + 2
        if length == 0x80:  # ends where two zeros stand
            inner = start
            while not lazily and self.data[inner : inner + 2] != b"\x00\x00":
                inner = self.element(inner, depth + 1).after
            return _Element(tag, start, inner, inner + 2)
        if length > 0x80:
            size = length & 0x7F
            if size > 4:
                raise ValueError("no length")
            length, start = int.from_bytes(self.data[start : start + size], "big"), start + size
        if start + length > len(self.data) and not lazily:
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


def _inflated(data: bytes) -> bytes | None:
    """None where it would become too large."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(data, min(_LARGEST, _MOST_TIMES * len(data)))
    return None if unpacking.unconsumed_tail else content

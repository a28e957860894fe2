"""What Outlook packs into winmail.dat (MS-OXTNEF): files, and the text where a mail has no other."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gateways.email.charsets import clean, decode

TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
NAME = "winmail.dat"

_SIGNATURE = 0x223E9F78
_MOST_FILES = 500
_MOST_PROPERTIES = 5000
_BEGINS, _TITLE, _DATA, _OF_FILE, _OF_MESSAGE, _BODY, _CODEPAGE = (
    0x00069002, 0x00018010, 0x0006800F, 0x00069005, 0x00069003, 0x0002800C, 0x00069007,
)  # fmt: skip
_FILE_NAME, _LONG_FILE_NAME, _MIME, _OBJECT, _TEXT, _HTML = 0x3704, 0x3707, 0x370E, 0x3701, 0x1000, 0x1013
_SIZES = {0x01: 4, 0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_ANSI, _UNICODE, _OBJECTS, _BINARY = 0x1E, 0x1F, 0x0D, 0x0102


class Packed(NamedTuple):
    """A file as it was packed; the name and type may be empty."""

    name: str
    type: str
    content: bytes


@dataclass(slots=True)
class Tnef:
    """What was found; empty where there was nothing."""

    text: str = ""
    html: str = ""
    files: list[Packed] = field(default_factory=list)


def unpack(data: bytes) -> Tnef:
    """The content of a winmail.dat, as far as it can be read. Never raises; at most 500 files."""
    found, charset = Tnef(), "cp1252"
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return found
    for kind, value in _attributes(data):
        if kind == _CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif kind == _BODY:
            found.text = found.text or _string(value, charset)
        elif kind == _OF_MESSAGE:
            said = {number: _said(text, charset) for number, text in _properties(value) if number in (_TEXT, _HTML)}
            found.text, found.html = found.text or said.get(_TEXT, ""), found.html or said.get(_HTML, "")
        elif kind == _BEGINS and len(found.files) < _MOST_FILES:
            found.files.append(Packed("", "", b""))
        elif found.files:
            found.files[-1] = _with(found.files[-1], kind, value, charset)
    found.files = [file for file in found.files if file.content or file.name]
    return found


def _with(file: Packed, kind: int, value: bytes, charset: str) -> Packed:
    """The file with what one more attribute says of it."""
    if kind == _TITLE:
        return file._replace(name=file.name or _string(value, charset))
    if kind == _DATA:
        return file._replace(content=value)
    if kind == _OF_FILE:
        for number, text in _properties(value):
            if number == _LONG_FILE_NAME or (number == _FILE_NAME and not file.name):
                file = file._replace(name=_said(text, charset) or file.name)
            elif number == _MIME:
                file = file._replace(type=_said(text, charset).strip().lower())
            elif number == _OBJECT and not file.content and isinstance(text, bytes):
                file = file._replace(content=text[16:])  # behind the identifier of its interface
    return file


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        kind, size = struct.unpack_from("<II", data, at + 1)
        yield kind, data[at + 9 : at + 9 + size]
        at += 9 + size + 2  # and a checksum, which is not believed either way


def _properties(data: bytes) -> Iterator[tuple[int, str | bytes]]:
    """The values of variable length among a message's properties; the others are stepped over."""
    if len(data) < 4:
        return
    at = 4
    for _ in range(min(struct.unpack_from("<I", data)[0], _MOST_PROPERTIES)):
        try:
            kind, number = struct.unpack_from("<HH", data, at)
            at += 4
            if number >= 0x8000:  # has a name, which may be spelt out
                named = struct.unpack_from("<I", data, at + 16)[0]
                size = struct.unpack_from("<I", data, at + 20)[0]
                at += 24 + (_padded(size) if named else 0)
            many, kind = bool(kind & 0x1000), kind & 0xEFFF
            if kind in _SIZES:
                count = struct.unpack_from("<I", data, at)[0] if many else 1
                at += (4 if many else 0) + count * _SIZES[kind]
                continue
            if kind not in (_ANSI, _UNICODE, _OBJECTS, _BINARY):
                return
            count = struct.unpack_from("<I", data, at)[0]
            at += 4
            for _ in range(min(count, _MOST_PROPERTIES)):
                size = struct.unpack_from("<I", data, at)[0]
                value = data[at + 4 : at + 4 + size]
                at += 4 + _padded(size)
                yield number, value.decode("utf-16-le", "replace") if kind == _UNICODE else value
        except struct.error:
            return


def _padded(size: int) -> int:
    return (size + 3) // 4 * 4


def _string(value: bytes, charset: str) -> str:
    return decode(value.rstrip(b"\x00"), charset).text


def _said(value: str | bytes, charset: str) -> str:
    return clean(value).rstrip("\x00") if isinstance(value, str) else _string(value, charset)

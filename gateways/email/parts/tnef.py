"""Outlook's own packing of a mail, `winmail.dat`: the files and the text in it (MS-OXTNEF)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gateways.email.parts.charsets import clean, decode
from gateways.email.parts.rtf import read_rtf, unpacked

TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
SIGNATURE = b"\x78\x9f\x3e\x22"
MOST_FILES = 500
DEEPEST = 5  # mails within mails

_MOST_PROPERTIES = 5000
# Attributes
_BODY, _FILE_DATA, _FILE_TITLE, _FILE_NAME = 0x800C, 0x800F, 0x8010, 0x9001
_NEXT_FILE, _PROPERTIES, _FILE_PROPERTIES, _CODE_PAGE = 0x9002, 0x9003, 0x9005, 0x9007
# Properties
_SUBJECT, _TEXT, _RTF, _HTML, _CONTENT = 0x0037, 0x1000, 0x1009, 0x1013, 0x3701
_LONG_NAME, _SHORT_NAME, _SHOWN_NAME, _KIND, _CID = 0x3707, 0x3704, 0x3001, 0x370E, 0x3712
_INTERNET_PAGE = 0x3FDE
# Types of properties
_OBJECT, _STRING, _UNICODE, _BINARY, _SEVERAL = 0x0D, 0x1E, 0x1F, 0x102, 0x1000
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}


class Packed(NamedTuple):
    """A file in the packing: its name and type as they are said there, either may be empty."""

    name: str
    type: str
    content: bytes
    cid: str


@dataclass(slots=True)
class Unpacked:
    """What a packing holds. At most one of `plain` and `html` has text."""

    subject: str = ""
    plain: str = ""
    html: str = ""
    files: list[Packed] = field(default_factory=list)


Properties = dict[int, bytes | str | int]


def is_tnef(data: bytes) -> bool:
    return data.startswith(SIGNATURE)


def unpack(data: bytes, depth: int = 0) -> Unpacked:
    """What is in a `winmail.dat`. Never raises; of a damaged one, what stands before the damage."""
    reader = _Reader(depth)
    for name, value in _attributes(data):
        reader.take(name, value)
        if len(reader.found.files) >= MOST_FILES:
            break
    reader.end_file()
    return reader.found


class _Reader:
    def __init__(self, depth: int):
        self.found = Unpacked()
        self._depth = depth
        self._page: str | None = None  # the codec of texts that are no Unicode
        self._title = ""
        self._content = b""
        self._file: Properties = {}
        self._open = False  # whether a file has begun

    def take(self, name: int, value: bytes) -> None:
        if name == _CODE_PAGE and len(value) >= 4:
            self._page = f"cp{int.from_bytes(value[:4], 'little')}"
        elif name == _BODY and not self.found.plain:
            self.found.plain = self._text(value)
        elif name == _PROPERTIES:
            self._take_message(dict(self._properties(value)))
        else:
            self._take_for_file(name, value)

    def _take_message(self, said: Properties) -> None:
        found = self.found
        if isinstance(page := said.get(_INTERNET_PAGE), int) and page:
            self._page = f"cp{page}" if page not in (65001, 20127) else "utf-8"
        found.subject = self._string(said.get(_SUBJECT))
        if html := self._string(said.get(_HTML)):
            found.html, found.plain = html, ""
        elif text := self._string(said.get(_TEXT)):
            found.plain = text
        elif isinstance(packed := said.get(_RTF), bytes):
            rich = read_rtf(unpacked(packed))
            if rich.html or rich.plain:
                found.html, found.plain = clean(rich.html), clean(rich.plain)

    def _take_for_file(self, name: int, value: bytes) -> None:
        if name == _NEXT_FILE:
            self.end_file()
            self._open = True
        elif name in (_FILE_TITLE, _FILE_NAME):
            self._title = self._title or self._text(value)
        elif name == _FILE_DATA:
            self._content, self._open = value, True
        elif name == _FILE_PROPERTIES:
            self._file, self._open = dict(self._properties(value)), True

    def end_file(self) -> None:
        """Take the file that was read last. A mail in it is read in its turn: its files, and its text as one."""
        if not self._open:
            return
        said = self._file
        name = next((text for key in (_LONG_NAME, _SHORT_NAME) if (text := self._string(said.get(key)))), "")
        name = name or self._title or self._string(said.get(_SHOWN_NAME))
        held = said.get(_CONTENT)
        content = held if isinstance(held, bytes) and held else self._content
        if is_tnef(content[16:20]):  # behind the name of its interface
            self._take_mail(content[16:], name)
        else:
            kind, cid = self._string(said.get(_KIND)), self._string(said.get(_CID))
            self.found.files.append(Packed(name, kind.lower(), content, cid))
        self._title, self._content, self._file, self._open = "", b"", {}, False

    def _take_mail(self, content: bytes, name: str) -> None:
        if self._depth >= DEEPEST:
            self.found.files.append(Packed(name, "application/ms-tnef", content, ""))
            return
        inner = unpack(content, self._depth + 1)
        title = inner.subject or name or "mail"
        if inner.html:
            self.found.files.append(Packed(f"{title}.html", "text/html", inner.html.encode("utf-8", "replace"), ""))
        elif inner.plain:
            self.found.files.append(Packed(f"{title}.txt", "text/plain", inner.plain.encode("utf-8", "replace"), ""))
        self.found.files += inner.files[: MOST_FILES - len(self.found.files)]

    def _text(self, value: bytes) -> str:
        return decode(value.rstrip(b"\x00"), self._page).text

    def _string(self, value: bytes | str | int | None) -> str:
        if isinstance(value, bytes):
            value = self._text(value)
        return value.replace("\r\n", "\n").rstrip("\x00") if isinstance(value, str) else ""

    def _properties(self, data: bytes) -> Iterator[tuple[int, bytes | str | int]]:
        """Each with the first of its values. Ends where the bytes make no sense."""
        at = 4
        try:
            for _ in range(min(struct.unpack_from("<I", data)[0], _MOST_PROPERTIES)):
                kind, name = struct.unpack_from("<HH", data, at)
                at += 4
                if name >= 0x8000:
                    at = _behind_name(data, at)
                value, at = _value(data, at, kind)
                if value is not None and name < 0x8000:
                    yield name, value
        except struct.error:
            return


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data) and is_tnef(data):
        level, name, size = struct.unpack_from("<BxxxxI", data, at)[0], *struct.unpack_from("<HxxI", data, at + 1)
        begin = at + 9
        if level not in (1, 2):  # a mail's and a file's
            return
        yield name, data[begin : begin + size]
        at = begin + size + 2  # behind its sum, which nobody checks: some programs write it wrong


def _behind_name(data: bytes, at: int) -> int:
    """Where the value of a property begins that has a name of its own."""
    kind = struct.unpack_from("<I", data, at + 16)[0]
    at += 20
    if kind == 0:
        return at + 4
    size = struct.unpack_from("<I", data, at)[0]
    return at + 4 + _padded(size)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes | str | int | None, int]:
    """The first value of a property, and where the next property begins."""
    several, kind = bool(kind & _SEVERAL), kind & ~_SEVERAL
    if kind in _FIXED:
        count = 1
        if several:
            count, at = struct.unpack_from("<I", data, at)[0], at + 4
        return int.from_bytes(data[at : at + 4], "little"), at + _FIXED[kind] * count
    if kind not in (_OBJECT, _STRING, _UNICODE, _BINARY):
        if kind in (0, 1):
            return None, at
        raise struct.error("a type that nobody knows, so how long its value is, is not known either")
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    first: bytes | str | None = None
    for number in range(count):
        size = struct.unpack_from("<I", data, at)[0]
        if number == 0:
            content = data[at + 4 : at + 4 + size]
            first = content.decode("utf-16-le", "replace").rstrip("\x00") if kind == _UNICODE else content
        at += 4 + _padded(size)
    return first, at


def _padded(size: int) -> int:
    return size + -size % 4

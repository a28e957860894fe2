"""What Outlook's rich text says: as the HTML that it was made of where it was, else as plain text (MS-OXRTFEX)."""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from gateways.email.parts.charsets import lookup

MOST = 1024 * 1024  # bytes of rich text that are read: about a second; the file is kept whole

_DICTIONARY = (  # what every compressed text begins with in mind (MS-OXRTFCP §2.1.2.1)
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SKIPPED = {  # groups that hold no text of the document
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr"),
    *("headerf", "footerl", "footerr", "footerf", "themedata", "colorschememapping", "datastore", "latentstyles"),
    *("listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl", "filetbl", "pntext", "fldinst", "mmathpr"),
}
_SAYS = {"par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "tab": "\t", "cell": "\t"}
_SAYS |= {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—"}
_SIGNS = {b"~": "\xa0", b"_": "‑", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_OF_FONT = {  # \fcharset: code page
    **{0: 1252, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255},
    **{178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250},
}
_MOST_GROUPS = 1000  # within each other


class Rich(NamedTuple):
    """What a rich text says; one of them is empty."""

    html: str
    plain: str


def unpacked(data: bytes) -> bytes:
    """Rich text without its compression (MS-OXRTFCP); empty where it has none that is known. Never raises."""
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    size = min(size, MOST)
    if kind == 0x414C454D:  # "MELA": as it is
        return data[16 : 16 + size]
    return _inflated(data, size) if kind == 0x75465A4C else b""  # "LZFu"


def _inflated(data: bytes, size: int) -> bytes:
    out = bytearray(_DICTIONARY)
    size += len(out)
    at, end = 16, len(data)
    while at < end and len(out) < size:
        flags = data[at]
        at += 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 2 > end:
                    return bytes(out[len(_DICTIONARY) : size])
                word = data[at] << 8 | data[at + 1]
                at += 2
                # Places are of a ring of 4,096 bytes; behind what was written last nothing stands, and that ends it.
                back = (len(out) - (word >> 4)) & 0xFFF
                if back == 0:
                    return bytes(out[len(_DICTIONARY) : size])
                for _ in range((word & 0xF) + 2):
                    out.append(out[-back] if back <= len(out) else 0x20)
            elif at < end:
                out.append(data[at])
                at += 1
    return bytes(out[len(_DICTIONARY) : size])


class _Group:
    """What holds between two braces."""

    __slots__ = ("font", "hidden", "tag", "uc")

    def __init__(self, hidden: bool = False, tag: bool = False, uc: int = 1, font: int = -1):
        self.hidden, self.tag, self.uc, self.font = hidden, tag, uc, font

    def inner(self) -> _Group:
        return _Group(self.hidden, self.tag, self.uc, self.font)


def read_rtf(data: bytes) -> Rich:
    """What a rich text says. Never raises; where it is none, both are empty."""
    if not data.lstrip().startswith(b"{\\rtf"):
        return Rich("", "")
    reader = _Reader(b"\\fromhtml" in data[:2000])
    for token in _TOKEN.finditer(data[:MOST]):
        reader.take(token)
    text = reader.text()
    return Rich(text, "") if reader.from_html else Rich("", text)


class _Reader:
    def __init__(self, from_html: bool):
        self.from_html = from_html
        self._out: list[str] = []
        self._bytes = bytearray()  # of a text in a code page, not yet read: a letter may be two
        self._page = "cp1252"
        self._bytes_page = ""
        self._fonts: dict[int, str] = {}
        self._in_fonts = 0  # the depth of the table of fonts
        self._font = -1  # the one that the table just speaks of
        self._groups = [_Group()]
        self._too_deep = 0
        self._skip = 0  # letters that only stand in for the one before them
        self._starred = False

    def text(self) -> str:
        self._flush()
        said = "".join(self._out)
        return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")

    def take(self, token: re.Match[bytes]) -> None:
        word, number, byte, sign, brace, said = token.groups()
        if brace:
            self._brace(brace)
        elif word:
            self._word(word.decode("ascii"), int(number) if number else None)
        elif byte:
            self._say_bytes(bytes.fromhex(byte.decode("ascii")))
        elif sign == b"*":
            self._starred = True
        elif sign in _SIGNS:
            self._say(_SIGNS[sign])
        elif said:
            self._say_bytes(said)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._starred, self._skip = False, 0
        if brace == b"{":
            if len(self._groups) >= _MOST_GROUPS:
                self._too_deep += 1
            else:
                self._groups.append(self._groups[-1].inner())
        elif self._too_deep:
            self._too_deep -= 1
        elif len(self._groups) > 1:
            self._groups.pop()
            if len(self._groups) < self._in_fonts:
                self._in_fonts = 0

    def _word(self, word: str, number: int | None) -> None:
        group = self._groups[-1]
        starred, self._starred = self._starred, False
        if word == "htmltag" and starred:
            group.tag, group.hidden = True, False
        elif word == "htmlrtf":
            self._flush()
            group.hidden = number != 0
        elif word == "fonttbl":
            self._in_fonts, group.hidden = len(self._groups), True
        elif word in _SKIPPED or (starred and word != "shppict"):
            group.hidden = True
        elif word in _SAYS:
            self._say("\r\n" if self.from_html and _SAYS[word] == "\n" else _SAYS[word])
        elif number is not None:
            self._setting(word, number, group)

    def _setting(self, word: str, number: int, group: _Group) -> None:
        if word == "u":
            self._say(chr(number & 0xFFFF))
            self._skip = group.uc
        elif word == "uc":
            group.uc = max(0, min(number, 10))
        elif word == "ansicpg":
            self._page = lookup(f"cp{number}") or "cp1252"
        elif word == "f":
            self._font = group.font = number
        elif word == "fcharset" and self._in_fonts and number in _OF_FONT:
            self._fonts[self._font] = lookup(f"cp{_OF_FONT[number]}") or "cp1252"
        elif word == "bin":
            group.hidden = True

    def _say(self, text: str) -> None:
        if self._skip:
            self._skip -= 1
        elif not self._groups[-1].hidden:
            self._flush()
            self._out.append(text)

    def _say_bytes(self, data: bytes) -> None:
        if self._skip:
            count = min(self._skip, len(data))
            self._skip -= count
            data = data[count:]
        if data and not self._groups[-1].hidden:
            page = self._fonts.get(self._groups[-1].font, self._page)
            if page != self._bytes_page:
                self._flush()
                self._bytes_page = page
            self._bytes += data

    def _flush(self) -> None:
        if self._bytes:
            self._out.append(self._bytes.decode(self._bytes_page, "replace"))
            self._bytes.clear()

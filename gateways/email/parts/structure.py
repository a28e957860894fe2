"""How a mail is made of parts: found by their boundaries in the raw bytes, without copying and without recursion.

Written because the standard library's reader goes line by line, runs out of stack on nested parts, and moves headers
into the body behind a malformed one. It is compared with that reader by a test, on mails that both can read.
"""

from __future__ import annotations

import binascii
import contextlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateways.email.parts import signed
from gateways.email.parts.headers import Headers, Split, clear_below, from_base64, split_mail, split_part
from gateways.email.parts.parameters import read_parameters

DEEPEST = 50
MOST_PARTS = 1000

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_PAGE = re.compile(rb"\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_BOUNDARY = re.compile(rb"(?<![^\n])--([^\r\n]{1,200})\r*\n")
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]*\r*(?:\n|$)")
_MOST_MISSES = 5000  # lines that begin like a boundary and are none, after which no more is looked for


@dataclass(slots=True)
class Part:
    """A mail, or a part of one. `source[start:end]` is its body, still encoded for the way."""

    headers: Headers
    source: bytes
    start: int
    end: int
    type: str
    parameters: dict[str, str]
    depth: int = 0
    children: list[Part] = field(default_factory=list)
    parent: Part | None = field(default=None, repr=False)
    stands_for: int = 1  # parts; more where there were too many, and the rest was left as one
    wrapping: signed.Wrapping = signed.Wrapping.UNKNOWN  # where it is S/MIME's: how what it holds is wrapped

    @property
    def encoding(self) -> str:
        """How the body is encoded for the way: `base64`, `quoted-printable` …; empty if not."""
        return self.headers.token("content-transfer-encoding").strip("\"'")

    def content(self) -> bytes:
        """The body's bytes, decoded, whatever is wrong with the encoding. Never raises."""
        data, encoding = self.source[self.start : self.end], self.encoding
        if encoding != "base64" or not self.type.startswith("text/"):
            return decoded(data, encoding)
        data, clear = clear_below(data)
        return b"\n".join(piece for piece in (from_base64(data), clear) if piece)

    def disposition(self) -> tuple[str, dict[str, str]]:
        """`attachment` or `inline` with its parameters; empty where the part does not say."""
        return read_parameters(self.headers.first("content-disposition"))

    def name(self) -> str:
        """What it is called as a file; empty where it is not."""
        return self.disposition()[1].get("filename") or self.parameters.get("name") or ""

    def leaves(self) -> Iterator[Part]:
        """The parts that hold something, in order. Nested messages are leaves too."""
        waiting: list[Part] = [self]
        while waiting:
            part = waiting.pop()
            if part.children:
                waiting.extend(reversed(part.children))
            else:
                yield part


def read(raw: bytes) -> Part:
    """The parts of a whole mail. Never raises. At most 1,000 parts, 50 deep; what is beyond is one part."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    top = _part(raw, split_mail(raw), len(raw), "text/plain")
    waiting, count = [top], 1
    while waiting and count < MOST_PARTS:
        part = waiting.pop()
        if part.type in signed.TYPES and part.depth < DEEPEST and _unwrap(part):
            count += 1
            waiting.extend(part.children)
        if not part.type.startswith("multipart/") or part.depth >= DEEPEST:
            continue
        _divide(part, MOST_PARTS - count)
        count += len(part.children)
        waiting.extend(part.children)
    return top


def decoded(data: bytes, encoding: str) -> bytes:
    """Bytes without their transfer encoding. Never raises."""
    if encoding == "base64":
        return from_base64(data)
    if encoding in ("quoted-printable", "quopri"):
        return binascii.a2b_qp(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return from_uuencode(data)
    return data


def from_uuencode(data: bytes) -> bytes:
    """The bytes of a uuencoded block, its begin and end lines included or not; damaged lines are passed over."""
    out = []
    for line in data.splitlines():
        if line.startswith(b"begin ") or line in (b"end", b"`", b""):
            continue
        for text in (line, line[: (((line[0] - 32) & 63) * 4 + 5) // 3]):  # some encoders write lines too long
            with contextlib.suppress(binascii.Error):
                out.append(binascii.a2b_uu(text))
                break
    return b"".join(out)


def _part(source: bytes, split: Split, end: int, default: str, parent: Part | None = None) -> Part:
    given = split.headers.first("content-type")
    kind, parameters = read_parameters(given)
    if not _TYPE.fullmatch(kind):
        kind = "multipart/mixed" if kind.startswith("multipart") else {"html": "text/html"}.get(kind, default)
        if kind == "text/plain" and _PAGE.match(source, split.body, end):  # by programs that know of no types
            kind = "text/html"
    part = Part(split.headers, source, split.body, end, kind, parameters, parent.depth + 1 if parent else 0, [], parent)
    if kind == signed.ANY_FILE:
        part.type = signed.type_of(kind, part.name())
    return part


def _unwrap(part: Part) -> bool:
    """Give what was signed as one block the part that it holds as its child. Whether there is one: it may hold a file
    that somebody signed.
    """
    part.wrapping, inner = signed.opened(part.content())
    if not inner:
        return False
    split = split_part(inner, 0, len(inner))
    if "content-type" not in split.headers and (not signed.is_message(part.name()) or b"\0" in inner[:4096]):
        return False
    part.children = [_part(inner, split, len(inner), "text/plain", part)]
    return True


def _divide(part: Part, most: int) -> None:
    """Give a multipart its children. One whose boundary is nowhere to be found becomes text."""
    if part.encoding in ("base64", "quoted-printable"):  # forbidden for multiparts, and done
        part.source = part.content()
        part.start, part.end = 0, len(part.source)
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
    pieces = _pieces(part, boundary) if boundary else []
    if not pieces and (guess := _guess_boundary(part)):
        pieces = _pieces(part, guess)
    if not pieces:
        part.type = "text/plain"
        return
    together = len(pieces) - most + 1 if len(pieces) > most else 1
    if together > 1:
        pieces = [*pieces[: most - 1], (pieces[most - 1][0], pieces[-1][1])]
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    part.children = [
        _part(part.source, split_part(part.source, start, end), end, default, part) for start, end in pieces
    ]
    part.children[-1].stands_for = together


def _pieces(part: Part, boundary: bytes) -> list[tuple[int, int]]:
    """Where the children begin and end. The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1)."""
    source, mark, misses = part.source, b"--" + boundary, 0
    found: list[tuple[int, int]] = []
    begin, at = -1, part.start if source.startswith(mark, part.start) else _next(part, mark, part.start)
    while at >= 0 and misses < _MOST_MISSES:
        line = _AFTER_BOUNDARY.match(source, at + len(mark), part.end)
        if line:
            if 0 <= begin < at:  # two boundaries in a row enclose nothing
                found.append((begin, _before_newline(source, at, begin)))
            begin = -1 if line[1] else line.end()
            if line[1]:
                break
        else:
            misses += 1
        at = _next(part, mark, at + len(mark))
    if begin >= 0:
        found.append((begin, part.end))
    return found


def _next(part: Part, mark: bytes, at: int) -> int:
    """The next line that begins with the mark; -1 if there is none."""
    newline = part.source.find(b"\n" + mark, max(at - 1, part.start), part.end)
    return newline + 1 if newline >= 0 else -1


def _before_newline(source: bytes, at: int, begin: int) -> int:
    if at > begin and source[at - 1 : at] == b"\n":
        at -= 1
        if at > begin and source[at - 1 : at] == b"\r":
            at -= 1
    return at


def _guess_boundary(part: Part) -> bytes | None:
    """The boundary of a multipart that does not name it, or names another: a line that is also there as an end mark."""
    lines = _BOUNDARY.finditer(part.source, part.start, min(part.end, part.start + 64 * 1024))
    for found in itertools.islice(lines, 5):
        boundary = found[1].rstrip(b" \t")
        if boundary and part.source.find(b"\n--" + boundary + b"--", part.start, part.end) >= 0:
            return boundary
    return None

"""A mail's fields and body as DKIM and ARC sign them (RFC 6376 §3.4): bytes in, bytes out, in time linear in them.

A library's patterns for this take the square of a run of blanks; strangers choose how many blanks there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from gateways.email.parts.headers import MOST_BYTES, MOST_FIELDS

Form = Literal["simple", "relaxed"]

_ALONE = re.compile(rb"(?<!\r)\n")
_BLANKS = re.compile(rb"[\t ]+")
_NAME = re.compile(rb"([!-9;-~]+)[\t ]*:")


class Field(NamedTuple):
    """A field as it came. `value` is all that follows the colon, folded as it was, without the last line end."""

    name: bytes
    value: bytes

    @property
    def key(self) -> str:
        """Its name as names compare."""
        return self.name.rstrip(b"\t ").decode("latin-1").lower()


class Bare(NamedTuple):
    """A mail taken apart as signers do: strictly, and without knowing what anything means."""

    fields: list[Field]
    body: bytes


class MalformedError(ValueError):
    """Nobody can say what was signed here; the reason is for people."""


def bare(raw: bytes) -> Bare:
    """Fields and body, every line ending in CRLF. Raises MalformedError where something at the head is no field."""
    if raw.count(b"\n") != raw.count(b"\r\n"):
        raw = _ALONE.sub(b"\r\n", raw)
    head, _, body = raw.partition(b"\r\n\r\n") if not raw.startswith(b"\r\n") else (b"", b"", raw[2:])
    if len(head) > MOST_BYTES:
        raise MalformedError("its header is too long")
    fields: list[Field] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] = Field(fields[-1].name, fields[-1].value + b"\r\n" + line)
        elif (named := _NAME.match(line)) is not None and len(fields) < MOST_FIELDS:
            fields.append(Field(line[: named.end() - 1], line[named.end() :]))
        elif fields or not line.startswith((b"From ", b">From ")):
            raise MalformedError("a line of its header is no field")
    return Bare(fields, body)


def field(one: Field, form: Form) -> bytes:
    """A field as it is hashed, without its line end."""
    if form == "simple":
        return one.name + b":" + one.value
    value = _BLANKS.sub(b" ", one.value.replace(b"\r\n", b"")).strip(b" ")
    return one.key.encode("latin-1") + b":" + value


def body(content: bytes, form: Form) -> bytes:
    """A body as it is hashed: no empty lines at its end, and in the relaxed form no blanks that nobody sees."""
    if form == "relaxed":
        content = _BLANKS.sub(b" ", content + (b"" if content.endswith(b"\r\n") else b"\r\n")).replace(
            b" \r\n", b"\r\n"
        )
    end = len(content)
    tail = end - len(content.rstrip(b"\r\n"))
    if content.endswith(b"\r\n" * (tail // 2)) and tail % 2 == 0:
        end -= tail
    else:
        while content.endswith(b"\r\n", 0, end):
            end -= 2
    content = content[:end]
    return content + b"\r\n" if content or form == "simple" else b""


def selected(fields: Sequence[Field], names: Sequence[str]) -> list[Field]:
    """The fields that a signature covers, from the bottom up where a name stands several times."""
    left: dict[str, list[Field]] = {}
    for one in fields:
        left.setdefault(one.key, []).append(one)
    return [left[name].pop() for name in names if left.get(name)]


def tags(value: bytes) -> dict[str, str]:
    """`a=1; b=2` as it stands in signatures, keys and policies; blanks around are nobody's. Raises MalformedError."""
    found: dict[str, str] = {}
    for part in value.decode("ascii", "replace").split(";"):
        name, equals, said = (piece.strip(" \t\r\n") for piece in part.partition("="))
        if not name and not equals:
            continue
        if not equals or not name.isidentifier() or name in found:
            raise MalformedError("its tags cannot be read")
        found[name] = said
    return found


def without_tag(value: bytes, name: bytes) -> bytes:
    """A signature's field with one tag emptied: its own signature cannot be in what was signed."""
    parts = value.split(b";")
    for n, part in enumerate(parts):
        if part.partition(b"=")[0].strip(b" \t\r\n") == name:
            parts[n] = part[: part.index(b"=") + 1]
    return b";".join(parts)

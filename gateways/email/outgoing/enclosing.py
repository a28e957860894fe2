"""Files as parts of a mail that goes out: a type that is safe to say, a name that every program can read."""

from __future__ import annotations

import binascii
import mimetypes
import re
import unicodedata
from urllib.parse import quote

from core.tickets.model import Attachment
from gateways.email.parts.parameters import file_name

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_WRAPPING = ("message/", "multipart/")
"""Types that RFC 2046 §5 forbids to encode in base64: a mail within a mail goes as plain bytes."""

_ANY = "application/octet-stream"
_CHARSET = "utf-8''"
_PIECE = 60  # characters of a name on each line
_WIDTH = 57  # bytes that make a line of 76 characters


def enclosed(file: Attachment, content: bytes, number: int) -> bytes:
    """A file as a part: its head, an empty line, its bytes in base64. `number` names one that has no name."""
    kind = type_of(file)
    name = file_name(file.name, number, mimetypes.guess_extension(kind) or "")
    head = (
        f'Content-Type: {kind};\r\n name="{_in_ascii(name)}"\r\n'
        f"Content-Disposition: attachment{_named(name)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    lines = (binascii.b2a_base64(content[at : at + _WIDTH], newline=False) for at in range(0, len(content), _WIDTH))
    return head.encode("ascii") + b"\r\n".join([*lines, b""])


def type_of(file: Attachment) -> str:
    """What it says that it is, where that can stand in a header and be kept; else bytes of some kind."""
    said = file.type.strip().lower()
    return said if _TYPE.fullmatch(said) and not said.startswith(_WRAPPING) else _ANY


def _named(name: str) -> str:
    """A name for old programs in letters of ASCII, and where it has others as RFC 2231 says them, in pieces if long.

    Who reads the second form takes it before the first (RFC 6266 §4.3 says so, and mail programs do).
    """
    plain = _in_ascii(name)
    said = f';\r\n filename="{plain}"'
    if plain == name:
        return said
    letters = [quote(letter, safe="") for letter in name]
    pieces = [""]
    for letter in letters:
        if len(pieces[-1]) + len(letter) > _PIECE:
            pieces.append("")
        pieces[-1] += letter
    if len(pieces) == 1:
        return f"{said};\r\n filename*=utf-8''{pieces[0]}"
    marked = (f"filename*{n}*={'' if n else _CHARSET}{piece}" for n, piece in enumerate(pieces))
    return "".join([said, *(f";\r\n {piece}" for piece in marked)])


def _in_ascii(name: str) -> str:
    """The name in letters, digits and a few marks; what has no likeness there is an underscore."""
    bare = "".join(ch for ch in unicodedata.normalize("NFKD", name) if not unicodedata.combining(ch))
    return re.sub(r"[^ !#$&\'()+,.0-9;=@A-Z\[\]^_a-z{}~-]", "_", bare)

"""What stands in Content-Type and Content-Disposition: the value, its parameters, and file names fit to be shown."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from gateways.email.parts.charsets import decode
from gateways.email.parts.headers import decode_words, one_line

_MOST_BYTES = 64 * 1024
_MOST = 200
_LONGEST_NAME = 200  # bytes of UTF-8

_PARAMETER = re.compile(rb';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_SIMPLE = re.compile(  # what most fields look like; no value is encoded or continued
    rb"""
    ([A-Za-z0-9/.+_-]+)
    (?:;\s*([A-Za-z0-9_-]+)=("[^"\\;?*\x80-\xff]*"|[^\s"\\;?*()\x80-\xff]+))?
    (?:;\s*([A-Za-z0-9_-]+)=("[^"\\;?*\x80-\xff]*"|[^\s"\\;?*()\x80-\xff]+))?
    """,
    re.VERBOSE,
)
_COMMENT = re.compile(rb"\([^)]*\)")
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is not seen in a name: controls, what turns the direction, halves, ends of lines."""
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[\d\u00b9\u00b2\u00b3]|lpt[\d\u00b9\u00b2\u00b3])(?=\.|$)")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")


def read_parameters(value: bytes | None, sibling: str | None = None) -> tuple[str, dict[str, str]]:
    """The value in lower case and its parameters: `text/plain; charset=x` as ("text/plain", {"charset": "x"}).

    Puts together what RFC 2231 takes apart, and reads encoded words where they should not be (most programs write
    them). Of a parameter that comes twice the first counts, but an encoded one before a plain one. Never raises.
    """
    if not value:
        return "", {}
    if len(value) < 500 and sibling is None and (simple := _SIMPLE.fullmatch(value)):
        main, *named = [found.decode("ascii") if found else "" for found in simple.groups()]
        pairs = [(named[at].lower(), named[at + 1].strip('"')) for at in (2, 0) if named[at]]
        return main.lower(), {name: one_line(text).strip() for name, text in pairs}
    value = value[:_MOST_BYTES]
    head, semicolon, _ = value.partition(b";")
    closed = head.rfind(b")") + 1  # a bracket that nothing closes would be looked through from each one to the end
    main = (_COMMENT.sub(b"", head[:closed]) + head[closed:]).strip().decode("latin-1").lower()
    if not semicolon:
        return main, {}
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(value, len(head))):
        if count == _MOST:
            break
        name = found[1].decode("latin-1").lower()
        text = _unquoted(found[2])
        shape = _CONTINUED.fullmatch(name)
        if shape and (shape[2] or shape[3]):
            pieces.setdefault(shape[1], {}).setdefault(int(shape[2] or 0), (text, bool(shape[3])))
        else:
            plain.setdefault(name, decode_words(text, sibling).strip())
    return main, plain | {name: _joined(parts, sibling) for name, parts in pieces.items()}


def _unquoted(text: bytes) -> bytes:
    text = text.strip()
    if not text.startswith(b'"'):
        return text
    # Only quotes and backslashes are escaped in practice: a lone backslash is part of a Windows path.
    return re.sub(rb'\\(["\\])', rb"\1", text[1:-1] if len(text) > 1 and text.endswith(b'"') else text[1:])


def _joined(parts: dict[int, tuple[bytes, bool]], sibling: str | None) -> str:
    """RFC 2231: `name*0*=charset'language'text; name*1=text`, percent-encoded where the name ends in a star."""
    charset, data = None, b""
    for number in sorted(parts):
        text, encoded = parts[number]
        if encoded and number == min(parts) and text.count(b"'") >= 2:
            name, _, text = text.split(b"'", 2)
            charset = name.decode("latin-1")
        data += unquote_to_bytes(text) if encoded else text
    if charset is None and b"=?" in data:
        return decode_words(data, sibling)
    return one_line(decode(data, charset, sibling).text).strip()


def file_name(name: str, number: int, extension: str) -> str:
    """A name fit to be shown and saved: no folders, controls, bidirectional tricks or reserved names.

    `attachment-N.EXTENSION` where nothing is left. At most 200 bytes of UTF-8; the extension survives the cut.
    """
    if _ESCAPED.search(name) and " " not in name:
        name = decode(unquote_to_bytes(name), None).text
    if not name.isprintable():
        name = "".join(letter for letter in name if unicodedata.category(letter) not in _UNSHOWN)
    name = unicodedata.normalize("NFC", name)
    name = re.split(r"[/\\]", name)[-1].strip(" .\t")
    name = re.sub(r'[<>:"|?*]', "_", name)
    if _RESERVED.match(name):
        name = f"_{name}"
    if not name:
        return f"attachment-{number}{extension}"
    if len(name.encode()) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        if not stem or len(ending) > 10:
            stem, dot, ending = name, "", ""
        room = _LONGEST_NAME - len((dot + ending).encode())
        name = stem.encode()[:room].decode("utf-8", "ignore") + dot + ending
    return name

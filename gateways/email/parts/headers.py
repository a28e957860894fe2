"""The fields at the head of a mail or a part: found in any shape they come in, and their encoded words read."""

from __future__ import annotations

import binascii
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from gateways.email.parts.charsets import clean, decode, lookup

MOST_BYTES = 256 * 1024
MOST_FIELDS = 1000

_INDENTED = re.compile(rb"[ \t]{1,99}")
_EMPTY = re.compile(rb"\r*\n")
_BLANK = re.compile(rb"\n\r*(?:\n|$)")
_NAME = re.compile(rb"[!-9;-~]+[ \t]*:")
_FIELD = re.compile(rb"^([!-9;-~]+):(.*(?:\n[ \t].*)*)", re.MULTILINE)
_LETTER = re.compile(rb">?From [^\n]*\n")  # the separator line of an mbox, quoted or not
_KNOWN = re.compile(
    rb"(?im)^(?:from|to|cc|subject|date|message-id|received|return-path|reply-to|sender|references|in-reply-to"
    rb"|mime-version|content-(?:type|transfer-encoding|disposition|id)|dkim-signature|delivered-to|x-[!-9;-~]+)[ \t]*:"
)
_WORD = re.compile(rb"=\?([A-Za-z0-9_.:*+'-]{1,60})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_CHARSET = re.compile(rb"=\?([A-Za-z0-9_.:+'-]{1,60})[?*]")
_IN_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ \t\r\n"
_WORD_ALONE = re.compile(rb"[A-Z]?[a-z]{1,30}")
_UNLIKE = re.compile(rb"(?m)^[^\n]*?(?:[^\s=][ \t]+[^\s=]|[^A-Za-z0-9+/=_\s-])")  # a line that is not in base64
_SPOKEN = re.compile(rb"[^\s=][ \t]+[^\s=]")
_ENCODED = re.compile(rb"(?m)^[A-Za-z0-9+/]{40}")
_RULES = re.compile(rb"(?<=\n)(?:[ \t]*(?:[_=-]{2,}[ \t]*)?\r?\n)+\Z")
_BREAKS = re.compile("[\r\n\t\x0b\x0c\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class Headers:
    """The fields in order, each as the bytes behind its colon; names compare without case."""

    __slots__ = ("_by_name", "fields")

    def __init__(self, fields: list[tuple[str, bytes]]):
        self.fields = fields
        self._by_name: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._by_name.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def first(self, name: str) -> bytes | None:
        """The first field of that name (lower case), unfolded; None if there is none."""
        values = self._by_name.get(name)
        return unfold(values[0]) if values else None

    def every(self, name: str) -> list[bytes]:
        """All fields of that name, unfolded, from the top."""
        return [unfold(value) for value in self._by_name.get(name, ())]

    def count(self, name: str) -> int:
        """How many fields there are of that name."""
        return len(self._by_name.get(name, ()))

    def text(self, name: str, sibling: str | None = None) -> str:
        """The first field of that name as one line of text; empty if there is none."""
        value = self.first(name)
        return decode_words(value, sibling).strip() if value else ""

    def codec_of_words(self) -> str | None:
        """The codec of the first encoded word that is in none of Unicode's, for fields with bytes that name none."""
        for name in ("subject", "from", "reply-to", "to", "cc"):
            for value in self._by_name.get(name, ()):
                word = _CHARSET.search(value)
                codec = lookup(word[1].decode("ascii")) if word else None
                if codec and codec not in ("ascii", "utf-8"):
                    return codec
        return None

    def token(self, name: str) -> str:
        """The first word of a field, lower case and without comments: how machine-readable fields are compared."""
        value = self.first(name)
        if not value:
            return ""
        if b"(" in value:
            value = re.sub(rb"\([^()]*\)", b" ", value)
        words = value.split(b";", 1)[0].split(None, 1)
        word = words[0].decode("ascii", "ignore").lower() if words else ""
        return word if word.isprintable() else "".join(char for char in word if char.isprintable())


class Split(NamedTuple):
    """Headers, and where the body begins."""

    headers: Headers
    body: int


def split_mail(raw: bytes) -> Split:
    """The headers of a whole mail. What stands before them (blank lines, a BOM, an mbox separator) is skipped."""
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    lead = re.compile(rb"[\r\n]+").match(raw, start)
    if lead and _NAME.match(raw, lead.end()):
        start = lead.end()
    letter = _LETTER.match(raw, start)
    if letter:
        start = letter.end()
    indented = _INDENTED.match(raw, start)  # the first line cannot go on from one before it
    if indented and _KNOWN.match(raw[indented.end() : indented.end() + 100]):
        start = indented.end()
    return split_part(raw, start, len(raw))


def split_part(raw: bytes, start: int, end: int) -> Split:
    """The headers between `start` and the first blank line.

    A line that is no header (no colon) is skipped if headers follow it; else the blank line is missing, and the body
    begins there. Beyond 256 KiB or 1,000 fields nothing is read.
    """
    if empty := _EMPTY.match(raw, start, end):
        return Split(Headers([]), empty.end())
    blank = _BLANK.search(raw, start, end)
    stop, body = (blank.start(), blank.end()) if blank else (end, end)
    block = raw[start : min(stop, start + MOST_BYTES)]
    sound = _all_fields(block)
    return Split(Headers(sound), body) if sound else _whatever_is_there(block, start, body)


def _all_fields(block: bytes) -> list[tuple[str, bytes]] | None:
    """The fields of a block in which every line is part of one; None of any other."""
    found = _FIELD.findall(block)
    names, values = [name for name, _ in found], [value for _, value in found]
    joined = b"\n".join(names)
    if not found or len(joined) + len(b"\n".join(values)) + 1 != len(block) or len(found) > MOST_FIELDS:
        return None
    return list(zip(joined.decode("ascii").lower().split("\n"), values, strict=True))


def _whatever_is_there(block: bytes, start: int, body: int) -> Split:
    """The fields of a block that holds other lines, too; `start` is where it begins in the mail."""
    found: list[tuple[str, int, int]] = []  # name, and where its value begins and ends in the block
    at = sound = 0
    for line in block.split(b"\n"):
        after = at + len(line)
        if line[:1] in (b" ", b"\t"):
            if found:
                found[-1] = (*found[-1][:2], after)
        elif len(found) >= MOST_FIELDS:
            break
        elif colon := _NAME.match(line):
            found.append((line[: colon.end() - 1].rstrip().decode("latin-1").lower(), at + colon.end(), after))
        elif line.strip() and sound <= at:
            known = _KNOWN.search(block, at)
            if known is None:
                body = start + at
                break
            sound = known.start()  # everything before it that is no header is skipped
        at = after + 1
    return Split(Headers([(name, block[begin:stop]) for name, begin, stop in found]), body)


def unfold(value: bytes) -> bytes:
    """One line, without the blanks around it."""
    if b"\n" in value or b"\r" in value:
        value = value.replace(b"\r", b"").replace(b"\n", b"")
    return value.strip()


def decode_words(value: bytes, sibling: str | None = None) -> str:
    """Text of a header value: encoded words (RFC 2047) read as senders write them, raw bytes by the charset ladder.

    Never contains a line break or another control. Words that stand side by side in one charset are joined as bytes
    first: a letter may be cut in two between them.
    """
    if value.isascii() and b"=?" not in value and not (sibling == "utf-7" and b"+" in value):
        return one_line(value.decode("ascii"))
    return one_line("".join(_pieces(value, sibling)))


def one_line(text: str) -> str:
    """Line breaks and tabs as blanks, other controls gone."""
    text = clean(text)
    if _CONTROLS.search(text) or not text.isascii():
        text = _CONTROLS.sub("", _BREAKS.sub(" ", text))
    return text


def _pieces(value: bytes, sibling: str | None) -> Iterator[str]:
    at = 0
    run: list[tuple[str, str, bytes]] = []  # charset, encoding, encoded text
    for word in _WORD.finditer(value, 0, value.rfind(b"?=") + 2):  # beyond the last end no word is looked for in vain
        between = value[at : word.start()]
        if not run or between.strip():
            yield from _read_run(run, sibling)
            run = []
            yield decode(between, None, sibling).text
        charset = word[1].decode("ascii").partition("*")[0].lower()
        run.append((charset, word[2].decode("ascii").upper(), word[3]))
        at = word.end()
    yield from _read_run(run, sibling)
    yield decode(value[at:], None, sibling).text


def _read_run(run: list[tuple[str, str, bytes]], sibling: str | None) -> Iterator[str]:
    """The text of words that follow each other."""
    for charset, words in itertools.groupby(run, lambda word: word[0]):
        data = b"".join(_word_bytes([(encoding, encoded) for _, encoding, encoded in words]))
        yield decode(data, charset if lookup(charset) else None, sibling).text


def _word_bytes(words: list[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of words in one charset. Base64 that was cut within its groups of four is put together first."""
    held = b""
    for encoding, encoded in words:
        if encoding == "Q":
            yield from_base64(held)
            held = b""
            yield binascii.a2b_qp(encoded.translate(None, b"\r\n"), header=True)
            continue
        held += encoded
        if held.endswith(b"=") or len(held) % 4 == 0:
            yield from_base64(held)
            held = b""
    yield from_base64(held)


def clear_below(encoded: bytes) -> tuple[bytes, bytes]:
    """What is in base64, and what somebody has written below it in clear: lists and scanners on the way put their lines
    there without a look at how a text is encoded. Where all of it is in clear, nothing is in base64.
    """
    strange = encoded.translate(None, _IN_BASE64)
    found = _UNLIKE.search(encoded) if strange or b" " in encoded else None
    if found is None:
        return encoded, b""
    below = encoded[found.start() :]
    if _ENCODED.search(below) or not _SPOKEN.search(below) or not (strange or _are_words(below)):
        return encoded, b""  # damaged, and no words
    above = _RULES.sub(b"", encoded[: found.start()])
    return above, encoded[len(above) :]


def _are_words(said: bytes) -> bool:
    words = said[:2000].split()
    return 4 * len(words) < 5 * sum(1 for word in words if _WORD_ALONE.fullmatch(word))


def from_base64(encoded: bytes) -> bytes:
    """What base64 holds, however damaged: junk skipped, padding put right, a stray letter dropped. Never raises."""
    padding = encoded.find(b"=")
    if padding < 0 or not encoded[padding:].strip(b"= \t\r\n"):
        try:
            return binascii.a2b_base64(encoded)
        except binascii.Error:
            pass  # read again below, by what is there
    # Padding within ends a chunk that another follows: encodings that were joined.
    letters = re.sub(rb"[^A-Za-z0-9+/=]", b"", encoded.replace(b"-", b"+").replace(b"_", b"/"))
    return b"".join(
        binascii.a2b_base64(chunk[: len(chunk) - (len(chunk) % 4 == 1)] + b"=" * (-len(chunk) % 4))
        for chunk in re.split(rb"=+", letters)
    )

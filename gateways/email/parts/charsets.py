"""What text bytes mean, whatever charset they are declared in."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from gateways.email.parts.east_asian import from_jis, put_together

# What senders declare and what they mean: the wider set holds every byte of the narrower one.
_WIDER = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "euc-cn": "gb18030",
    "big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-1": "iso2022_jp_ext",
    "iso-2022-jp-2": "iso2022_jp_2",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "x-iso-2022-jp-ms": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-utf-8": "utf-8",
    "hz-gb-2312": "hz",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-greek": "mac_greek",
    "x-mac-turkish": "mac_turkish",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-iceland": "mac_iceland",
    "x-mac-croatian": "mac_croatian",
    "x-mac-japanese": "cp932",
    "windows-874": "cp874",
    "x-cp1252": "cp1252",
    "x-ansi": "cp1252",
    "ansi": "cp1252",
}
_NAME = re.compile(r"[A-Za-z0-9_.:()+-]{2,40}")
_ALIEN = frozenset(
    # text codecs of Python that are no charsets of mail
    ["idna", "mbcs", "oem", "palmos", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"]
)
_STATEFUL = frozenset(
    ["iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_kr", "hz", "utf-7"]
)
_INSTEAD = {"iso2022_jp_ext": "cp932", "iso2022_jp_2": "cp932", "iso2022_kr": "cp949", "hz": "gb18030"}
_WIDE = frozenset(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
_DOUBLE = frozenset(["gb18030", "big5hkscs", "cp949", "cp932", "euc_jp", "johab"])
_UTF7 = re.compile(rb"\+[A-Za-z0-9+/]{2,}-?")
_SHORT = 200  # bytes below which statistics guess worse than the usual suspect
_SHORT_FOREIGN = 96  # the same where that suspect cannot be: it would be all accents
_SAMPLE = 64 * 1024
_MOST_MARKS = 30
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_BEYOND = 0x1F000  # no combining marks from here on
_WESTERN = {0x80 + n: char for n, char in enumerate("€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ")}
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\uffff]")
_UNWANTED_BYTES = bytes([*range(9), *range(11, 32), *range(127, 160)])  # of these, what Latin 1 has
_ASCII = bytes(range(128))
_SURROGATE = re.compile("[\ud800-\udfff]")


class Decoded(NamedTuple):
    """Text, the codec that gave it, and a note when that was not the declared one."""

    text: str
    codec: str
    note: str | None = None


def decode(data: bytes, declared: str | None, sibling: str | None = None) -> Decoded:
    """The text of these bytes, without NUL, other controls and lone surrogates, in NFC.

    `declared` is the charset as the sender names it; `sibling` the codec of the mail's other text, for bytes that are
    too few to guess by. Never raises.
    """
    if data.isascii() and b"\x1b" not in data and b"\x00" not in data:
        codec = lookup(declared or sibling or "") if b"+" in data or b"~" in data else None
        if codec == "hz" and not declared:
            codec = None  # a tilde says little; what UTF-7 writes is hardly ever anything else
        if codec not in ("utf-7", "hz"):
            text = data.decode("ascii")
            return Decoded(clean(text), "ascii")
    found = _by_what_it_says(data, declared, sibling) or _by_what_it_looks_like(data, declared, sibling)
    return found._replace(text=clean(put_together(found.text) if found.codec == "cp949" else found.text))


def clean(text: str) -> str:
    """What can be kept and shown: no controls but tab and line feed, no surrogates or non-characters, in NFC.

    Controls that were the letters of Windows-1252 before some program took them for Latin 1 are these letters again.
    """
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    western = _in_latin(text)
    if western is not None and len(western.translate(None, _UNWANTED_BYTES)) == len(western):
        return text  # what is in Latin 1 is in NFC
    if _UNWANTED.search(text):
        text = text.translate(_WESTERN)
        text = text.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
        text = _UNWANTED.sub("", _SURROGATE.sub("\ufffd", text))
    if western is not None:
        return text  # nor has Windows-1252 anything that NFC would change
    # Marks on one letter are put in order by exchanging neighbours: their number must have an end. This is the
    # Stream-Safe Text Format of UAX #15, which says how to end a run without changing what is shown.
    sample = text[::_MOST_MARKS]  # has a mark of every run that is too long
    if _marks().search(sample) or _ASTRAL.search(sample):
        text = _long_runs_of_marks(_BEYOND if _ASTRAL.search(text) else 0x10000).sub(_apart, text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _in_latin(text: str) -> bytes | None:
    """Its bytes where it is in Latin 1 all of it; asking the codec is the fastest way."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


@cache
def _long_runs_of_marks(below: int) -> re.Pattern[str]:
    """More than 30 characters in a row that stand on the one before them.

    Within the basic plane they are a bitmap to `re`; with those beyond, a list that it walks for every letter.
    """
    return re.compile(f"[{_ranges_of_marks(below)}]{{{_MOST_MARKS + 1},}}")


@cache
def _marks() -> re.Pattern[str]:
    return re.compile(f"[{_ranges_of_marks(0x10000)}]")


def _ranges_of_marks(below: int) -> str:
    marks = [code for code in range(0x300, below) if unicodedata.combining(chr(code))]
    starts = [code for code in marks if not unicodedata.combining(chr(code - 1))]
    ends = [code for code in marks if not unicodedata.combining(chr(code + 1))]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(starts, ends, strict=True))


def _apart(run: re.Match[str]) -> str:
    """With a combining grapheme joiner after every 30."""
    return "\u034f".join(run[0][at : at + _MOST_MARKS] for at in range(0, len(run[0]), _MOST_MARKS))


@lru_cache(maxsize=256)
def lookup(declared: str) -> str | None:
    """Python's codec for a charset as declared, the wider one where the narrower is usually a lie; None if unknown."""
    name = re.split(r"[\s;*,]", declared.strip().strip("\"'").lower(), maxsplit=1)[0].strip("\"'")
    if not _NAME.fullmatch(name):
        return None
    name = _WIDER.get(name, name)
    try:
        found = codecs.lookup(name).name
        b"a".decode(found)  # refuses what does not give text, as base64 or zlib
    except (LookupError, ValueError):
        return None
    return None if found.replace("_", "-") in _ALIEN else _WIDER.get(found.replace("_", "-"), found)


def _by_what_it_says(data: bytes, declared: str | None, sibling: str | None) -> Decoded | None:
    """By marks in the bytes themselves, valid UTF-8, or the declared charset where it fits."""
    codec = lookup(declared) if declared else "utf-7" if sibling == "utf-7" and _UTF7.search(data) else None
    if codec in _STATEFUL or (codec in _WIDE and b"\x00" in data):
        text = _try(data, codec)
        if text is not None:
            return Decoded(text, codec)
    if data.isascii() and (b"\x1b$" in data or b"\x1b(" in data):
        shifted = "iso2022_kr" if b"\x1b$)C" in data else "iso2022_jp_ext"
        text = _try(data, shifted)
        if text is None:
            text = data.decode(shifted, "replace") if shifted == "iso2022_kr" else from_jis(data)
        return Decoded(text, shifted, None if codec == shifted else f"{shifted} by its escapes")
    codec = _INSTEAD.get(codec or "", codec)  # declared as seven bits, and it is not
    text = _try(data, "utf-8")
    if text is not None and not (codec in _DOUBLE and max(text, default="") < "\u0800" and _try(data, codec)):
        return Decoded(text, "utf-8", None if codec in ("utf-8", None) or text.isascii() else f"UTF-8, not {declared}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _try(data, "utf-16")
        if text is not None:
            return Decoded(text, "utf-16", "UTF-16 by its mark")
    if codec in (None, "utf-8", "cp1252"):
        return None
    text = _try(data, codec)
    if text is None:
        broken = data.decode(codec, "replace")
        text = broken if _mostly_sound(broken) else None
    return Decoded(text, codec) if text is not None else None


def _by_what_it_looks_like(data: bytes, declared: str | None, sibling: str | None) -> Decoded:
    """Guesses, the safest first."""
    codec = lookup(declared) if declared else None
    sibling = in_eight_bits(sibling) if sibling else None
    if codec == "utf-8" or (codec is None and len(data) > _SHORT):
        broken = data.decode("utf-8", "replace")
        if _mostly_sound(broken):
            return Decoded(broken, "utf-8", "UTF-8 with damage")
    if codec == "cp1252" and (_narrow(declared) or not _is_foreign(data)):
        return Decoded(western(data), "cp1252", None if _narrow(declared) else f"Western European, not {declared}")
    if sibling and sibling not in ("ascii", "utf-8") and (text := _try(data, sibling)) is not None:
        return Decoded(text, sibling, f"{sibling}, as the rest of the mail")
    if len(data) >= (_SHORT_FOREIGN if _is_foreign(data) else _SHORT) and (guess := _guess(data)):
        return guess
    return Decoded(western(data), "cp1252", f"Western European, for want of a better guess than {declared or 'none'}")


def western(data: bytes) -> str:
    """Windows-1252, with its five undefined bytes as they are. Never raises."""
    return data.decode("latin-1").translate(_WESTERN)


def in_eight_bits(codec: str) -> str:
    """The codec of the same script for bytes that are not shifted: Shift JIS for ISO-2022-JP, and so on."""
    return _INSTEAD.get(codec, codec)


def _narrow(declared: str | None) -> bool:
    """Whether a declared charset has bytes beyond ASCII at all."""
    return "ascii" not in (declared or "").lower()


def _is_foreign(data: bytes) -> bool:
    """Whether bytes are in another script than Latin, of whose letters hardly any are beyond ASCII."""
    return len(data.translate(None, _ASCII)) * 3 > len(data)


def _guess(data: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes  # loads slowly and is hardly ever needed

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        return None
    text = _try(data, best.encoding)
    if text is None:
        text = data.decode(best.encoding, "replace")
    return Decoded(text, best.encoding, f"{best.encoding}, guessed")


def _mostly_sound(text: str) -> bool:
    """Whether the damage is small beside what was understood."""
    bad = text.count("\ufffd")
    good = sum(1 for char in text[:_SAMPLE] if char > "\x7f" and char != "\ufffd")
    return bad * 4 <= good


def _try(data: bytes, codec: str | None) -> str | None:
    if codec is None:
        return None
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None

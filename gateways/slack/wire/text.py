"""How words are made fit for Slack: cleaned, escaped, and cut between what readers see as characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

Tail = Callable[[int], str]
"""What stands in the place of so many characters that were cut off."""

_UNSENDABLE = re.compile("[\ud800-\udfff]")  # lone surrogates: JSON that Slack cannot read
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
_LONGEST_LINE = 10_000
FSI, PDI = "\u2068", "\u2069"
"""Around words whose own direction is to stay their own."""
_LONGEST_CLUSTER = 64
"""Code points; what is stacked higher than that is no letter of any script, and is cut through."""


def clean(text: str) -> str:
    """Text that can be sent: one kind of line break, no control characters, no half of a surrogate pair."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROLS.sub("", _UNSENDABLE.sub("\ufffd", _BREAKS.sub("\n", text)))


def one_line(text: str) -> str:
    """Text as a single line, without invisible direction marks that would turn what stands beside it around.

    Of what is longer than any line, only the beginning is looked at.
    """
    return _flat(text, "")


def set_apart(text: str, limit: int) -> str:
    """A name or the like as one line of at most `limit` units, to stand among other words.

    Where letters run from right to left it is isolated (UAX 9: two more units), so that the numbers and words beside it
    stay where they are.
    """
    said = cut(one_line(text), limit)
    return f"{FSI}{said}{PDI}" if not said.isascii() and any(_runs_left(ch) for ch in said) else said


def line(text: str, limit: int) -> str:
    """One line of at most `limit` units, put together of words that were set apart: each isolate in it ends in it."""
    if FSI not in text:
        return cut(one_line(text), limit)
    whole = _balanced(_flat(text, FSI + PDI))
    return whole if fits(whole, limit) else _balanced(cut(whole, limit - 1))


def escape(text: str) -> str:
    """Text for mrkdwn that says what it says: no mention, link or date comes of it (Slack: formatting, escaping).

    `*`, `_`, `~` and backquotes have no escape there; words from outside belong in rich_text or plain_text.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def units(text: str) -> int:
    """The length that limits are held against: UTF-16 code units, never less than what Slack counts."""
    return len(text) if text.isascii() else len(text) + sum(ch > "\uffff" for ch in text)


def fits(text: str, limit: int) -> bool:
    """Whether a text has at most `limit` units; quick however long it is."""
    return len(text) <= limit and units(text) <= limit


def ellipsis(_missing: int) -> str:
    return "…"


def cut(text: str, limit: int, tail: Tail = ellipsis) -> str:
    """At most `limit` units of a text, and where something is missing, `tail` of how many characters that is."""
    if fits(text, limit):
        return text
    room = limit - units(tail(len(text)))
    while room > 0:
        kept = head(text, room).rstrip()
        end = tail(len(text) - len(kept))
        over = units(kept) + units(end) - limit
        if over <= 0:
            return kept + end
        room -= over
    return head(text, limit - 1) + "…" if limit > 0 else ""


def head(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` units that ends between two characters as readers see them."""
    end = used = 0
    for ch in text[: max(limit, 0)]:
        used += 2 if ch > "\uffff" else 1
        if used > limit:
            break
        end += 1
    if end == len(text):
        return text
    for back in range(min(end, _LONGEST_CLUSTER)):
        if not _joins(text, end - back):
            return text[: end - back]
    return text[:end]


def _joins(text: str, at: int) -> bool:
    """Whether what stands before and after `at` is seen as one character (after UAX 29, the rules that matter)."""
    before, after = text[at - 1], text[at]
    if _extends(after) or before == "\u200d" or (before == "\r" and after == "\n"):
        return True
    if _is_flag_half(before) and _is_flag_half(after):
        first = at
        while first > 0 and _is_flag_half(text[first - 1]):
            first -= 1
        return (at - first) % 2 == 1
    return "\u1100" <= before <= "\u11ff" and "\u1100" <= after <= "\u11ff"  # conjoining Hangul letters


def _extends(ch: str) -> bool:
    return (
        ch in "\u200d\u200c"
        or unicodedata.category(ch) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= ch <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= ch <= "\U000e007f"  # tags of regional flags
    )


def _is_flag_half(ch: str) -> bool:
    return "\U0001f1e6" <= ch <= "\U0001f1ff"


def _flat(text: str, kept: str) -> str:
    seen = (ch for ch in clean(text[:_LONGEST_LINE]) if ch.isspace() or ch in kept or not _turns(ch))
    return " ".join("".join(seen).split())


def _balanced(text: str) -> str:
    """Isolates one deep, each with its end; marks that begin or end no such one are dropped."""
    kept: list[str] = []
    inside = False
    for ch in text:
        if ch in (FSI, PDI):
            if inside is (ch == FSI):
                continue
            inside = ch == FSI
        kept.append(ch)
    return "".join(kept) + (PDI if inside else "")


def _runs_left(ch: str) -> bool:
    return unicodedata.bidirectional(ch) in ("R", "AL", "AN")


def _turns(ch: str) -> bool:
    return unicodedata.category(ch) == "Cf" and ch not in "\u200c\u200d"

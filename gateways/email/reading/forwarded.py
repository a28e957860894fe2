"""Whose mail was forwarded, as the forwarding program wrote it into the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from gateways.email.parts.addresses import Mailbox, read_addresses
from gateways.email.reading.quoting import (
    HeaderBlock,
    header_block_at,
    header_line,
    is_forward_mark,
    is_separator,
    plain,
)

_PREFIX = re.compile(
    r"\s*(?:\[[^\]]{1,40}\]\s*)?"
    r"(?:fwd?(?:\[\d+\])?|wg|tr|rv|enc|i|vs|vl|vb|pd|fs|prz|doorst|továbbítás|tov|ilt|i̇lt|пересл|πρθ|הועבר|전달|转发|轉寄|転送)\s*[:：]",
    re.IGNORECASE,
)
_MAILTO = re.compile(r"\[?<?mailto:\s*([^\s\]>]+)[\]>]*>?\]?|\[([^\s\]@]+@[^\s\]]+)\]", re.IGNORECASE)
_MARK = re.compile(r"^\s{0,3}(?:>|&gt;)\s?")
_OPEN_XCHANGE = re.compile(r"-{10} [^-\n]{3,60} -{10}")
_ITS_FIELDS = ("from", "to", "date", "subject")
_MOST_LINES = 2000
_AFTER_MARK = 5  # lines between the mark and the header lines


class Forwarded(NamedTuple):
    """A mail within a text. Nothing of it is proven: anybody can write such lines."""

    sender: Mailbox
    subject: str
    text: str
    above: str = ""  # what stands above it


def forwarded(text: str, subject: str = "") -> Forwarded | None:
    """The mail that a text forwards; None if it forwards none.

    Told by the line that programs put above it; or by header lines with nothing written above them, or under a subject
    such as `Fwd:`: the same header lines stand above what is merely quoted.
    """
    lines = text.split("\n")
    meant = bool(_PREFIX.match(subject))
    said_something = False
    for at, line in enumerate(lines[:_MOST_LINES]):
        if ":" not in line and "--" not in line and "：" not in line:
            said_something = said_something or any(char.isalnum() for char in line)
            continue
        bare = plain(_MARK.sub("", line))
        if is_forward_mark(bare) or _OPEN_XCHANGE.fullmatch(bare):
            block = _block_below(lines, at + 1)
            if block and (is_forward_mark(bare) or _is_open_xchanges(bare, block)):
                return _mail(lines, block, at)
        elif (":" in bare or "：" in bare) and header_line(bare)[0]:
            block = header_block_at([_MARK.sub("", other) for other in lines[at : at + 20]], 0)
            if block and (meant or not said_something):
                whole = HeaderBlock(at, at + block.end, block.fields)
                return _mail(lines, whole, at)
        said_something = said_something or not (is_separator(bare) or not any(char.isalnum() for char in bare))
    return None


def _is_open_xchanges(mark: str, block: HeaderBlock) -> bool:
    """Whether it is Open-Xchange (IONOS, Comcast and others) that forwards. It writes "Original Message" above what it
    forwards, between ten dashes, and never above what it quotes in an answer.
    """
    fields = [field for field in block.fields if field != "cc"]
    return is_separator(mark) and fields[:4] == list(_ITS_FIELDS)


def _block_below(lines: list[str], at: int) -> HeaderBlock | None:
    for begin in range(at, min(at + _AFTER_MARK, len(lines))):
        near = [_MARK.sub("", other) for other in lines[begin : begin + 20]]
        block = header_block_at(near, 0) or _short_block(near)
        if block:
            return HeaderBlock(begin, begin + block.end, block.fields)
        if plain(near[0]):
            return None
    return None


def _short_block(near: list[str]) -> HeaderBlock | None:
    """Two header lines are enough where a mark has said what they are."""
    fields: dict[str, str] = {}
    for number, line in enumerate(near[:8]):
        kind, value = header_line(plain(line))
        if not kind:
            return HeaderBlock(0, number, fields) if "from" in fields and len(fields) > 1 else None
        fields.setdefault(kind, value)
    return None


def _mail(lines: list[str], block: HeaderBlock, at: int) -> Forwarded:
    """The mail below the header lines; `at` is where the mark above them stands, or they themselves."""
    value = _MAILTO.sub(lambda found: f"<{found[1] or found[2]}>", block.fields["from"].replace("*", ""))
    value = re.sub(r"<\s*([^<>\s]+)\s*<[^<>]*>+", r"<\1>", value)  # `<ann@example.com<mailto:ann@example.com>>`
    senders = read_addresses(value.encode("utf-8"))
    rest = lines[block.end :]
    if _MARK.match(lines[block.begin]):
        rest = [_MARK.sub("", line) for line in rest]
    sender = senders[0] if senders else Mailbox(value, "")
    subject, text, above = (block.fields.get("subject", ""), "\n".join(rest), "\n".join(lines[:at]))
    return Forwarded(sender, subject, text.strip(), above.strip())

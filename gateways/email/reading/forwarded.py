"""Whose mail was forwarded, as the forwarding program wrote it into the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from gateways.email.parts.addresses import Mailbox, read_addresses
from gateways.email.reading.programs import on_lines_of_their_own, quotes_from_within
from gateways.email.reading.quoting import (
    HeaderBlock,
    attribution_ending_at,
    bare_header_line,
    header_block_at,
    header_line,
    is_forward_mark,
    is_separator,
    plain,
)

_PREFIX = re.compile(
    r"\s*(?:\[[^\]]{1,40}\]\s*)?"
    r"(?:fwd?(?:\[\d+\])?|wg|tr|rv|enc|i|vs|vl|vb|pd|fs|prz|doorst|továbbítás|tov|ilt|i̇lt|redir\.?|přepos\.?|пересл|πρθ|הועבר|전달|转发|轉寄|転送)\s*[:：]",
    re.IGNORECASE,
)
# As answers have it: `Re:`, `AW:`
_SHORT_PREFIX = re.compile(r"\s*(?:\[[^\]]{1,40}\]\s*)?[^\W\d_]{1,5}(?:\[\d+\])?\s?[:：]")
_MAILTO = re.compile(r"\[?<?mailto:\s*([^\s\]>]+)[\]>]*>?\]?|\[([^\s\]@]+@[^\s\]]+)\]", re.IGNORECASE)
_PERSON = re.compile(r"[<\[(]?\s?(?:mailto:)?([\w.!#$%&'*+/=?^`{|}~-]{1,100}@[\w-]+(?:\.[\w-]+)+)")
_IN_QUOTES = re.compile(r"[\"“„«]([^\"“”„«»]{1,80})[\"”“»]\s*\Z")
_MARK = re.compile(r"^\s{0,3}(?:>|&gt;)\s?")
_OPEN_XCHANGE = re.compile(r"-{10} [^-\n]{3,60} -{10}")
_ITS_FIELDS = ("from", "to", "date", "subject")
_MOST_LINES = 2000
_AFTER_MARK = 5  # lines between the mark and the header lines


_NOTHING = HeaderBlock(0, 0, {})  # there is no forward here, whatever stands below


class Forwarded(NamedTuple):
    """A mail within a text. Nothing of it is proven: anybody can write such lines."""

    sender: Mailbox
    subject: str
    text: str
    above: str = ""  # what stands above it


def forwarded(text: str, subject: str = "", reached: Collection[str] | None = None) -> Forwarded | None:
    """The mail that a text forwards; None if it forwards none.

    Told by the line that programs put above it; or by header lines with nothing written above them, or under a subject
    such as `Fwd:`: the same header lines stand above what is merely quoted. `reached` are the addresses to which the
    mail itself goes, where they are known: who answers writes to whoever wrote what is quoted.
    """
    lines = text.split("\n")
    if "--" in text and "@" in text:
        lines = list(_told_apart(lines))
    by = _By(bool(_PREFIX.match(subject)), bool(_SHORT_PREFIX.match(subject)), reached)
    said_something = False
    for at, line in enumerate(lines[:_MOST_LINES]):
        if ":" not in line and "--" not in line and "：" not in line:
            said_something = said_something or any(char.isalnum() for char in line)
            continue
        bare = plain(_MARK.sub("", line))
        if is_forward_mark(bare) or _OPEN_XCHANGE.fullmatch(bare):
            found = _marked(lines, at, bare, by)
        else:
            found = _unmarked(lines, at, bare, by, said_something)
        if found:
            return _mail(lines, found, min(at, found.begin)) if found.fields else None
        said_something = said_something or not (is_separator(bare) or not any(char.isalnum() for char in bare))
    return None


class _By(NamedTuple):
    """What is known beside the text."""

    meant: bool  # the subject is that of a forward
    answers: bool  # or has some other prefix, as answers have
    reached: Collection[str] | None


def _marked(lines: list[str], at: int, bare: str, by: _By) -> HeaderBlock | None:
    """The header lines below a line that says that something is forwarded."""
    if not by.meant and _MARK.match(lines[at]) and _is_quoted_before(lines, at):
        return _NOTHING  # somebody forwarded it to whoever is answered here
    block = _block_below(lines, at + 1)
    return block if block and (is_forward_mark(bare) or _is_open_xchanges(bare, block)) else None


def _unmarked(lines: list[str], at: int, bare: str, by: _By, said_something: bool) -> HeaderBlock | None:
    """Header lines, or what Outlook on a Mac and GroupWise have in their place, without a line that says what it is."""
    if (":" in bare or "：" in bare) and header_line(bare)[0]:
        block = header_block_at([_MARK.sub("", other) for other in lines[at : at + 20]], 0)
        if block and (by.meant or not said_something or _goes_elsewhere(block, by)):
            return HeaderBlock(at, at + block.end, block.fields)
        return _NOTHING if block and by.answers else None
    if by.meant and quotes_from_within(lines[at]):
        return HeaderBlock(at, at + 1, {"from": _sender_in(lines[at : at + 1])})
    if bare.endswith((":", "：")) and (by.meant or not (said_something or by.answers)):
        return _attributed_forward(lines, at, by.meant)
    return None


def _told_apart(lines: list[str]) -> Iterable[str]:
    """The lines, where a program has put the mark and the header lines below it on one: each on its own."""
    for line in lines:
        yield from on_lines_of_their_own(line) if "--" in line and "@" in line else [line]


def _is_quoted_before(lines: list[str], at: int) -> bool:
    """Whether something else is quoted above a line, or introduced as quoted."""
    return any(
        (_MARK.match(lines[above]) and any(char.isalnum() for char in lines[above]))
        or (lines[above].rstrip().endswith((":", "：")) and attribution_ending_at(lines, above))
        for above in range(at)
    )


def _goes_elsewhere(block: HeaderBlock, by: _By) -> bool:
    """Whether the mail goes to others than the one whose mail it quotes, under a subject that is no answer's."""
    if by.answers or not by.reached:
        return False
    wrote = [one.address.casefold() for one in _named(block) if one.address]
    return bool(wrote) and wrote[0] not in by.reached


def _is_open_xchanges(mark: str, block: HeaderBlock) -> bool:
    """Whether it is Open-Xchange (IONOS, Comcast and others) that forwards. It writes "Original Message" above what it
    forwards, between ten dashes, and never above what it quotes in an answer.
    """
    fields = [field for field in block.fields if field != "cc"]
    return is_separator(mark) and fields[:4] == list(_ITS_FIELDS)


def _block_below(lines: list[str], at: int) -> HeaderBlock | None:
    for begin in range(at, min(at + _AFTER_MARK, len(lines))):
        near = [_MARK.sub("", other) for other in lines[begin : begin + 20]]
        block = header_block_at(near, 0) or _short_block(near) or _attributed(near)
        if block:
            return HeaderBlock(begin, begin + block.end, block.fields)
        if plain(near[0]):
            return None
    return None


def _short_block(near: list[str]) -> HeaderBlock | None:
    """Two header lines are enough where a mark has said what they are, and of three the colons may be missing."""
    fields: dict[str, str] = {}
    least = 1
    for number, line in enumerate(near[:8]):
        kind, value = header_line(plain(line))
        if not kind:
            kind, value = bare_header_line(plain(line))
            least = 2 if kind else least
        if not kind:
            return HeaderBlock(0, number, fields) if "from" in fields and len(fields) > least else None
        fields.setdefault(kind, value)
    return None


def _attributed(near: list[str]) -> HeaderBlock | None:
    """Yandex's: below the mark no header lines, but `02.03.2026, 12:00, "Ann" <ann@example.com>:`."""
    for at in range(min(3, len(near))):
        said = attribution_ending_at(near, at)
        if said and said.begin == 0:
            return HeaderBlock(0, said.end, {"from": _sender_in(near[: said.end])})
    return None


def _attributed_forward(lines: list[str], at: int, meant: bool) -> HeaderBlock | None:
    """Outlook's on a Mac: no header lines, but `On Monday, "Ann" <ann@example.com> wrote:`, and what is passed on is
    below without marks. The same line stands above what is merely quoted: it counts by itself only without them.
    """
    if "@" not in "".join(lines[max(0, at - 3) : at + 1]):
        return None
    said = attribution_ending_at(lines, at)
    if not said or not said.sure or (not meant and _MARK.match("".join(lines[said.end : said.end + 3]).lstrip())):
        return None
    sender = _sender_in(lines[said.begin : said.end])
    return HeaderBlock(said.begin, said.end, {"from": sender}) if sender else None


def _sender_in(lines: list[str]) -> str:
    """Whom `On Monday, "Ann" <ann@example.com> wrote:` names, as a header line would; empty if nobody."""
    whole = " ".join(plain(line) for line in lines)
    found = _PERSON.search(whole)
    if not found:
        return ""
    before = whole[: found.start()]
    if quoted := _IN_QUOTES.search(before):
        return f'"{quoted[1].strip()}" <{found[1]}>'
    words: list[str] = []
    for word in reversed(before.split()):
        if not word[-1].isalpha() or any(char.isdigit() for char in word):
            break
        words.insert(0, word)
    while words and words[0].islower():  # a verb or a preposition, and no part of a name
        del words[0]
    return f'"{" ".join(words)}" <{found[1]}>'


def _named(block: HeaderBlock) -> list[Mailbox]:
    """Whom the sender's header line names."""
    value = _MAILTO.sub(lambda found: f"<{found[1] or found[2]}>", block.fields["from"].replace("*", ""))
    value = re.sub(r"<\s*([^<>\s]+)\s*<[^<>]*>+", r"<\1>", value)  # `<ann@example.com<mailto:ann@example.com>>`
    return read_addresses(value.encode("utf-8"))


def _mail(lines: list[str], block: HeaderBlock, at: int) -> Forwarded:
    """The mail below the header lines; `at` is where the mark above them stands, or they themselves."""
    senders = [one for one in _named(block) if one.address] or _named(block)
    rest = lines[block.end :]
    if rest and is_forward_mark(rest[0]):  # Zoho draws it below the header lines, too
        rest = rest[1:]
    if _MARK.match(lines[block.begin]):
        rest = [_MARK.sub("", line) for line in rest]
    sender = senders[0] if senders else Mailbox(block.fields["from"].replace("*", ""), "")
    subject, text, above = (block.fields.get("subject", ""), "\n".join(rest), "\n".join(lines[:at]))
    return Forwarded(sender, subject, text.strip(), above.strip())

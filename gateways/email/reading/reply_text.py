"""What of a mail's text its writer wrote now, as against what the mail program quoted below or between."""

from __future__ import annotations

import re
from typing import NamedTuple

from gateways.email.reading.programs import is_notes_summary, quotes_from_within
from gateways.email.reading.quoting import (
    Attribution,
    attribution_ending_at,
    header_block_at,
    header_line,
    is_forward_mark,
    is_phone_signature,
    is_reply_above,
    is_separator,
    plain,
)
from gateways.email.reading.signatures import next_line, signature_start, signs_below, without_signature

MOST_LINES = 20_000  # beyond them everything is shown

# Marks that `markup` sets where HTML says what is quoted. They are no characters, so no mail has them (see charsets).
QUOTED, CUT = "\ufdd0", "\ufdd1"
_QUOTED = re.compile(rf"\s{{0,3}}(?:>|&gt;|{QUOTED})")
_BARRED = re.compile(r"\s{0,3}(?:\||[A-Za-z]{1,4}>)(?:\s|$)")  # other marks, believed only below an attribution
_MAILTO = re.compile(  # `Ann`, a blank line, `<`, `mailto:Ann <ann@example.com>`, `> wrote:` each on a line of its own
    r"\n\s{0,9}<[ \t]{0,9}\n[ \t]{0,9}mailto:"
    r"(?:[^<>\n@]{0,80}<)?([^\s<>@]{1,100}+@[^\s<>@]{1,100}+)>?[ \t]{0,9}\n[ \t]{0,9}>"
)
_BROKEN_ADDRESS = re.compile(r"<[ \t]*+(?:\n[ \t]*+)?([^\s<>@]+@[^\s<>@]+)[ \t]*+(?:\n[ \t]*+)?>(?=.{0,60}:)")
_LAST = frozenset([">", "道", CUT])  # at the end of a line
_ABOVE = ("above this line", "dieser Zeile", "dieser Linie")
_SURE = re.compile(r"[@\d]")  # an attribution that counts by itself has a time or an address
_TECHNICAL = re.compile(
    r"\s*(?:Return-Path|Received|Delivered-To|MIME-Version|Content-Type|DKIM-Signature|Authentication-Results"
    r"|X-[A-Z][\w-]+):",
    re.IGNORECASE,
)
_RULE = re.compile(r"[\s*]*+(?:[-_=─—]\s?){3,}+[\s*]*+|\s*+(?:\*\s?){3,}+\s*+")
_WRAPPED = 60  # characters from which on a line may be one that was wrapped
_LETTER = 4  # marked lines that nothing introduces, and from which on they may be a mail
_BLANK_BETWEEN = 6  # lines from one that introduces a quotation to the quotation
_INTRODUCTION = 12  # lines within which a mail that begins with a mark gets to what it quotes


class Reply(NamedTuple):
    """A text in two: what is new, and how it was told apart (empty where nothing was folded away)."""

    text: str
    folded: str


def reply_text(text: str) -> Reply:
    """What is new in a text; never empty when the text is not.

    Folded away are quotations that are known as such: `>` lines under a line that says who wrote them, and everything
    below a line after which programs quote without marks. Where answers stand between quotations, or whenever in doubt,
    everything is shown: a customer's words are never lost.
    """
    whole = _MAILTO.sub(r" <\1>", text) if "\nmailto:" in text else text
    lines = _BROKEN_ADDRESS.sub(r"<\1>", whole).split("\n")
    if len(lines) > MOST_LINES:
        return Reply(_bare(text), "")
    cut = _cut(lines)
    new, folded = lines[:cut], "quotation" if cut < len(lines) else ""
    if not _says_something(new):
        new, folded = _below(lines, cut)
    kept = _without_quotations(new)
    if len(kept) < len(new) and _says_something(kept):
        new, folded = kept, folded or "quotation"
    unsigned = without_signature(new)
    new = unsigned if _says_something(unsigned) else new
    shown = "\n".join(line for line in new if line != CUT)
    return Reply(_bare(shown if shown.strip() else text), folded)


def own_words(text: str) -> str:
    """What is new in a text and no signature, as far as either can be told; marks and all."""
    lines = reply_text(text).text.split("\n")
    start = signature_start(lines)
    return "\n".join(lines[:start] if _says_something(lines[:start]) else lines)


def _bare(text: str) -> str:
    return text.replace(QUOTED, "").replace(CUT, "").strip("\n")


def _says_something(lines: list[str]) -> bool:
    """Whether there is more than blanks and rules, phone signatures and quotations."""
    return any(
        line.strip() and not _RULE.fullmatch(line) and not _QUOTED.match(line) and not is_phone_signature(line)
        for line in lines
    )


def _cut(lines: list[str]) -> int:
    """The line from which on everything is quoted without marks; the number of lines if there is none."""
    for at in _hints(lines):
        line = lines[at]
        if _QUOTED.match(line):
            if line.startswith(">>> ") and quotes_from_within(line) and not (at and _QUOTED.match(lines[at - 1])):
                return at
        elif ":  " in line and quotes_from_within(line):
            return at
        elif line == CUT or is_separator(line) or is_forward_mark(line) or is_reply_above(line):
            return _with_rule_above(lines, at)
        elif (said := _said_or_headed(lines, at, line)) is not None:
            return _with_rule_above(lines, said)
    return len(lines)


def _said_or_headed(lines: list[str], at: int, line: str) -> int | None:
    """Where header lines or the words that introduce a quotation begin, if these are there and no marks follow."""
    if ":" in line or "：" in line:
        block = header_block_at(lines, at) if header_line(plain(line))[0] else None
        if block and not _shows_raw_headers(lines, at, block.end):
            return at
    elif not line.endswith(("---", "道", ">")) and not line[:1].isdigit():
        return None
    if not any(_SURE.search(near) for near in lines[max(0, at - 3) : at + 1]):
        return None
    said = attribution_ending_at(lines, at)
    return said.begin if said and said.sure and not _quotation_follows(lines, said.end) else None


def _shows_raw_headers(lines: list[str], begin: int, end: int) -> bool:
    """Whether somebody shows the header of a mail as servers write it: no program quotes these fields."""
    return any(_TECHNICAL.match(line) for line in lines[max(0, begin - 1) : end + 1])


def _hints(lines: list[str]) -> list[int]:
    """The lines that have one of the signs that lines above a quotation have: most have none, and are passed."""
    whole = "\n".join(lines)
    spoken = any(words in whole for words in _ABOVE)
    return [
        at
        for at, line in enumerate(lines)
        if ":" in line
        or "-" in line
        or line[:1].isdigit()
        or line[-1:] in _LAST
        or "_" in line
        or "=" in line
        or line[:2] == "##"
        or (spoken and is_reply_above(line))
        or (not line.isascii() and ("：" in line or "\u2010" in line))
    ]


def _with_rule_above(lines: list[str], at: int) -> int:
    """Where the rule begins that some programs draw above what they quote; `at` if there is none."""
    above = at - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and (_RULE.fullmatch(lines[above]) or is_notes_summary(lines[above])) else at


def _quotation_follows(lines: list[str], at: int) -> bool:
    """Whether the next line that is not blank is marked as quoted."""
    for line in lines[at : at + _BLANK_BETWEEN]:
        if line.strip():
            return bool(_QUOTED.match(line) or _BARRED.match(line))
    return False


def _below(lines: list[str], cut: int) -> tuple[list[str], str]:
    """Where nothing stands above the cut: what stands below it, without the lines that introduce it.

    That is a forwarded mail without a word, or an answer below a line that only looks like an introduction.
    """
    at = cut
    while at < min(len(lines), cut + _INTRODUCTION):
        line = lines[at]
        block = header_block_at(lines, at)
        if block:
            at = block.end
            break
        said = next(
            (found for end in range(at, min(at + 4, len(lines))) if (found := attribution_ending_at(lines, end))), None
        )
        if said and said.begin <= at:
            at = said.end
            break
        if line.strip() and not (
            is_separator(line) or is_forward_mark(line) or is_reply_above(line) or _RULE.fullmatch(line)
        ):
            break
        at += 1
    rest = lines[at:]
    deeper = _cut(rest)
    if deeper < len(rest) and _says_something(rest[:deeper]):
        rest = rest[:deeper]
    return (rest, "introduction") if _says_something(rest) else (lines, "")


def _without_quotations(lines: list[str]) -> list[str]:
    """Without `>` lines at the end or the beginning that are introduced as quotations.

    Between what was written they stay, with all that is around them: they say what the answers answer.
    """
    quoted, said = _marked(lines)
    if not any(quoted):
        return lines
    begin, end = 0, len(lines)
    while end > 0 and (quoted[end - 1] or not lines[end - 1].strip()):
        end -= 1
    tail = _tail(lines[:end], quoted)  # a signature below the quotation does not make it an answer
    if tail < end and tail > 0 and any(quoted[:tail]) and not _says_something(_unquoted_after(lines, quoted, tail)):
        end = tail
        while end > 0 and (quoted[end - 1] or not lines[end - 1].strip()):
            end -= 1
    if not any(quoted[:end]):
        return lines[:end]
    while begin < end and (quoted[begin] or not lines[begin].strip()):
        begin += 1
    if any(quoted[begin:end]):
        return [line for at, line in enumerate(lines[:end]) if at not in said]
    return lines[begin:end]


def _tail(lines: list[str], quoted: list[bool]) -> int:
    """Where the signature below what is quoted begins."""
    last = max((at for at in range(len(lines)) if quoted[at]), default=-1)
    below = next_line(lines, last + 1)
    return below if last >= 0 and signs_below(lines, below) else signature_start(lines)


def _unquoted_after(lines: list[str], quoted: list[bool], tail: int) -> list[str]:
    """What was written between the last quotation and a signature."""
    last = max(at for at in range(tail) if quoted[at])
    return lines[last + 1 : tail]


def _marked(lines: list[str]) -> tuple[list[bool], set[int]]:
    """Which lines are quotations or introduce them, and which of them do the latter."""
    quoted = [False] * len(lines)
    said: set[int] = set()
    marks = [
        at
        for at, line in enumerate(lines)
        if (">" in line or "|" in line or "&gt;" in line or QUOTED in line)
        and (_QUOTED.match(line) or _BARRED.match(line))
    ]
    if not marks:
        return quoted, said
    near = {at - before for at in marks for before in range(_BLANK_BETWEEN + 1)}
    at, introduced = max(0, marks[0] - _BLANK_BETWEEN), False
    while at <= marks[-1]:
        if at not in near:
            at += 1
            continue
        line = lines[at]
        if _QUOTED.match(line) or (introduced and _BARRED.match(line)):
            end = at
            while end < len(lines) and (_QUOTED.match(lines[end]) or (introduced and _BARRED.match(lines[end]))):
                end += 1
            if introduced or line.startswith(QUOTED) or _introduces_itself(lines[at:end]) or _is_letter(lines, at, end):
                quoted[at:end] = [True] * (end - at)
                introduced = True  # what is quoted further down belongs to the same mail
            at = end
            continue
        if introduced and _is_torn_off(lines, at):
            quoted[at] = True
        found = _introduction(lines, at)
        if found:
            introduced = True
            for number in range(found.begin, found.end):
                quoted[number] = True
                said.add(number)
        at += 1
    return quoted, said


def _is_torn_off(lines: list[str], at: int) -> bool:
    """Whether a line between two quoted ones is the end of the one above, which was wrapped when it was quoted."""
    if not 0 < at < len(lines) - 1 or not (_QUOTED.match(lines[at - 1]) and _QUOTED.match(lines[at + 1])):
        return False
    above = lines[at - 1].rstrip()
    return len(above) >= _WRAPPED and above[-1] not in ".?!:" and lines[at][:1].islower()


def _introduction(lines: list[str], at: int) -> Attribution | None:
    if not lines[at].strip() or not _quotation_follows(lines, at + 1):
        return None
    return attribution_ending_at(lines, at)


def _introduces_itself(lines: list[str]) -> bool:
    """Whether a quotation begins with who wrote it, or with header lines: some programs quote these too."""
    inner = [re.sub(r"^[\s>]+", "", line.replace("&gt;", ">")) for line in lines[:12]]
    inner = [line for line in inner if line.strip()]
    if not inner:
        return False
    above = is_forward_mark(inner[0]) or is_separator(inner[0]) or is_reply_above(inner[0])
    if above or header_block_at(inner, 0):
        return True
    if any(attribution_ending_at(inner, at) for at in range(min(3, len(inner)))):
        return True
    return len([line for line in inner[:5] if header_line(line)[0]]) >= 3


def _is_letter(lines: list[str], begin: int, end: int) -> bool:
    """Whether marked lines that nothing introduces are a whole mail that was quoted, and not something that is shown:
    several paragraphs at the end of the text, and not what a line with a colon leads up to.
    """
    if end - begin < _LETTER or all(lines[at].lstrip(" \t>").strip() for at in range(begin + 1, end - 1)):
        return False
    below = next_line(lines, end)
    if below < len(lines) and not signs_below(lines, below):
        return False
    above = next((line for line in reversed(lines[:begin]) if line.strip()), "")
    return bool(above) and not above.rstrip().endswith((":", "：")) and _says_something(lines[:begin])

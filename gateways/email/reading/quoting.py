"""How mail programs mark what they quote and forward: shapes here, the words of each language in phrasebook.toml."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gateways.email.reading import phrasebook

_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202c\u2068\u2069]")
_PLAINER = str.maketrans("\xa0\u202f\u2010", "  -")
_LINK = re.compile(
    r"\[([^\[\]]{1,40})\]\(https?://[^\s()]{1,200}\)|\s?[<(\[]\s?https?://[^\s<>()]{1,200}\s?[>)\]]"
)  # and its words
_QUOTES = frozenset("\"'“”„«»")
_DATE = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d{2}\b|\d年|[٠-٩]{2,4}|\b\d{1,2}\s?[ap]\.?m\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d\d\b|\d年|[٠-٩]{4}|\b\d{1,2}\.? \w{3,}")
_TIME = re.compile(r"\b\d{1,2}(?:[:.h]|\s?uhr\s?)\d{2}(?!\d)|\b\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)
_QUOTING = re.compile(
    r"(?:Quoting|Zitat von|Citando|Citaat van|Citation de|Citazione di|Cytowanie|Missatge de) .{0,200}@"
    r"|\* .{1,80}\[[^\[\]]{10,60}\]:\Z"
)  # IMP; Mutt
_REACH = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.-]")
_NEXTCLOUD = re.compile(r'"[^"]{0,200}" <?[^\s<>@]{1,100}@[^\s<>@]{1,200}>? \u2013 [^@]{0,40}\b\d{4}\b[^@]{0,20}')
# Older shapes without a verb: `2016-03-03 17:21 GMT+01:00 Ann Lee`, `2016-03-03 Ann Lee <ann@example.com>`
_BARE = re.compile(
    r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"(?:\s+\d{1,2}:\d{2}\s+GMT[+-]\d{1,2}:\d{2}(?:\s+[^\W\d_a-z][\w.'-]*){1,4}|[^<>\n]{1,80}<[^<>\s@]+@[^<>\s]+>):?"
)
_LABEL = re.compile(r"[\s>|]*+[*_]{0,2}\s*+([^\W\d_][^\n:：*<>@]{0,24}?)\s?[*_]{0,2}\s?[:：]\s?[*_]{0,2}[ \t]*(.*)")
_REPLY_ABOVE = re.compile(
    r"[\W_]*(?:please )?(?:(?:type|write|enter) your (?:reply|response|answer)|reply) above this line[\W_]*"
    r"|[\W_]*(?:bitte )?(?:schreiben sie )?(?:ihre )?antwort (?:bitte )?(?:oberhalb|über) dieser (?:zeile|linie)[\W_]*",
    re.IGNORECASE,
)
_RULED = frozenset(["##", "--", "==", "__", "**", "~~", "- ", "# "])
# What may stand behind the verb that ends an attribution: a colon, or a note such as `(on behalf of …)`.
_SAID_LAST = re.compile(
    r"""[\s:：*_"'.,;»]*+(?:\)(?:[^()]|\)[^()]{0,20}\(){0,60}+\(\s?)?"""
)  # read from the end of the line
_COLONS = (":", "：", "։", "․")  # the last two are the Armenian full stop, and what some write for it
# A person's words about what somebody wrote: programs begin that line with a capital, and know no pronoun but "you".
_SPOKEN = re.compile(
    r"(?:am|an|on|at|le|el|il|em|op|den|no dia|w dniu|dne)\s|.{0,80}\b(?:schrieb(?:en)? (?:mir|uns|ich|wir|sie|Sie|er)"
    r"|wrote (?:me|us|to)|escribió (?:a|que)|a écrit (?:à|que)|ha scritto (?:a|che))\b"
)
_WRAPPED = 50  # characters from which on a line may be one that was wrapped
_WINDOW = 4  # lines over which an attribution may have been wrapped
_BLOCK = 16  # lines within which the header lines above a quotation stand


class Attribution(NamedTuple):
    """`On Monday Ann wrote:`, from one line to before another."""

    begin: int
    end: int
    sure: bool  # names a time or an address; else it counts only where a marked quotation follows


class HeaderBlock(NamedTuple):
    """`From: … Sent: … To: … Subject: …` above a quotation, from one line to before another."""

    begin: int
    end: int
    fields: dict[str, str]  # by the names in phrasebook.HEADER_KINDS


def attribution_ending_at(lines: list[str], at: int) -> Attribution | None:
    """The attribution whose last line this is; it may have been wrapped over up to four lines."""
    line = plain(lines[at])
    if line[:1] in _QUOTES and line[-1:] in _QUOTES:
        return None  # somebody cites one
    if (is_sure := _without_colon(line)) is not None:
        return Attribution(at, at + 1, is_sure)
    colon = line.endswith(_COLONS)
    verb = _ends_with_verb(_without_what_follows(line[-200:]))
    if not (colon or (verb and (phrasebook.WITHOUT_SPACES.match(line[-1]) or ("@" in line and _TIME.search(line))))):
        return None
    found = None
    alone = verb and _is_verb(line)
    for begin in range(at, max(-1, at - _WINDOW), -1):
        first = plain(lines[begin])
        if not first or len(first) > (500 if begin == at else 200):
            break
        whole = " ".join(plain(part) for part in lines[begin : at + 1])
        known = verb or _says_who_wrote(whole)
        if not known and not _names_time_and_sender(whole) and not _says_when_it_was_written(whole):
            continue
        opens = _DAY.search(first) is not None and phrasebook.opening().match(first) is not None
        dated = bool(_REACH.search(whole) or (_DAY.search(whole) and _TIME.search(whole)))
        if found is None or opens or (alone and dated and not found.sure):
            found = Attribution(begin, at + 1, dated and known and not _SPOKEN.match(first))
        if opens:
            break
    return found


def _without_colon(line: str) -> bool | None:
    """Whether a line of one of the shapes that end otherwise surely introduces what follows; None where it is none."""
    if line[:4].isdigit() and _BARE.fullmatch(line):
        return True
    if line.endswith("---") and line.startswith("--"):  # Zoho: `---- On Monday Ann wrote ----`
        said = line.strip("- ")
        dated = _TIME.search(said) and _REACH.search(said) and _has_verb_within(said)
        return True if dated or _ends_with_verb(said) else None
    return False if " \u2013 " in line and _NEXTCLOUD.fullmatch(line) else None


def _is_verb(line: str) -> bool:
    return line.strip(" :：*_").casefold() in phrasebook.folded("wrote")


def _names_time_and_sender(whole: str) -> bool:
    """A time and an address: in whatever language, who wrote what follows if that is marked as quoted."""
    return bool(whole.endswith(_COLONS) and _TIME.search(whole) and _REACH.search(whole))


def _says_when_it_was_written(whole: str) -> bool:
    """`Ann wrote on 2 March 2026 12:00:`, which a person may say too."""
    if not (whole.endswith(_COLONS) and _TIME.search(whole) and _DAY.search(whole)):
        return False
    words = whole.casefold()
    return any(f" {verb} " in words for verb in phrasebook.folded("wrote"))


def _without_what_follows(line: str) -> str:
    """A line without what may stand behind the verb at its end."""
    found = _SAID_LAST.match(line[::-1])
    return line[: len(line) - found.end()] if found else line


def _says_who_wrote(whole: str) -> bool:
    """Whether a line that ends in a colon says who wrote what follows, with the verb not at its end or without one."""
    if _QUOTING.match(whole):
        return True
    if not _DATE.search(whole):
        return False
    if _has_verb_within(whole):
        return True
    # `26.06.2014, 14:41, "Ann" <ann@example.com>:` in whatever language
    return bool(whole.rstrip(" :：*_").endswith((">", "]")) and _TIME.search(whole) and _REACH.search(whole))


def _ends_with_verb(line: str) -> bool:
    folded = line[-60:].casefold()
    likely = phrasebook.verbs_by_last_letter().get(folded[-1:], ())
    return any(folded.endswith(verb) and _starts_word(folded, len(folded) - len(verb)) for verb in likely)


def _has_verb_within(line: str) -> bool:
    folded = line.casefold()
    for verb in phrasebook.folded("inverted"):
        at = folded.find(verb)
        if at >= 0 and _starts_word(folded, at) and not folded[at + len(verb) : at + len(verb) + 1].isalnum():
            return True
    return False


def _starts_word(text: str, at: int) -> bool:
    """Whether a word begins there; anywhere in scripts that do not part words."""
    return at == 0 or not text[at - 1].isalnum() or bool(phrasebook.WITHOUT_SPACES.match(text[at]))


def is_separator(line: str) -> bool:
    """`-----Original Message-----`, in one of many languages."""
    dashed = "--" in line or "__" in line or "==" in line or "\u2010\u2010" in line
    return (
        dashed and len(line) < 200 and _has_letters(line) and bool(phrasebook.original_message().fullmatch(plain(line)))
    )


def is_reply_above(line: str) -> bool:
    """The line under which help desks want nothing to be written: between dashes in any language, or alone."""
    if line[:2] in _RULED and 10 < len(line) < 200:
        return bool(phrasebook.reply_above().search(line.casefold()))
    hinted = "above this line" in line or "dieser Zeile" in line or "dieser Linie" in line
    return hinted and len(line) < 200 and bool(_REPLY_ABOVE.fullmatch(plain(line)))


def is_forward_mark(line: str) -> bool:
    """`---------- Forwarded message ---------` or `Begin forwarded message:`, in one of many languages."""
    if len(line) > 120 or not line.rstrip(" \t\xa0*").endswith((":", "-", "：", "=", "_")):
        return False
    return _has_letters(line) and bool(phrasebook.forwarded_message().fullmatch(plain(line).lstrip("> ")))


def header_block_at(lines: list[str], at: int) -> HeaderBlock | None:
    """The header lines of a quoted mail that begin here: at least three kinds of them, the sender among them.

    A mail's subject, an address or a time is among them, or it is a list that somebody wrote. Values may be wrapped,
    and single blank lines may stand between them, as some programs have it.
    """
    fields: dict[str, str] = {}
    last, end, blank = "", at, False
    for number in range(at, min(len(lines), at + _BLOCK)):
        line = plain(lines[number])
        kind, value = header_line(line)
        if kind and kind in fields and kind != "to":
            break
        if kind:
            fields.setdefault(kind, value)
            last, end, blank = kind, number + 1, False
        elif not fields:
            return None
        elif not line.strip("> |"):
            if blank or len(fields) > 3:
                break
            blank = True
        elif blank or len(line) > 300:
            break
        elif _LABEL.match(line):  # a kind that nobody has told us of
            end = number + 1
        elif last == "subject" and _is_below_subject(lines, number, fields):
            break
        else:
            fields[last] = f"{fields[last]} {line.lstrip('> |')}".strip()
            end = number + 1
    enough = "from" in fields and len(fields.keys() & {"to", "date", "subject"}) >= 2
    when = fields.get("date", "")
    dated = bool(_TIME.search(when)) or ("subject" in fields and any(char.isdigit() for char in when))
    sure = dated or any("@" in value for value in fields.values())
    return HeaderBlock(at, end, fields) if enough and sure else None


def _is_below_subject(lines: list[str], number: int, fields: dict[str, str]) -> bool:
    """Whether a line below a short subject is what was written: nothing had to be wrapped, and no field follows."""
    if len(fields) < 3 or len(lines[number - 1]) >= _WRAPPED or lines[number].startswith((" ", "\t")):
        return False
    return not any(header_line(plain(line))[0] for line in lines[number + 1 : number + 3])


@lru_cache(maxsize=256)  # of lines that may be a quotation's head each is looked at from the lines above it, too
def header_line(line: str) -> tuple[str, str]:
    """What kind of header line this is (see phrasebook.HEADER_KINDS), and its value; both empty if it is none."""
    found = _LABEL.match(line) if len(line) < 1000 else None
    kind = phrasebook.labels().get(" ".join(found[1].split()).casefold(), "") if found else ""
    return (kind, found[2].strip(" *_\t")) if kind and found else ("", "")


def bare_header_line(line: str) -> tuple[str, str]:
    """The same without a colon, as eM Client writes it: `From "Ann" <ann@example.com>`. Only below a line of dashes."""
    words = line.split(None, 2) if len(line) < 1000 else []
    for count in range(min(2, len(words) - 1), 0, -1):
        if kind := phrasebook.labels().get(" ".join(words[:count]).casefold(), ""):
            return kind, line.split(None, count)[count].strip()
    return "", ""


def is_phone_signature(line: str) -> bool:
    """`Sent from my iPhone`: what a device signs with, alone on its line."""
    line = _LINK.sub(r"\1", plain(line)).replace("\u2019", "'").strip("*_-– ")
    return len(line) < 80 and bool(phrasebook.sent_from().fullmatch(line))


def says_away(subject: str) -> bool:
    """Whether a subject begins as automatic answers do: weak evidence."""
    return bool(phrasebook.away().match(subject))


def _has_letters(line: str) -> bool:
    return any(char.isalpha() for char in line)


def plain(line: str) -> str:
    """A line without direction marks, odd blanks and what surrounds it."""
    if line.isascii():
        return line.strip()
    return _INVISIBLE.sub("", line).translate(_PLAINER).strip()

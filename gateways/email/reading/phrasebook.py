"""The words that mail programs write, from phrasebook.toml, as the patterns in which they are looked for."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

HEADER_KINDS = ("from", "to", "cc", "date", "subject", "reply_to")
WITHOUT_SPACES = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@cache
def _phrasebook() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("gateways.email.reading").joinpath("phrasebook.toml").read_text("utf-8"))


def every(key: str) -> list[str]:
    """What all languages have under a key, the longest first."""
    found = {words for language in _phrasebook().values() for words in language.get(key, ())}
    return sorted(found, key=lambda words: (-len(words), words))


def _choice(words: list[str]) -> str:
    """A pattern for any of these, as whole words in scripts that have words; any blanks between."""
    patterns = []
    for phrase in words:
        pattern = r"\s+".join(re.escape(word) for word in phrase.split())
        before = "" if WITHOUT_SPACES.match(phrase[0]) else r"(?<!\w)"
        after = "" if WITHOUT_SPACES.match(phrase[-1]) else r"(?!\w)"
        patterns.append(before + pattern + after)
    return "(?:" + "|".join(patterns) + ")"


@cache
def folded(key: str) -> tuple[str, ...]:
    """What all languages have under a key, for comparison with folded text."""
    return tuple(dict.fromkeys(words.casefold() for words in every(key)))


@cache
def verbs_by_last_letter() -> dict[str, list[str]]:
    """The verbs of attributions, by their last letter: most lines end in another."""
    found: dict[str, list[str]] = {}
    for verb in folded("wrote"):
        found.setdefault(verb[-1], []).append(verb)
    return found


@cache
def reply_above() -> re.Pattern[str]:
    """What help desks write above what they quote; in folded text."""
    return re.compile("|".join(re.escape(words) for words in folded("reply_above")))


@cache
def opening() -> re.Pattern[str]:
    """How a line above a quotation begins when it begins with the date."""
    return re.compile(r"[\s\"'*>-]*(?:\d|" + _choice(every("opening")) + r"|\w{2,14}[.,]?,?\s\d)", re.IGNORECASE)


@cache
def original_message() -> re.Pattern[str]:
    """`-----Original Message-----`."""
    return re.compile(r"[*> ]*[-_=]{2,}[\s*]*" + _choice(every("original")) + r"[\s*]*[-_=:]*[* ]*", re.IGNORECASE)


@cache
def forwarded_message() -> re.Pattern[str]:
    """`---------- Forwarded message ---------`, `Begin forwarded message:`."""
    return re.compile(
        r"[*> ]*[-_=]*[\s*]*" + _choice(every("forwarded")) + r"(?:[\s*]*[-_=:：]*[* ]*|.{0,40}-{2,})", re.IGNORECASE
    )


@cache
def labels() -> dict[str, str]:
    """The labels of header lines, folded, and what kind of header line each is."""
    return {word.casefold(): kind for kind in reversed(HEADER_KINDS) for word in every(kind)}


@cache
def sent_from() -> re.Pattern[str]:
    """What phones and programs sign with."""
    device = r"(?:(?<=[\u3400-\u9fff])[A-Za-z][\w-]{1,20}(?:发送|傳送)?)?"  # in scripts that need no blank before it
    return re.compile(_choice(every("sent_from")) + device + r"(?:\s[^\s,;:.!?]+){0,5}\.?", re.IGNORECASE)


@cache
def away() -> re.Pattern[str]:
    """How the subjects of automatic answers begin."""
    return re.compile(r"\s*(?:(?:re|aw|sv|antw|fwd?)\s*:\s*)*\[?" + _choice(every("away")), re.IGNORECASE)


@cache
def labels_within() -> re.Pattern[str]:
    """Where a header line begins right behind another's value; labels of one letter only behind an address."""
    labels = [word for kind in HEADER_KINDS for word in every(kind)]
    long, short = ("|".join(re.escape(word) for word in labels if (len(word) > 1) is many) for many in (True, False))
    return re.compile(rf"(?<=[>\s\d])(?=(?:{long}) ?:)|(?<=>)(?=(?:{short}) ?:)")

"""What a spam filter of ours writes into the headers of a mail, and when that says that the mail is spam."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = r"(?P<name>[A-Za-z][A-Za-z0-9-]{0,76})"
_WORDS = re.compile(_NAME + r"\s*:\s*(?P<words>\S.*)")
_NUMBER = re.compile(_NAME + r"\s*(?P<than>>=|<=|>|<)\s*(?P<number>-?\d{1,9}(?:\.\d{1,9})?)")
_SAID = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")


class Sign(NamedTuple):
    """A header field that says so. Either its value begins with one of `words`, or the first number in it is `than`
    (">=", ">", "<=", "<") this `number`. `name` is lower case.
    """

    name: str
    words: tuple[str, ...] = ()
    than: str = ""
    number: float = 0.0


def sign_of(written: str) -> Sign | None:
    """ "X-Spam-Flag: YES", "X-Rspamd-Action: reject|add header", "X-Spam-Score >= 6.5"; None for anything else."""
    written = written.strip()
    if found := _NUMBER.fullmatch(written):
        return Sign(found["name"].lower(), than=found["than"], number=float(found["number"]))
    found = _WORDS.fullmatch(written)
    if found is None:
        return None
    words = tuple(word.strip().casefold() for word in found["words"].split("|"))
    return Sign(found["name"].lower(), words) if all(words) else None


def says_so(sign: Sign, value: str) -> bool:
    """Whether a field's value says that its mail is spam. Letter case does not count, and words count whole."""
    if sign.than:
        said = _SAID.search(value[:1000])
        return said is not None and _compared(float(said[0]), sign)
    said = value.strip().casefold()
    return any(said.startswith(word) and _ends(word, said) for word in sign.words)


def _ends(word: str, said: str) -> bool:
    return not (word[-1].isalnum() and said[len(word) : len(word) + 1].isalnum())


def _compared(said: float, sign: Sign) -> bool:
    match sign.than:
        case ">=":
            return said >= sign.number
        case "<=":
            return said <= sign.number
        case ">":
            return said > sign.number
        case _:
            return said < sign.number

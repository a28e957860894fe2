"""Telephone numbers, in the one form of E.164."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher

from core.routing.fields.claims import Claims, Found
from core.routing.fields.cues import Cues
from core.routing.signals.shipped import primary

_REGIONS = {
    "en": ("US", "GB", "AU", "IN"),
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CH", "CA"),
    "es": ("ES", "MX", "AR", "CO"),
    "pt": ("BR", "PT"),
    "it": ("IT", "CH"),
    "nl": ("NL", "BE"),
    "pl": ("PL",),
    "cs": ("CZ",),
    "sv": ("SE", "FI"),
    "ru": ("RU", "KZ"),
    "uk": ("UA",),
    "tr": ("TR",),
    "ar": ("SA", "EG", "AE", "MA"),
    "he": ("IL",),
    "hi": ("IN",),
    "th": ("TH",),
    "vi": ("VN",),
    "id": ("ID",),
    "zh": ("CN", "TW", "HK"),
    "ja": ("JP",),
    "ko": ("KR",),
}
"""Where a language is spoken: a number without a country's code is one of these countries, where the tag names none."""
_TRIES = 200
_MAYBE = re.compile(r"[+(]?\d(?:[\s()./-]{0,3}\d){6,16}")
_GROUPED = re.compile(r"\d[\s()./-]+\d")
_NEAR = 30
_GLUED = re.compile(r"(?<=[\u05d0-\u05ea])-(?=[\d(+])")
"""The hyphen by which Hebrew writes "to", "at" and "from" together with the number after it."""


def phones(text: str, language: str | None, claims: Claims) -> Iterator[Found]:
    """International ones anywhere; others where they look like one or a word says so, in the language's countries."""
    if not _MAYBE.search(text):
        return
    seen: set[tuple[int, int]] = set()
    cues = Cues(text, language)
    text = _GLUED.sub(" ", text)
    for leniency, sounds in ((Leniency.VALID, _sounds_like_one), (Leniency.POSSIBLE, _is_called_one)):
        for region in _regions(language):
            for match in PhoneNumberMatcher(text, region, leniency=leniency, max_tries=_TRIES):
                place = (match.start, match.end)
                if place in seen or not claims.free(*place) or not sounds(text, match.raw_string, place, cues):
                    continue
                seen.add(place)
                yield Found(*place, "phone", phonenumbers.format_number(match.number, PhoneNumberFormat.E164))


def _regions(language: str | None) -> tuple[str, ...]:
    if not language:
        return ("ZZ",)
    parts = re.split(r"[-_]", language)
    named = tuple(part.upper() for part in parts[1:] if len(part) == 2)
    if "Hant" in parts:
        return (*named, "TW", "HK", "CN")
    return named or _REGIONS.get(primary(language), ("ZZ",))


def _sounds_like_one(text: str, written: str, place: tuple[int, int], cues: Cues) -> bool:
    """Whether it is no order number: the nearest word before it decides, then how it is written."""
    if written.startswith("+"):
        return True
    cue = cues.before(place[0])
    if cue is not None and place[0] - cue.end <= _NEAR and "\n" not in text[cue.end : place[0]]:
        return cue.kind == "phone"
    return bool(_GROUPED.search(written)) or written.startswith(("0", "("))


def _is_called_one(text: str, written: str, place: tuple[int, int], cues: Cues) -> bool:
    """Whether a word says that it is one, and it is written like one: new numbers are given out faster than lists of
    them are made.
    """
    cue = cues.before(place[0])
    near = cue is not None and cue.kind == "phone" and place[0] - cue.end <= _NEAR
    return near and "\n" not in text[cue.end if cue else 0 : place[0]] and bool(_GROUPED.search(written))

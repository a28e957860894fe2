"""Days, as calendars of all our languages write them, in the one form of ISO 8601; without a year as --05-03."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError

from core.routing.fields.claims import Found
from core.routing.signals.shipped import primary

_LEAP = 2000  # a year in which every day is
_BUDDHIST = 543  # years that Thai calendars are ahead
_EDGE, _END = r"(?<![0-9A-Za-z./:-])", r"(?![0-9A-Za-z])(?![./:-]\d)"
_ISO = re.compile(rf"{_EDGE}(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_END}")
_NUMERIC = re.compile(rf"{_EDGE}(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_END}")
_POINTS = re.compile(rf"{_EDGE}(\d{{1,2}})\.\s?(\d{{1,2}})\.(?!\d)")
_EAST = re.compile(r"(?:(?<!\d)(\d{4})\s?[年년]\s?)?(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일](?!\d)")
_POINTED = frozenset({"de", "cs", "pl", "ru", "uk", "tr", "he", "sv"})
"""Languages in which "3.5." or "3.5" with a point behind it is a day."""
_ARABIC = ("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول",
           "تشرين الثاني", "كانون الأول")  # fmt: skip
"""As months are called between Lebanon and Iraq; CLDR's "ar" has those of Egypt."""
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९๐๑๒๓๔๕๖๗๘๙", "0123456789" * 4)
_STANDING_ALONE = frozenset({"cs", "pl", "ru", "uk"})


def dates(text: str, language: str | None) -> Iterator[Found]:
    """By digits first, then by the names of months in the language of the text and in English."""
    plain = text.translate(_DIGITS)
    for match in _ISO.finditer(plain):
        yield from _day(match.span(), match[1], match[3], match[4])
    for match in _EAST.finditer(plain):
        yield from _day(match.span(), match[1], match[2], match[3])
    spoken = primary(language) if language else "en"
    for match in _NUMERIC.finditer(plain):
        month, day = _order(match[1], match[3], language)
        yield from _day(match.span(), match[4], month, day)
    if spoken in _POINTED:
        for match in _POINTS.finditer(plain):
            yield from _day(match.span(), None, match[2], match[1])
    for tag in dict.fromkeys((spoken, "en")):
        yield from _by_name(plain, tag)


def _by_name(text: str, tag: str) -> Iterator[Found]:
    names, pattern = _months(tag)
    if pattern is None:
        return
    for match in pattern.finditer(text):
        month = names[_key(match["month"] or match["first"])]
        day = match["day"] or match["then"]
        year = match["year"] or match["after"]
        yield from _day(match.span(), year, str(month), day)


def _day(span: tuple[int, int], year: str | None, month: str, day: str) -> Iterator[Found]:
    full = int(year) if year else _LEAP
    if year and len(year) == 2:
        full += _LEAP
    if full >= 2400:
        full -= _BUDDHIST
    try:
        found = date(full, int(month), int(day))
    except ValueError:
        return
    if year is None or 1900 <= full <= 2150:
        yield Found(*span, "date", found.isoformat() if year else f"--{found:%m-%d}")


def _order(first: str, second: str, language: str | None) -> tuple[str, str]:
    """Month and day: as the locale writes them, the other way round where that cannot be."""
    month_first = _month_first(language or "und") and int(first) <= 12
    return (first, second) if month_first or int(second) > 12 else (second, first)


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale | None:
    """CLDR's, by the tag as it is or by its language alone."""
    for written in (tag.replace("-", "_"), primary(tag)):
        try:
            return Locale.parse(written)
        except (ValueError, UnknownLocaleError):
            continue
    return None


@lru_cache(maxsize=256)
def _month_first(tag: str) -> bool:
    """Whether the locale's short date begins with the month; English says where it is spoken, else it is unknown."""
    locale = _locale(tag)
    if locale is None or tag.lower() in ("und", ""):
        return False
    pattern = locale.date_formats["short"].pattern
    return "d" in pattern and 0 <= pattern.find("M") < pattern.find("d") and not pattern.startswith("y")


def _key(name: str) -> str:
    return name.casefold().rstrip(".")


@lru_cache(maxsize=32)
def _months(tag: str) -> tuple[dict[str, int], re.Pattern[str] | None]:
    """The names of a language's months, and what finds days with them. Those that are numbers are found by digits."""
    locale = _locale(tag)
    names: dict[str, int] = {}
    forms = ("format", "stand-alone") if tag in _STANDING_ALONE else ("format",)
    for form in forms if locale else ():
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[form][width].items() if locale else ():
                names.setdefault(_key(name), number)
    if tag == "ar":
        names |= {_key(name): number for number, name in enumerate(_ARABIC, 1)}
    if not names or tag in ("zh", "ja", "ko"):
        return {}, None
    if tag == "pt":
        names |= {_key(name.lower()): number for name, number in names.items()}
    return names, _named(names, tag)


def _named(names: dict[str, int], tag: str) -> re.Pattern[str]:
    months = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    inside = r"[^\W\d_]"
    lead = "(?:ngày )?" if tag == "vi" else ""
    prefix = "(?:ב)?" if tag == "he" else ""
    year = r"(?:\s?(?:,|de|del|of|năm|พ\.ศ\.|ค\.ศ\.|לשנת)?\s?,?\s?(?P<{}>(?<!\d)\d{{4}}(?!\d)))?"
    ends = "" if tag == "th" else rf"(?!{inside})"
    day_first = (
        rf"{lead}(?<![\d.,:/])(?<![A-Za-z])(?<![0-9A-Za-z]-)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|°|'?inci)?\.?"
        rf"\s?(?:de|of|di|del|เดือน|,)?\s?[-–]?\s?{prefix}(?P<month>{months}){ends}\.?" + year.format("year")
    )
    month_first = (
        rf"(?<!{inside})(?P<first>{months})\.?\s(?:the )?(?P<then>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.]\d|\d|%|\s?[€$£])"
        + year.replace(r"\s?(?:", r",?\s?(?:", 1).format("after")
    )
    return re.compile(f"{day_first}|{month_first}", re.IGNORECASE)

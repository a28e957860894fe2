"""Which of the shipped locales a reader gets, and what a phrase reads like there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from gettext import c2py
from pathlib import Path
from typing import Any, NamedTuple

from babel.core import Locale, UnknownLocaleError, get_global
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format
from babel.lists import format_list
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from core.phrases import Phrase

SOURCE = "en"
"""The locale that phrases are written in."""

FOLDER = Path(__file__).resolve().parents[2] / "locales"
"""Beside core, in a checkout and in an installed wheel alike."""

_BLANK = re.compile(r"\{(\w+)\}|\{\{|\}\}")
_IDENTIFIERS = frozenset({"number", "id", "line", "column", "port", "code", "year", "version"})
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:[-_](?P<script>[a-z]{4}))?(?:[-_](?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<rest>(?:[-_][a-z0-9]{1,8}){0,6})",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_TAG = 100
"""Tags come from strangers' headers, and the parsed ones are remembered."""
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class Tag(NamedTuple):
    """The parts of a language tag that choose words: RFC 5646 language, script and region, script made explicit."""

    language: str
    script: str
    region: str


def canonical(tag: str) -> str | None:
    """A language tag as we write it ("pt_br" → "pt-BR"), or None where CLDR knows no such language or region."""
    match = _TAG.fullmatch(tag.strip())
    if match is None or match["rest"]:
        return None
    parsed = _parse(tag)
    if parsed is None or (match["region"] and not parsed.region):
        return None
    return "-".join(filter(None, (parsed.language, match["script"] and match["script"].title(), parsed.region)))


@lru_cache(maxsize=1)
def shipped() -> tuple[str, ...]:
    """The locales that have a catalogue, the source first."""
    found = sorted(path.parents[1].name for path in FOLDER.glob("*/LC_MESSAGES/desk.po"))
    return (SOURCE, *(name for name in found if name != SOURCE))


def negotiate(*tags: str | None, among: Iterable[str] | None = None) -> str | None:
    """The best of `among` (default: the shipped locales) for a reader with these tags, most wanted first.

    A locale fits a tag of the same language and script (CLDR likely subtags: "zh-HK" is Hant); of several, the one
    with the same territory. None where none fits: the caller knows its own default.
    """
    candidates = {name: parsed for name in (shipped() if among is None else among) if (parsed := _parse(name))}
    for tag in tags:
        wanted = _parse(tag) if tag else None
        if wanted is None:
            continue
        kin = [name for name, has in candidates.items() if has[:2] == wanted[:2]]
        if kin:
            return min(kin, key=lambda name: (candidates[name].region != wanted.region, bool(candidates[name].region)))
    return None


def translate(said: Phrase, locale: str = SOURCE, zone: tzinfo = UTC) -> str:
    """A phrase in a locale, its values formatted for it; times are shown in `zone`.

    Values are put in as they are and never read as text with blanks. A blank without a value stays visible as
    `{blank}`; whoever made the phrase forgot it, and the catalogue check finds it.
    """
    reader = _reader(locale)
    text = reader.catalogue.text(said)

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group()[0]
        return shown(said.values[name], locale, zone, name) if name in said.values else match.group()

    return _BLANK.sub(fill, text)


def shown(value: Any, locale: str = SOURCE, zone: tzinfo = UTC, name: str = "") -> str:
    """One value as a reader of this locale expects it.

    `name` is the blank it fills: what identifies rather than counts (`number`, `id`, `line`, …) is written without
    grouping. Lists are joined as the language does it ("a, b and c"). A negative timedelta is a moment ago ("2 hours
    ago"): in many languages "ago" changes the noun, so it cannot be left to the message around it.
    """
    match value:
        case str():
            return value
        case Phrase():
            return translate(value, locale, zone)
        case bool() | None:
            return str(value)
        case int() | float():
            return str(value) if name in _IDENTIFIERS else format_decimal(value, locale=_reader(locale).babel)
        case datetime():
            return _moment(value, _reader(locale).babel, zone)
        case timedelta() if value < timedelta():
            return format_timedelta(value, add_direction=True, locale=_reader(locale).babel)
        case timedelta():
            return span(value, locale)
        case list() | tuple():
            items: list[str] = [shown(item, locale, zone, name) for item in value]  # type: ignore[misc]
            return format_list(items, locale=_reader(locale).babel) if items else ""
        case _:
            return str(value)


def _moment(at: datetime, babel: Locale, zone: tzinfo) -> str:
    pattern = str(get_datetime_format("medium", locale=babel))
    time = format_time(at, "short", tzinfo=zone, locale=babel)
    return pattern.replace("{0}", time).replace("{1}", format_date(at.astimezone(zone), "medium", locale=babel))


def span(length: timedelta, locale: str = SOURCE) -> str:
    """A length of time in words: one unit, or two where one would be more than a tenth off ("1 hour, 30 minutes")."""
    seconds = max(1, round(abs(length.total_seconds())))
    babel = _reader(locale).babel
    place = next(
        n for n, (unit, size) in enumerate(_UNITS) if seconds >= size and (unit != "week" or not seconds % size)
    )
    unit, size = _UNITS[place]
    nearest = round(seconds / size)
    if abs(nearest * size - seconds) * 10 <= seconds:
        return format_unit(nearest, f"duration-{unit}", locale=babel)
    whole, rest = divmod(seconds, size)
    smaller, step = _UNITS[place + 1]
    words = (
        format_unit(whole, f"duration-{unit}", locale=babel),
        format_unit(round(rest / step), f"duration-{smaller}", locale=babel),
    )
    return format_list(words, style="unit", locale=babel)


def weekday(day: int, locale: str = SOURCE) -> str:
    """A day of the week (0: Monday) in a few letters."""
    return _reader(locale).babel.days["format"]["abbreviated"][day]


def language_name(tag: str, locale: str = SOURCE) -> str:
    """What a language is called; the tag itself where CLDR does not know it."""
    known = _known(tag)
    if known is None:
        return tag
    written = "_".join(filter(None, (known.language, known.script if known.language == "zh" else "")))
    return Locale.parse(written).get_display_name(_reader(locale).babel) or tag


def blanks(text: str) -> frozenset[str]:
    """The names of the blanks in a message."""
    return frozenset(match.group(1) for match in _BLANK.finditer(text) if match.group(1))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The messages of one locale, by their source text."""

    messages: Mapping[str, str | tuple[str, ...]]
    form: Callable[[int], int]

    def text(self, said: Phrase) -> str:
        """The translation, its plural form chosen; the source text where there is none."""
        found = self.messages.get(said.text)
        if said.plural is None:
            return found if isinstance(found, str) else said.text
        if isinstance(found, tuple):
            return found[self.form(said.count)]
        return said.text if said.count == 1 else said.plural


@lru_cache(maxsize=64)
def catalogue(locale: str) -> Catalogue:
    """The catalogue of a shipped locale, read from its .po: nothing is compiled, nothing can be out of date."""
    path = FOLDER / locale / "LC_MESSAGES" / "desk.po"
    with path.open("rb") as file:
        read = read_po(file, locale=locale.replace("-", "_"))
    messages: dict[str, str | tuple[str, ...]] = {}
    for message in read:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            if message.string:
                messages[message.id] = str(message.string)
        elif isinstance(message.string, (tuple, list)) and all(message.string):
            messages[message.id[0]] = tuple(message.string)
    return Catalogue(messages, c2py(get_plural(locale.replace("-", "_")).plural_expr))


@dataclass(frozen=True, slots=True)
class _Reader:
    catalogue: Catalogue
    babel: Locale


@lru_cache(maxsize=256)
def _reader(locale: str) -> _Reader:
    """Words of the nearest shipped locale; formats of the reader's own where the words are of the same language."""
    nearest = negotiate(locale)
    own = canonical(locale) if nearest else None
    return _Reader(catalogue(nearest or SOURCE), Locale.parse(own or nearest or SOURCE, sep="-"))


def _parse(tag: str) -> Tag | None:
    return _known(tag) if len(tag) <= _LONGEST_TAG else None


@lru_cache(maxsize=512)
def _known(tag: str) -> Tag | None:
    match = _TAG.fullmatch(tag.strip())
    if match is None:
        return None
    try:
        language = Locale.parse(match["language"].lower()).language
    except (ValueError, UnknownLocaleError):
        return None
    region = (match["region"] or "").upper()
    known = Locale.parse(language).territories
    likely: Mapping[str, str] = get_global("likely_subtags")
    full = likely.get(f"{language}_{region}") or likely.get(language) or ""
    script = match["script"] or next((part for part in full.split("_")[1:] if len(part) == 4), "")
    return Tag(language, script.title(), region if region in known else "")

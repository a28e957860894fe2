"""How every page looks, and what it tells browsers: its frame, its style, and the headers that shut everything else."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from aiohttp import web
from babel.core import Locale
from markupsafe import Markup, escape

from core.phrases import Phrase
from core.templates.locales import SOURCE, negotiate, shown, translate

_URL = re.compile(r"https?://[^\s<>\"'`]{1,2000}")
_BEHIND = ".,;:!?)]}»“”’"
_LANGUAGES = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,3})\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_LONGEST_HEADER = 500
NOTHING = Markup()


class Tongue(NamedTuple):
    """Whom a page speaks to: the locale of its words, and the zone of its times."""

    locale: str
    zone: tzinfo

    def say(self, said: Phrase) -> Markup:
        """A phrase as the page's text. What fills its blanks is text, too."""
        return escape(translate(said, self.locale, self.zone))

    def moment(self, at: datetime) -> Markup:
        words = shown(at, self.locale, self.zone)
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), words)

    @property
    def direction(self) -> str:
        return Locale.parse(self.locale, sep="-").text_direction


def wished(request: web.Request) -> list[str]:
    """The languages that a browser asks for, the most wanted first."""
    asked: list[tuple[float, str]] = []
    for item in request.headers.get("Accept-Language", "")[:_LONGEST_HEADER].split(","):
        match = _LANGUAGES.fullmatch(item)
        if match is not None and (weight := float(match[2] or 1)) > 0:
            asked.append((-weight, match[1]))
    return [tag for _, tag in sorted(asked, key=lambda one: one[0])]


def tongue(zone: tzinfo, *tags: str | None) -> Tongue:
    """The best that we have for these wishes."""
    return Tongue(negotiate(*tags) or SOURCE, zone)


def join(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)


def linked(text: str) -> Markup:
    """Text in which addresses of pages can be followed."""
    parts: list[Markup] = []
    at = 0
    for match in _URL.finditer(text):
        url = match.group().rstrip(_BEHIND)
        parts += [
            escape(text[at : match.start()]),
            Markup('<a href="{0}" rel="noopener noreferrer nofollow ugc">{0}</a>').format(url),
        ]
        at = match.start() + len(url)
    return Markup().join([*parts, escape(text[at:])])


def page(
    said: Tongue, title: Markup, desk: str, body: Markup, *, status: int = 200, beside: Markup = NOTHING
) -> web.Response:
    """A whole page as it is answered. `beside` stands beside the desk's name."""
    html = _FRAME.format(
        lang=said.locale, dir=said.direction, title=title, desk=desk, style=_style(), body=body, beside=beside
    )
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8", headers=headers())


def headers() -> Mapping[str, str]:
    """Nothing is loaded, run, framed, kept or passed on, and a form of ours goes nowhere but to us."""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; img-src data:; style-src 'sha256-{_seal()}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }


@lru_cache(maxsize=1)
def _style() -> Markup:
    return Markup(files("gateways.pages").joinpath("style.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


@lru_cache(maxsize=1)
def _seal() -> str:
    return base64.b64encode(sha256(_style().encode()).digest()).decode("ascii")


_FRAME = Markup("""<!doctype html>
<html lang="{lang}" dir="{dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div class="frame">
<header class="head"><div class="desk" dir="auto">{desk}</div>{beside}</header>
<main>
{body}
</main>
</div>
</body>
</html>
""")

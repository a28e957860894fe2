"""By when a customer is answered, in their words and their zone: "tomorrow, Tue, Mar 3, 10:00 (your time)"."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from babel.core import Locale
from babel.dates import format_skeleton, format_time, get_timezone_name

from core.phrases import phrase
from core.templates.locales import negotiate, translate


class Moment(NamedTuple):
    """When something happens, and where the clock hangs by which it is told. `theirs`: the reader's own."""

    at: datetime
    now: datetime
    zone: tzinfo
    theirs: bool


def told(moment: Moment, language: str) -> str:
    """In this language. Whether it is today or tomorrow is said beside the date: nobody knows when it is read."""
    locale = Locale.parse(language, sep="-")
    at = moment.at.astimezone(moment.zone)
    date = format_skeleton("MMMEd", at, tzinfo=moment.zone, locale=locale)
    said = f"{date}, {format_time(at, 'short', tzinfo=moment.zone, locale=locale)}"
    speaks = negotiate(language)
    if speaks is None:  # no words of ours are in it
        return f"{said} ({get_timezone_name(moment.zone, locale=locale)})"
    days = (at.date() - moment.now.astimezone(moment.zone).date()) // timedelta(days=1)
    if days == 0:
        said = translate(phrase("today, {date}", date=said), speaks)
    elif days == 1:
        said = translate(phrase("tomorrow, {date}", date=said), speaks)
    if moment.theirs:
        return translate(phrase("{date} (your time)", date=said), speaks)
    return f"{said} ({get_timezone_name(moment.zone, locale=locale)})"

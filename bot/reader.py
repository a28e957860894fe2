"""Somebody who reads: in which language, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from core.phrases import Phrase, phrase, phrases
from core.templates.locales import SOURCE, shown, translate


@dataclass(frozen=True, slots=True)
class Reader:
    """A locale and a zone, and what phrases are in them."""

    locale: str = SOURCE
    zone: tzinfo = UTC

    def say(self, said: Phrase) -> str:
        return translate(said, self.locale, self.zone)

    def moment(self, at: datetime) -> str:
        """A time in words, for where Slack cannot show its own."""
        return f"{shown(at, self.locale, self.zone)} {at.astimezone(self.zone):%Z}"

    def more(self, missing: int) -> str:
        """What stands where so many characters were cut off."""
        return self.say(phrases("… ({count} more character)", "… ({count} more characters)", missing))

    def sized(self, size: int) -> str:
        """A file's size."""
        kilobytes = max(1, round(size / 1000))
        if kilobytes < 1000:
            return self.say(phrase("{size} kB", size=kilobytes))
        return self.say(phrase("{size} MB", size=round(size / 1_000_000, 1)))

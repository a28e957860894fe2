"""What a calendar entry says, in lines that need no language of their own (RFC 5545)."""

from __future__ import annotations

import re

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,40})((?:;[^:\n\"]{0,200}(?:\"[^\"\n]{0,200}\")?){0,10}):(.{0,2000})")
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ZONE = re.compile(r"TZID=\"?([^;:\"]+)", re.IGNORECASE)
_NAME = re.compile(r"CN=\"?([^;:\"]+)", re.IGNORECASE)
_MOST = 64 * 1024  # characters that are looked at


def entry_text(calendar: str) -> str:
    """What it is about, when, where, who invites, and what is said of it, a line each; of the first entry."""
    _, begins, rest = _FOLD.sub("", calendar[:_MOST]).partition("BEGIN:VEVENT")
    fields: dict[str, tuple[str, str]] = {}
    for line in rest.partition("END:VEVENT")[0].splitlines() if begins else ():
        if found := _LINE.fullmatch(line.strip()):
            fields.setdefault(found[1].upper(), (found[2], _plain(found[3])))
    when = " – ".join(filter(None, (_when(*fields.get(name, ("", ""))) for name in ("DTSTART", "DTEND"))))
    organizer = fields.get("ORGANIZER", ("", ""))
    name = _NAME.search(organizer[0])
    who = re.sub(r"(?i)^mailto:", "", organizer[1])
    said = [fields.get(name, ("", ""))[1] for name in ("SUMMARY", "LOCATION", "DESCRIPTION")]
    who = f"{name[1]} <{who}>" if name and who else who
    return "\n".join(filter(None, (said[0], when, said[1], who, said[2])))


def _plain(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _when(parameters: str, value: str) -> str:
    found = _WHEN.match(value)
    if not found:
        return ""
    day = f"{found[1]}-{found[2]}-{found[3]}"
    if not found[4]:
        return day
    zone = _ZONE.search(parameters)
    return f"{day} {found[4]}:{found[5]}" + (" UTC" if found[6] else f" ({zone[1]})" if zone else "")

"""What a calendar entry says, for mails that say nothing else (RFC 5545, RFC 5546)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from gateways.email.parts.headers import one_line

_MOST = 256 * 1024  # characters of a calendar that are read
_MOST_ENTRIES = 5
_LINE = re.compile(r'([A-Za-z0-9-]{1,60})((?:;[A-Za-z0-9-]{1,60}=(?:"[^"]*"|[^";:]*))*):(.*)')
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,60})=("[^"]*"|[^";:]*)')
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ENTRIES = {"VEVENT", "VTODO"}


class _Value(NamedTuple):
    text: str
    parameters: dict[str, str]


_Entry = dict[str, list[_Value]]


def entry_text(calendar: str) -> str:
    """Title, time, place, who invites or answers, and the description of every entry; empty where there is none.

    Without words of its own: it is read by agents of any language.
    """
    method, entries = _read(calendar[:_MOST])
    return "\n\n".join(text for entry in entries if (text := _told(entry, method)))


def _told(entry: _Entry, method: str) -> str:
    title = _text(entry, "SUMMARY")
    if method not in ("", "REQUEST", "PUBLISH", "REPLY", "ADD"):
        title = f"{title} ({method})".strip()  # CANCEL and the like
    people = entry.get("ATTENDEE", [])[:1] if method == "REPLY" else entry.get("ORGANIZER", [])
    lines = [title, _time(entry), _text(entry, "LOCATION"), *map(_person, people)]
    said = "\n".join(line for line in lines if line)
    more = [said, _text(entry, "COMMENT", whole=True), _text(entry, "DESCRIPTION", whole=True)]
    return "\n\n".join(block for block in more if block)


def _person(value: _Value) -> str:
    address = re.sub(r"(?i)^mailto:", "", value.text)
    name, answer = value.parameters.get("CN", ""), value.parameters.get("PARTSTAT", "")
    who = f"{name} <{address}>" if name and name != address else address
    return one_line(f"{who}: {answer}" if answer else who)


def _time(entry: _Entry) -> str:
    """`2026-03-02 12:00 – 13:00 (Europe/Berlin)`, in the zone that the entry names; whole days as their dates."""
    begin, end = _when(entry, "DTSTART"), _when(entry, "DTEND") or _when(entry, "DUE")
    if begin is None:
        return ""
    value = entry["DTSTART"][0]
    zone = "UTC" if value.text.endswith("Z") else one_line(value.parameters.get("TZID", ""))
    zone = f" ({zone})" if zone else ""
    if not isinstance(begin, datetime):
        last = end - timedelta(days=1) if end and not isinstance(end, datetime) else begin
        return f"{begin}" if last <= begin else f"{begin} – {last}"
    if not isinstance(end, datetime) or end <= begin or end.tzinfo != begin.tzinfo:
        return f"{begin:%Y-%m-%d %H:%M}{zone}"
    shape = "%H:%M" if end.date() == begin.date() else "%Y-%m-%d %H:%M"
    return f"{begin:%Y-%m-%d %H:%M} – {end:{shape}}{zone}"


def _when(entry: _Entry, name: str) -> date | None:
    value = entry.get(name)
    found = _WHEN.match(value[0].text) if value else None
    if not found:
        return None
    year, month, day, hour, minute, _ = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        return datetime(int(year), int(month), int(day), int(hour), int(minute))  # noqa: DTZ001 - as it stands there
    except ValueError:
        return None


def _text(entry: _Entry, name: str, *, whole: bool = False) -> str:
    value = entry.get(name)
    if not value:
        return ""
    text = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value[0].text).strip()
    return text if whole else one_line(text)


def _read(calendar: str) -> tuple[str, list[_Entry]]:
    """The method, and the properties of every entry; alarms and the like within one are passed over."""
    method, entries, inside = "", [], []
    for line in re.sub(r"\r?\n[ \t]", "", calendar).splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        name, parameters, text = found[1].upper(), found[2], found[3].strip()
        if name == "BEGIN":
            inside = [*inside[-9:], text.upper()]
            if text.upper() in _ENTRIES:
                if len(entries) == _MOST_ENTRIES:
                    break
                entries.append({})
        elif name == "END":
            inside = inside[:-1]
        elif name == "METHOD":
            method = text.upper()
        elif inside and inside[-1] in _ENTRIES:
            said = {key.upper(): value.strip('"') for key, value in _PARAMETER.findall(parameters)}
            entries[-1].setdefault(name, []).append(_Value(text, said))
    return method, entries

"""The kinds of values a rulebook is written with: durations, addresses, slugs, rooms, zones, single lines of text."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from core.routing.filters import sign_of

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>[0-9]{{1,9}})\s*{unit})?\s*" for unit in _UNITS), re.ASCII)
_LONGEST = timedelta(days=3650)
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,64}")
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")


def duration(written: str) -> timedelta | None:
    """ "90s", "15m", "4h", "3d", "2w" or several from the largest down ("1d12h"); None for anything else.

    Longer than nothing, not longer than ten years.
    """
    match = _DURATION.fullmatch(written.strip())
    if match is None or not any(match.groups()):
        return None
    length = timedelta(seconds=sum(int(match[unit] or 0) * size for unit, size in _UNITS.items()))
    return length if timedelta() < length <= _LONGEST else None


def written_duration(length: timedelta) -> str:
    """A span of whole seconds as `duration` reads it; in days, hours, minutes and seconds."""
    rest = round(length.total_seconds())
    parts: list[str] = []
    for unit, size in list(_UNITS.items())[1:]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def normal_address(address: str) -> str:
    """A mail address as it is compared: letter case gone, the domain in its ASCII form (RFC 5890 §2.3.2.1)."""
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    domain = domain.casefold().rstrip(".")
    if not domain.isascii():
        with suppress(UnicodeError):  # not a domain that could be registered: compared as it is
            domain = domain.encode("idna").decode("ascii")
    return f"{local.casefold()}@{domain}"


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        written = value if value == timedelta(seconds=round(value.total_seconds())) else timedelta()
        value = written_duration(written) if written > timedelta() else str(value)
    length = duration(value) if isinstance(value, str) else None
    if length is None:
        raise PydanticCustomError("bad_duration", "not a duration: {value}", {"value": str(value)})
    return length


def _address(written: str) -> str:
    local, at, domain = written.rpartition("@")
    labels = domain.split(".")
    if not at or not _LOCAL.fullmatch(local) or not all(map(_LABEL.fullmatch, labels)) or len(written) > 254:
        raise PydanticCustomError("bad_address", "not a mail address: {value}", {"value": written})
    return written


def _domain(written: str) -> str:
    if len(written) > 253 or "." not in written or not all(map(_LABEL.fullmatch, written.split("."))):
        raise PydanticCustomError("bad_domain", "not a domain: {value}", {"value": written})
    return written


def normal_domain(domain: str) -> str:
    """A domain as it is compared, as `normal_address` has it."""
    return normal_address(f"@{domain}")[1:]


def _slug(written: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", written) or len(written) > 60:
        raise PydanticCustomError("bad_slug", "not a short name: {value}", {"value": written})
    return written


def _room(written: str) -> str:
    # Slack: lower case, no spaces or full stops, at most 80 characters
    if not re.fullmatch(r"[\w-]{1,80}", written) or written != written.lower():
        raise PydanticCustomError("bad_room", "not a room's name: {value}", {"value": written})
    return written


def is_zone(written: str) -> bool:
    """Whether this machine knows a time zone of this name."""
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the zone database ("Europe")
        return False
    return True


def _zone(written: str) -> str:
    if not is_zone(written):
        raise PydanticCustomError("bad_zone", "not a time zone: {value}", {"value": written})
    return written


def _line(written: str) -> str:
    line = written.strip()
    if not line:
        raise PydanticCustomError("empty", "empty")
    if len(line) > 200:
        raise PydanticCustomError("too_long", "too long", {"limit": 200})
    if any(unicodedata.category(ch) in ("Cc", "Zl", "Zp") for ch in line):
        raise PydanticCustomError("several_lines", "not one line")
    return line


def _spam_sign(written: str) -> str:
    if sign_of(written) is None or len(written) > 300:
        raise PydanticCustomError("bad_sign", "not a header of a filter: {value}", {"value": written})
    return written


def _server(written: str) -> str:
    if not all(map(_LABEL.fullmatch, written.split("."))) or not written.isascii() or len(written) > 253:
        raise PydanticCustomError("bad_server", "not a server's name: {value}", {"value": written})
    return written


def _member(written: str) -> str:
    if not re.fullmatch(r"(?:T[A-Z0-9]+:)?[UW][A-Z0-9]+", written):
        raise PydanticCustomError("bad_member", "not a Slack member id: {value}", {"value": written})
    return written


def _chat(written: str) -> str:
    if not re.fullmatch(r"[0-9]{1,20}", written, re.ASCII):
        raise PydanticCustomError("bad_chat", "not a person's chat in Telegram: {value}", {"value": written})
    return written


def _workspace(written: str) -> str:
    if not re.fullmatch(r"[TE][A-Z0-9]{1,30}", written):
        raise PydanticCustomError("bad_workspace", "not a Slack workspace's id: {value}", {"value": written})
    return written


def _place(written: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", written):
        raise PydanticCustomError("bad_place", "not a country or a region: {value}", {"value": written})
    return written


Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(written_duration, return_type=str)]
Address = Annotated[str, AfterValidator(_address)]
Domain = Annotated[str, AfterValidator(_domain)]
Slug = Annotated[str, AfterValidator(_slug)]
Room = Annotated[str, AfterValidator(_room)]
Zone = Annotated[str, AfterValidator(_zone)]
Line = Annotated[str, AfterValidator(_line)]
SpamSign = Annotated[str, AfterValidator(_spam_sign)]
Server = Annotated[str, AfterValidator(_server)]
Place = Annotated[str, AfterValidator(_place)]
"""A country, or a region of one, as ISO 3166 calls it: "DE", "DE-BY"."""
Workspace = Annotated[str, AfterValidator(_workspace)]
Chat = Annotated[str, AfterValidator(_chat)]
Member = Annotated[str, AfterValidator(_member)]

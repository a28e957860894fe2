"""`deskbell sources`: partners who bring customers' messages by the web API."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from core.desk import Desk
from core.phrases import Refused, phrase, phrases
from core.settings import Settings
from core.tickets.sources import USUAL, Credentials, Scope, Source, Told
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import show, speak
from gateways.web.posting import checked, networks_of
from gateways.web.signing import as_said

T = TypeVar("T", bound=StrEnum)


def main(options: argparse.Namespace) -> int:
    if options.what != "list" and not options.name:
        raise Refused(phrase("Which source? Say its name: deskbell sources {what} shop", what=options.what))
    settings = read_settings()
    with desk_at_hand(settings) as desk:
        _COMMANDS[options.what](desk, options, settings)
    return 0


def _add(desk: Desk, options: argparse.Namespace, settings: Settings) -> None:
    said = _said(options, settings)
    key = desk.add_source(options.name, **{"scopes": USUAL, **said})
    _give(key)


def _set(desk: Desk, options: argparse.Namespace, settings: Settings) -> None:
    said = _said(options, settings)
    if not said:
        raise Refused(phrase("Say what is to be otherwise: --scopes, --url, --queue, --events, --signed, --unsigned"))
    desk.revise_source(options.name, **said)
    speak(phrase("{name} is as you said.", name=options.name))


def _rotate(desk: Desk, options: argparse.Namespace, _settings: Settings) -> None:
    overlap = timedelta(hours=options.overlap)
    _give(desk.rotate_source(options.name, overlap))
    if overlap:
        speak(
            phrases(
                "What it had counts for {count} hour more; should it be in wrong hands: --overlap 0",
                "What it had counts for {count} hours more; should it be in wrong hands: --overlap 0",
                options.overlap,
            )
        )


def _revoke(desk: Desk, options: argparse.Namespace, _settings: Settings) -> None:
    desk.revoke_source(options.name)
    speak(phrase("{name} brings and sees nothing any more. Its tickets stay.", name=options.name))


def _list(desk: Desk, _options: argparse.Namespace, _settings: Settings) -> None:
    found = desk.sources()
    for one in found:
        show(_line(one))
        if one.failing_since is not None:
            reason = one.failure or ""
            speak(phrase("  its webhook has failed since {at}: {reason}", at=one.failing_since, reason=reason))
    speak(phrases("{count} source", "{count} sources", len(found)))


_COMMANDS: dict[str, Callable[[Desk, argparse.Namespace, Settings], None]] = {
    "add": _add,
    "set": _set,
    "rotate": _rotate,
    "revoke": _revoke,
    "list": _list,
}


def _line(one: Source) -> str:
    """In nobody's language: its name, and what is written to set it."""
    if one.revoked_at is not None:
        return f"{one.name}  (revoked)"
    told = f"  --events {','.join(sorted(one.told))}" if one.told else ""
    url = f"  --url {one.url}" if one.url else ""
    queue = f"  --queue {one.queue}" if one.queue else ""
    return f"{one.name}  --scopes {','.join(sorted(one.scopes))}{url}{queue}{told}{'  --signed' if one.signs else ''}"


def _give(key: Credentials) -> None:
    speak(phrase("Give the partner these two; they are shown this once:"))
    show(f"token:  {key.token}")
    show(f"secret: {as_said(key.secret)}")


def _said(options: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """What the options say of a source."""
    said: dict[str, Any] = {}
    if options.scopes is not None:
        said["scopes"] = _each(options.scopes, Scope)
    if options.events is not None:
        said["told"] = _each(options.events, Told)
    if options.url is not None:
        allowed = networks_of(settings.web_hooks_networks)
        said["url"] = checked(options.url, allowed) if options.url else None
    if options.queue is not None:
        said["queue"] = options.queue or None
    if options.signed is not None:
        said["signs"] = options.signed
    return said


def _each(said: str, kind: type[T]) -> Collection[T]:
    """Names by commas; "all" for all of them."""
    names = [one.strip() for one in said.split(",") if one.strip()]
    if names == ["all"]:
        return tuple(kind)
    known = {one.value: one for one in kind}
    if wrong := [name for name in names if name not in known]:
        raise Refused(phrase("There is no {name}. There are: {known}, and all.", name=wrong[0], known=list(known)))
    return tuple(known[name] for name in names)

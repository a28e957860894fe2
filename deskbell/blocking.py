"""`deskbell inbox block | unblock | blocked`: whose mail opens nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from core.desk import Desk
from core.phrases import DeskError, Phrase, Refused, phrase, phrases
from core.tickets.blocking import Shared
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import speak


def main(options: argparse.Namespace) -> int:
    """1 where one of them was refused; that is said, and does not keep the others from it."""
    if options.what != "blocked" and not options.ids:
        raise Refused(phrase("Whom? Say an address or a domain: eve@example.com, or example.com"))
    with desk_at_hand(read_settings()) as desk:
        match options.what:
            case "blocked":
                _list(desk)
                return 0
            case "block":
                return _each(options.ids, lambda said: _blocked(desk, said, options.why, options.yes))
            case _:
                return _each(options.ids, lambda said: _unblocked(desk, said))


def _list(desk: Desk) -> None:
    shut = desk.blocked()
    for one in shut:
        speak(
            phrase("{whom}  {name}, {ago}: {why}", whom=one.whom, name=one.by, ago=one.ago, why=one.why)
            if one.why
            else phrase("{whom}  {name}, {ago}", whom=one.whom, name=one.by, ago=one.ago)
        )
    speak(phrases("{count} sender is blocked", "{count} senders are blocked", len(shut)))
    speak(
        phrases("{count} mail of theirs is kept", "{count} mails of theirs are kept", desk.count_kept_out(("blocked",)))
    )


def _blocked(desk: Desk, said: str, why: str, sure: bool) -> Phrase:
    try:
        whom = desk.block(said, why=why, sure=sure)
    except Shared as warning:
        speak(warning.phrase, to_stderr=True)
        raise Refused(phrase("To mean all of them: deskbell inbox block {said} --yes", said=said)) from warning
    return phrase("{whom} is blocked: mail from there opens nothing any more.", whom=whom)


def _unblocked(desk: Desk, said: str) -> Phrase:
    whom = desk.unblock(said)
    return phrase("{whom} is not blocked any more. What came meanwhile: deskbell inbox list --all", whom=whom)


def _each(said: list[str], do: Callable[[str], Phrase]) -> int:
    refused = False
    for one in said:
        try:
            speak(do(one))
        except DeskError as error:
            refused = True
            speak(error.phrase, to_stderr=True)
    return int(refused)

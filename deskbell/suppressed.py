"""`deskbell suppressed`: addresses that the desk writes nothing to by itself; look at them, take one off the list."""

from __future__ import annotations

import argparse

from core.desk import Desk
from core.phrases import Refused, phrase, phrases
from core.tickets.suppression import Kind, is_suppressed
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import speak

KINDS = {
    Kind.GONE: phrase("no such address"),
    Kind.FAILING: phrase("failing"),
    Kind.COMPLAINT: phrase("reported as spam"),
}
WATCHED = phrase("failed, not suppressed yet")


def main(options: argparse.Namespace) -> int:
    if options.what == "remove" and not options.addresses:
        raise Refused(phrase("Which one? Say its address; deskbell suppressed list shows them."))
    with desk_at_hand(read_settings()) as desk:
        if options.what == "list":
            _list(desk)
        for address in options.addresses if options.what == "remove" else ():
            desk.unsuppress("email", address)
            speak(phrase("{address} is off the list.", address=address))
    return 0


def _list(desk: Desk) -> None:
    found = desk.suppressed()
    now = desk.db.clock()
    for one in found:
        kind = KINDS[one.standing.kind] if is_suppressed(one.standing, now) else WATCHED
        known = {"at": one.standing.at, "address": one.address, "kind": kind, "reason": one.reason}
        speak(phrase("{at}  {address}  {kind}: {reason}", **known))
    speak(phrases("{count} address on the list", "{count} addresses on the list", len(found)))

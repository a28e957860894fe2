"""`deskbell pages`: links to requesters' pages, for whoever is asked for one; and how they are taken back."""

from __future__ import annotations

import argparse

from core.desk import Desk
from core.phrases import Refused, phrase
from core.tickets.passes import Purpose
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import speak


def main(options: argparse.Namespace) -> int:
    if (options.number is None) == (not options.all):
        raise Refused(phrase("Of which ticket? Say its number; revoke --all takes back every link that there is."))
    if options.what == "link" and options.all:
        raise Refused(phrase("A link leads to one ticket: say its number."))
    with desk_at_hand(read_settings()) as desk:
        if options.what == "link":
            _link(desk, options.number)
        else:
            desk.take_links_back(options.number)
            speak(phrase("Done: no link that was given until now leads anywhere any more."))
    return 0


def _link(desk: Desk, number: int) -> None:
    page, upload = desk.link(number, Purpose.READ), desk.link(number, Purpose.UPLOAD)
    if not page:
        raise Refused(phrase("There are no pages: set WEB_URL to where customers reach them."))
    speak(phrase("To read the conversation, answer, and close the request: {url}", url=page))
    speak(phrase("To send files, and see nothing: {url}", url=upload))

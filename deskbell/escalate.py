"""`deskbell escalate preview`: who would be told of a ticket, when and why, if nobody took it on; stores nothing.

Also where a duty's calendar is for programs that show calendars.
"""

from __future__ import annotations

import argparse
from datetime import datetime

from core.calendars.wall import moment
from core.desk import Desk
from core.desk.judging import sentences as would
from core.desk.previewing import sentences
from core.phrases import Refused, phrase
from core.routing import signals
from core.routing.triage import Facts
from core.rulebook import Rulebook
from core.settings import Settings
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import show, speak


def main(options: argparse.Namespace) -> int:
    """As the options say. Raises DeskError."""
    settings = read_settings()
    with desk_at_hand(settings) as desk:
        match options.what:
            case "preview":
                return _preview(desk, options)
            case "feed":
                return _feed(desk, settings, options.queue or "")
            case _:
                desk.renew_feeds()
                speak(phrase("The links that were given until now show nothing any more."))
                return 0


def _preview(desk: Desk, options: argparse.Namespace) -> int:
    book = desk.book()
    if options.ticket is not None:
        seen = desk.what_if(options.ticket)
    else:
        queue, urgency = _described(desk, options, book)
        seen = desk.foresee(queue, urgency, _moment(options.at, book) if options.at else None)
    for said in sentences(seen):
        speak(said, zone=book.desk.zone)
    return 0


def _described(desk: Desk, options: argparse.Namespace, book: Rulebook) -> tuple[str, int]:
    """The queue and urgency of the ticket that is described: as the rules have it, unless they are named."""
    queue, urgency = options.queue, options.urgency
    if options.text or options.subject or options.sender:
        guess = signals.language(options.text)
        language = guess.language if guess else None
        facts = Facts(
            text=options.text,
            subject=options.subject,
            sender=options.sender,
            channel="email",
            language=language,
        )
        verdict = desk.would(facts)
        for said in would(verdict):
            speak(said, zone=book.desk.zone)
        queue = queue or verdict.judged.queue
        urgency = verdict.judged.decision.urgency if urgency is None else urgency
    return queue or book.queues[0].name, urgency or 0


def _moment(written: str, book: Rulebook) -> datetime:
    """A time in the desk's zone, unless it says another. Raises Refused."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise Refused(phrase("Write the time like this: 2026-12-24T16:30")) from None
    return at if at.tzinfo else moment(at, book.desk.zone)


def _feed(desk: Desk, settings: Settings, roster: str) -> int:
    path = desk.feed_path(roster)
    if settings.web_url is None:
        raise Refused(phrase("Calendars are served where WEB_URL says. Set it (docs/operations.md)."))
    show(f"{settings.web_url}/{path}")
    return 0

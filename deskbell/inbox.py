"""`deskbell inbox`: what came in and was kept out; look at it, or let the desk try again."""

from __future__ import annotations

import argparse
import sys

from core.phrases import NotFound, Refused, phrase, phrases
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import speak


def main(options: argparse.Namespace) -> int:
    if options.what != "list" and options.id is None:
        raise Refused(phrase("Which one? Say its number; deskbell inbox list shows them."))
    with desk_at_hand(read_settings()) as desk:
        match options.what:
            case "list":
                pieces = desk.kept_out()
                for piece in pieces:
                    speak(
                        phrase(
                            "{id}  {at}  {state}  from {sender}: {reason}",
                            id=piece.id,
                            at=piece.at,
                            state=piece.state,
                            sender=piece.envelope.get("mail_from", ""),
                            reason=piece.reason or "",
                        )
                    )
                speak(phrases("{count} message kept out", "{count} messages kept out", len(pieces)))
            case "raw":
                raw = desk.raw_of(options.id)
                if raw is None:
                    raise _missing(options.id)
                sys.stdout.buffer.write(raw)
            case _:
                if not desk.replay(options.id):
                    raise _missing(options.id)
                speak(phrase("Message {id} is understood again now.", id=options.id))
    return 0


def _missing(id: int) -> NotFound:
    return NotFound(phrase("No message {id} was kept out.", id=id))

"""`deskbell inbox`: what came in and was kept out; look at it, let the desk try again, let it in, or discard it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from core.desk import Desk
from core.desk.keeping_out import reason_of
from core.phrases import DeskError, NotFound, Phrase, Refused, phrase, phrases
from core.storage.inbox import LISTED, Piece
from core.storage.schema import KEPT_OUT
from deskbell.blocking import main as blocked
from deskbell.opening import desk_at_hand, read_settings
from deskbell.rereading import compare
from deskbell.speaking import speak
from gateways.email.reading.parse import glance

MOST = 100
"""Characters of a name, an address, a subject in a line of the list."""

STATES = {
    "suspended": phrase("suspended"),
    "unreadable": phrase("unreadable"),
    "blocked": phrase("blocked"),
    "discarded": phrase("discarded"),
}


def main(options: argparse.Namespace) -> int:
    if options.what in ("block", "unblock", "blocked"):
        return blocked(options)
    ids = [*map(_number, options.ids), *(options.dry_run or ())]  # numbers may stand before that word or after it
    if options.dry_run is not None and options.what != "replay":
        raise Refused(phrase("Only a replay can be tried without being done."))
    if options.what != "list" and not ids:
        raise Refused(phrase("Which one? Say its number; deskbell inbox list shows them."))
    if options.what == "raw" and len(ids) > 1:
        raise Refused(phrase("One at a time: a mail follows the other without a mark between them."))
    with desk_at_hand(read_settings()) as desk:
        match options.what:
            case "list":
                _list(desk, KEPT_OUT if options.all else LISTED)
                return 0
            case "raw":
                sys.stdout.buffer.write(_raw(desk, ids[0]))
                return 0
            case "replay" if options.dry_run is not None:
                return int(not all([compare(desk, id) for id in ids]))
            case "replay":
                return _each(ids, lambda id: _replayed(desk, id))
            case "discard":
                return _each(ids, lambda id: _discarded(desk, id))
            case _:
                return _each(ids, lambda id: _admitted(desk, id))


def _number(said: str | int) -> int:
    digits = str(said)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise Refused(phrase("“{said}” is no number; deskbell inbox list shows them.", said=digits))
    return int(digits)


def _list(desk: Desk, states: Sequence[str]) -> None:
    pieces = desk.kept_out(states)
    for piece in pieces:
        sender, subject = _about(desk, piece)
        speak(
            phrase(
                "{id}  {at}  {state}  from {sender}: {subject} ({reason})",
                id=piece.id,
                at=piece.at,
                state=STATES[piece.state],
                sender=sender or phrase("nobody"),
                subject=subject or phrase("(no subject)"),
                reason=reason_of(piece),
            )
        )
    speak(phrases("{count} message kept out", "{count} messages kept out", desk.count_kept_out(states)))
    if any(piece.state == "suspended" for piece in pieces):
        speak(phrase("To let one in: deskbell inbox admit and its number."))


def _about(desk: Desk, piece: Piece) -> tuple[str, str]:
    """Who wrote it and about what, as the mail says, in a line; where it does not say, as the other server did."""
    name, address, subject = "", "", ""
    if piece.channel == "email":
        (name, address), subject = glance(_raw(desk, piece.id))
    address = address or str(piece.envelope.get("mail_from") or "")
    sender = f"{name[:MOST]} <{address[:MOST]}>" if name and address else (name or address)[:MOST]
    return sender, subject[:MOST]


def _raw(desk: Desk, id: int) -> bytes:
    raw = desk.raw_of(id)
    if raw is None:
        raise _missing(id)
    return raw


def _replayed(desk: Desk, id: int) -> Phrase:
    if not desk.replay(id):
        raise _missing(id)
    return phrase("Message {id} is understood again now.", id=id)


def _admitted(desk: Desk, id: int) -> Phrase:
    if desk.admit(id):
        return phrase("Message {id} is let in: it is heard now as if a person had written it.", id=id)
    return phrase("Message {id} was let in already.", id=id)


def _discarded(desk: Desk, id: int) -> Phrase:
    if not desk.discard(id):
        raise _missing(id)
    return phrase("Message {id} is discarded. It stays kept: deskbell inbox list --all", id=id)


def _each(ids: Sequence[int], do: Callable[[int], Phrase]) -> int:
    """One after the other; what is refused is said, and does not keep the others from it. 1 where there is such."""
    refused = False
    for id in ids:
        try:
            speak(do(id))
        except DeskError as error:
            refused = True
            speak(error.phrase, to_stderr=True)
    return int(refused)


def _missing(id: int) -> NotFound:
    return NotFound(phrase("No message {id} was kept out.", id=id))

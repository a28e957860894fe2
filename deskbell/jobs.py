"""`deskbell jobs`: what is to be done outside, what failed and why; retry it or drop it."""

from __future__ import annotations

import argparse
import json
from datetime import UTC

from core.desk import Desk
from core.phrases import NotFound, Phrase, Refused, phrase, phrases
from core.storage.ledger import Entry, State
from deskbell.opening import desk_at_hand, read_settings
from deskbell.speaking import speak

STATES = {
    State.WAITING: phrase("waiting"),
    State.RUNNING: phrase("running"),
    State.GIVEN_UP: phrase("given up"),
}


def main(options: argparse.Namespace) -> int:
    if options.what != "list" and options.id is None:
        raise Refused(phrase("Which job? Say its number; deskbell jobs list shows them."))
    with desk_at_hand(read_settings()) as desk:
        match options.what:
            case "list":
                _list(desk, [State.GIVEN_UP] if options.given_up else [State.GIVEN_UP, State.RUNNING, State.WAITING])
            case "show":
                entry = desk.job(options.id)
                if entry is None:
                    raise _missing(options.id)
                print(json.dumps(_whole(entry), indent=2, default=str))
            case "retry":
                if not desk.retry_job(options.id):
                    raise _missing(options.id)
                speak(phrase("Job {id} is tried again now.", id=options.id))
            case _:
                if not desk.drop_job(options.id):
                    raise _missing(options.id)
                speak(phrase("Job {id} is dropped.", id=options.id))
    return 0


def _list(desk: Desk, states: list[State]) -> None:
    """What was given up last comes first, then what is next; and how many there are, however many are shown."""
    edition = desk.edition()
    zone = edition.book.desk.zone if edition else UTC
    entries = [entry for state in states for entry in desk.jobs(state)]
    for entry in entries:
        speak(_line(entry), zone=zone)
    count = sum(desk.count_jobs(state) for state in states)
    speak(phrases("{count} job", "{count} jobs", count))
    if count > len(entries):
        speak(phrase("{shown} of them are shown.", shown=len(entries)))


def _line(entry: Entry) -> Phrase:
    return phrase(
        "{id}  {state}  {kind}  to {destination}  due {due}  attempts {attempts}  {error}",
        id=entry.id,
        state=STATES[entry.state],
        kind=entry.kind,
        destination=entry.destination,
        due=entry.due,
        attempts=entry.attempts,
        error=entry.error or "",
    )


def _whole(entry: Entry) -> dict[str, object]:
    return {**entry._asdict(), "state": entry.state.name.lower()}


def _missing(id: int) -> NotFound:
    return NotFound(phrase("There is no job {id} that is not running.", id=id))

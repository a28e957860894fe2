"""What becomes of the tickets of a queue that is gone: `deskbell rulebook apply --move OLD=NEW`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.desk import Desk
from core.desk.ruling import GATHERED
from core.phrases import Refused, phrase, phrases
from core.rulebook import Rulebook
from core.storage.tickets import Stray
from deskbell.speaking import speak


def read_moves(said: Sequence[str], book: Rulebook, before: Rulebook | None, desk: Desk) -> dict[str, str]:
    """Which queue takes the place of which. Raises Refused where that cannot be meant, before anything is changed."""
    moves: dict[str, str] = {}
    if not said:
        return moves
    queues = {queue.name for queue in book.queues}
    known = {queue.name for queue in before.queues} | {stray.queue for stray in desk.strays()} if before else set()
    for move in said:
        old, mark, new = (part.strip() for part in move.partition("="))
        if not (old and mark and new):
            raise Refused(phrase("“{move}” is not OLD=NEW, two names of queues.", move=move))
        if new not in queues:
            raise Refused(phrase("There is no queue “{name}” in the new rulebook to move tickets to.", name=new))
        if old in queues:
            raise Refused(phrase("The queue “{name}” is in the new rulebook too: its tickets stay there.", name=old))
        if old not in known:
            raise Refused(phrase("There was no queue “{name}” to move tickets from.", name=old))
        moves[old] = new
    return moves


def gather(desk: Desk, moves: Mapping[str, str], by: str) -> None:
    """Move every ticket whose queue is gone, and say how many; some at a time, so that mail goes on coming in."""
    first = desk.book().queues[0].name
    by_queue: dict[str, list[Stray]] = {}
    for stray in desk.strays():
        by_queue.setdefault(stray.queue, []).append(stray)
    for old, strays in by_queue.items():
        for at in range(0, len(strays), GATHERED):
            desk.gather([stray.number for stray in strays[at : at + GATHERED]], moves, by)
        opened = sum(stray.is_open for stray in strays)
        speak(
            phrase(
                "The queue “{old}” is gone: {open} and {closed} are in “{new}” now.",
                old=old,
                new=moves.get(old, first),
                open=phrases("{count} open ticket", "{count} open tickets", opened),
                closed=phrases("{count} closed one", "{count} closed ones", len(strays) - opened),
            )
        )

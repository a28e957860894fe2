"""What `deskbell doctor` says of the Slack rooms that customers are in."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk.visiting import exposed
from core.phrases import DeskError, Phrase, phrase
from core.rulebook import CustomersRoom, Opening, Rulebook
from core.settings import Settings
from core.storage.customers_rooms import Seat
from deskbell.opening import desk_at_hand
from gateways.slack.arriving import absent, find
from gateways.slack.wire import Channel, Slack

Said = tuple[str, Phrase]
"""How it stands with something ("good", "warn", "bad"), and the sentence."""


async def look(settings: Settings, slack: Slack, bot: str) -> list[Said]:
    """Whether the desk is where the rulebook says that customers are. Raises SlackError."""
    book, seats = _known(settings)
    if book is None or not book.customers_rooms:
        return []
    listed = [one async for one in slack.channels()]
    known = {seat.name: seat for seat in seats}
    return [_room(book, room, find(room, known.get(room.room), listed), bot) for room in book.customers_rooms]


def _room(book: Rulebook, room: CustomersRoom, found: Channel | None, bot: str) -> Said:
    if found is None or (found.is_private and not found.is_member):
        return "bad", absent(room, bot)
    if any(queue.room == found.name for queue in book.queues):
        return "bad", exposed(found.name)
    where = {"room": room.room, "queue": book.queue(room.queue).title}
    said = (
        phrase("Customers in #{room} are asked whether to open a ticket, which waits in {queue}.", **where)
        if room.opens is Opening.ASKED
        else phrase("What customers say in #{room} opens tickets in {queue}.", **where)
    )
    if found.is_shared:
        return "good", phrase("{first} Another organisation shares the channel.", first=said)
    return "good", phrase("{first} The channel is our workspace's alone.", first=said)


def _known(settings: Settings) -> tuple[Rulebook | None, Sequence[Seat]]:
    """The rulebook in force, and where customers are as far as the desk knows; none where the store is away, which is
    said elsewhere.
    """
    if settings.database_file is not None and not settings.database_file.exists():
        return None, ()
    try:
        with desk_at_hand(settings) as desk:
            edition = desk.edition()
            return (edition.book, desk.seats()) if edition else (None, ())
    except DeskError:
        return None, ()

"""What the desk notes on a ticket by itself, in the language and the zone of those who see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.phrases import Phrase
from core.rulebook import Rulebook
from core.storage import messages
from core.storage.database import Tx
from core.templates.locales import translate
from core.tickets import conversation
from core.tickets.model import By, Part

if TYPE_CHECKING:
    from core.desk.house import Change


def leave(book: Rulebook, tx: Tx, change: Change, rule: str, said: Phrase) -> None:
    """Leave an internal note."""
    desk = book.desk
    text = translate(said, desk.locale, desk.zone)
    row = {"ticket": change.ticket.number, "part": Part.NOTE, "at": tx.now, "text": text, "reply_text": text}
    message = messages.say(tx, {**row, "author_name": desk.name})
    change.happen(conversation.note(message, By(f"rule:{rule}"), tx.now))

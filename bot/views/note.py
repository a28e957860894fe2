"""The window in which an internal note is written."""

from __future__ import annotations

import json

from bot.reader import Reader
from bot.views.words import small, title
from core.desk.showing import Card
from core.phrases import phrase
from gateways.slack.wire.blocks import Block, field, modal, plain, section, text_input

CALLBACK = "note"


def show(card: Card, reader: Reader) -> Block:
    """The window."""
    return modal(
        CALLBACK,
        reader.say(phrase("Note on #{number}", number=card.ticket.number)),
        reader.say(phrase("Cancel")),
        [
            section(plain(title(card.ticket.number, card.subject, reader), 300)),
            field("text-0", reader.say(phrase("Internal note")), text_input("text")),
            small(reader.say(phrase("The customer does not see it. What you write in the thread is a note, too."))),
        ],
        submit=reader.say(phrase("Save")),
        metadata=json.dumps({"ticket": card.ticket.number}),
    )

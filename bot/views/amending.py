"""The window in which an answer that has left gets other words."""

from __future__ import annotations

import json

from bot.reader import Reader
from bot.views.words import small
from core.phrases import Refused, phrase
from core.tickets.model import Message
from gateways.slack.wire.blocks import INPUT, Block, field, modal, text_input
from gateways.slack.wire.text import fits

CALLBACK = "amend"


def show(message: Message, reader: Reader) -> Block:
    """The window. Raises Refused for words that it does not hold."""
    if not fits(message.text, INPUT):
        raise Refused(phrase("This answer is too long to be changed here. Send another that puts it right."))
    return modal(
        CALLBACK,
        reader.say(phrase("Change the answer")),
        reader.say(phrase("Cancel")),
        [
            field("text-0", reader.say(phrase("Your answer")), text_input("text", message.text)),
            small(reader.say(phrase("It changes where it stands. The customer may have read the old words."))),
        ],
        submit=reader.say(phrase("Change")),
        metadata=json.dumps({"ticket": message.ticket, "message": message.id}),
    )

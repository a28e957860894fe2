"""A ticket's whole conversation in one window, and what the customer is known by."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reader import Reader
from bot.views.words import channel, files, small, title, when
from core.desk.showing import Card
from core.phrases import Phrase, phrase, phrases
from core.tickets.model import Address, Delivery, Message, Part
from gateways.slack.wire.blocks import Block, Blocks, context, label, modal, plain, quote, rich, section
from gateways.slack.wire.text import one_line, set_apart

LAST = 25
"""Messages; a window takes a hundred blocks."""

EACH = 1500
_NAMES = {
    Part.ACKNOWLEDGEMENT: phrase("Acknowledgement"),
    Part.REMINDER: phrase("Reminder"),
    Part.CLOSING: phrase("Closing word"),
}


def show(card: Card, said: Sequence[Message], reader: Reader) -> Block:
    """The newest messages, oldest first."""
    blocks: Blocks = [section(plain(title(card.ticket.number, card.subject, reader), 300))]
    before = len(said) - LAST
    if before > 0:
        older = phrases("{count} earlier message is not shown.", "{count} earlier messages are not shown.", before)
        blocks.append(small(reader.say(older)))
    for message in said[-LAST:]:
        blocks.append(context(label(reader.say(_author(message, card)), 150), when(message.at, reader)))
        if message.deleted_at is None:
            blocks.append(rich(quote(message.reply_text or message.text, EACH, reader.more)))
        blocks += files(message.attachments, reader)
    return _window(phrase("Ticket #{number}", number=card.ticket.number), blocks, reader)


def addresses(card: Card, known: Sequence[Address], reader: Reader) -> Block:
    """Every way to reach the customer that we know of."""
    blocks: Blocks = [section(plain(one_line(card.requester) or reader.say(phrase("Unnamed")), 300))]
    blocks += [small(f"{channel(way.channel, reader)}: {set_apart(way.address, 300)}") for way in known[:50]]
    return _window(phrase("Ticket #{number}", number=card.ticket.number), blocks, reader)


def _author(message: Message, card: Card) -> Phrase:
    name = set_apart(message.author_name or card.requester, 100)
    match message.part:
        case Part.REQUESTER:
            return phrase("{name} wrote", name=name)
        case Part.REPLY if message.delivery is Delivery.UNDONE:
            return phrase("{name} took this answer back", name=name)
        case Part.REPLY:
            return phrase("{name} answered", name=name)
        case Part.NOTE if message.deleted_at is not None:
            return phrase("Internal note by {name}, deleted", name=name)
        case Part.NOTE if message.edited_at is not None:
            return phrase("Internal note by {name}, edited", name=name)
        case Part.NOTE:
            return phrase("Internal note by {name}", name=name)
        case part:
            return _NAMES[part]


def _window(name: Phrase, blocks: Blocks, reader: Reader) -> Block:
    return modal("read", reader.say(name), reader.say(phrase("Back")), blocks)

"""What an agent reads who wanted a ticket of what a customer said."""

from __future__ import annotations

from bot.reader import Reader
from bot.views.shown import Shown, sentence, summary
from bot.views.words import Where
from core.desk.visiting import Became
from core.phrases import phrase
from gateways.slack.wire.blocks import anchor, paragraph, rich, words
from gateways.slack.wire.text import set_apart


def show(became: Became, where: Where, reader: Reader) -> Shown:
    """Where the card is; or that there is none, and why."""
    if became.ticket is None:
        return sentence(
            phrase("No ticket was opened: only what a customer said, and has not deleted, can become one."), reader
        )
    name = set_apart(became.requester, 100) or reader.say(phrase("Unnamed"))
    said = reader.say(phrase("Ticket #{number} is {name}'s.", number=became.ticket, name=name))
    if became.card is None:
        nowhere = reader.say(phrase("Its card has no channel yet."))
        said = f"{said} {nowhere}"
        return Shown(summary(said), [rich(paragraph(words(said)))])
    card = anchor(where(became.card), reader.say(phrase("To its card")))
    return Shown(summary(said), [rich(paragraph(words(f"{said} "), card))])

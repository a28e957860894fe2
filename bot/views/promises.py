"""What is promised for a ticket, as agents see it: what is due when, in each reader's own zone."""

from __future__ import annotations

from bot.reader import Reader
from bot.views.calls import ROOM, agent, calling
from bot.views.shown import Shown, summary
from bot.views.words import title, when
from core.desk.counting import NAMES, Due
from core.desk.showing import Card
from core.phrases import Phrase, phrase
from gateways.slack.wire.blocks import Blocks, context, date, label, paragraph, plain, rich, section, words

_LATE, _NEARLY, _HALF, _EARLY = "🔴", "🟠", "🟡", "🟢"
_NEARLY_AT = 80


def colour(due: Due) -> str:
    """How near it is, by what was last told of it: a card that nobody renders anew goes on being right."""
    if due.breached or due.told >= 100:
        return _LATE
    if due.told >= _NEARLY_AT:
        return _NEARLY
    return _HALF if due.told else _EARLY


def glance(card: Card, reader: Reader) -> Blocks:
    """What is due, the soonest first; nothing where nothing is promised."""
    elements = [
        element
        for due in card.dues
        for element in (label(f"{colour(due)} {reader.say(_by(due, card))}", 150), when(due.at, reader))
    ]
    return [context(*elements)] if elements else []


def _by(due: Due, card: Card) -> Phrase:
    if card.piece is not None:
        return phrase("it was to be done by") if due.breached else phrase("to be done by")
    if due.breached:
        return phrase("{what} was due", what=NAMES[due.kind])
    return phrase("{what} by", what=NAMES[due.kind])


def warning(card: Card, due: Due, share: int) -> Shown:
    """What is posted when so much of the time is used, with whoever can act called in front of it."""
    reader = Reader(card.locale)
    said = reader.say(_used(due, share))
    about = title(card.ticket.number, card.subject, reader)
    moment = date(due.at, reader.moment(due.at))
    first = rich(paragraph(words(f"{colour(due)} "), words(said, "bold"), words(" "), moment))
    shown = Shown(summary(f"{said} {about}"), [first, section(plain(about, 300))])
    call = agent(card.ticket.assignee) or ROOM
    return calling(call, reader.say(phrase("please look at this:")), shown)


def _used(due: Due, share: int) -> Phrase:
    if due.breached:
        return phrase("{what} is late. It was due:", what=NAMES[due.kind])
    return phrase("{share} % of the time are used. {what} due:", share=share, what=NAMES[due.kind])

"""A red alert: a request that cannot wait for anybody, in the room for those."""

from __future__ import annotations

from bot.payloads import LINK
from bot.reader import Reader
from bot.views.calls import ROOM, calling
from bot.views.shown import Shown, summary
from bot.views.words import Where, small, status, title, who
from core.desk.showing import Card
from core.phrases import as_said, phrase
from core.tickets.model import Status
from gateways.slack.wire.blocks import Blocks, actions, header, link, paragraph, plain, quote, rich, section, words
from gateways.slack.wire.text import line, set_apart

WORDS = 1500


def show(card: Card, where: Where, reader: Reader) -> Shown:
    """What it is, why it is red, who has it; and the way to its card."""
    mark = "✅" if card.ticket.status is Status.CLOSED else "🔴"
    named = title(card.ticket.number, card.subject, reader)
    blocks: Blocks = [header(f"{mark} {named}"), section(plain(_standing(card, reader), 300))]
    reasons = [as_said(rule["why"]) for rule in card.routing.rules] if card.routing else []
    blocks += [rich(paragraph(words(f"• {line(reader.say(why), 500)}"))) for why in reasons[:10]]
    blocks.append(small(line(who(card.requester, card.sender), 300)))
    said = card.first.reply_text or card.first.text if card.first else ""
    if said:
        blocks.append(rich(quote(said, WORDS, reader.more)))
    if card.post is not None:
        blocks.append(actions("red", link(LINK, reader.say(phrase("Go to card")), where(card.post))))
    return Shown(summary(f"{mark} {named}"), blocks)


def first(card: Card, where: Where, reader: Reader) -> Shown:
    """As it is posted: everybody who is there is called, once."""
    return calling(ROOM, reader.say(phrase("Red alert.")), show(card, where, reader))


def _standing(card: Card, reader: Reader) -> str:
    holder = set_apart(card.assignee or "", 120)
    taken = phrase("{name} has it", name=holder) if holder else phrase("Nobody has it yet")
    return f"{card.queue.title} · {reader.say(status(card.ticket.status))} · {reader.say(taken)}"

"""The App Home: an agent's own tickets, what waits in their queues, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.payloads import LINK
from bot.reader import Reader
from bot.views.notices import HELP
from bot.views.words import Where, status, title, urgency, when
from core.desk.showing import Overview
from core.phrases import Phrase, phrase
from core.rulebook import Queue
from core.storage.tickets import Line
from gateways.slack.wire.blocks import (
    VIEW_BLOCKS,
    Block,
    Blocks,
    button,
    context,
    divider,
    header,
    home,
    label,
    link,
    plain,
    section,
)

EACH = 20
"""Tickets listed of each sort."""


def show(overview: Overview, queues: Sequence[Queue], where: Where, reader: Reader) -> Block:
    """An agent's Home. Slack takes a hundred blocks: of many queues the last may be cut short."""
    blocks: Blocks = [header(reader.say(phrase("Your tickets")))]
    if overview.mine:
        blocks += mine(overview, where, reader)
    else:
        blocks.append(_empty(phrase("You have no tickets. Claim one below, or type /desk next."), reader))
    for queue in queues:
        blocks += [divider(), header(reader.say(phrase("Waiting in {queue}", queue=queue.title)))]
        lines = overview.waiting.get(queue.name, ())
        if lines:
            blocks += [block for line in lines[:EACH] for block in waiting(line, "claim-home", reader)]
        else:
            blocks.append(
                _empty(phrase("Nothing waits here. New requests appear in #{room}.", room=queue.room), reader)
            )
    tail: Blocks = [divider(), *(context(label(reader.say(line), 300)) for line in HELP)]
    return home([*blocks[: VIEW_BLOCKS - len(tail)], *tail])


def stranger(said: Phrase, reader: Reader) -> Block:
    """The Home of somebody who is no agent."""
    return home([section(plain(reader.say(said)))])


def mine(overview: Overview, where: Where, reader: Reader) -> Blocks:
    """An agent's own tickets, oldest first, each with a way to its card."""
    blocks: Blocks = []
    for line in overview.mine[:EACH]:
        ticket = line.ticket
        post = overview.cards.get(ticket.number)
        way = link(LINK, reader.say(phrase("Go to card")), where(post)) if post else None
        blocks.append(section(_title(line, reader), way))
        blocks.append(_since(line, reader, reader.say(status(ticket.status))))
    return blocks


def waiting(line: Line, action: str, reader: Reader) -> Blocks:
    """A ticket that can be claimed, by a button of this action."""
    claim = button(action, reader.say(phrase("Claim")), line.ticket.number)
    return [section(_title(line, reader), claim), _since(line, reader)]


def _title(line: Line, reader: Reader) -> Block:
    mark = urgency(line.ticket.urgency)
    return plain(" ".join(filter(None, (mark, title(line.ticket.number, line.subject, reader)))), 300)


def _since(line: Line, reader: Reader, *said: str) -> Block:
    at = line.ticket.heard_at or line.ticket.opened_at
    words = [reader.say(phrase("The customer last wrote")) if line.ticket.heard_at else reader.say(phrase("Opened"))]
    return context(*(label(part, 100) for part in (*said, *words)), *([when(at, reader)] if at else []))


def _empty(said: Phrase, reader: Reader) -> Block:
    return section(plain(reader.say(said), 500))

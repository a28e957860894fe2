"""The card of a task, in the room of its queue: what is to be done, for which ticket, by when, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reader import Reader
from bot.views import ping
from bot.views.words import small, when
from core.desk.showing import Card
from core.desk.task_times import Piece
from core.phrases import phrase
from core.tickets.model import Status
from core.tickets.tasks import State
from gateways.slack.wire.blocks import Block, Blocks, Element, actions, button, context, label, quote, rich
from gateways.slack.wire.text import set_apart

NOT_POSSIBLE = "not-possible"
_UNDONE = {State.NOT_POSSIBLE: phrase("⛔ not possible"), State.CALLED_OFF: phrase("✖ called off")}
SHOWN = 2500
NAMED = 3


def facts(card: Card, piece: Piece, standing: Sequence[Element], reader: Reader) -> Block:
    """For which ticket it is, since when it is there, how it stands."""
    about = phrase("Task of {ticket}", ticket=set_apart(card.requester, 200))
    opened = [when(card.ticket.opened_at, reader)] if card.ticket.opened_at else []
    first = label(f"🧩 {reader.say(about)}", 400)
    return context(first, *opened, *_undone(piece, reader), *standing, label(card.queue.title, 150))


def _undone(piece: Piece, reader: Reader) -> list[Element]:
    """That it has ended without being done."""
    said = _UNDONE.get(piece.task.state)
    return [label(reader.say(said), 100)] if said else []


def said(card: Card, piece: Piece, reader: Reader) -> Blocks:
    """What is to be done, and what waits for it."""
    blocks: Blocks = [rich(quote(piece.task.text, SHOWN, reader.more))] if piece.task.text else []
    if piece.then and card.ticket.status is not Status.CLOSED:
        named = tuple(f"“{set_apart(one, 60)}”" for one in piece.then[:NAMED])
        blocks.append(small(reader.say(phrase("For this wait: {tasks}", tasks=named))))
    return blocks


def buttons(card: Card, more: Element, reader: Reader) -> Block:
    """What whoever works on it does: there is nobody to answer."""
    ticket = card.ticket
    if ticket.status is Status.CLOSED:
        return actions("card", button("reopen", reader.say(phrase("Reopen")), ticket.number), more)
    first = "close" if ticket.assignee else "claim"

    def press(action: str, said: str) -> Element:
        return button(action, said, ticket.number, "primary" if action == first else None)

    offered = [
        press("close", reader.say(phrase("Done"))),
        press("note", reader.say(phrase("Note"))),
        press(NOT_POSSIBLE, reader.say(phrase("Not possible …"))),
        *ping.rest_button(card, reader),
        more,
    ]
    if not ticket.assignee:
        offered.insert(0, press("claim", reader.say(phrase("Claim"))))
    return actions("card", *offered)
